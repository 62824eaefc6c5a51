//! The indexes of a block's tokens: while it is written, and when a query asks which rows may match.
//!
//! They only ever rule rows out, so one that cannot be read costs time and hides nothing.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::RecordBatch;
use model::{Necessary, PromotedColumn, Table, Tokenizer};
use text_index::{Found, STRIPE_ROWS, TextIndex, TextIndexBuilder, Wanted};

use super::promoted_index::PromotedIndex;
use super::row_tokens::RowTokens;
use super::word_filter::{GROUP_ROWS, WordFilter, WordFilterWriter};
use super::writer::write_durable;
use super::{BlockMeta, BlockReadError};

/// Rows taken at once: a group of rows full of words ends between them, not within.
const STEP_ROWS: usize = STRIPE_ROWS;

/// Rows of the smallest block with a text index. Smaller ones are merged again, which would build it anew, and are
/// soon looked through.
const TEXT_INDEX_ROWS_MIN: u64 = 1 << 20;

const _: () = assert!(GROUP_ROWS.is_multiple_of(STEP_ROWS), "steps do not go over the end of a group");

/// Writes the indexes of one block.
#[derive(Debug)]
pub(super) struct IndexesWriter {
    table: Table,
    promoted: Vec<PromotedColumn>,
    tokenizer: Tokenizer,
    filter: WordFilterWriter,
    text: Option<(TextIndexBuilder, PathBuf)>,
}

impl IndexesWriter {
    /// Creates the files under `root`, for rows with these attributes promoted; `None` for tables without text.
    pub(super) fn create(root: &Path, meta: &BlockMeta, promoted: Vec<PromotedColumn>) -> io::Result<Option<Self>> {
        if meta.table.text_columns().is_empty() {
            return Ok(None);
        }
        let filter = WordFilterWriter::new(File::create(root.join(meta.word_filter_path()))?);
        Ok(Some(Self { table: meta.table, promoted, tokenizer: Tokenizer::new(), filter, text: None }))
    }

    /// Also makes a text index, if a block that will have so many rows is worth one. Before any row is added.
    pub(super) fn index_text(&mut self, root: &Path, meta: &BlockMeta, rows: u64) -> io::Result<()> {
        if meta.table == Table::Logs && rows >= TEXT_INDEX_ROWS_MIN {
            self.text = Some((TextIndexBuilder::new()?, root.join(meta.text_index_path())));
        }
        Ok(())
    }

    /// Adds rows, which come after all rows before them.
    pub(super) fn add(&mut self, rows: &RecordBatch) -> io::Result<()> {
        let tokens = RowTokens::new(self.table, &self.promoted, rows);
        // Where the filter's group begins, among these rows.
        let (mut begin, mut since) = (0, 0);
        while begin < rows.num_rows() {
            let room = self.text.as_ref().map_or(STEP_ROWS, |(text, _)| text.room()).min(self.filter.room());
            let end = rows.num_rows().min(begin + room);
            tokens.words(begin..end, &mut self.tokenizer, |word| {
                self.filter.add_word(word);
                if let Some((text, _)) = &mut self.text {
                    text.word(word);
                }
            });
            tokens.fields(begin..end, since, &mut self.tokenizer, |hash| self.filter.add(hash));
            self.filter.end_rows(end - begin)?;
            if let Some((text, _)) = &mut self.text {
                text.end_rows(end - begin)?;
            }
            begin = end;
            if self.filter.is_at_start() {
                since = end;
            }
        }
        Ok(())
    }

    /// Makes the indexes durable and tells their bytes. The folder is still to be synced.
    pub(super) fn finish(self) -> io::Result<u64> {
        let mut bytes = self.filter.finish()?;
        if let Some((text, path)) = self.text
            && let Some(text) = text.finish()?
        {
            bytes += write_durable(&path, &text)?;
        }
        Ok(bytes)
    }
}

