//! What became of a request's records, counted while they are read.

use model::{Mark, Marks, UnixNanos};

use crate::error::{DecodeError, DecodeErrorKind};
use crate::limits::ROWS_MAX;
use crate::rejection::{Rejection, Rejections};

/// The counts of one request, and the time it was received.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) received: UnixNanos,
    pub(crate) accepted: u64,
    pub(crate) rejections: Rejections,
    pub(crate) marked: u64,
    pub(crate) newest: Option<UnixNanos>,
    rows: usize,
}

impl Tally {
    pub(crate) fn new(received: UnixNanos) -> Self {
        Self { received, accepted: 0, rejections: Rejections::default(), marked: 0, newest: None, rows: 0 }
    }

    /// Takes one row from the budget of the request: a record, or an event, link or exemplar of one.
    #[inline]
    pub(crate) fn take_row(&mut self) -> Result<(), DecodeError> {
        self.rows += 1;
        if self.rows > ROWS_MAX {
            let message = format!(
                "more than {ROWS_MAX} records, events, links and exemplars in one request; send smaller batches"
            );
            return Err(DecodeError::new(DecodeErrorKind::TooManyRecords, message));
        }
        Ok(())
    }

    /// Counts a record that is kept, of the time in its row.
    #[inline]
    pub(crate) fn accept(&mut self, time: UnixNanos, marks: Marks) {
        self.accepted += 1;
        self.marked += u64::from(marks.are_worth_saying());
        // A time of receipt says nothing about how late the sender is.
        if !marks.contains(Mark::TimeFromReceipt) {
            self.newest = self.newest.max(Some(time));
        }
    }

    /// Counts records that are refused for good.
    pub(crate) fn reject(&mut self, rejection: Rejection, records: u64) {
        self.rejections.add(rejection, records);
    }
}
