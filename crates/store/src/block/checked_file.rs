//! A block's Parquet file, of which no byte is handed out that is not what was written.

use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};

use super::BlockReadError;
use super::checksums::{Checksums, WINDOW_BYTES};
use super::damage::Damage;

/// Bytes that are read at once where all of the file is.
const VERIFY_BYTES: u64 = 64 * WINDOW_BYTES;

/// Bytes that are read at once where nobody says how many they need.
const READ_BYTES: u64 = 4 * WINDOW_BYTES;

/// A block's Parquet file, open. Whole windows are read and checked, so a range costs up to a window more at both ends.
///
/// What is found damaged is remembered by the block, which from then on opens for nobody.
#[derive(Clone, Debug)]
pub struct CheckedFile {
    file: Arc<File>,
    checksums: Arc<Checksums>,
    damage: Arc<Damage>,
}

impl CheckedFile {
    pub(super) fn new(file: File, checksums: Arc<Checksums>, damage: Arc<Damage>) -> Self {
        Self { file: Arc::new(file), checksums, damage }
    }

    /// Bytes of the file, as it was written.
    pub fn bytes(&self) -> u64 {
        self.checksums.bytes()
    }

    /// The bytes of the range. Blocks the calling thread.
    pub fn read(&self, range: Range<u64>) -> Result<Bytes, BlockReadError> {
        if range.start > range.end || range.end > self.bytes() {
            let problem = format!("bytes {}..{} are not in a file of {}", range.start, range.end, self.bytes());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, problem).into());
        }
        if range.is_empty() {
            return Ok(Bytes::new());
        }
        let around = self.checksums.around(&range);
        let mut bytes = vec![0; (around.end - around.start) as usize];
        self.file.read_exact_at(&mut bytes, around.start).map_err(|error| self.damage.by_io(error))?;
        if let Some(offset) = self.checksums.first_damage(around.start, &bytes) {
            let window = self.checksums.around(&(offset..offset + 1));
            return Err(self.damage.found(format!("bytes {}..{} of the parquet file", window.start, window.end)));
        }
        let start = (range.start - around.start) as usize;
        Ok(Bytes::from(bytes).slice(start..start + (range.end - range.start) as usize))
    }

    /// The bytes of each range, in the order of the ranges. Windows that ranges next to each other share are read once.
    /// Blocks the calling thread.
    pub fn read_ranges(&self, ranges: &[Range<u64>]) -> Result<Vec<Bytes>, BlockReadError> {
        let mut found = Vec::with_capacity(ranges.len());
        while let Some(first) = ranges.get(found.len()) {
            let from = found.len();
            let mut until = first.end;
            // As long as the next range begins in a window that is read anyway, or in the one after.
            let touches = |range: &&Range<u64>, until: u64| {
                range.start >= first.start && range.start <= until.next_multiple_of(WINDOW_BYTES)
            };
            while let Some(next) = ranges.get(found.len()).filter(|range| touches(range, until)) {
                until = until.max(next.end);
                found.push(Bytes::new());
            }
            let together = self.read(first.start..until)?;
            for (slot, range) in found[from..].iter_mut().zip(&ranges[from..]) {
                *slot = together.slice((range.start - first.start) as usize..(range.end - first.start) as usize);
            }
        }
        Ok(found)
    }

    /// Reads all of the file. Blocks the calling thread.
    pub(super) fn verify(&self) -> Result<(), BlockReadError> {
        let bytes = self.file.metadata().map_err(|error| self.damage.by_io(error))?.len();
        if bytes != self.bytes() {
            let damage = format!("the parquet file has {bytes} bytes in place of {}", self.bytes());
            return Err(self.damage.found(damage));
        }
        for start in (0..bytes).step_by(VERIFY_BYTES as usize) {
            self.read(start..bytes.min(start + VERIFY_BYTES))?;
        }
        Ok(())
    }
}

impl Length for CheckedFile {
    fn len(&self) -> u64 {
        self.bytes()
    }
}

impl ChunkReader for CheckedFile {
    type T = CheckedRead;

    fn get_read(&self, start: u64) -> Result<CheckedRead, ParquetError> {
        Ok(CheckedRead { file: self.clone(), offset: start, read: Bytes::new() })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        Ok(self.read(start..start.saturating_add(length as u64))?)
    }
}

