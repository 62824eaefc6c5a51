//! What the bytes of a block's Parquet file must be: one checksum for each window of it.
//!
//! Parquet does not notice every flipped byte, and its decoder need not survive one. So nothing of the file is decoded
//! before the windows it lies in have their checksums, and these are tied to what the catalog says of the block:
//!
//! ```text
//! catalog ── checksum ──► {id}.sums ── one per window ──► {id}.parquet
//!
//! file   := magic:"NSUM" version:u32 bytes:u64 window:u32{w} crc32c:u32       w = bytes / 16 KiB, rounded up
//! bytes  := the length of the Parquet file
//! window := crc32c of 16 KiB of the Parquet file, of the last window what is left
//! crc32c := of everything before it; this is the checksum that the catalog has
//! ```
//!
//! All numbers are little-endian. The table can be made again from the Parquet file, and the catalog tells whether
//! what comes out is what was written.

use std::fs::File;
use std::io::{self, Read, Write};
use std::ops::Range;

const MAGIC: &[u8; 4] = b"NSUM";
const VERSION: u32 = 1;
const HEAD_BYTES: usize = 16;
const SEAL_BYTES: usize = 4;

/// Bytes of a window. A lookup reads single pages, of which most are a few KiB, and has to read the windows around
/// them; a smaller window would make the table, of which a quarter of a thousandth of the file is in memory, larger.
pub(super) const WINDOW_BYTES: u64 = 16 * 1024;

/// The checksums of one Parquet file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checksums {
    bytes: u64,
    windows: Vec<u32>,
}

impl Checksums {
    /// Of a file as it is. Reads all of it.
    pub(super) fn of(file: &mut File) -> io::Result<Self> {
        let mut summed = Summed::new(io::sink());
        io::copy(file, &mut summed)?;
        Ok(summed.finish().1)
    }

    /// The bytes of the table.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD_BYTES + self.windows.len() * 4 + SEAL_BYTES);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&self.bytes.to_le_bytes());
        self.windows.iter().for_each(|window| bytes.extend_from_slice(&window.to_le_bytes()));
        let seal = crc32c::crc32c(&bytes);
        bytes.extend_from_slice(&seal.to_le_bytes());
        bytes
    }

    /// What the catalog keeps of a table: the last four bytes of [`Self::encode`].
    pub(super) fn seal(table: &[u8]) -> u32 {
        table.last_chunk().map_or(0, |seal| u32::from_le_bytes(*seal))
    }

    /// A table that is whole and of which the catalog has this checksum; `None` for anything else.
    pub(super) fn decode(table: &[u8], checksum: u32) -> Option<Self> {
        let (content, seal) = table.split_last_chunk::<SEAL_BYTES>()?;
        let sealed = u32::from_le_bytes(*seal) == checksum && crc32c::crc32c(content) == checksum;
        let (head, windows) = content.split_first_chunk::<HEAD_BYTES>()?;
        if !sealed || head[..4] != *MAGIC || head[4..8] != VERSION.to_le_bytes() {
            return None;
        }
        let bytes = u64::from_le_bytes(*head.last_chunk()?);
        let (windows, rest) = windows.as_chunks();
        let is_whole = rest.is_empty() && windows.len() as u64 == bytes.div_ceil(WINDOW_BYTES);
        is_whole.then(|| Self { bytes, windows: windows.iter().map(|window| u32::from_le_bytes(*window)).collect() })
    }

    /// Reads a table of at most `limit` bytes. `InvalidData` for one that is not what the catalog says.
    pub(super) fn read(file: File, checksum: u32, limit: u64) -> io::Result<Self> {
        let mut table = Vec::new();
        // What the table says of its length is believed only once its checksum agrees.
        file.take(limit).read_to_end(&mut table)?;
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the checksums are not those that the catalog has");
        Self::decode(&table, checksum).ok_or_else(damaged)
    }

    /// The length of the Parquet file.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The bytes of the windows that a range, which is not empty and lies in the file, touches.
    pub(super) fn around(&self, range: &Range<u64>) -> Range<u64> {
        let start = range.start / WINDOW_BYTES * WINDOW_BYTES;
        start..(range.end.div_ceil(WINDOW_BYTES) * WINDOW_BYTES).min(self.bytes)
    }

    /// The first of the bytes, which begin at the window at `offset`, that are not what was written, give or take a
    /// window; `None` if all are.
    pub(super) fn first_damage(&self, offset: u64, bytes: &[u8]) -> Option<u64> {
        let first = (offset / WINDOW_BYTES) as usize;
        let mut windows = bytes.chunks(WINDOW_BYTES as usize).zip(&self.windows[first..]);
        let damaged = windows.position(|(bytes, checksum)| crc32c::crc32c(bytes) != *checksum)?;
        Some(offset + damaged as u64 * WINDOW_BYTES)
    }
}

