//! Which tokens stand somewhere in a group of a block's rows: words of texts; and of what is in no promoted column, as
//! `promoted_index.rs` tells of those, fields, and fields with values.
//!
//! A group is some thousand consecutive rows. Its filter, which `bloom.rs` describes, never misses a token; of those
//! that are not there it takes about one in two hundred for present.
//!
//! ```text
//! file   := filter{g} foot                      one of each group
//! foot   := group{g} count:u32 version:u32 magic:"NTWF" crc32c:u32
//! group  := rows:u32 blocks:u32                 in the order of the rows
//! crc32c := of everything before it in the foot
//! ```
//!
//! All numbers are little-endian. A word has the xxh3-64 of its bytes as its hash, a field that of its name with
//! [`FIELD_SEED`], a value that of its text with the hash of its field as the seed.

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::hash::{BuildHasherDefault, Hasher};
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt;

use model::Necessary;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use super::bloom;

const MAGIC: &[u8; 4] = b"NTWF";

/// 2: what is in a promoted column is left out. A reader of version 1 would take it for absent.
const VERSION: u32 = 2;
const CHECKSUM_BYTES: usize = 4;
const TAIL_BYTES: usize = 16;
const GROUP_BYTES: usize = 8;

/// Rows of a group, at most: two pages, so that what a group cannot rule out is quickly read.
pub(super) const GROUP_ROWS: usize = 8_192;

/// Distinct tokens after which a group ends early. Rows of a megabyte of words would make it take gigabytes.
const GROUP_TOKENS_MAX: usize = 1 << 20;

/// Tokens taken lately that are remembered: half of a core's fastest memory. Lines of one template share most words.
const RECENT_TOKENS: usize = 2_048;

/// Bits for each distinct token: one in about two hundred absent tokens is taken for present. A log has four tokens that
/// no other of its group has, so this is what decides the size of the filter.
const TOKEN_BITS: usize = 12;

/// Longest hexadecimal number that no filter knows, in bytes: nearly every such number stands somewhere in a group, and
/// the pieces of UUIDs would be a quarter of all tokens.
const SHORT_NUMBER_BYTES: usize = 4;

/// Apart from words, so that the word `status` is not the field `status`.
const FIELD_SEED: u64 = 1;

/// The hash of a word; `None` for one that no filter knows.
fn word_hash(word: &str) -> Option<u64> {
    let is_hex = || word.bytes().all(|byte| byte.is_ascii_hexdigit()) && word.bytes().any(|byte| byte.is_ascii_digit());
    let is_short_number = word.len() <= SHORT_NUMBER_BYTES && is_hex();
    (!is_short_number).then(|| xxh3_64(word.as_bytes()))
}

/// The hash of a field.
pub(super) fn field_hash(field: &str) -> u64 {
    xxh3_64_with_seed(field.as_bytes(), FIELD_SEED)
}

/// The hash of a value of the field with this hash.
pub(super) fn pair_hash(field_hash: u64, value: &str) -> u64 {
    xxh3_64_with_seed(value.as_bytes(), field_hash)
}

/// Writes the filter of a block, group after group.
#[derive(Debug)]
pub(super) struct WordFilterWriter {
    file: BufWriter<File>,
    /// Of the group's rows so far.
    tokens: HashSet<u64, BuildHasherDefault<AsIs>>,
    recent: Recent,
    rows: usize,
    groups: Vec<u8>,
    bytes: u64,
    /// Of the group that is ended; kept for its memory.
    filter: Vec<u8>,
}

impl WordFilterWriter {
    /// Writes to an empty file.
    pub(super) fn new(file: File) -> Self {
        let (tokens, rows, groups, bytes, filter) = Default::default();
        let file = BufWriter::with_capacity(1 << 16, file);
        Self { file, tokens, recent: Recent::new(), rows, groups, bytes, filter }
    }

