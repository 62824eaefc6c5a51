//! Trace id → rows of one block, so that a trace is found by id with no time range.
//!
//! The file holds one entry per row that has a trace id, sorted, in windows of 1024, behind a filter of the trace ids
//! and a head that says where each window is. A trace that is not there mostly costs one look at the filter; one that
//! is, the head and the one or two windows that can hold it. Everything that is read is checked:
//!
//! ```text
//! file   := header filter head window{w}          w = count / 1024, rounded up
//! header := magic:"NTRX" version:u32 count:u64 blocks:u32 crc32c:u32
//! filter := of so many blocks, over xxh3-64 of the 16 bytes of each trace id; see bloom.rs
//! head   := fence:u64{w} end:u32{w} crc32c:u32    end: of the window, in bytes from the first one's start
//! window := step_bits:u8 row_bits:u8 bits crc32c:u32
//! bits   := is_new:1{n} step:step_bits{k} row:row_bits{n}   n = 1024, in the last window what is left
//! hash   := the upper 36 bits of xxh3-64 of the trace id; ascending, equal ones by row
//! fence  := the first hash of each window
//! step   := for each entry of the window that is new, how much its hash is above that of the entry before
//! crc32c := of everything before it in its header, head or window
//! ```
//!
//! All numbers are little-endian; bits are numbered from the lowest of the first byte. The index over-selects:
//! different ids may share a hash, so whoever asks compares the ids of the rows it gets.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use model::TraceId;
use xxhash_rust::xxh3::xxh3_64;

use super::bloom;

const MAGIC: &[u8; 4] = b"NTRX";
const VERSION: u32 = 2;
const HEADER_BYTES: u64 = 24;
const CHECKSUM_BYTES: u64 = 4;

/// Entries of a window: three to six KiB, one read. A block of four million rows then has a head of 48 KiB.
const WINDOW: u64 = 1_024;

/// Bytes of the head for each window.
const PLACE_BYTES: u64 = 12;

/// Bits of a hash that are kept: one absent trace in some seventy thousand shares those of one of a million.
const HASH_BITS: u32 = 36;

/// Bits of the filter for each trace: one in about two hundred absent ones is looked up for nothing.
const TRACE_BITS: usize = 12;

/// The hash of a trace id, as the filter has it.
pub(crate) fn trace_hash(id: &[u8]) -> u64 {
    xxh3_64(id)
}

/// The hash as windows have it.
fn cut(hash: u64) -> u64 {
    hash >> (u64::BITS - HASH_BITS)
}

/// The bytes of an index over `(trace id bytes, row)`.
pub(crate) fn encode<'a>(entries: impl Iterator<Item = (&'a [u8], u32)>) -> Vec<u8> {
    let mut entries: Vec<(u64, u32)> = entries.map(|(id, row)| (trace_hash(id), row)).collect();
    entries.sort_unstable();
    let hashes = || entries.chunk_by(|a, b| a.0 == b.0).map(|entries| entries[0].0);
    let blocks = bloom::blocks_for(hashes().count(), TRACE_BITS);
    let mut bytes = Vec::with_capacity(entries.len() * 6 + 64);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&VERSION.to_le_bytes());
    bytes.extend_from_slice(&(entries.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&blocks.to_le_bytes());
    seal(&mut bytes, 0);
    bloom::encode(&mut bytes, blocks, hashes());
    entries.iter_mut().for_each(|(hash, _)| *hash = cut(*hash));
    // Those that only now are equal.
    entries.sort_unstable();
    let (mut windows, mut ends) = (Vec::with_capacity(entries.len() * 4), Vec::new());
    for window in entries.chunks(WINDOW as usize) {
        encode_window(&mut windows, window);
        ends.push(windows.len() as u32);
    }
    let head = bytes.len();
    entries.chunks(WINDOW as usize).for_each(|window| bytes.extend_from_slice(&window[0].0.to_le_bytes()));
    ends.iter().for_each(|end| bytes.extend_from_slice(&end.to_le_bytes()));
    seal(&mut bytes, head);
    bytes.extend_from_slice(&windows);
    bytes
}

