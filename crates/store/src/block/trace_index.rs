//! Trace id → rows of one block, so that a trace is found by id with no time range.
//!
//! The file holds one entry per row that has a trace id, sorted, as two arrays that are searched in
//! place with a handful of small reads:
//!
//! ```text
//! file   := magic:"NTRX" version:u32 count:u64 hash:u64{count} row:u32{count} crc32c:u32
//! hash   := xxh3-64 of the 16 bytes of the trace id; ascending, then by row
//! crc32c := of everything before it
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

/// Entries read at once when the search has come close: 4 KiB of hashes.
const WINDOW: u64 = 512;

/// Rows of one trace in one block. A trace with more is cut there and the answer says so.
pub(crate) const ROWS_MAX: usize = 1_000_000;

/// The bytes of an index over `(trace id bytes, row)`.
pub(crate) fn encode<'a>(entries: impl Iterator<Item = (&'a [u8], u32)>) -> Vec<u8> {
    let mut entries: Vec<(u64, u32)> = entries.map(|(id, row)| (xxh3_64(id), row)).collect();
    entries.sort_unstable();
    let mut bytes = Vec::with_capacity(entries.len() * 12 + 20);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&(entries.len() as u64).to_le_bytes());
    for (hash, _) in &entries {
        bytes.extend_from_slice(&hash.to_le_bytes());
    }
    for (_, row) in &entries {
        bytes.extend_from_slice(&row.to_le_bytes());
    }
    let checksum = crc32c::crc32c(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    bytes
}

/// An index open for searching.
#[derive(Debug)]
pub(crate) struct TraceIndex {
    file: File,
    count: u64,
}

impl TraceIndex {
    /// Checks header and length. `InvalidData` for what is not an index of this version.
    pub(crate) fn open(file: File) -> io::Result<Self> {
        let mut header = [0; HEADER_BYTES as usize];
        file.read_exact_at(&mut header, 0)?;
        let (magic, rest) = header.split_at(4);
        let version = u32::from_le_bytes(rest[..4].try_into().expect("4 bytes"));
        let count = u64::from_le_bytes(rest[4..].try_into().expect("8 bytes"));
        let length = count.checked_mul(12).and_then(|entries| entries.checked_add(HEADER_BYTES + 4));
        if magic != MAGIC || version != VERSION || length != Some(file.metadata()?.len()) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not a trace index of version 1"));
        }
        Ok(Self { file, count })
    }

    /// Rows that may belong to the trace, ascending.
    pub(crate) fn rows_of(&self, trace_id: TraceId) -> io::Result<Vec<u32>> {
        let wanted = xxh3_64(trace_id.as_bytes());
        let first = self.first_at_least(wanted)?;
        let mut rows = Vec::new();
        let mut next = first;
        while next < self.count && rows.len() < ROWS_MAX {
            let hashes = self.hashes(next, WINDOW.min(self.count - next))?;
            let matching = hashes.iter().take_while(|hash| **hash == wanted).count();
            rows.extend(self.rows(next, matching as u64)?);
            if matching < hashes.len() {
                break;
            }
            next += matching as u64;
        }
        Ok(rows)
    }

    /// Position of the first hash that is not below the wanted one.
    fn first_at_least(&self, wanted: u64) -> io::Result<u64> {
        let (mut low, mut high) = (0, self.count);
        while high - low > WINDOW {
            let middle = low + (high - low) / 2;
            if self.hashes(middle, 1)?[0] < wanted { low = middle + 1 } else { high = middle }
        }
        let below = self.hashes(low, high - low)?.iter().take_while(|hash| **hash < wanted).count();
        Ok(low + below as u64)
    }

    fn hashes(&self, from: u64, count: u64) -> io::Result<Vec<u64>> {
        let mut bytes = vec![0; count as usize * 8];
        self.file.read_exact_at(&mut bytes, HEADER_BYTES + from * 8)?;
        Ok(bytes.chunks_exact(8).map(|hash| u64::from_le_bytes(hash.try_into().expect("8 bytes"))).collect())
    }

    fn rows(&self, from: u64, count: u64) -> io::Result<Vec<u32>> {
        let mut bytes = vec![0; count as usize * 4];
        self.file.read_exact_at(&mut bytes, HEADER_BYTES + self.count * 8 + from * 4)?;
        Ok(bytes.chunks_exact(4).map(|row| u32::from_le_bytes(row.try_into().expect("4 bytes"))).collect())
    }
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
        let mut expected = b"NTRX\x01\0\0\0\x02\0\0\0\0\0\0\0".to_vec();
        expected.extend([hash, hash].concat());
        expected.extend([1, 0, 0, 0, 3, 0, 0, 0]);
        expected.extend(crc32c::crc32c(&expected).to_le_bytes());
        assert_eq!(bytes, expected);
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
        let mut lying_count = good;
        lying_count[8..16].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(open(&lying_count).is_err());
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
                prop_assert_eq!(index.rows_of(id(number)).unwrap(), expected.remove(&number).unwrap_or_default());
            }
        }
    }
}