    /// Takes a word of the rows that are ended next.
    pub(super) fn add_word(&mut self, word: &str) {
        if let Some(hash) = word_hash(word) {
            self.add(hash);
        }
    }

    /// Takes a field or pair of the rows that are ended next.
    pub(super) fn add(&mut self, hash: u64) {
        if self.recent.is_new(hash) {
            self.tokens.insert(hash);
        }
    }

    /// Whether the group has no rows yet: it has none of the tokens taken before.
    pub(super) fn is_at_start(&self) -> bool {
        self.rows == 0
    }

    /// How many rows the group may still take; never none.
    pub(super) fn room(&self) -> usize {
        GROUP_ROWS - self.rows
    }

    /// Ends so many rows, at most those that there is [`Self::room`] for.
    pub(super) fn end_rows(&mut self, rows: usize) -> io::Result<()> {
        self.rows += rows;
        if self.rows == GROUP_ROWS || self.tokens.len() >= GROUP_TOKENS_MAX { self.end_group() } else { Ok(()) }
    }

    /// Makes the filter durable and tells its bytes. The folder is still to be synced.
    pub(super) fn finish(mut self) -> io::Result<u64> {
        if self.rows > 0 {
            self.end_group()?;
        }
        let mut foot = self.groups;
        let count = (foot.len() / GROUP_BYTES) as u32;
        foot.extend_from_slice(&count.to_le_bytes());
        foot.extend_from_slice(&VERSION.to_le_bytes());
        foot.extend_from_slice(MAGIC);
        foot.extend_from_slice(&crc32c::crc32c(&foot).to_le_bytes());
        self.file.write_all(&foot)?;
        self.file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(self.bytes + foot.len() as u64)
    }

    fn end_group(&mut self) -> io::Result<()> {
        let blocks = bloom::blocks_for(self.tokens.len(), TOKEN_BITS);
        self.filter.clear();
        bloom::encode(&mut self.filter, blocks, self.tokens.drain());
        self.recent.forget();
        self.file.write_all(&self.filter)?;
        self.bytes += self.filter.len() as u64;
        self.groups.extend_from_slice(&(self.rows as u32).to_le_bytes());
        self.groups.extend_from_slice(&blocks.to_le_bytes());
        self.rows = 0;
        Ok(())
    }
}

/// Some of the tokens that the group has, each in the one place that it may have: most tokens come again soon, and are
/// found here in less time than among all.
struct Recent(Box<[u64; RECENT_TOKENS]>);

impl Recent {
    fn new() -> Self {
        let mut recent = Self(Box::new([0; RECENT_TOKENS]));
        recent.forget();
        recent
    }

    /// Remembers the token. `false` only where the group has it.
    fn is_new(&mut self, token: u64) -> bool {
        let place = &mut self.0[token as usize % RECENT_TOKENS];
        std::mem::replace(place, token) != token
    }

    fn forget(&mut self) {
        self.0.fill(0);
        // Nothing is remembered where no token has its place: that of 0 is the first.
        self.0[0] = 1;
    }
}

impl fmt::Debug for Recent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recent").finish_non_exhaustive()
    }
}

/// Hashes are random already.
#[derive(Debug, Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64_with_seed(bytes, self.0);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// A filter open for asking.
#[derive(Debug)]
pub(super) struct WordFilter {
    file: File,
    groups: Vec<Group>,
}

#[derive(Debug)]
struct Group {
    rows: Range<u32>,
    offset: u64,
    blocks: u32,
}