fn encode_window(bytes: &mut Vec<u8>, entries: &[(u64, u32)]) {
    let start = bytes.len();
    let steps = || entries.windows(2).map(|pair| pair[1].0 - pair[0].0);
    let step_bits = bits_of(steps().max().unwrap_or_default());
    let row_bits = bits_of(entries.iter().map(|(_, row)| u64::from(*row)).max().unwrap_or_default());
    bytes.extend_from_slice(&[step_bits as u8, row_bits as u8]);
    let mut bits = BitWriter { bytes, at: 0 };
    bits.put(0, 1);
    steps().for_each(|step| bits.put(u64::from(step > 0), 1));
    steps().filter(|step| *step > 0).for_each(|step| bits.put(step, step_bits));
    entries.iter().for_each(|(_, row)| bits.put(u64::from(*row), row_bits));
    seal(bytes, start);
}

/// How many bits it takes to write the number, at least one.
fn bits_of(number: u64) -> u32 {
    u64::BITS - (number | 1).leading_zeros()
}

/// Appends numbers of some bits each.
struct BitWriter<'a> {
    bytes: &'a mut Vec<u8>,
    /// Bits taken of the last byte, 0 to 7; 0 where it is full.
    at: u32,
}

impl BitWriter<'_> {
    fn put(&mut self, mut number: u64, mut bits: u32) {
        while bits > 0 {
            if self.at == 0 {
                self.bytes.push(0);
            }
            let taken = bits.min(u8::BITS - self.at);
            let low = number & ((1 << taken) - 1);
            if let Some(last) = self.bytes.last_mut() {
                *last |= (low as u8) << self.at;
            }
            (number, bits, self.at) = (number >> taken, bits - taken, (self.at + taken) % u8::BITS);
        }
    }
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
    blocks: u32,
}

/// Where the windows are.
#[derive(Debug)]
struct Head {
    fences: Vec<u64>,
    /// In the file, of each window.
    places: Vec<Range<u64>>,
}

impl TraceIndex {
    /// Reads the header. `InvalidData` for what is not an index of this version.
    pub(crate) fn open(file: File) -> io::Result<Self> {
        let header = read_sealed(&file, 0..HEADER_BYTES)?;
        let version = u32_at(&header, 4);
        let (count, blocks) = (u64_at(&header, 8), u32_at(&header, 16));
        let index = Self { file, count, blocks };
        // The length is compared first: it bounds what a damaged number makes us read.
        let is_whole = index.head().is_some_and(|head| index.file.metadata().is_ok_and(|of| of.len() >= head.end));
        if &header[..4] != MAGIC || version != VERSION || blocks == 0 || !is_whole {
            return Err(damaged("not a whole trace index of version 2"));
        }
        Ok(index)
    }

    /// The filter of the traces, of [`Self::filter_bytes`].
    pub(crate) fn read_filter(&self) -> io::Result<Box<[u8]>> {
        bloom::read(&self.file, HEADER_BYTES, self.blocks)
    }

    /// Bytes of the filter in memory.
    pub(crate) fn filter_bytes(&self) -> usize {
        self.blocks as usize * bloom::BLOCK_BYTES
    }

    /// Rows that may belong to the trace, ascending, at most `limit`.
    pub(crate) fn rows_of(&self, trace_id: TraceId, limit: usize) -> io::Result<Vec<u32>> {
        let hash = trace_hash(trace_id.as_bytes());
        if !bloom::may_have(&self.file, HEADER_BYTES, self.blocks, hash)? {
            return Ok(Vec::new());
        }
        let (wanted, head) = (cut(hash), self.read_head()?);
        // The first entry may be at the end of the window before the first whose fence it could be.
        let first = head.fences.partition_point(|fence| *fence < wanted).saturating_sub(1);
        let mut rows = Vec::new();
        for (window, fence) in head.fences.iter().enumerate().skip(first) {
            if *fence > wanted || rows.len() >= limit {
                break;
            }
            let entries = WINDOW.min(self.count - window as u64 * WINDOW) as usize;
            let bytes = read_sealed(&self.file, head.places[window].clone())?;
            rows_in_window(&bytes, entries, *fence, wanted, &mut rows)
                .ok_or_else(|| damaged("a window of the trace index ends too early"))?;
        }
        rows.truncate(limit);
        Ok(rows)
    }

