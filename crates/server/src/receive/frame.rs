//! What the log keeps of a request, and how it becomes the same rows again.
//!
//! A frame's codec is a byte: bits 0–3 the encoding (0 protobuf, 1 JSON, 2 and 3 remote write 1 and 2), bits 4–6 the
//! compression (0 none, 1 gzip, 2 zstd, 3 snappy), bit 7 whether the payload begins with the series that were refused. No number is ever used for another
//! meaning. The payload is the body as received; where series were refused, after a little-endian `u32`, how many they
//! are, and as many `u64`, their ids. What was refused once stays so: how many series are live by then does not matter.

use std::collections::HashSet;

use bytes::{BufMut, Bytes, BytesMut};
use ingest::{Admission, Encoding, Request};
use model::{Batch, Signal, UnixNanos};

use super::encoding::{Compression, decompress};

const SERIES_REFUSED: u8 = 0x80;

/// How a request stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FrameBody {
    pub(crate) codec: u8,
    pub(crate) payload: Bytes,
}

impl FrameBody {
    /// Of a body as received, and the series of it that were refused.
    pub(crate) fn new(compression: Compression, encoding: Encoding, body: Bytes, series_refused: &[u64]) -> Self {
        let codec = codec(compression, encoding);
        if series_refused.is_empty() {
            return Self { codec, payload: body };
        }
        let count = u32::try_from(series_refused.len()).expect("a request has fewer series than a body has bytes");
        let mut payload = BytesMut::with_capacity(4 + 8 * series_refused.len() + body.len());
        payload.put_u32_le(count);
        series_refused.iter().for_each(|series_id| payload.put_u64_le(*series_id));
        payload.put_slice(&body);
        Self { codec: codec | SERIES_REFUSED, payload: payload.freeze() }
    }
}

fn codec(compression: Compression, encoding: Encoding) -> u8 {
    let compression = match compression {
        Compression::None => 0,
        Compression::Gzip => 1,
        Compression::Zstd => 2,
        Compression::Snappy => 3,
    };
    let encoding = match encoding {
        Encoding::Protobuf => 0,
        Encoding::Json => 1,
        Encoding::RemoteWrite1 => 2,
        Encoding::RemoteWrite2 => 3,
    };
    compression << 4 | encoding
}

fn from_codec(codec: u8) -> Option<(Compression, Encoding)> {
    let compression = match (codec & !SERIES_REFUSED) >> 4 {
        0 => Compression::None,
        1 => Compression::Gzip,
        2 => Compression::Zstd,
        3 => Compression::Snappy,
        _ => return None,
    };
    match codec & 15 {
        0 => Some((compression, Encoding::Protobuf)),
        1 => Some((compression, Encoding::Json)),
        2 => Some((compression, Encoding::RemoteWrite1)),
        3 => Some((compression, Encoding::RemoteWrite2)),
        _ => None,
    }
}

/// Turns a frame back into the batches it was acknowledged with.
pub(crate) fn decode_frame(frame: &wal::Frame) -> Result<Vec<Batch>, String> {
    let (compression, encoding) = from_codec(frame.codec).ok_or_else(|| format!("unknown codec {}", frame.codec))?;
    let signal = Signal::from_code(frame.signal).ok_or_else(|| format!("unknown signal {}", frame.signal))?;
    let (mut admission, body) = if frame.codec & SERIES_REFUSED == 0 {
        (AsBefore::default(), frame.payload.clone())
    } else {
        split_refused(&frame.payload).ok_or("the frame is shorter than its list of series")?
    };
    let body = decompress(body, compression, &mut |_| Ok(())).map_err(|refusal| refusal.message())?;
    let request = Request { signal, encoding, body: &body, received: UnixNanos::new(frame.receive_unix_nanos) };
    let decoded = ingest::decode_admitted(&request, &mut admission);
    decoded.map(|decoded| decoded.batches).map_err(|error| error.to_string())
}

fn split_refused(payload: &Bytes) -> Option<(AsBefore, Bytes)> {
    let (count, rest) = payload.split_first_chunk()?;
    let ids = 8 * u32::from_le_bytes(*count) as usize;
    let (ids, _) = rest.get(..ids)?.as_chunks();
    let refused = ids.iter().map(|id| u64::from_le_bytes(*id)).collect();
    Some((AsBefore { refused }, payload.slice(4 + 8 * ids.len()..)))
}

/// Admits what was admitted when the request was acknowledged.
#[derive(Debug, Default)]
struct AsBefore {
    refused: HashSet<u64>,
}

impl Admission for AsBefore {
    fn room(&mut self, _bytes: usize) -> bool {
        // It had room once, and the next one waits until it is in the memtable.
        true
    }

    fn series(&mut self, series_id: u64) -> bool {
        !self.refused.contains(&series_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_remembers_how_its_payload_is_encoded() {
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd, Compression::Snappy] {
            for encoding in [Encoding::Protobuf, Encoding::Json, Encoding::RemoteWrite1, Encoding::RemoteWrite2] {
                let codec = codec(compression, encoding);
                assert_eq!(from_codec(codec), Some((compression, encoding)));
                assert_eq!(from_codec(codec | SERIES_REFUSED), Some((compression, encoding)));
            }
        }
        assert_eq!(codec(Compression::Zstd, Encoding::Json), 0x21, "frames on disk carry these numbers");
        assert_eq!(codec(Compression::Snappy, Encoding::RemoteWrite2), 0x33);
        assert_eq!(from_codec(0x40), None);
        assert_eq!(from_codec(0x04), None);
    }

    #[test]
    fn a_frame_remembers_which_series_were_refused() {
        let body = Bytes::from_static(b"body");
        let frame = |refused: &[u64]| FrameBody::new(Compression::Gzip, Encoding::Protobuf, body.clone(), refused);
        assert_eq!(frame(&[]), FrameBody { codec: 0x10, payload: body.clone() });
        let FrameBody { codec, payload } = frame(&[7, u64::MAX]);
        assert_eq!(codec, 0x90);
        assert_eq!(payload, [&[2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0], &[0xff; 8][..], b"body"].concat());
        let (mut before, rest) = split_refused(&payload).unwrap();
        assert_eq!(rest, body);
        assert_eq!([6, 7, u64::MAX].map(|series_id| before.series(series_id)), [true, false, false]);
        for length in 0..20 {
            assert!(split_refused(&payload.slice(..length)).is_none(), "{length}");
        }
    }
}
