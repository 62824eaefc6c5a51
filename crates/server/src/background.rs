//! The loops that run beside requests.

use std::sync::Arc;
use std::time::Duration;

use model::UnixNanos;
use store::Store;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error};

/// How often it is looked whether a flush is due.
const FLUSH_CHECK: Duration = Duration::from_millis(200);

/// How often blocks worth merging are looked for.
const COMPACTION_CHECK: Duration = Duration::from_secs(5);

/// How often old blocks are looked for. Blocks go by the hour.
const RETENTION_CHECK: Duration = Duration::from_secs(60);

/// Flushes the memtable when it is full or old, until cancelled.
pub(crate) async fn flush_loop(store: Arc<Store>, now: fn() -> UnixNanos, stop: CancellationToken) {
    let mut rounds = rounds(FLUSH_CHECK);
    while next_round(&mut rounds, &stop).await {
        if store.flush_is_due(now())
            && let Err(error) = store.flush().await
        {
            // The rows stay in memory and in the log; the next round tries again.
            error!(error = &error as &dyn std::error::Error, "cannot flush the memtable");
        }
    }
}

/// Merges small blocks, one merge after the other, until cancelled.
pub(crate) async fn compaction_loop(store: Arc<Store>, now: fn() -> UnixNanos, stop: CancellationToken) {
    let mut rounds = rounds(COMPACTION_CHECK);
    while next_round(&mut rounds, &stop).await {
        while !stop.is_cancelled() {
            match store.compact(now()).await {
                Ok(None) => break,
                Ok(Some(compacted)) => {
                    debug!(rows = compacted.rows, inputs = compacted.inputs, bytes = compacted.bytes, "merged blocks");
                }
                Err(error) => {
                    // The inputs are untouched; the next round chooses again.
                    error!(error = &error as &dyn std::error::Error, "cannot merge blocks");
                    break;
                }
            }
        }
    }
}

/// Deletes blocks older than the retention, until cancelled.
pub(crate) async fn retention_loop(store: Arc<Store>, now: fn() -> UnixNanos, stop: CancellationToken) {
    let mut rounds = rounds(RETENTION_CHECK);
    while next_round(&mut rounds, &stop).await {
        if let Err(error) = store.retain(now()).await {
            error!(error = &error as &dyn std::error::Error, "cannot delete old blocks");
        }
    }
}

fn rounds(period: Duration) -> Interval {
    let mut rounds = interval(period);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    rounds
}

/// Waits for the next round; `false` once cancelled.
async fn next_round(rounds: &mut Interval, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        _ = rounds.tick() => true,
    }
}
