//! All spans and log records of one trace, wherever they are, with no time range.
//!
//! Memory is scanned; of each block only the pages that its trace index names are read.

use std::sync::Arc;

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use model::{Table, TraceId};

use crate::error::{QueryError, QueryErrorKind};
use crate::session::View;

/// The rows of the table that belong to the trace, memory first, then blocks. Blocks the calling thread.
///
/// A block that cannot be read is told in the view's coverage and the rest is served.
pub(crate) fn rows_of_trace(view: &View, table: Table, trace_id: TraceId) -> Result<Vec<RecordBatch>, QueryError> {
    let mut found = Vec::new();
    let mut live_rows = 0;
    for batch in view.snapshot.live(&view.tenant, table) {
        live_rows += batch.num_rows() as u64;
        if let Some(rows) = rows_of_batch(batch, trace_id)? {
            found.push(rows);
        }
    }
    view.tally.live(live_rows);
    let blocks = view.snapshot.blocks(&view.tenant, table);
    let mut read = 0;
    for block in blocks {
        match block.rows_of_trace(trace_id, usize::MAX) {
            Ok(None) => {}
            Ok(Some(rows)) => {
                read += 1;
                found.push(rows);
            }
            Err(error) => {
                read += 1;
                let error = chain(&error);
                view.tally.failed(format!("block {} of {table} cannot be read: {error}", block.meta().id));
            }
        }
    }
    view.tally.blocks(blocks.len(), blocks.len() - read);
    Ok(found)
}

/// The same for several tables, on a thread that may block.
pub(crate) async fn find(
    view: &View,
    tables: &'static [Table],
    trace_id: TraceId,
) -> Result<Vec<Vec<RecordBatch>>, QueryError> {
    let view = view.clone();
    tokio::task::spawn_blocking(move || tables.iter().map(|table| rows_of_trace(&view, *table, trace_id)).collect())
        .await
        .map_err(|error| QueryError::new(QueryErrorKind::Internal, format!("the lookup failed: {error}"), ""))?
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
