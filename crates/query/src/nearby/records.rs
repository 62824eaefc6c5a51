//! What a pod logged at the time of a trace without a trace id.

use std::time::Duration;

use datafusion::logical_expr::col;
use model::Table;

use super::pod::Pod;
use crate::config::LOG_PAGE_BYTES_MAX;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::logs::{LogRow, value_bytes};
use crate::session::View;

/// Records of one pod that are offered: a busy pod logs more in the time of a slow trace than anybody reads.
pub(super) const RECORDS_PER_POD_MAX: usize = 200;

/// Records that are offered in all.
pub(super) const RECORDS_MAX: usize = 1_000;

/// So long before a pod's first span and after its last, records count as of the same time: what led to the request was
/// often written just before, and buffered lines are stamped just after.
const MARGIN: Duration = Duration::from_secs(1);

/// Records without a trace id of the pod and its time, the earliest ones, at most `room`; and whether there are more.
pub(super) async fn unattached(
    engine: &Engine,
    view: &View,
    pod: &Pod,
    room: usize,
) -> Result<(Vec<LogRow>, bool), QueryError> {
    let view = View { range: pod.range(MARGIN), ..view.clone() };
    let session = engine.sessions.open(&view)?;
    let most = RECORDS_PER_POD_MAX.min(room);
    let batches = session
        .table(Table::Logs.name())
        .await?
        .filter(pod.predicate(&session)?)?
        .filter(col("trace_id").is_null())?
        .sort(vec![col("time").sort(true, false)])?
        .limit(0, Some(most + 1))?
        .collect()
        .await?;
    let (mut records, mut bytes) = (Vec::new(), 0);
    for batch in &batches {
        for (row, record) in LogRow::read_all(batch).enumerate() {
            bytes += value_bytes(&batch.slice(row, 1));
            // A pod's share of what all may have.
            if records.len() == most || bytes > LOG_PAGE_BYTES_MAX * RECORDS_PER_POD_MAX / RECORDS_MAX {
                return Ok((records, true));
            }
            records.push(record);
        }
    }
    Ok((records, false))
}