/// The rows of a block that may match, as far as its indexes know.
#[derive(Debug)]
pub struct Candidates {
    /// Ascending, not empty, none touching another. Every row that matches is in one.
    pub rows: Vec<Range<u32>>,
    /// Which indexes were asked, and how many rows each ruled out that those before it had not.
    pub ruled_out: Vec<(&'static str, u64)>,
    /// Indexes that could not be read, by name, and why. They ruled nothing out.
    pub unreadable: Vec<(&'static str, io::Error)>,
}

/// The indexes as [`Candidates`] names them: of groups of rows, of promoted columns, and of stripes in large blocks of
/// logs.
const WORD_FILTER: &str = "words";
const PROMOTED_INDEX: &str = "columns";
const TEXT_INDEX: &str = "text";

impl Candidates {
    /// Asks the indexes of the block, whose files lie under `root`, and opens its promoted columns only where a field is
    /// asked for. Blocks the calling thread.
    pub(super) fn ask<'a>(
        root: &Path,
        meta: &BlockMeta,
        necessary: &Necessary,
        promoted: impl FnOnce() -> Result<PromotedIndex<'a>, BlockReadError>,
    ) -> Self {
        let all = Range { start: 0, end: u32::try_from(meta.rows).unwrap_or(u32::MAX) };
        let mut candidates = Self { rows: vec![all], ruled_out: Vec::new(), unreadable: Vec::new() };
        if *necessary == Necessary::Anything || meta.table.text_columns().is_empty() {
            return candidates;
        }
        let filter = File::open(root.join(meta.word_filter_path())).and_then(|file| WordFilter::open(file, meta.rows));
        match filter {
            Ok(filter) => candidates.ask_groups(&filter, necessary, AskedColumns::new(promoted)),
            Err(error) => candidates.narrow(WORD_FILTER, Err(error)),
        }
        let wanted = wanted(necessary);
        if meta.table == Table::Logs && wanted != Wanted::Anything && !candidates.rows.is_empty() {
            match File::open(root.join(meta.text_index_path())) {
                // Few blocks have one.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                file => match file.and_then(|file| stripes(file, meta.rows, &wanted)) {
                    Ok(Found::TooMany) => candidates.ruled_out.push((TEXT_INDEX, 0)),
                    Ok(Found::Stripes(stripes)) => {
                        let rows = within(&candidates.rows, &stripes);
                        candidates.narrow(TEXT_INDEX, Ok(rows));
                    }
                    Err(error) => candidates.narrow(TEXT_INDEX, Err(error)),
                },
            }
        }
        candidates
    }

    /// Asks the filter first as if every field with a promoted column were there, so that what it rules out is told
    /// apart, and then both about the groups that are left.
    fn ask_groups<'a, F>(&mut self, filter: &WordFilter, necessary: &Necessary, mut columns: AskedColumns<'a, F>)
    where
        F: FnOnce() -> Result<PromotedIndex<'a>, BlockReadError>,
    {
        self.narrow(WORD_FILTER, filter.may_match(&self.rows, necessary, |_, token| columns.know(token)));
        if columns.have_answered {
            let rows = filter.may_match(&self.rows, necessary, |rows, token| columns.may_have(rows, token));
            match (columns.problem, rows) {
                (Some(problem), _) => self.narrow(PROMOTED_INDEX, Err(problem)),
                (None, Ok(rows)) => self.narrow(PROMOTED_INDEX, Ok(rows)),
                (None, Err(error)) => self.narrow(WORD_FILTER, Err(error)),
            }
        } else if let Some(problem) = columns.problem {
            self.narrow(PROMOTED_INDEX, Err(problem));
        }
    }

    fn narrow(&mut self, index: &'static str, rows: io::Result<Vec<Range<u32>>>) {
        match rows {
            Ok(rows) => {
                let count = |rows: &[Range<u32>]| rows.iter().map(|rows| u64::from(rows.end - rows.start)).sum::<u64>();
                let before = count(&self.rows);
                self.rows = rows;
                self.ruled_out.push((index, before - count(&self.rows)));
            }
            Err(error) => self.unreadable.push((index, error)),
        }
    }
}

/// The promoted columns of a block, opened when the first field is asked for: who looks for words need not read the
/// footer. What cannot be read may have everything.
struct AskedColumns<'a, F> {
    open: Option<F>,
    index: Option<PromotedIndex<'a>>,
    problem: Option<io::Error>,
    /// Whether any token was one that they know.
    have_answered: bool,
}

