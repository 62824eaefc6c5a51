//! How a body is compressed, and how it is undone.

use std::io::{self, Read};

use bytes::Bytes;

use super::BODY_BYTES_MAX;
use super::outcome::Refusal;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
    /// One block of snappy, which only remote write uses: no header of ours names it.
    Snappy,
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

/// The body in the clear, at most [`BODY_BYTES_MAX`] of it, however small it came. `room` is asked before each growth for
/// so many bytes more.
pub(crate) fn decompress(body: Bytes, compression: Compression, room: &mut Room<'_>) -> Result<Bytes, Refusal> {
    let first = body.len().saturating_mul(FIRST_RATIO).clamp(FIRST_BYTES_MIN, FIRST_BYTES_MAX);
    match compression {
        Compression::None => Ok(body),
        // Several gzip members one after the other are one body.
        Compression::Gzip => read_capped(flate2::read::MultiGzDecoder::new(&body[..]), first, "gzip", room),
        Compression::Zstd => {
            let fail = |error: io::Error| Refusal::Undecodable(format!("zstd: {error}"));
            let mut decoder = zstd::stream::read::Decoder::with_buffer(&body[..]).map_err(fail)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(fail)?;
            read_capped(decoder, first, "zstd", room)
        }
        Compression::Snappy => {
            let fail = |error: snap::Error| Refusal::Undecodable(format!("snappy: {error}"));
            // A block begins with how long it is in the clear.
            let length = snap::raw::decompress_len(&body).map_err(fail)?;
            if length > BODY_BYTES_MAX {
                return Err(too_large());
            }
            room(length)?;
            snap::raw::Decoder::new().decompress_vec(&body).map(Bytes::from).map_err(fail)
        }
    }
}

fn too_large() -> Refusal {
    Refusal::TooLarge(format!(
        "the request is larger than {BODY_BYTES_MAX} bytes after decompression: send smaller batches"
    ))
}

/// Takes so many bytes more, or says why not.
pub(crate) type Room<'a> = dyn FnMut(usize) -> Result<(), Refusal> + 'a;

/// A body in the clear takes so many times its compressed bytes at first, between these. It grows by as much as it has.
const FIRST_RATIO: usize = 4;
const FIRST_BYTES_MIN: usize = 4 * 1024;
const FIRST_BYTES_MAX: usize = 1 << 20;

fn read_capped(mut decoder: impl Read, first: usize, name: &str, room: &mut Room<'_>) -> Result<Bytes, Refusal> {
    let (mut clear, mut length) = (Vec::new(), 0);
    loop {
        if length == clear.len() {
            // One byte more than allowed tells too large from just fitting.
            let more = length.max(first).min(BODY_BYTES_MAX + 1 - length);
            room(more)?;
            clear.resize(length + more, 0);
        }
        match decoder.read(&mut clear[length..]) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(Refusal::Undecodable(format!("{name}: {error}"))),
        }
        if length > BODY_BYTES_MAX {
            return Err(too_large());
        }
    }
    clear.truncate(length);
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

    fn decompressed(body: Bytes, compression: Compression) -> Result<Bytes, Refusal> {
        decompress(body, compression, &mut |_| Ok(()))
    }

    fn snappy(bytes: &[u8]) -> Bytes {
        snap::raw::Encoder::new().compress_vec(bytes).unwrap().into()
    }

    fn zstd(bytes: &[u8]) -> Bytes {
        zstd::encode_all(bytes, 1).unwrap().into()
    }

    #[test]
    fn what_was_compressed_is_read_back() {
        let clear = b"some telemetry ".repeat(1_000);
        assert_eq!(decompressed(gzip(&clear), Compression::Gzip), Ok(clear.clone().into()));
        assert_eq!(decompressed(zstd(&clear), Compression::Zstd), Ok(clear.clone().into()));
        assert_eq!(decompressed(snappy(&clear), Compression::Snappy), Ok(clear.clone().into()));
        let members = [gzip(b"two "), gzip(b"members")].concat();
        assert_eq!(decompressed(members.into(), Compression::Gzip), Ok(Bytes::from_static(b"two members")));
    }

    #[test]
    fn a_bomb_is_too_large_and_a_cut_body_is_undecodable() {
        let bomb = vec![0; BODY_BYTES_MAX + 1];
        for (body, compression) in
            [(gzip(&bomb), Compression::Gzip), (zstd(&bomb), Compression::Zstd), (snappy(&bomb), Compression::Snappy)]
        {
            assert!(matches!(decompressed(body.clone(), compression), Err(Refusal::TooLarge(_))));
            let cut = body.slice(..body.len() / 2);
            assert!(matches!(decompressed(cut, compression), Err(Refusal::Undecodable(_) | Refusal::TooLarge(_))));
        }
        assert!(matches!(decompressed(Bytes::from_static(b"plain"), Compression::Gzip), Err(Refusal::Undecodable(_))));
        assert!(matches!(decompressed(Bytes::from_static(b"plain"), Compression::Zstd), Err(Refusal::Undecodable(_))));
        assert!(matches!(
            decompressed(Bytes::from_static(b"plain"), Compression::Snappy),
            Err(Refusal::Undecodable(_))
        ));
    }

    #[test]
    fn room_is_asked_for_before_it_is_taken() {
        let bomb = vec![0; 10 << 20];
        for (body, compression) in
            [(gzip(&bomb), Compression::Gzip), (zstd(&bomb), Compression::Zstd), (snappy(&bomb), Compression::Snappy)]
        {
            let mut left = 1 << 20;
            let outcome = decompress(body, compression, &mut |bytes| {
                left = usize::checked_sub(left, bytes).ok_or_else(Refusal::no_room)?;
                Ok(())
            });
            assert!(matches!(outcome, Err(Refusal::Unavailable(..))), "{outcome:?}");
        }
    }
}