/// Reads a [`CheckedFile`] from some place on.
#[derive(Debug)]
pub struct CheckedRead {
    file: CheckedFile,
    /// Where reading goes on behind `read`.
    offset: u64,
    /// Read and not handed out yet.
    read: Bytes,
}

impl Read for CheckedRead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read.is_empty() {
            let end = (self.offset.saturating_add(READ_BYTES)).min(self.file.bytes()).max(self.offset);
            if end == self.offset {
                return Ok(0);
            }
            self.read = self.file.read(self.offset..end).map_err(io::Error::other)?;
            self.offset = end;
        }
        let bytes = buffer.len().min(self.read.len());
        self.read.copy_to_slice(&mut buffer[..bytes]);
        Ok(bytes)
    }
}

impl From<BlockReadError> for ParquetError {
    fn from(error: BlockReadError) -> Self {
        Self::External(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    const WINDOW: u64 = WINDOW_BYTES;

    fn content(bytes: u64) -> Vec<u8> {
        (0..bytes as u32).map(|n| (n.wrapping_mul(0x9E37_79B9) >> 24) as u8).collect()
    }

    /// The file at the path, which was written with these bytes.
    fn open(path: &Path, written: &[u8]) -> CheckedFile {
        let folder = tempfile::tempdir().unwrap();
        let original = folder.path().join("original");
        fs::write(&original, written).unwrap();
        let checksums = Checksums::of(&mut File::open(original).unwrap()).unwrap();
        CheckedFile::new(File::open(path).unwrap(), Arc::new(checksums), Arc::default())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn ranges_read_as_what_was_written_in_any_order(
            bytes in 1..5 * WINDOW,
            ranges in prop::collection::vec((0.0..1.0, 0.0..1.0), 0..20),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("file");
            let content = content(bytes);
            fs::write(&path, &content).unwrap();
            let file = open(&path, &content);
            let at = |place: f64| (place * bytes as f64) as u64;
            let ranges: Vec<_> = ranges.iter().map(|(a, b): &(f64, f64)| at(a.min(*b))..at(a.max(*b))).collect();
            let found = file.read_ranges(&ranges).unwrap();
            prop_assert_eq!(found.len(), ranges.len());
            for (range, found) in ranges.iter().zip(found) {
                let expected = &content[range.start as usize..range.end as usize];
                prop_assert_eq!(&found[..], expected);
                prop_assert_eq!(&file.read(range.clone()).unwrap()[..], expected);
                let mut read = vec![0; expected.len()];
                file.get_read(range.start).unwrap().read_exact(&mut read).unwrap();
                prop_assert_eq!(&read[..], expected);
            }
        }
    }

    #[test]
    fn a_flipped_byte_is_an_error_for_who_reads_its_window_and_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let content = content(3 * WINDOW + 10);
        for position in [0, WINDOW - 1, WINDOW, 2 * WINDOW + 7, 3 * WINDOW, 3 * WINDOW + 9] {
            let mut flipped = content.clone();
            flipped[position as usize] ^= 4;
            fs::write(&path, flipped).unwrap();
            let file = open(&path, &content);
            let window = position / WINDOW * WINDOW;
            for other in (0..=3).map(|other| other * WINDOW).filter(|other| *other != window) {
                assert!(file.read(other..other + 1).is_ok(), "byte {position}, window {other}");
            }
            assert!(file.damage.known().is_none());
            let error = file.read(window..window + 1).unwrap_err();
            let end = (window + WINDOW).min(content.len() as u64);
            assert_eq!(error.to_string(), format!("the block is damaged: bytes {window}..{end} of the parquet file"));
            assert!(file.damage.known().is_some() && file.verify().is_err());
        }
    }

    #[test]
    fn a_file_of_another_length_is_damaged_and_a_range_outside_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let content = content(WINDOW + 10);
        for length in [0, 1, WINDOW as usize, content.len() - 1] {
            fs::write(&path, &content[..length]).unwrap();
            assert!(open(&path, &content).read(WINDOW..WINDOW + 10).is_err(), "{length} bytes");
            assert!(open(&path, &content).verify().is_err(), "{length} bytes");
        }
        fs::write(&path, [&content[..], b"more"].concat()).unwrap();
        let longer = open(&path, &content);
        assert_eq!(longer.read(0..content.len() as u64).unwrap(), content);
        assert!(longer.read(0..content.len() as u64 + 1).is_err());
        assert!(longer.damage.known().is_none(), "who asks for what never was has not found damage");
        assert!(longer.verify().is_err());
    }
}