    /// Where the head is; `None` for a count that no file can have.
    fn head(&self) -> Option<Range<u64>> {
        let start = HEADER_BYTES + bloom::encoded_bytes(self.blocks);
        let places = self.count.div_ceil(WINDOW).checked_mul(PLACE_BYTES)?;
        Some(start..start.checked_add(places)?.checked_add(CHECKSUM_BYTES)?)
    }

    fn read_head(&self) -> io::Result<Head> {
        let range = self.head().ok_or_else(|| damaged("the trace index counts too many entries"))?;
        let head = read_sealed(&self.file, range.clone())?;
        let (fences, ends) = head.split_at(head.len() / PLACE_BYTES as usize * 8);
        let fences = fences.chunks_exact(8).map(|fence| u64_at(fence, 0)).collect();
        let ends: Vec<u64> = ends.chunks_exact(4).map(|end| range.end + u64::from(u32_at(end, 0))).collect();
        let starts = std::iter::once(range.end).chain(ends.iter().copied());
        let places: Vec<Range<u64>> = starts.zip(&ends).map(|(start, end)| start..*end).collect();
        if places.iter().any(|place| place.start > place.end)
            || places.last().is_some_and(|last| last.end != self.length())
        {
            return Err(damaged("the trace index is not as long as it says"));
        }
        Ok(Head { fences, places })
    }

    fn length(&self) -> u64 {
        self.file.metadata().map_or(0, |of| of.len())
    }
}

/// Adds the window's rows that have the hash; `None` where the window is shorter than it says.
fn rows_in_window(window: &[u8], entries: usize, fence: u64, wanted: u64, rows: &mut Vec<u32>) -> Option<()> {
    let (widths, bits) = window.split_at_checked(2)?;
    let (step_bits, row_bits) = (usize::from(widths[0]), usize::from(widths[1]));
    if step_bits > HASH_BITS as usize || row_bits > u32::BITS as usize {
        return None;
    }
    let steps = (0..entries).filter(|entry| bits_at(bits, *entry, 1) == Some(1)).count();
    let rows_from = entries + steps * step_bits;
    let (mut hash, mut step_at) = (fence, entries);
    for entry in 0..entries {
        if bits_at(bits, entry, 1)? == 1 {
            hash = hash.checked_add(bits_at(bits, step_at, step_bits)?)?;
            step_at += step_bits;
        }
        if hash == wanted {
            rows.push(bits_at(bits, rows_from + entry * row_bits, row_bits)? as u32);
        } else if hash > wanted {
            break;
        }
    }
    Some(())
}

/// The number of so many bits, at most 56, from this bit on; `None` behind the end.
fn bits_at(bytes: &[u8], at: usize, bits: usize) -> Option<u64> {
    let last = (at + bits).div_ceil(8);
    let touched = bytes.get(at / 8..last)?;
    let mut eight = [0; 8];
    eight.get_mut(..touched.len())?.copy_from_slice(touched);
    Some((u64::from_le_bytes(eight) >> (at % 8)) & ((1 << bits) - 1))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("8 bytes"))
}

