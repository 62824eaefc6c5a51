//! Trace id → rows of one block, so that a trace is found by id with no time range.
//!
//! The file holds one entry per row that has a trace id, sorted, in windows of 512. A lookup reads the
//! head and the one or two windows that can hold the id, and checks everything it reads:
//!
//! ```text
//! file   := head window{w}                                     w = count / 512, rounded up
//! head   := magic:"NTRX" version:u32 count:u64 fence:u64{w} crc32c:u32
//! window := hash:u64{n} row:u32{n} crc32c:u32                  n = 512, in the last window what is left
//! hash   := xxh3-64 of the 16 bytes of the trace id; ascending, equal ones by row
//! fence  := the first hash of each window
//! crc32c := of everything before it in its head or window
//! ```
//!
//! All numbers are little-endian. The index over-selects: different ids may share a hash, so whoever
//! asks compares the ids of the rows it gets.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use model::TraceId;
use xxhash_rust::xxh3::xxh3_64;

const MAGIC: &[u8; 4] = b"NTRX";
const VERSION: u32 = 1;
const HEADER_BYTES: u64 = 16;
const CHECKSUM_BYTES: u64 = 4;

/// Entries of a window: 6 KiB, one read. A block of a million rows then has a head of 16 KiB.
const WINDOW: u64 = 512;
const ENTRY_BYTES: u64 = 12;

/// The bytes of an index over `(trace id bytes, row)`.
pub(crate) fn encode<'a>(entries: impl Iterator<Item = (&'a [u8], u32)>) -> Vec<u8> {
    let mut entries: Vec<(u64, u32)> = entries.map(|(id, row)| (xxh3_64(id), row)).collect();
    entries.sort_unstable();
    let mut bytes = Vec::with_capacity(entries.len() * 13 + 32);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&(entries.len() as u64).to_le_bytes());
    let windows = || entries.chunks(WINDOW as usize);
    windows().for_each(|window| bytes.extend_from_slice(&window[0].0.to_le_bytes()));
    seal(&mut bytes, 0);
    for window in windows() {
        let start = bytes.len();
        window.iter().for_each(|(hash, _)| bytes.extend_from_slice(&hash.to_le_bytes()));
        window.iter().for_each(|(_, row)| bytes.extend_from_slice(&row.to_le_bytes()));
        seal(&mut bytes, start);
    }
    bytes
}

/// Appends the checksum of everything from `start` on.
fn seal(bytes: &mut Vec<u8>, start: usize) {
    let checksum = crc32c::crc32c(&bytes[start..]);
    bytes.extend_from_slice(&checksum.to_le_bytes());
}

/// An index open for searching.
#[derive(Debug)]
pub(crate) struct TraceIndex {
    file: File,
    count: u64,
    fences: Vec<u64>,
}

impl TraceIndex {
    /// Reads the head. `InvalidData` for what is not a whole index of this version.
    pub(crate) fn open(file: File) -> io::Result<Self> {
        let mut header = [0; HEADER_BYTES as usize];
        file.read_exact_at(&mut header, 0)?;
        let (magic, rest) = header.split_at(4);
        let version = u32::from_le_bytes(rest[..4].try_into().expect("4 bytes"));
        let count = u64::from_le_bytes(rest[4..].try_into().expect("8 bytes"));
        // The length is compared first: it bounds what a damaged count makes us read.
        if magic != MAGIC || version != VERSION || file_bytes(count) != Some(file.metadata()?.len()) {
            return Err(damaged("not a whole trace index of version 1"));
        }
        let head = read_sealed(&file, 0, head_bytes(count))?;
        let fences = head[HEADER_BYTES as usize..].chunks_exact(8).map(hash_of).collect();
        Ok(Self { file, count, fences })
    }

    /// Rows that may belong to the trace, ascending, at most `limit`.
    pub(crate) fn rows_of(&self, trace_id: TraceId, limit: usize) -> io::Result<Vec<u32>> {
        let wanted = xxh3_64(trace_id.as_bytes());
        // The first entry may be at the end of the window before the first whose fence it could be.
        let first = self.fences.partition_point(|fence| *fence < wanted).saturating_sub(1);
        let mut rows = Vec::new();
        for (window, fence) in self.fences.iter().enumerate().skip(first) {
            if *fence > wanted || rows.len() >= limit {
                break;
            }
            self.read_window(window as u64, wanted, &mut rows)?;
        }
        rows.truncate(limit);
        Ok(rows)
    }

    /// Adds the window's rows that have the hash.
    fn read_window(&self, window: u64, wanted: u64, rows: &mut Vec<u32>) -> io::Result<()> {
        let entries = WINDOW.min(self.count - window * WINDOW);
        let offset = head_bytes(self.count) + window * (WINDOW * ENTRY_BYTES + CHECKSUM_BYTES);
        let bytes = read_sealed(&self.file, offset, entries * ENTRY_BYTES + CHECKSUM_BYTES)?;
        let (hashes, numbers) = bytes.split_at(entries as usize * 8);
        let entries = hashes.chunks_exact(8).map(hash_of).zip(numbers.chunks_exact(4));
        let matching = entries.filter(|(hash, _)| *hash == wanted);
        rows.extend(matching.map(|(_, row)| u32::from_le_bytes(row.try_into().expect("4 bytes"))));
        Ok(())
    }
}

