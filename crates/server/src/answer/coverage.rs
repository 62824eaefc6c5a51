//! What an answer rests on, with what the server knows about the signals asked.

use std::sync::atomic::Ordering;

use model::Signal;
use protocol::{Coverage, IndexUse};

use crate::self_metrics::SelfMetrics;

/// The coverage of an answer about the signals.
pub(crate) fn coverage_of(found: &query::Coverage, metrics: &SelfMetrics, signals: &[Signal]) -> Coverage {
    let counters = || signals.iter().map(|signal| metrics.of(*signal));
    Coverage {
        complete: found.is_complete(),
        truncated: found.truncated,
        notes: found.notes.clone(),
        rows_returned: found.rows_returned,
        rows_live: found.rows_live,
        blocks_total: found.blocks_total,
        blocks_read: found.blocks_total.saturating_sub(found.blocks_pruned + found.blocks_failed),
        blocks_pruned: found.blocks_pruned,
        blocks_failed: found.blocks_failed,
        indexes: found.indexes.iter().map(index_use).collect(),
        records_received: counters().map(|counters| counters.records.load(Ordering::Relaxed)).sum(),
        records_rejected: counters().map(|counters| counters.rejected.load(Ordering::Relaxed)).sum(),
        newest_record: counters().filter_map(|counters| counters.newest()).max().map(|newest| newest.to_string()),
    }
}

fn index_use(index: &query::IndexUse) -> IndexUse {
    let query::IndexUse { name, blocks, rows_ruled_out } = *index;
    IndexUse { name: name.to_owned(), blocks, rows_ruled_out }
}
