//! What an answer rests on, counted while it is made.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::Table;
use store::BlockId;

/// What the scans of one question share.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    tables: BTreeMap<Table, TableSeen>,
    indexes: BTreeMap<&'static str, IndexUse>,
    unread_indexes: BTreeMap<(BlockId, String), String>,
    /// Why each could not be read. A block fails once, however many scans meet it.
    failed: BTreeMap<BlockId, String>,
}

/// One table of the snapshot. A question may scan it several times, and that does not make it larger.
#[derive(Debug, Default)]
struct TableSeen {
    rows_live: u64,
    blocks: u64,
    read: HashSet<BlockId>,
}

/// How much of the truth an answer rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Rows in memory of the tables asked.
    pub rows_live: u64,
    /// Live blocks of the tables asked.
    pub blocks_total: u64,
    /// Blocks left out because nothing in them can match.
    pub blocks_pruned: u64,
    /// Blocks that should have been read and could not be.
    pub blocks_failed: u64,
    /// Rows in the answer.
    pub rows_returned: u64,
    /// True when a limit cut the answer.
    pub truncated: bool,
    /// Why the answer is not complete.
    pub notes: Vec<String>,
    /// Which indexes were asked, by name, and what they ruled out.
    pub indexes: Vec<IndexUse>,
}

/// What an index of blocks did for an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IndexUse {
    /// `traces`: rows by trace id. `words`: which rows may say a word, or have an attribute. `columns`: the same of attributes
    /// that a block keeps as columns. `text`: which rows say a word, in large blocks.
    pub name: &'static str,
    /// Blocks whose index was asked.
    pub blocks: u64,
    /// Rows that need not be read, as it says.
    pub rows_ruled_out: u64,
}

impl Coverage {
    /// Whether everything that could match was looked at and returned.
    pub fn is_complete(&self) -> bool {
        !self.truncated && self.blocks_failed == 0
    }

    pub(crate) fn cut(&mut self, note: impl Into<String>) {
        self.truncated = true;
        self.notes.push(note.into());
    }
}

/// More notes than this say nothing new.
const NOTES_MAX: usize = 20;

impl Tally {
    /// A table is about to be scanned: so many rows in memory, so many blocks, of which these may match.
    pub(crate) fn scan<'a>(
        &self,
        table: Table,
        rows_live: u64,
        blocks: usize,
        read: impl Iterator<Item = &'a BlockId>,
    ) {
        let mut seen = self.lock();
        let table = seen.tables.entry(table).or_default();
        table.rows_live = rows_live;
        table.blocks = blocks as u64;
        table.read.extend(read.cloned());
    }

    /// One more block of a table that is being scanned is read.
    pub(crate) fn scan_more(&self, table: Table, block: &BlockId) {
        self.lock().tables.entry(table).or_default().read.insert(block.clone());
    }

    /// A block could not be read.
    pub(crate) fn failed(&self, table: Table, block: &BlockId, why: &dyn std::error::Error) {
        let note = || format!("block {block} of {table} cannot be read: {}", chain(why));
        self.lock().failed.entry(block.clone()).or_insert_with(note);
    }

    /// An index of a block was asked, and ruled out so many rows.
    pub(crate) fn used(&self, name: &'static str, rows_ruled_out: u64) {
        let mut seen = self.lock();
        let index = seen.indexes.entry(name).or_default();
        *index = IndexUse { name, blocks: index.blocks + 1, rows_ruled_out: index.rows_ruled_out + rows_ruled_out };
    }

    /// An index of a block could not be read, so that all rows were looked at.
    pub(crate) fn index_failed(&self, block: &BlockId, index: &str, why: &dyn std::error::Error) {
        let note = format!("index {index} of block {block} cannot be read, which costs time only: {}", chain(why));
        self.lock().unread_indexes.insert((block.clone(), index.to_owned()), note);
    }

    /// Whether the block was to be read.
    pub(crate) fn has_read(&self, block: &BlockId) -> bool {
        self.lock().tables.values().any(|table| table.read.contains(block))
    }

    /// Everything that failed in the other too.
    pub(crate) fn add_failed(&self, other: &Self) {
        let failed = other.lock().failed.clone();
        self.lock().failed.extend(failed);
    }

    pub(crate) fn coverage(&self, rows_returned: usize) -> Coverage {
        let seen = self.lock();
        let total = |count: fn(&TableSeen) -> u64| seen.tables.values().map(count).sum();
        Coverage {
            rows_live: total(|table| table.rows_live),
            blocks_total: total(|table| table.blocks),
            blocks_pruned: total(|table| table.blocks - table.read.len() as u64),
            blocks_failed: seen.failed.len() as u64,
            rows_returned: rows_returned as u64,
            truncated: false,
            notes: seen.failed.values().chain(seen.unread_indexes.values()).take(NOTES_MAX).cloned().collect(),
            indexes: seen.indexes.values().copied().collect(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An error with its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
