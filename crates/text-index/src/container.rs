//! Several files as one, of which no byte is handed out that is not what was written.
//!
//! ```text
//! container := data foot tail
//! data      := the files, one after the other
//! foot      := entry* sum:u32{w}                 w = length of data / 4096, rounded up
//! entry     := name_length:u16 name length:u64   in the order of the data
//! tail      := rows:u64 files:u32 foot_length:u32 version:u32 magic:"NTTX" crc32c:u32
//! sum       := crc32c of one window of 4096 bytes of the data; in the last window of what is left
//! crc32c    := of foot and tail before it
//! ```
//!
//! All numbers are little-endian.

use std::collections::BTreeMap;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use crate::read_at::ReadAt;

const MAGIC: &[u8; 4] = b"NTTX";
const VERSION: u32 = 1;
const TAIL_BYTES: u64 = 28;

/// Bytes under one checksum: what is read to get at one of them.
const WINDOW_BYTES: u64 = 4_096;

/// The bytes of a container of files by name, in this order.
pub(crate) fn encode(rows: u64, files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut bytes: Vec<u8> = files.iter().flat_map(|(_, data)| data).copied().collect();
    let sums: Vec<u32> = bytes.chunks(WINDOW_BYTES as usize).map(crc32c::crc32c).collect();
    let start = bytes.len();
    for (name, data) in files {
        bytes.extend_from_slice(&(name.len() as u16).to_le_bytes());
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(&(data.len() as u64).to_le_bytes());
    }
    sums.iter().for_each(|sum| bytes.extend_from_slice(&sum.to_le_bytes()));
    let foot_length = (bytes.len() - start) as u32;
    bytes.extend_from_slice(&rows.to_le_bytes());
    for number in [files.len() as u32, foot_length, VERSION] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&crc32c::crc32c(&bytes[start..]).to_le_bytes());
    bytes
}

/// A container open for reading.
#[derive(Clone, Debug)]
pub(crate) struct Container {
    data: Arc<dyn ReadAt>,
    rows: u64,
    /// Where each file is in the data.
    files: Arc<BTreeMap<String, Range<u64>>>,
    data_length: u64,
    sums: Arc<[u32]>,
}

impl Container {
    /// Reads the foot. `InvalidData` for what is not a whole container of this version.
    pub(crate) fn open(data: Arc<dyn ReadAt>) -> io::Result<Self> {
        let length = data.length()?;
        let tail_at = length.checked_sub(TAIL_BYTES).ok_or_else(|| damaged("the text index is too short"))?;
        let mut tail = [0; TAIL_BYTES as usize];
        data.read_exact_at(&mut tail, tail_at)?;
        let mut fields = Fields(&tail);
        let (rows, files, foot_length) = (fields.u64()?, fields.u32()?, u64::from(fields.u32()?));
        let (version, magic) = (fields.u32()?, fields.take(4)?);
        // The length is compared first: it bounds what a damaged number makes us read.
        let foot_at = tail_at.checked_sub(foot_length).filter(|_| version == VERSION && magic == MAGIC);
        let foot_at = foot_at.ok_or_else(|| damaged("not a whole text index of version 1"))?;
        let mut foot = vec![0; (foot_length + TAIL_BYTES) as usize];
        data.read_exact_at(&mut foot, foot_at)?;
        let (foot, checksum) = foot.split_at(foot.len() - 4);
        if crc32c::crc32c(foot).to_le_bytes() != checksum {
            return Err(damaged("the foot of the text index does not have its checksum"));
        }
        let mut fields = Fields(&foot[..foot_length as usize]);
        let (mut by_name, mut at) = (BTreeMap::new(), 0u64);
        for _ in 0..files {
            let name_length = fields.u16()?;
            let name = String::from_utf8_lossy(fields.take(usize::from(name_length))?).into_owned();
            let end = at.checked_add(fields.u64()?).ok_or_else(|| damaged("a file of the text index is too long"))?;
            by_name.insert(name, at..end);
            at = end;
        }
        let sums: Arc<[u32]> =
            fields.0.chunks_exact(4).map(|sum| u32::from_le_bytes([sum[0], sum[1], sum[2], sum[3]])).collect();
        if at != foot_at || sums.len() as u64 != at.div_ceil(WINDOW_BYTES) {
            return Err(damaged("the text index is not as long as its foot says"));
        }
        Ok(Self { data, rows, files: Arc::new(by_name), data_length: at, sums })
    }