/// Sums what passes through.
#[derive(Debug)]
pub(super) struct Summed<W> {
    inner: W,
    bytes: u64,
    /// Of the windows that are full.
    windows: Vec<u32>,
    /// Of the window that is being filled.
    open: u32,
}

impl<W> Summed<W> {
    /// Nothing has passed yet.
    pub(super) fn new(inner: W) -> Self {
        Self { inner, bytes: 0, windows: Vec::new(), open: 0 }
    }

    /// Where it passed to, and the checksums of all of it.
    pub(super) fn finish(mut self) -> (W, Checksums) {
        if !self.bytes.is_multiple_of(WINDOW_BYTES) {
            self.windows.push(self.open);
        }
        (self.inner, Checksums { bytes: self.bytes, windows: self.windows })
    }

    fn add(&mut self, mut data: &[u8]) {
        while !data.is_empty() {
            let room = (WINDOW_BYTES - self.bytes % WINDOW_BYTES) as usize;
            let (now, later) = data.split_at(room.min(data.len()));
            self.open = crc32c::crc32c_append(self.open, now);
            self.bytes += now.len() as u64;
            if self.bytes.is_multiple_of(WINDOW_BYTES) {
                self.windows.push(std::mem::take(&mut self.open));
            }
            data = later;
        }
    }
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(data)?;
        self.add(&data[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: usize = WINDOW_BYTES as usize;

    /// Bytes without structure.
    fn content(length: usize) -> Vec<u8> {
        (0..length as u32).map(|n| (n.wrapping_mul(0x9E37_79B9) >> 24) as u8).collect()
    }

    /// Written in pieces of `step` bytes.
    fn sum(content: &[u8], step: usize) -> Checksums {
        let mut summed = Summed::new(Vec::new());
        content.chunks(step).for_each(|piece| summed.write_all(piece).unwrap());
        let (passed, checksums) = summed.finish();
        assert_eq!(passed, content);
        checksums
    }

    #[test]
    fn golden_bytes_pin_version_1() {
        let content = content(WINDOW + 1);
        let mut expected = b"NSUM\x01\0\0\0\x01\x40\0\0\0\0\0\0".to_vec();
        expected.extend(crc32c::crc32c(&content[..WINDOW]).to_le_bytes());
        expected.extend(crc32c::crc32c(&content[WINDOW..]).to_le_bytes());
        expected.extend(crc32c::crc32c(&expected).to_le_bytes());
        assert_eq!(sum(&content, 100).encode(), expected);
    }

    #[test]
    fn a_table_is_the_same_however_the_file_was_written_and_says_each_byte_that_is_not_what_it_was() {
        for length in [0, 1, WINDOW - 1, WINDOW, WINDOW + 1, 3 * WINDOW] {
            let content = content(length);
            let whole = sum(&content, WINDOW * 4);
            for step in [7, WINDOW - 1, WINDOW, WINDOW + 1] {
                assert_eq!(sum(&content, step), whole, "{length} bytes in steps of {step}");
            }
            let table = whole.encode();
            assert_eq!(Checksums::decode(&table, Checksums::seal(&table)), Some(whole.clone()), "{length} bytes");
            assert_eq!(whole.first_damage(0, &content), None);
            for position in (0..length).step_by(1_001) {
                let mut flipped = content.clone();
                flipped[position] ^= 1;
                let window = position / WINDOW * WINDOW;
                assert_eq!(whole.first_damage(0, &flipped), Some(window as u64), "{length} bytes, byte {position}");
                let from_there = whole.first_damage(window as u64, &flipped[window..]);
                assert_eq!(from_there, Some(window as u64), "{length} bytes, byte {position}");
            }
        }
    }

    #[test]
    fn a_table_with_any_bit_flipped_or_of_another_file_is_none() {
        let table = sum(&content(3 * WINDOW + 5), WINDOW).encode();
        let seal = Checksums::seal(&table);
        for bit in 0..table.len() * 8 {
            let mut flipped = table.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Checksums::decode(&flipped, seal), None, "bit {bit}");
            assert_eq!(
                Checksums::decode(&flipped, Checksums::seal(&flipped)),
                None,
                "bit {bit}, whatever was expected"
            );
        }
        for length in 0..table.len() {
            assert_eq!(Checksums::decode(&table[..length], seal), None, "cut to {length} bytes");
        }
        let other = sum(&content(3 * WINDOW + 6), WINDOW).encode();
        assert_eq!(Checksums::decode(&other, seal), None);
    }
}
