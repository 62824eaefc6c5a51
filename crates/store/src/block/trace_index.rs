//! Trace id → stretches of rows of one block, so that a trace is found by id with no time range.
//!
//! A stretch is 4 096 rows: as many as have their ids in one page, which has to be decoded to compare them in any case. The
//! file holds one entry for each trace and each stretch with a row of it, sorted, in windows of 1024, behind a filter of
//! the trace ids and a head that says where each window is. A trace that is not there mostly costs one look at the filter;
//! one that is, the head and the one or two windows that can hold it. Everything that is read is checked:
//!
//! ```text
//! file   := header filter head window{w}          w = count / 1024, rounded up
//! header := magic:"NTRX" version:u32 count:u64 blocks:u32 hash_bits:u32 crc32c:u32
//! filter := of so many blocks, over xxh3-64 of the 16 bytes of each trace id; see bloom.rs
//! head   := fence:u64{w} end:u32{w} crc32c:u32    end: of the window, in bytes from the first one's start
//! window := step_low:u8 gap_low:u8 entry{n} crc32c:u32      n = 1024, in the last window what is left
//! entry  := 1:1 step:rice gap:rice                the first of its hash, or of the window
//!         | 0:1 gap:rice                          another one of the hash before
//! hash   := the upper hash_bits of xxh3-64 of the trace id; ascending, equal ones by stretch
//! fence  := the first hash of each window
//! step   := how much the hash is above that of the entry before; in the first entry 0
//! gap    := the number of the stretch, row / 4096; in another one of a hash, how many stretches are between
//! rice   := a number in Rice's code with step_low or gap_low low bits; see bits.rs
//! crc32c := of everything before it in its header, head or window
//! ```
//!
//! All numbers are little-endian. Entries are bits, without a gap between them. The index over-selects: a stretch has rows
//! of other traces, and different ids may share a hash, so whoever asks compares the ids of the rows it gets.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;

use arrow::array::{Array, FixedSizeBinaryArray};
use model::TraceId;
use xxhash_rust::xxh3::xxh3_64;

use super::bits::{BITS_MAX, BitReader, BitWriter, bits_of, low_bits_for};
use super::bloom;

const MAGIC: &[u8; 4] = b"NTRX";
const VERSION: u32 = 3;
const HEADER_BYTES: u64 = 28;
const CHECKSUM_BYTES: u64 = 4;

/// Rows that entries do not tell apart. Smaller ones would make entries larger, and no less to be read for them.
pub(super) const STRETCH_ROWS: u32 = 4_096;

/// Entries of a window: one to two KiB, one read. A block with four million entries then has a head of 48 KiB.
const WINDOW: u64 = 1_024;

/// Bytes of the head for each window.
const PLACE_BYTES: u64 = 12;

/// Bits of a hash beyond those that number the traces: of two hundred and fifty-six absent ones that the filter lets pass,
/// pages are read for one.
const SPARE_BITS: u32 = 8;

/// Bits of the filter for each trace: one in about two hundred absent ones is looked up for nothing.
const TRACE_BITS: usize = 12;

/// The hash of a trace id, as the filter has it.
pub(crate) fn trace_hash(id: &[u8]) -> u64 {
    xxh3_64(id)
}

/// The hash as windows have it, of so many bits, at least one.
fn cut(hash: u64, bits: u32) -> u64 {
    hash >> (u64::BITS - bits)
}

/// An index in the making.
#[derive(Debug, Default)]
pub(super) struct TraceIndexWriter {
    rows: usize,
    /// Hash and stretch, of rows so far.
    entries: Vec<(u64, u32)>,
}

impl TraceIndexWriter {
    /// Adds the trace ids of the next rows.
    pub(super) fn add(&mut self, ids: &FixedSizeBinaryArray) {
        for (id, row) in ids.iter().zip(self.rows..) {
            let Some(id) = id else { continue };
            let entry = (trace_hash(id), (row / STRETCH_ROWS as usize) as u32);
            // What one sender does for a trace mostly stands together.
            if self.entries.last() != Some(&entry) {
                self.entries.push(entry);
            }
        }
        self.rows += ids.len();
    }