impl WordFilter {
    /// Reads the foot. `InvalidData` for what is not a whole filter of this version over so many rows.
    pub(super) fn open(file: File, rows: u64) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let tail_at = length.checked_sub(TAIL_BYTES as u64).ok_or_else(|| damaged("the word filter is too short"))?;
        let mut tail = [0; TAIL_BYTES];
        file.read_exact_at(&mut tail, tail_at)?;
        let count = u32_at(&tail, 0);
        let groups_bytes = u64::from(count) * GROUP_BYTES as u64;
        // The length is compared first: it bounds what a damaged count makes us read.
        let foot_at = tail_at.checked_sub(groups_bytes);
        let foot_at = foot_at.filter(|_| u32_at(&tail, 4) == VERSION && &tail[8..12] == MAGIC);
        let foot_at = foot_at.ok_or_else(|| damaged("not a whole word filter of version 2"))?;
        let foot = read_sealed(&file, foot_at, groups_bytes as usize + TAIL_BYTES)?;
        let (mut groups, mut offset, mut row) = (Vec::with_capacity(count as usize), 0u64, 0u32);
        for group in foot[..groups_bytes as usize].chunks_exact(GROUP_BYTES) {
            let blocks = u32_at(group, 4);
            let end = row.checked_add(u32_at(group, 0)).filter(|_| blocks > 0);
            let end = end.ok_or_else(|| damaged("the word filter has groups that cannot be"))?;
            groups.push(Group { rows: row..end, offset, blocks });
            offset += bloom::encoded_bytes(blocks);
            row = end;
        }
        if offset != foot_at || u64::from(row) != rows {
            return Err(damaged("the word filter is not that of the block"));
        }
        Ok(Self { file, groups })
    }

    /// The rows of groups that may have what is necessary: ascending, not empty, none touching another. Only groups among
    /// these rows, which ascend, are asked. A token that is not in the filter may still be `elsewhere` in the rows of a
    /// group, which is asked first. Blocks the calling thread.
    pub(super) fn may_match(
        &self,
        among: &[Range<u32>],
        necessary: &Necessary,
        mut elsewhere: impl FnMut(&Range<u32>, &Necessary) -> bool,
    ) -> io::Result<Vec<Range<u32>>> {
        let mut ranges: Vec<Range<u32>> = Vec::new();
        for group in &self.groups {
            let next = among.get(among.partition_point(|rows| rows.end <= group.rows.start));
            if next.is_none_or(|rows| rows.start >= group.rows.end) {
                continue;
            }
            let mut problem = None;
            let may_match = necessary.may_hold(&mut |token| {
                elsewhere(&group.rows, token)
                    || self.may_have(group, token).unwrap_or_else(|error| {
                        problem = Some(error);
                        true
                    })
            });
            if let Some(error) = problem {
                return Err(error);
            }
            match ranges.last_mut() {
                _ if !may_match || group.rows.is_empty() => {}
                Some(last) if last.end == group.rows.start => last.end = group.rows.end,
                _ => ranges.push(group.rows.clone()),
            }
        }
        Ok(ranges)
    }

    /// Reads all groups, and says whether they are what was written.
    pub(super) fn check(&self) -> io::Result<()> {
        self.groups.iter().try_for_each(|group| bloom::read(&self.file, group.offset, group.blocks).map(drop))
    }

    fn may_have(&self, group: &Group, token: &Necessary) -> io::Result<bool> {
        let hash = match token {
            Necessary::Word(word) => match word_hash(word) {
                Some(hash) => hash,
                None => return Ok(true),
            },
            Necessary::Field(field) => field_hash(field),
            Necessary::Pair { field, value } => pair_hash(field_hash(field), value),
            _ => return Ok(true),
        };
        bloom::may_have(&self.file, group.offset, group.blocks, hash)
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("4 bytes"))
}

/// Reads a foot of so many bytes, checks it, and gives it without its checksum.
fn read_sealed(file: &File, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    file.read_exact_at(&mut bytes, offset)?;
    let checksum = bytes.split_off(length - CHECKSUM_BYTES);
    if crc32c::crc32c(&bytes).to_le_bytes() != checksum[..] {
        return Err(damaged("the word filter does not have its checksum"));
    }
    Ok(bytes)
}

fn damaged(problem: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "a list of ranges may have one")]
mod tests {
    use std::io::Read;

    use proptest::prelude::*;

