//! All spans and log records of one trace, wherever they are, with no time range.
//!
//! Memory is scanned; of each block the trace ids that its trace index names are read, and then only pages with rows of the
//! trace.

use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use model::{Table, TraceId};

use crate::config::{TRACE_LOGS_MAX, TRACE_SPANS_MAX};
use crate::error::{QueryError, QueryErrorKind};
use crate::session::View;

/// Rows of one table that a lookup returns. One more than any answer shows, so that the answer can say that it is cut;
/// what is beyond is not even read, since a sender may put all its spans into one trace.
pub(crate) const ROWS_MAX: usize = TRACE_SPANS_MAX + 1;

/// The name of the index in a coverage.
const TRACES: &str = "traces";

const _: () = assert!(TRACE_LOGS_MAX < ROWS_MAX);

/// The rows of the table that belong to the trace, at most [`ROWS_MAX`]. Otherwise as [`first_rows_of_trace`].
pub(crate) fn rows_of_trace(view: &View, table: Table, trace_id: TraceId) -> Result<Vec<RecordBatch>, QueryError> {
    first_rows_of_trace(view, table, trace_id, ROWS_MAX)
}

/// The rows of the table that belong to the trace, memory first, then blocks, at most so many. Blocks the calling
/// thread.
///
/// A block that cannot be read is told in the view's coverage and the rest is served.
fn first_rows_of_trace(
    view: &View,
    table: Table,
    trace_id: TraceId,
    rows_max: usize,
) -> Result<Vec<RecordBatch>, QueryError> {
    let (mut found, mut room) = (Vec::new(), rows_max);
    let mut keep = |rows: RecordBatch| {
        let rows = rows.slice(0, rows.num_rows().min(room));
        room -= rows.num_rows();
        found.push(rows);
        room
    };
    let mut left = rows_max;
    let mut rows_live = 0;
    for batch in view.snapshot.live(&view.tenant, table) {
        rows_live += batch.num_rows() as u64;
        if let Some(rows) = rows_of_batch(batch, trace_id)? {
            left = keep(rows);
        }
    }
    let blocks = view.snapshot.blocks(&view.tenant, table);
    let mut read = Vec::new();
    // The newest first: what is cut off is the oldest.
    for block in blocks.iter().rev() {
        if left == 0 {
            break;
        }
        match block.rows_of_trace(trace_id, left) {
            Ok(None) => view.tally.used(TRACES, block.meta().rows),
            Ok(Some(rows)) => {
                view.tally.used(TRACES, block.meta().rows - rows.num_rows() as u64);
                read.push(&block.meta().id);
                left = keep(rows);
            }
            Err(error) => {
                read.push(&block.meta().id);
                view.tally.failed(table, &block.meta().id, &error);
            }
        }
    }
    view.tally.scan(table, rows_live, blocks.len(), read.into_iter());
    Ok(found)
}

/// The rows of one table, at most so many, on a thread that may block.
pub(crate) async fn find_first(
    view: &View,
    table: Table,
    trace_id: TraceId,
    rows_max: usize,
) -> Result<Vec<RecordBatch>, QueryError> {
    let view = view.clone();
    tokio::task::spawn_blocking(move || first_rows_of_trace(&view, table, trace_id, rows_max))
        .await
        .map_err(|error| lookup_failed(&error))?
}

/// All rows of several tables, on a thread that may block.
pub(crate) async fn find(
    view: &View,
    tables: &'static [Table],
    trace_id: TraceId,
) -> Result<Vec<Vec<RecordBatch>>, QueryError> {
    let view = view.clone();
    tokio::task::spawn_blocking(move || tables.iter().map(|table| rows_of_trace(&view, *table, trace_id)).collect())
        .await
        .map_err(|error| lookup_failed(&error))?
}

fn lookup_failed(error: &tokio::task::JoinError) -> QueryError {
    QueryError::new(QueryErrorKind::Internal, format!("the lookup failed: {error}"), "")
}

fn rows_of_batch(batch: &Arc<RecordBatch>, trace_id: TraceId) -> Result<Option<RecordBatch>, QueryError> {
    let ids = batch.column_by_name("trace_id").expect("tables with trace ids have the column").as_fixed_size_binary();
    let wanted = |row: usize| ids.is_valid(row) && ids.value(row) == trace_id.as_bytes();
    if !(0..ids.len()).any(wanted) {
        return Ok(None);
    }
    let mask: BooleanArray = (0..ids.len()).map(|row| Some(wanted(row))).collect();
    Ok(Some(filter_record_batch(batch, &mask).map_err(datafusion::error::DataFusionError::from)?))
}