    /// The bytes of the index.
    pub(super) fn encode(self) -> Vec<u8> {
        let Self { mut entries, .. } = self;
        entries.sort_unstable();
        let hashes = || entries.chunk_by(|a, b| a.0 == b.0).map(|entries| entries[0].0);
        let traces = hashes().count();
        let (blocks, hash_bits) = (bloom::blocks_for(traces, TRACE_BITS), bits_of(traces as u64) + SPARE_BITS);
        let mut filter = Vec::with_capacity(bloom::encoded_bytes(blocks) as usize);
        bloom::encode(&mut filter, blocks, hashes());
        entries.iter_mut().for_each(|(hash, _)| *hash = cut(*hash, hash_bits));
        // Those that only now are equal.
        entries.sort_unstable();
        entries.dedup();
        let mut bytes = Vec::with_capacity(filter.len() + entries.len() * 2 + 64);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&(entries.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&blocks.to_le_bytes());
        bytes.extend_from_slice(&hash_bits.to_le_bytes());
        seal(&mut bytes, 0);
        bytes.extend_from_slice(&filter);
        let (mut windows, mut ends) = (Vec::with_capacity(entries.len() * 2), Vec::new());
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
}

fn encode_window(bytes: &mut Vec<u8>, entries: &[(u64, u32)]) {
    let start = bytes.len();
    // Of each entry its step, where it is the first of its hash, and its gap.
    let entries = entries.iter().enumerate().map(|(number, (hash, stretch))| match number.checked_sub(1) {
        None => (Some(0), u64::from(*stretch)),
        Some(before) if entries[before].0 == *hash => (None, u64::from(stretch - entries[before].1 - 1)),
        Some(before) => (Some(hash - entries[before].0), u64::from(*stretch)),
    });
    let step_low = low_bits_for(entries.clone().filter_map(|(step, _)| step));
    let gap_low = low_bits_for(entries.clone().map(|(_, gap)| gap));
    bytes.extend_from_slice(&[step_low as u8, gap_low as u8]);
    let mut bits = BitWriter::new(bytes);
    for (step, gap) in entries {
        bits.put(u64::from(step.is_some()), 1);
        step.into_iter().for_each(|step| bits.put_rice(step, step_low));
        bits.put_rice(gap, gap_low);
    }
    seal(bytes, start);
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
    hash_bits: u32,
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
        let (count, blocks, hash_bits) = (u64_at(&header, 8), u32_at(&header, 16), u32_at(&header, 20));
        let index = Self { file, count, blocks, hash_bits };
        // The length is compared first: it bounds what a damaged number makes us read.
        let is_whole = index.head().is_some_and(|head| index.file.metadata().is_ok_and(|of| of.len() >= head.end));
        let has_sizes = blocks > 0 && (1..=BITS_MAX).contains(&hash_bits);
        if &header[..4] != MAGIC || version != VERSION || !has_sizes || !is_whole {
            return Err(damaged("not a whole trace index of version 3"));
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

    /// Stretches of rows of which some may belong to the trace, ascending, apart from each other. The last one may end
    /// behind the block.
    pub(crate) fn rows_of(&self, trace_id: TraceId) -> io::Result<Vec<Range<u32>>> {
        let hash = trace_hash(trace_id.as_bytes());
        if !bloom::may_have(&self.file, HEADER_BYTES, self.blocks, hash)? {
            return Ok(Vec::new());
        }
        let (wanted, head) = (cut(hash, self.hash_bits), self.read_head()?);
        // The first entry may be at the end of the window before the first whose fence it could be.
        let first = head.fences.partition_point(|fence| *fence < wanted).saturating_sub(1);
        let mut rows: Vec<Range<u32>> = Vec::new();
        for (window, fence) in head.fences.iter().enumerate().skip(first) {
            if *fence > wanted {
                break;
            }
            let entries = WINDOW.min(self.count - window as u64 * WINDOW) as usize;
            let bytes = read_sealed(&self.file, head.places[window].clone())?;
            rows_in_window(&bytes, entries, wanted - fence, &mut rows)
                .ok_or_else(|| damaged("a window of the trace index does not have the entries that it should"))?;
        }
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

/// Adds the window's stretches with the hash that is so much above the fence; `None` where the window is not whole.
fn rows_in_window(window: &[u8], entries: usize, wanted: u64, rows: &mut Vec<Range<u32>>) -> Option<()> {
    let ([step_low, gap_low], bits) = window.split_first_chunk()?;
    let (step_low, gap_low) = (u32::from(*step_low), u32::from(*gap_low));
    if step_low.max(gap_low) > BITS_MAX {
        return None;
    }
    let mut bits = BitReader::new(bits);
    // How much the hash is above the fence, and the first stretch that the next entry of it can be.
    let (mut above, mut next) = (0u64, 0u64);
    for _ in 0..entries {
        if bits.take(1)? == 1 {
            (above, next) = (above.checked_add(bits.take_rice(step_low)?)?, 0);
        }
        let stretch = next.checked_add(bits.take_rice(gap_low)?)?;
        next = stretch.checked_add(1)?;
        if above > wanted {
            break;
        }
        if above == wanted {
            let start = u32::try_from(stretch).ok()?.checked_mul(STRETCH_ROWS)?;
            let end = start.saturating_add(STRETCH_ROWS);
            match rows.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => rows.push(start..end),
            }
        }
    }
    Some(())
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
    use std::collections::BTreeSet;
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

    /// An index of traces and stretches.
    fn encode(entries: impl IntoIterator<Item = (TraceId, u32)>) -> Vec<u8> {
        let entries = entries.into_iter().map(|(id, stretch)| (trace_hash(id.as_bytes()), stretch)).collect();
        TraceIndexWriter { rows: 0, entries }.encode()
    }

    /// An index of rows, some of which have no trace.
    fn encode_rows(ids: &[Option<TraceId>]) -> Vec<u8> {
        let mut writer = TraceIndexWriter::default();
        for ids in ids.chunks(1_000) {
            let ids = ids.iter().map(|id| id.as_ref().map(|id| *id.as_bytes()));
            writer.add(&FixedSizeBinaryArray::try_from_sparse_iter_with_size(ids, 16).unwrap());
        }
        writer.encode()
    }

    /// The rows of these stretches, as the index names them.
    fn rows(stretches: impl IntoIterator<Item = u32>) -> Vec<Range<u32>> {
        let mut rows: Vec<Range<u32>> = Vec::new();
        for stretch in stretches {
            match rows.last_mut().filter(|last| last.end == stretch * STRETCH_ROWS) {
                Some(last) => last.end += STRETCH_ROWS,
                None => rows.push(stretch * STRETCH_ROWS..(stretch + 1) * STRETCH_ROWS),
            }
        }
        rows
    }

    #[test]
    fn golden_bytes_pin_version_3() {
        let (seven, nine) = ([7; 16], [9; 16]);
        let trace = |id: &[u8; 16]| TraceId::from_bytes(id).unwrap();
        let entries = [(trace(&seven), 3), (trace(&nine), 2), (trace(&seven), 1), (trace(&seven), 3)];
        let bytes = encode(entries);
        let sealed = |mut bytes: Vec<u8>| {
            seal(&mut bytes, 0);
            bytes
        };
        // Two traces make hashes of 2 + 8 bits.
        let header = sealed(b"NTRX\x03\0\0\0\x03\0\0\0\0\0\0\0\x01\0\0\0\x0a\0\0\0".to_vec());
        let mut filter = Vec::new();
        bloom::encode(&mut filter, 1, [xxh3_64(&seven), xxh3_64(&nine)].into_iter());
        // Nine has the first of them, and is in stretch 2; seven is 28 above it, in stretches 1 and 3.
        assert_eq!((xxh3_64(&nine) >> 54, xxh3_64(&seven) >> 54), (990, 1_018));
        // From the lowest bit on, steps with three low bits, gaps with none: first, no step, gap 2; first, step 28, gap 1;
        // another one, gap 1.
        let window = sealed(vec![3, 0, 0b0110_0001, 0b1000_1111, 0b0000_1001]);
        let head = sealed([&990u64.to_le_bytes()[..], &(window.len() as u32).to_le_bytes()].concat());
        assert_eq!(bytes, [header, filter, head, window].concat());
    }

    #[test]
    fn what_is_not_an_index_is_refused() {
        let good = encode([(id(7), 3)]);
        let ask = |bytes: &[u8]| open(bytes)?.rows_of(id(7));
        assert_eq!(ask(&good).unwrap(), rows([3]));
        for length in 0..good.len() {
            assert!(ask(&good[..length]).is_err(), "{length} bytes");
        }
        let sizes =
            [(4, 2), (4, 4), (8, 0), (8, 2_000), (8, u64::MAX), (16, 0), (16, 2), (16, u64::MAX), (20, 0), (20, 64)];
        for (offset, number) in sizes {
            let mut lying = good.clone();
            let width = if offset == 8 { 8 } else { 4 };
            lying[offset..offset + width].copy_from_slice(&number.to_le_bytes()[..width]);
            let checksum = crc32c::crc32c(&lying[..24]);
            lying[24..28].copy_from_slice(&checksum.to_le_bytes());
            assert!(
                !ask(&lying).is_ok_and(|found| found == rows([3])) || (offset, number) == (8, 0),
                "{number} at {offset}"
            );
        }
    }

    #[test]
    fn a_flipped_byte_is_noticed_by_a_lookup_that_reads_it() {
        let bytes = encode((0..3_300).map(|entry| (id(entry / 3), entry as u32 % 3 * 2)));
        for position in (0..bytes.len()).step_by(29).chain(0..100) {
            let mut flipped = bytes.clone();
            flipped[position] ^= 0x10;
            let Ok(index) = open(&flipped) else { continue };
            let answers: Vec<_> = (0..1_100).map(|number| (number, index.rows_of(id(number)))).collect();
            assert!(answers.iter().any(|(_, found)| found.is_err()), "byte {position}");
            for (number, found) in answers {
                let is_right = found.is_err() || found.is_ok_and(|found| found == rows([0, 2, 4]));
                assert!(is_right, "byte {position}, trace {number}");
            }
        }
    }

    #[test]
    fn a_row_takes_few_bits() {
        let check = |what: &str, bits_max: usize, traces: &mut dyn Iterator<Item = u64>| {
            let ids: Vec<_> = traces.map(|number| Some(id(number))).collect();
            let bits = encode_rows(&ids).len() * 8 / ids.len();
            assert!(bits < bits_max, "{bits} bits a row, {what}");
        };
        check("each of its own trace", 30, &mut (0..100_000));
        check("six of a trace, anywhere", 13, &mut (0..120_000).map(|row| row * 7_919 % 120_000 / 6));
        check("ten of a trace, of five senders", 5, &mut (0..100_000).map(|row| row % 20_000 / 2));
    }

    #[test]
    fn the_filter_in_memory_says_what_the_index_says() {
        let index = open(&encode((0..500).map(|number| (id(number), 0)))).unwrap();
        let filter = index.read_filter().unwrap();
        assert_eq!(filter.len(), index.filter_bytes());
        let has = |number| bloom::may_have_in(&filter, trace_hash(id(number).as_bytes()));
        assert!((0..500).all(has));
        assert!((500..1_500).filter(|number| has(*number)).count() < 50);
    }

    #[test]
    fn one_trace_over_many_windows_is_found_whole() {
        let (one, others) = (id(7), [id(1), id(2)]);
        let around = others.into_iter().flat_map(|other| (0..700).map(move |stretch| (other, stretch)));
        let index = open(&encode(around.chain((0..6_000).step_by(2).map(|stretch| (one, stretch))))).unwrap();
        assert_eq!(index.rows_of(one).unwrap(), rows((0..6_000).step_by(2)));
        assert_eq!(index.rows_of(others[0]).unwrap(), rows(0..700));
        let last = u32::MAX / STRETCH_ROWS;
        let index = open(&encode([(one, last), (one, 0)])).unwrap();
        assert_eq!(index.rows_of(one).unwrap(), [0..STRETCH_ROWS, last * STRETCH_ROWS..u32::MAX]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn every_trace_finds_its_stretches(entries in prop::collection::vec((0u64..40, 0u32..200), 0..3_000)) {
            let index = open(&encode(entries.iter().map(|(number, stretch)| (id(*number), *stretch)))).unwrap();
            let found: Vec<_> = (0..40).map(|number| index.rows_of(id(number)).unwrap()).collect();
            for (number, stretch) in &entries {
                prop_assert!(rows_hold(&found[*number as usize], stretch * STRETCH_ROWS));
            }
            // Others only have those of a trace with the same hash.
            let all: usize = found.iter().flatten().map(ExactSizeIterator::len).sum();
            let distinct = entries.iter().collect::<BTreeSet<_>>().len();
            prop_assert!(all / STRETCH_ROWS as usize <= distinct * 2);
        }

        #[test]
        fn every_row_is_in_a_stretch_of_its_trace(traces in prop::collection::vec(prop::option::of(0u64..9), 0..30_000)) {
            let ids: Vec<Option<TraceId>> = traces.iter().map(|number| number.map(id)).collect();
            let index = open(&encode_rows(&ids)).unwrap();
            let found: Vec<_> = (0..9).map(|number| index.rows_of(id(number)).unwrap()).collect();
            for (number, row) in traces.iter().zip(0..) {
                prop_assert!(number.is_none_or(|number| rows_hold(&found[number as usize], row)));
            }
        }
    }

    fn rows_hold(rows: &[Range<u32>], row: u32) -> bool {
        rows.iter().any(|rows| rows.contains(&row))
    }
}