    use super::*;

    /// A filter over groups of rows with these words.
    fn encode(groups: &[(usize, Vec<String>)]) -> Vec<u8> {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut writer = WordFilterWriter::new(file.reopen().unwrap());
        for (rows, words) in groups {
            words.iter().for_each(|word| writer.add_word(word));
            writer.end_rows(*rows).unwrap();
        }
        let bytes = writer.finish().unwrap();
        let mut encoded = Vec::new();
        file.reopen().unwrap().read_to_end(&mut encoded).unwrap();
        assert_eq!(encoded.len() as u64, bytes);
        encoded
    }

    fn open(bytes: &[u8], rows: u64) -> io::Result<WordFilter> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        WordFilter::open(file, rows)
    }

    /// The rows that may match, with no tokens elsewhere.
    fn ask(filter: &WordFilter, necessary: &Necessary) -> io::Result<Vec<Range<u32>>> {
        filter.may_match(&[0..u32::MAX], necessary, |_, _| false)
    }

    fn words(range: Range<usize>) -> Vec<String> {
        range.map(|number| format!("w{number}")).collect()
    }

    fn word(word: &str) -> Necessary {
        Necessary::Word(word.to_owned())
    }

    #[test]
    fn golden_bytes_pin_version_2() {
        let encoded = encode(&[(1, vec!["timeout".to_owned()])]);
        let hash = 1_158_555_873_321_760_021_u64;
        assert_eq!(xxh3_64(b"timeout"), hash);
        let mut filter = Vec::new();
        bloom::encode(&mut filter, 1, [hash].into_iter());
        let mut foot = b"\x01\0\0\0\x01\0\0\0\x01\0\0\0\x02\0\0\0NTWF".to_vec();
        foot.extend(crc32c::crc32c(&foot).to_le_bytes());
        assert_eq!(encoded, [filter, foot].concat());
    }

    #[test]
    fn groups_without_the_token_are_ruled_out() {
        let rows = GROUP_ROWS;
        let encoded = encode(&[(rows, words(0..900)), (rows, words(500..1_000)), (7, words(5_000..5_001))]);
        let filter = open(&encoded, rows as u64 * 2 + 7).unwrap();
        let (first, second, third) = (0..8_192, 8_192..16_384, 16_384..16_391);
        let check = |necessary: &Necessary, expected: &[Range<u32>]| {
            assert_eq!(ask(&filter, necessary).unwrap(), expected, "{necessary:?}");
        };
        check(&word("w3"), std::slice::from_ref(&first));
        check(&word("w600"), &[first.start..second.end]);
        check(&word("w950"), std::slice::from_ref(&second));
        check(&word("absent"), &[]);
        check(&word("beef"), &[]);
        // Nobody knows where a short number is.
        check(&word("4f3a"), &[0..16_391]);
        check(&word("17"), &[0..16_391]);
        check(&Necessary::Field("w3".to_owned()), &[]);
        check(&Necessary::Prefix("absent".to_owned()), &[0..16_391]);
        check(&Necessary::Anything, &[0..16_391]);
        check(&Necessary::any([word("w3"), word("w5000")]), &[first, third]);
        check(&Necessary::all([word("w3"), word("w950")]), &[]);
    }

    #[test]
    fn a_group_may_have_what_is_elsewhere_in_its_rows() {
        let rows = GROUP_ROWS as u32;
        let filter =
            open(&encode(&[(GROUP_ROWS, words(0..9)), (GROUP_ROWS, words(5..12))]), 2 * GROUP_ROWS as u64).unwrap();
        let both = Necessary::all([word("w3"), Necessary::Field("f".to_owned())]);
        let check = |among: Range<u32>, begin: u32, expected: &[Range<u32>]| {
            let elsewhere =
                |rows: &Range<u32>, token: &Necessary| rows.start == begin && matches!(token, Necessary::Field(_));
            assert_eq!(filter.may_match(&[among], &both, elsewhere).unwrap(), expected);
        };
        check(0..2 * rows, 0, &[0..rows]);
        check(0..2 * rows, rows, &[]);
        check(rows..2 * rows, 0, &[]);
        check(0..rows, 0, &[0..rows]);
    }

    #[test]
    fn every_token_is_taken_also_one_whose_place_is_another_s() {
        let mut recent = Recent::new();
        let tokens = [0, 1, RECENT_TOKENS as u64, 0, u64::MAX, u64::MAX];
        assert_eq!(tokens.map(|token| recent.is_new(token)), [true, true, true, true, true, false]);
        recent.forget();
        assert_eq!(tokens.map(|token| recent.is_new(token)), [true, true, true, true, true, false]);
    }

    #[test]
    fn few_absent_tokens_are_taken_for_present() {
        let filter = open(&encode(&[(GROUP_ROWS, words(0..30_000))]), GROUP_ROWS as u64).unwrap();
        let taken = |token: &String| !ask(&filter, &word(token)).unwrap().is_empty();
        let wrong = words(100_000..110_000).iter().filter(|token| taken(token)).count();
        assert!(wrong < 100, "{wrong} of 10000");
    }

    #[test]
    fn a_group_ends_early_where_rows_are_full_of_words() {
        let many = words(0..GROUP_TOKENS_MAX);
        let filter = open(&encode(&[(3, many), (4, words(0..1))]), 7).unwrap();
        assert_eq!(filter.groups.len(), 2);
        assert_eq!(ask(&filter, &word("w9999")).unwrap(), [0..3]);
    }

    #[test]
    fn what_is_not_the_filter_of_the_block_is_refused() {
        let good = encode(&[(5, words(0..100))]);
        assert!(open(&good, 5).is_ok());
        assert!(open(&good, 6).is_err());
        assert!(open(&good[1..], 5).is_err());
        assert!(open(&good[..good.len() - 1], 5).is_err());
        assert!(open(b"", 0).is_err());
    }

    #[test]
    fn a_flipped_byte_never_hides_a_token() {
        let tokens = words(0..700);
        let good = encode(&[(400, tokens[..350].to_vec()), (GROUP_ROWS - 400, tokens[350..].to_vec())]);
        for position in 0..good.len() {
            let mut flipped = good.clone();
            flipped[position] ^= 0x40;
            let Ok(filter) = open(&flipped, GROUP_ROWS as u64) else { continue };
            let hides = |token: &String| ask(&filter, &word(token)).is_ok_and(|rows| rows.is_empty());
            assert!(!tokens.iter().step_by(29).any(hides), "byte {position}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn no_token_is_missed(groups in prop::collection::vec((1..GROUP_ROWS + 1, 0usize..3_000), 1..4)) {
            let given: Vec<(usize, Vec<String>)> = groups.iter().map(|(rows, count)| (*rows, words(0..*count))).collect();
            let mut ended = Vec::new();
            let mut begin = 0u32;
            for (rows, words) in given {
                ended.push((begin..begin + rows as u32, words));
                begin += rows as u32;
            }
            let file = tempfile::NamedTempFile::new().unwrap();
            let mut writer = WordFilterWriter::new(file.reopen().unwrap());
            for (rows, words) in &ended {
                let mut left = rows.len();
                while left > 0 {
                    let rows = left.min(writer.room());
                    words.iter().for_each(|word| writer.add_word(word));
                    writer.end_rows(rows).unwrap();
                    left -= rows;
                }
            }
            writer.finish().unwrap();
            let filter = WordFilter::open(file.reopen().unwrap(), u64::from(begin)).unwrap();
            for (rows, words) in &ended {
                for token in words.iter().step_by(97) {
                    let found = ask(&filter, &word(token)).unwrap();
                    prop_assert!(found.iter().any(|range| range.start <= rows.start && range.end >= rows.end));
                }
            }
        }
    }
}