impl<'a, F: FnOnce() -> Result<PromotedIndex<'a>, BlockReadError>> AskedColumns<'a, F> {
    fn new(open: F) -> Self {
        Self { open: Some(open), index: None, problem: None, have_answered: false }
    }

    /// Whether the token may be in the columns and not in the word filter.
    fn know(&mut self, token: &Necessary) -> bool {
        let know = self.ask(token, |index| index.knows(token));
        self.have_answered |= know && self.problem.is_none();
        know
    }

    fn may_have(&mut self, rows: &Range<u32>, token: &Necessary) -> bool {
        self.ask(token, |index| index.may_have(rows, token))
    }

    fn ask(
        &mut self,
        token: &Necessary,
        question: impl FnOnce(&mut PromotedIndex<'a>) -> Result<bool, BlockReadError>,
    ) -> bool {
        if !matches!(token, Necessary::Field(_) | Necessary::Pair { .. }) {
            return false;
        }
        let opened = self.open.take().map_or(Ok(()), |open| open().map(|index| self.index = Some(index)));
        let answer = opened.and_then(|()| self.index.as_mut().map_or(Ok(true), question));
        answer.unwrap_or_else(|error| {
            (self.index, self.problem) = (None, Some(io::Error::other(error)));
            true
        })
    }
}

/// The indexes that are not what was written, with their paths under `root`. Reads every byte of them.
pub(super) fn damaged_indexes(root: &Path, meta: &BlockMeta) -> Vec<(PathBuf, io::Error)> {
    if meta.table.text_columns().is_empty() {
        return Vec::new();
    }
    let open = |path: &Path| File::open(root.join(path));
    let (words, text) = (meta.word_filter_path(), meta.text_index_path());
    let of_words = open(&words).and_then(|file| WordFilter::open(file, meta.rows)?.check());
    let of_text = match open(&text) {
        // Few blocks have one.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        file => file.and_then(|file| TextIndex::check(Arc::new(file))),
    };
    [(words, of_words), (text, of_text)].into_iter().filter_map(|(path, is)| Some((path, is.err()?))).collect()
}

fn stripes(file: File, rows: u64, wanted: &Wanted) -> io::Result<Found> {
    let index = TextIndex::open(Arc::new(file))?;
    if index.rows() != rows {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the text index is not that of the block"));
    }
    index.stripes(wanted)
}

/// What a text index can tell of what is necessary.
fn wanted(necessary: &Necessary) -> Wanted {
    match necessary {
        Necessary::Anything | Necessary::Field(_) | Necessary::Pair { .. } => Wanted::Anything,
        Necessary::Word(word) => Wanted::Word(word.clone()),
        Necessary::Prefix(prefix) => Wanted::Prefix(prefix.clone()),
        Necessary::All(conditions) => {
            let all: Vec<Wanted> = conditions.iter().map(wanted).filter(|wanted| *wanted != Wanted::Anything).collect();
            if all.is_empty() { Wanted::Anything } else { Wanted::All(all) }
        }
        Necessary::Any(conditions) => {
            let any: Vec<Wanted> = conditions.iter().map(wanted).collect();
            if any.contains(&Wanted::Anything) { Wanted::Anything } else { Wanted::Any(any) }
        }
    }
}

/// Those of the rows that are in the stripes; both ascend.
fn within(rows: &[Range<u32>], stripes: &[u32]) -> Vec<Range<u32>> {
    let mut inside: Vec<Range<u32>> = Vec::new();
    let mut rest = rows;
    for stripe in stripes {
        let start = stripe.saturating_mul(STRIPE_ROWS as u32);
        let end = start.saturating_add(STRIPE_ROWS as u32);
        rest = &rest[rest.partition_point(|rows| rows.end <= start)..];
        for rows in rest.iter().take_while(|rows| rows.start < end) {
            let rows = rows.start.max(start)..rows.end.min(end);
            match inside.last_mut() {
                Some(last) if last.end == rows.start => last.end = rows.end,
                _ => inside.push(rows),
            }
        }
    }
    inside
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "a list of ranges may have one")]
mod tests {
    use std::fs;

    use arrow::array::{ArrayRef, BinaryViewArray, StringViewArray, UInt64Array};
    use model::{TenantId, UnixNanos};
    use wal::Lsn;

    use super::*;
    use crate::block::BlockId;

