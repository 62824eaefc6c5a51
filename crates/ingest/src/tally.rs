//! What became of a request's records, counted while they are read.

use model::{Mark, Marks, UnixNanos};

use crate::admission::Admission;
use crate::error::{DecodeError, DecodeErrorKind};
use crate::limits::{ROW_BYTES, ROWS_MAX};
use crate::rejection::{Rejection, Rejections};

/// Rows that room is asked for at once, at least.
const ROWS_AT_LEAST: usize = 16;

/// The counts of one request, and the time it was received.
#[derive(Debug)]
pub(crate) struct Tally<'a> {
    pub(crate) received: UnixNanos,
    pub(crate) accepted: u64,
    pub(crate) rejections: Rejections,
    pub(crate) marked: u64,
    pub(crate) newest: Option<UnixNanos>,
    admission: &'a mut dyn Admission,
    rows: usize,
    /// So many rows have been asked for.
    rows_admitted: usize,
}

impl<'a> Tally<'a> {
    pub(crate) fn new(received: UnixNanos, admission: &'a mut dyn Admission) -> Self {
        let (rejections, newest) = (Rejections::default(), None);
        Self { received, accepted: 0, rejections, marked: 0, newest, admission, rows: 0, rows_admitted: 0 }
    }

    /// Takes one row from the budget of the request: a record, or an event, link or exemplar of one.
    #[inline]
    pub(crate) fn take_row(&mut self) -> Result<(), DecodeError> {
        self.rows += 1;
        if self.rows > self.rows_admitted { self.admit_rows() } else { Ok(()) }
    }

    #[cold]
    fn admit_rows(&mut self) -> Result<(), DecodeError> {
        if self.rows > ROWS_MAX {
            let message = format!(
                "more than {ROWS_MAX} records, events, links and exemplars in one request; send smaller batches"
            );
            return Err(DecodeError::new(DecodeErrorKind::TooManyRecords, message));
        }
        // Columns grow by a factor, too.
        let more = (self.rows_admitted / 4).max(ROWS_AT_LEAST).min(ROWS_MAX - self.rows_admitted);
        self.take_room(more * ROW_BYTES)?;
        self.rows_admitted += more;
        Ok(())
    }

    /// Takes memory from the budget of the request.
    pub(crate) fn take_room(&mut self, bytes: usize) -> Result<(), DecodeError> {
        if self.admission.room(bytes) {
            return Ok(());
        }
        Err(DecodeError::new(DecodeErrorKind::NoRoom, "there is no room for what the request becomes"))
    }

    /// Whether points of the series are kept. To be asked once for each series of the request.
    pub(crate) fn admits_series(&mut self, series_id: u64) -> bool {
        self.admission.series(series_id)
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