fn hash_of(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().expect("8 bytes"))
}

fn head_bytes(count: u64) -> u64 {
    HEADER_BYTES + count.div_ceil(WINDOW) * 8 + CHECKSUM_BYTES
}

/// How long a file with so many entries is; `None` for a count that no file can have.
fn file_bytes(count: u64) -> Option<u64> {
    let windows = count.div_ceil(WINDOW);
    count.checked_mul(ENTRY_BYTES)?.checked_add(windows * CHECKSUM_BYTES)?.checked_add(head_bytes(count))
}

/// Reads a head or window of so many bytes, checks it, and gives it without its checksum.
fn read_sealed(file: &File, offset: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length as usize];
    file.read_exact_at(&mut bytes, offset)?;
    let checksum = bytes.split_off(bytes.len() - CHECKSUM_BYTES as usize);
    if crc32c::crc32c(&bytes).to_le_bytes() != checksum[..] {
        return Err(damaged("the trace index does not have its checksum"));
    }
    Ok(bytes)
}

fn damaged(problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    fn open(bytes: &[u8]) -> io::Result<TraceIndex> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        TraceIndex::open(file)
    }

    fn id(number: u64) -> TraceId {
        TraceId::from_bytes(&u128::from(number + 1).to_be_bytes()).unwrap()
    }

    #[test]
    fn golden_bytes_pin_version_1() {
        let bytes = encode([(&[7u8; 16][..], 3), (&[7; 16][..], 1)].into_iter());
        let hash = xxh3_64(&[7; 16]).to_le_bytes();
        let mut head = b"NTRX\x01\0\0\0\x02\0\0\0\0\0\0\0".to_vec();
        head.extend(hash);
        head.extend(crc32c::crc32c(&head).to_le_bytes());
        let mut window = [hash, hash].concat();
        window.extend([1, 0, 0, 0, 3, 0, 0, 0]);
        window.extend(crc32c::crc32c(&window).to_le_bytes());
        assert_eq!(bytes, [head, window].concat());
    }

    #[test]
    fn what_is_not_an_index_is_refused() {
        let good = encode([(&[7u8; 16][..], 3)].into_iter());
        assert!(open(&good).is_ok());
        assert!(open(&good[..good.len() - 1]).is_err());
        assert!(open(b"").is_err());
        let mut wrong_version = good.clone();
        wrong_version[4] = 2;
        assert!(open(&wrong_version).is_err());
        for count in [0, 2, u64::MAX, u64::MAX / 12] {
            let mut lying_count = good.clone();
            lying_count[8..16].copy_from_slice(&count.to_le_bytes());
            assert!(open(&lying_count).is_err(), "{count}");
        }
    }

    #[test]
    fn a_flipped_byte_is_noticed_by_a_lookup_that_reads_it() {
        let ids: Vec<TraceId> = (0..540).map(|number| id(number / 3)).collect();
        let bytes = encode(ids.iter().enumerate().map(|(row, id)| (&id.as_bytes()[..], row as u32)));
        for position in (0..bytes.len()).step_by(5) {
            let mut flipped = bytes.clone();
            flipped[position] ^= 0x10;
            let Ok(index) = open(&flipped) else { continue };
            assert!(position as u64 >= head_bytes(540), "byte {position} of the head");
            let answers: Vec<_> = (0..180).map(|number| (number, index.rows_of(id(number), 10))).collect();
            assert!(answers.iter().any(|(_, rows)| rows.is_err()), "byte {position}");
            for (number, rows) in answers {
                let expected: Vec<u32> = (0..3).map(|copy| number as u32 * 3 + copy).collect();
                assert!(rows.is_err() || rows.is_ok_and(|rows| rows == expected), "byte {position}, trace {number}");
            }
        }
    }

    #[test]
    fn one_trace_over_many_windows_is_found_whole_or_up_to_the_limit() {
        let one = id(7);
        let ids = [vec![id(1); 700], vec![one; 3_000], vec![id(2); 700]].concat();
        let index = open(&encode(ids.iter().enumerate().map(|(row, id)| (&id.as_bytes()[..], row as u32)))).unwrap();
        for limit in [0, 1, 511, 512, 513, 2_999, 3_000, usize::MAX] {
            let expected: Vec<u32> = (700..3_700).take(limit).collect();
            assert_eq!(index.rows_of(one, limit).unwrap(), expected, "limit {limit}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_trace_finds_exactly_its_rows(traces in prop::collection::vec(0u64..40, 0..3_000)) {
            let ids: Vec<TraceId> = traces.iter().map(|number| id(*number)).collect();
            let mut expected: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
            for (row, number) in traces.iter().enumerate() {
                expected.entry(*number).or_default().push(row as u32);
            }
            let bytes = encode(ids.iter().enumerate().map(|(row, id)| (&id.as_bytes()[..], row as u32)));
            let index = open(&bytes).unwrap();
            for number in 0..50 {
                prop_assert_eq!(index.rows_of(id(number), usize::MAX).unwrap(), expected.remove(&number).unwrap_or_default());
            }
        }
    }
}
