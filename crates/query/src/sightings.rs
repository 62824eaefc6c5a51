//! Who was there: the rows of `sightings` of a time.

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, col, lit};
use futures::StreamExt;
use model::{Table, TimeRange, UnixNanos};

use crate::cells::Cells;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::session::View;

/// Shows each row of `sightings` of somebody who was there at any time of the view's range: one row tells of all that a
/// resource sent between two flushes, which one late record makes as long as it is late. The view has to be digested.
pub(crate) async fn each_sighting(
    engine: &Engine,
    view: &View,
    filter: Option<Expr>,
    columns: &[&str],
    mut show: impl FnMut(&Cells<'_>, usize),
) -> Result<(), QueryError> {
    let since = view.range.from;
    let view = View { range: TimeRange { from: UnixNanos::MIN, to: view.range.to }, ..view.clone() };
    let session = engine.sessions.open(&view)?;
    let was_there =
        col("last_time").gt_eq(lit(ScalarValue::TimestampNanosecond(Some(since.get()), Some("UTC".into()))));
    let filter = filter.map_or(was_there.clone(), |filter| filter.and(was_there));
    let frame = session.table(Table::Sightings.name()).await?.filter(filter)?.select_columns(columns)?;
    let mut batches = frame.execute_stream().await?;
    while let Some(batch) = batches.next().await {
        let batch = batch?;
        let cells = Cells::new(&batch);
        (0..batch.num_rows()).for_each(|row| show(&cells, row));
    }
    Ok(())
}