    /// The rows that the index was said to be of.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Where the file is; `None` where there is none of the name.
    pub(crate) fn file(&self, name: &str) -> Option<Range<u64>> {
        self.files.get(name).cloned()
    }

    /// Reads everything, and says whether it is what was written.
    pub(crate) fn check(&self) -> io::Result<()> {
        let windows = (0..self.data_length).step_by(WINDOW_BYTES as usize);
        windows
            .map(|start| start..self.data_length.min(start + WINDOW_BYTES))
            .try_for_each(|range| self.read(range).map(drop))
    }

    /// The bytes of this range of the data, checked.
    pub(crate) fn read(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        if range.start > range.end || range.end > self.data_length {
            return Err(damaged("the text index names bytes that it does not have"));
        }
        if range.is_empty() {
            return Ok(Vec::new());
        }
        let start = range.start / WINDOW_BYTES * WINDOW_BYTES;
        let end = range.end.next_multiple_of(WINDOW_BYTES).min(self.data_length);
        let mut bytes = vec![0; (end - start) as usize];
        self.data.read_exact_at(&mut bytes, start)?;
        let sums = &self.sums[(start / WINDOW_BYTES) as usize..];
        if bytes.chunks(WINDOW_BYTES as usize).zip(sums).any(|(window, sum)| crc32c::crc32c(window) != *sum) {
            return Err(damaged("the text index does not have its checksum"));
        }
        bytes.truncate((range.end - start) as usize);
        bytes.drain(..(range.start - start) as usize);
        Ok(bytes)
    }
}

struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> io::Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(|| damaged("the text index is too short"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn u16(&mut self) -> io::Result<u16> {
        Ok(u16::from_le_bytes(self.take(2)?.try_into().expect("2 bytes")))
    }

    fn u32(&mut self) -> io::Result<u32> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().expect("4 bytes")))
    }

    fn u64(&mut self) -> io::Result<u64> {
        Ok(u64::from_le_bytes(self.take(8)?.try_into().expect("8 bytes")))
    }
}

pub(crate) fn damaged(problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(bytes: &[u8]) -> io::Result<Container> {
        Container::open(Arc::new(bytes.to_vec()))
    }

    #[test]
    fn golden_bytes_pin_version_1() {
        let bytes = encode(9, &[("a".to_owned(), vec![7, 8]), ("b".to_owned(), vec![])]);
        let mut expected = vec![7, 8];
        let mut foot = b"\x01\0a\x02\0\0\0\0\0\0\0\x01\0b\0\0\0\0\0\0\0\0".to_vec();
        foot.extend(crc32c::crc32c(&[7, 8]).to_le_bytes());
        foot.extend(b"\x09\0\0\0\0\0\0\0\x02\0\0\0\x1a\0\0\0\x01\0\0\0NTTX");
        foot.extend(crc32c::crc32c(&foot).to_le_bytes());
        expected.extend(foot);
        assert_eq!(bytes, expected);
    }

    #[test]
    fn every_range_of_every_file_is_read_and_every_flipped_byte_noticed() {
        let data = |length: u32| (0..length).map(|n| (n * 7) as u8).collect::<Vec<u8>>();
        let files =
            [("long".to_owned(), data(10_000)), ("empty".to_owned(), Vec::new()), ("short".to_owned(), data(3))];
        let bytes = encode(0, &files);
        let container = open(&bytes).unwrap();
        for (name, data) in &files {
            let file = container.file(name).unwrap();
            for (from, to) in [(0, data.len()), (0, 1), (4_095, 4_097), (4_096, 8_192), (9_999, 10_000), (1, 1)] {
                let (from, to) = (from.min(data.len()), to.min(data.len()));
                let range = file.start + from as u64..file.start + to as u64;
                assert_eq!(container.read(range).unwrap(), data[from..to], "{name} {from}..{to}");
            }
        }
        assert!(container.file("other").is_none());
        assert!(container.read(0..bytes.len() as u64).is_err());
        for position in (0..bytes.len()).step_by(37).chain(10_000..bytes.len()) {
            let mut flipped = bytes.clone();
            flipped[position] ^= 1;
            assert!(open(&flipped).and_then(|container| container.read(0..10_003)).is_err(), "byte {position}");
        }
        for length in 0..bytes.len() {
            assert!(open(&bytes[..length]).is_err(), "{length} bytes");
        }
    }
}