/// Reads a header, head or window, checks it, and gives it without its checksum.
fn read_sealed(file: &File, range: Range<u64>) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; (range.end - range.start) as usize];
    file.read_exact_at(&mut bytes, range.start)?;
    let length = bytes.len().checked_sub(CHECKSUM_BYTES as usize);
    let checksum = bytes.split_off(length.ok_or_else(|| damaged("the trace index is too short"))?);
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
    fn golden_bytes_pin_version_2() {
        let bytes = encode([(&[7u8; 16][..], 3), (&[9; 16][..], 2), (&[7; 16][..], 1)].into_iter());
        let sealed = |mut bytes: Vec<u8>| {
            seal(&mut bytes, 0);
            bytes
        };
        let header = sealed(b"NTRX\x02\0\0\0\x03\0\0\0\0\0\0\0\x01\0\0\0".to_vec());
        let (seven, nine) = (xxh3_64(&[7; 16]), xxh3_64(&[9; 16]));
        let mut filter = Vec::new();
        bloom::encode(&mut filter, 1, [seven, nine].into_iter());
        // Two bits for each row, and one step between the hashes: three bits that say where, then the step, then rows.
        let (low, high) = (cut(seven).min(cut(nine)), cut(seven).max(cut(nine)));
        let (new, rows) = if cut(seven) == low { (0b100, 0b10_11_01) } else { (0b010, 0b11_01_10) };
        let step = high - low;
        let number = new | u128::from(step) << 3 | rows << (3 + bits_of(step));
        let length = (3 + bits_of(step) as usize + 6).div_ceil(8);
        let window = sealed([&[bits_of(step) as u8, 2][..], &number.to_le_bytes()[..length]].concat());
        let head = sealed([&low.to_le_bytes()[..], &(window.len() as u32).to_le_bytes()].concat());
        assert_eq!(bytes, [header, filter, head, window].concat());
    }

    #[test]
    fn what_is_not_an_index_is_refused() {
        let good = encode([(&[7u8; 16][..], 3)].into_iter());
        let ask = |bytes: &[u8]| open(bytes)?.rows_of(TraceId::from_bytes(&[7; 16]).unwrap(), 1);
        assert_eq!(ask(&good).unwrap(), [3]);
        for length in 0..good.len() {
            assert!(ask(&good[..length]).is_err(), "{length} bytes");
        }
        for (offset, number) in [(4, 1), (4, 3), (8, 0), (8, 2_000), (8, u64::MAX), (16, 0), (16, 2), (16, u64::MAX)] {
            let mut lying = good.clone();
            let width = if offset == 8 { 8 } else { 4 };
            lying[offset..offset + width].copy_from_slice(&number.to_le_bytes()[..width]);
            let checksum = crc32c::crc32c(&lying[..20]);
            lying[20..24].copy_from_slice(&checksum.to_le_bytes());
            assert!(!ask(&lying).is_ok_and(|rows| rows == [3]) || (offset, number) == (8, 0), "{number} at {offset}");
        }
    }

    #[test]
    fn a_flipped_byte_is_noticed_by_a_lookup_that_reads_it() {
        let ids: Vec<TraceId> = (0..3_300).map(|number| id(number / 3)).collect();
        let bytes = encode(ids.iter().enumerate().map(|(row, id)| (&id.as_bytes()[..], row as u32)));
        for position in (0..bytes.len()).step_by(29).chain(0..100) {
            let mut flipped = bytes.clone();
            flipped[position] ^= 0x10;
            let Ok(index) = open(&flipped) else { continue };
            let answers: Vec<_> = (0..1_100).map(|number| (number, index.rows_of(id(number), 10))).collect();
            assert!(answers.iter().any(|(_, rows)| rows.is_err()), "byte {position}");
            for (number, rows) in answers {
                let expected: Vec<u32> = (0..3).map(|copy| number as u32 * 3 + copy).collect();
                assert!(rows.is_err() || rows.is_ok_and(|rows| rows == expected), "byte {position}, trace {number}");
            }
        }
    }

    #[test]
    fn an_entry_takes_few_bytes() {
        let of_traces = |rows: u64, per_trace: u64| {
            let ids: Vec<TraceId> = (0..rows).map(|row| id(row * 7_919 % rows / per_trace)).collect();
            encode(ids.iter().enumerate().map(|(row, id)| (&id.as_bytes()[..], row as u32))).len() as f64 / rows as f64
        };
        let (alone, of_ten) = (of_traces(100_000, 1), of_traces(100_000, 10));
        assert!(alone < 7.0 && of_ten < 3.0, "{alone} bytes alone, {of_ten} of ten");
    }

    #[test]
    fn the_filter_in_memory_says_what_the_index_says() {
        let ids: Vec<TraceId> = (0..500).map(id).collect();
        let index = open(&encode(ids.iter().zip(0..).map(|(id, row)| (&id.as_bytes()[..], row)))).unwrap();
        let filter = index.read_filter().unwrap();
        assert_eq!(filter.len(), index.filter_bytes());
        let has = |number| bloom::may_have_in(&filter, trace_hash(id(number).as_bytes()));
        assert!((0..500).all(has));
        assert!((500..1_500).filter(|number| has(*number)).count() < 50);
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