    /// So many rows that say little, but for each hundredth, in pieces that fit no boundary.
    fn write(root: &Path, rows: u64) -> BlockMeta {
        let (tenant, hour) = (TenantId::default_tenant(), UnixNanos::new(0));
        let (min_time, max_time, id) = (hour, hour, BlockId::of_flush(Lsn::new(1), 0));
        let meta = BlockMeta { id, tenant, table: Table::Logs, hour, rows, bytes: 0, min_time, max_time, checksum: 0 };
        fs::create_dir_all(root.join(meta.folder())).unwrap();
        let mut writer = IndexesWriter::create(root, &meta, Vec::new()).unwrap().unwrap();
        writer.index_text(root, &meta, TEXT_INDEX_ROWS_MIN).unwrap();
        let said = |row: u64| if row.is_multiple_of(1_000) { "Timed out" } else { "all is well" };
        let numbers: Vec<u64> = (0..rows).collect();
        for rows in numbers.chunks(777) {
            let sets = || Arc::new(rows.iter().map(|_| Some(b"")).collect::<BinaryViewArray>()) as ArrayRef;
            let bodies = Arc::new(StringViewArray::from_iter_values(rows.iter().map(|row| said(*row)))) as ArrayRef;
            let ids = Arc::new(UInt64Array::from_iter_values(rows.iter().map(|_| 0))) as ArrayRef;
            let columns = [
                ("body", bodies),
                ("resource_id", ids),
                ("attributes", sets()),
                ("resource_attributes", sets()),
                ("scope_attributes", sets()),
            ];
            writer.add(&RecordBatch::try_from_iter(columns).unwrap()).unwrap();
        }
        writer.finish().unwrap();
        meta
    }

    #[test]
    fn both_indexes_of_a_large_block_narrow_its_rows() {
        let root = tempfile::tempdir().unwrap();
        let meta = write(root.path(), 20_000);
        let ask = |word: &str| {
            Candidates::ask(root.path(), &meta, &Necessary::Word(word.to_owned()), || {
                unreachable!("no field is asked for")
            })
        };
        let timed = ask("timed");
        let stripes = (0..20).map(|nth| nth * 1_000 / 64 * 64);
        assert_eq!(timed.rows, stripes.map(|start| start..(start + 64).min(20_000)).collect::<Vec<_>>());
        assert_eq!(timed.ruled_out, [(WORD_FILTER, 0), (TEXT_INDEX, 20_000 - 20 * 64)]);
        assert_eq!(ask("absent").ruled_out, [(WORD_FILTER, 20_000)]);
        assert_eq!(ask("well").ruled_out, [(WORD_FILTER, 0), (TEXT_INDEX, 0)]);
        assert_eq!(ask("well").rows, [0..20_000]);

        let path = root.path().join(meta.text_index_path());
        let mut bytes = fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&path, bytes).unwrap();
        let damaged = ask("timed");
        assert_eq!((damaged.rows, damaged.unreadable[0].0), (vec![0..20_000], TEXT_INDEX));
    }

    #[test]
    fn rows_within_stripes_are_cut_at_their_ends_and_joined_where_they_touch() {
        #[track_caller]
        fn check(rows: &[Range<u32>], stripes: &[u32], expected: &[Range<u32>]) {
            assert_eq!(within(rows, stripes), expected, "{rows:?} in {stripes:?}");
        }
        let all = [0..1_000];
        check(&all, &[], &[]);
        check(&all, &[0, 1, 3], &[0..128, 192..256]);
        check(&all, &[15], &[960..1_000]);
        check(&[10..20, 30..70, 500..600], &[0, 1, 8], &[10..20, 30..70, 512..576]);
        check(&[10..20], &[1, u32::MAX], &[]);
    }

    #[test]
    fn a_text_index_is_asked_only_what_it_can_tell() {
        let word = |word: &str| Necessary::Word(word.to_owned());
        let field = || Necessary::Field("f".to_owned());
        assert_eq!(wanted(&field()), Wanted::Anything);
        assert_eq!(wanted(&Necessary::all([field(), word("a")])), Wanted::All(vec![Wanted::Word("a".to_owned())]));
        assert_eq!(wanted(&Necessary::any([field(), word("a")])), Wanted::Anything);
    }
}
