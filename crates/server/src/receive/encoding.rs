//! How a body is compressed and encoded, and the numbers by which frames remember it.

use std::io::{self, Read};

use bytes::Bytes;
use ingest::{Encoding, Request};
use model::{Batch, Signal, UnixNanos};

use super::BODY_BYTES_MAX;
use super::outcome::Refusal;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    /// From a `content-encoding` or `grpc-encoding` header.
    pub(crate) fn from_header(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Some(Self::None),
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "zstd" => Some(Self::Zstd),
            _ => None,
        }
    }
}

/// The window of a zstd frame, as a power of two: 8 MiB, what RFC 9659 has every decoder support.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// The number a frame carries for compression and encoding. Never reused for another meaning.
pub(crate) fn frame_codec(compression: Compression, encoding: Encoding) -> u8 {
    let compression = match compression {
        Compression::None => 0,
        Compression::Gzip => 1,
        Compression::Zstd => 2,
    };
    let encoding = match encoding {
        Encoding::Protobuf => 0,
        Encoding::Json => 1,
    };
    compression << 4 | encoding
}

fn from_frame_codec(codec: u8) -> Option<(Compression, Encoding)> {
    let compression = match codec >> 4 {
        0 => Compression::None,
        1 => Compression::Gzip,
        2 => Compression::Zstd,
        _ => return None,
    };
    match codec & 15 {
        0 => Some((compression, Encoding::Protobuf)),
        1 => Some((compression, Encoding::Json)),
        _ => None,
    }
}

/// Turns a frame back into the batches it was acknowledged with.
pub(crate) fn decode_frame(frame: &wal::Frame) -> Result<Vec<Batch>, String> {
    let (compression, encoding) =
        from_frame_codec(frame.codec).ok_or_else(|| format!("unknown codec {}", frame.codec))?;
    let signal = Signal::from_code(frame.signal).ok_or_else(|| format!("unknown signal {}", frame.signal))?;
    let body = decompress(frame.payload.clone(), compression).map_err(|refusal| refusal.message())?;
    let request = Request { signal, encoding, body: &body, received: UnixNanos::new(frame.receive_unix_nanos) };
    ingest::decode(&request).map(|decoded| decoded.batches).map_err(|error| error.to_string())
}

/// The body in the clear, at most [`BODY_BYTES_MAX`] of it, however small it came.
pub(crate) fn decompress(body: Bytes, compression: Compression) -> Result<Bytes, Refusal> {
    match compression {
        Compression::None => Ok(body),
        // Several gzip members one after the other are one body.
        Compression::Gzip => read_capped(flate2::read::MultiGzDecoder::new(&body[..]), "gzip"),
        Compression::Zstd => {
            let fail = |error: io::Error| Refusal::Undecodable(format!("zstd: {error}"));
            let mut decoder = zstd::stream::read::Decoder::with_buffer(&body[..]).map_err(fail)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(fail)?;
            read_capped(decoder, "zstd")
        }
    }
}

fn read_capped(decoder: impl Read, name: &str) -> Result<Bytes, Refusal> {
    let mut clear = Vec::new();
    // One byte more than allowed tells too large from just fitting.
    let limit = BODY_BYTES_MAX as u64 + 1;
    decoder.take(limit).read_to_end(&mut clear).map_err(|error| Refusal::Undecodable(format!("{name}: {error}")))?;
    if clear.len() > BODY_BYTES_MAX {
        return Err(Refusal::TooLarge(format!(
            "the request is larger than {BODY_BYTES_MAX} bytes after decompression: send smaller batches"
        )));
    }
    Ok(clear.into())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Bytes {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap().into()
    }

    fn zstd(bytes: &[u8]) -> Bytes {
        zstd::encode_all(bytes, 1).unwrap().into()
    }

    #[test]
    fn what_was_compressed_is_read_back() {
        let clear = b"some telemetry ".repeat(1_000);
        assert_eq!(decompress(gzip(&clear), Compression::Gzip), Ok(clear.clone().into()));
        assert_eq!(decompress(zstd(&clear), Compression::Zstd), Ok(clear.clone().into()));
        let members = [gzip(b"two "), gzip(b"members")].concat();
        assert_eq!(decompress(members.into(), Compression::Gzip), Ok(Bytes::from_static(b"two members")));
    }

    #[test]
    fn a_bomb_is_too_large_and_a_cut_body_is_undecodable() {
        let bomb = vec![0; BODY_BYTES_MAX + 1];
        for (body, compression) in [(gzip(&bomb), Compression::Gzip), (zstd(&bomb), Compression::Zstd)] {
            assert!(matches!(decompress(body.clone(), compression), Err(Refusal::TooLarge(_))));
            let cut = body.slice(..body.len() / 2);
            assert!(matches!(decompress(cut, compression), Err(Refusal::Undecodable(_) | Refusal::TooLarge(_))));
        }
        assert!(matches!(decompress(Bytes::from_static(b"plain"), Compression::Gzip), Err(Refusal::Undecodable(_))));
        assert!(matches!(decompress(Bytes::from_static(b"plain"), Compression::Zstd), Err(Refusal::Undecodable(_))));
    }

    #[test]
    fn a_frame_remembers_how_its_payload_is_encoded() {
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
            for encoding in [Encoding::Protobuf, Encoding::Json] {
                assert_eq!(from_frame_codec(frame_codec(compression, encoding)), Some((compression, encoding)));
            }
        }
        assert_eq!(frame_codec(Compression::Zstd, Encoding::Json), 0x21, "frames on disk carry these numbers");
        assert_eq!(from_frame_codec(0x30), None);
    }
}
