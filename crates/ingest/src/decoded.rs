//! What a request became.

use arrow::array::{ArrayRef, RecordBatch};
use model::{Batch, Table, UnixNanos};

use crate::rejection::Rejection;
use crate::tally::Tally;

/// The rows of one request, and what the sender must be told.
#[derive(Clone, Debug)]
pub struct Decoded {
    /// At most one batch per table, none of them empty; no batches where nothing was kept.
    pub batches: Vec<Batch>,
    /// Records kept: spans, log records or data points. Exemplars and series are rows but not records.
    pub records: u64,
    /// Records refused for good. The rest of the request is kept.
    pub rejected: u64,
    /// Why records were refused, in one short line for people; `None` when none were.
    pub rejections: Option<String>,
    /// Records kept with a [`model::Mark`] that the sender should hear of: any but a time that stands in.
    pub marked: u64,
    /// The latest time among the records that gave one (start for spans); `None` where none did.
    pub newest: Option<UnixNanos>,
    /// The series that were not admitted, in no order.
    pub series_refused: Vec<u64>,
    /// Their points, which are among the [rejected](Self::rejected).
    pub points_refused: u64,
}

impl Decoded {
    pub(crate) fn new((batches, tally): (Vec<Batch>, Tally<'_>)) -> Self {
        Self {
            batches,
            records: tally.accepted,
            rejected: tally.rejections.total(),
            rejections: tally.rejections.summary(),
            marked: tally.marked,
            newest: tally.newest,
            series_refused: Vec::new(),
            points_refused: tally.rejections.of(Rejection::Series),
        }
    }
}

/// The batch of all columns of a table; `None` where they have no rows.
pub(crate) fn batch(table: Table, columns: Vec<ArrayRef>) -> Option<Batch> {
    if columns.first().is_none_or(|column| column.is_empty()) {
        return None;
    }
    let rows = RecordBatch::try_new(table.schema(), columns).expect("every column is built from the schema's field");
    Some(Batch { table, rows })
}
