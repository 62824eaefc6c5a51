//! What an answer rests on, counted while it is made.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Counters that the scans of one question share.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    rows_live: AtomicU64,
    blocks_total: AtomicU64,
    blocks_pruned: AtomicU64,
    blocks_failed: AtomicU64,
    notes: Mutex<Vec<String>>,
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
    pub(crate) fn live(&self, rows: u64) {
        self.rows_live.fetch_add(rows, Ordering::Relaxed);
    }

    pub(crate) fn blocks(&self, total: usize, pruned: usize) {
        self.blocks_total.fetch_add(total as u64, Ordering::Relaxed);
        self.blocks_pruned.fetch_add(pruned as u64, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self, note: String) {
        self.blocks_failed.fetch_add(1, Ordering::Relaxed);
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.len() < NOTES_MAX {
            notes.push(note);
        }
    }

    pub(crate) fn coverage(&self, rows_returned: usize) -> Coverage {
        Coverage {
            rows_live: self.rows_live.load(Ordering::Relaxed),
            blocks_total: self.blocks_total.load(Ordering::Relaxed),
            blocks_pruned: self.blocks_pruned.load(Ordering::Relaxed),
            blocks_failed: self.blocks_failed.load(Ordering::Relaxed),
            rows_returned: rows_returned as u64,
            truncated: false,
            notes: self.notes.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }
}
