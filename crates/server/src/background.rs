//! The loops that run beside requests.

use std::sync::Arc;
use std::time::{Duration, Instant};

use model::UnixNanos;
use store::{RetentionClock, Store};
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use crate::kept_memory::KeptMemory;
use crate::self_metrics::resident_bytes;
use crate::tries::Tries;

/// How often it is looked whether a flush is due.
const FLUSH_CHECK: Duration = Duration::from_millis(200);

/// How often resident memory is looked at. Requests in work are all answered and others in their place within this.
const MEMORY_CHECK: Duration = Duration::from_millis(20);

/// How often blocks worth merging are looked for.
const COMPACTION_CHECK: Duration = Duration::from_secs(5);

/// How often old blocks are looked for. Blocks go by the hour.
const RETENTION_CHECK: Duration = Duration::from_secs(60);

/// Partitions that are rewritten without expired rows in one round. A round begins with what can go as a whole, which
/// frees more for less.
const TRIMS_MAX: usize = 32;

/// Flushes the memtable when it is full or old, until cancelled.
pub(crate) async fn flush_loop(store: Arc<Store>, now: fn() -> UnixNanos, stop: CancellationToken) {
    let mut rounds = rounds(FLUSH_CHECK);
    let mut tries = Tries::new("flush the memtable");
    while next_round(&mut rounds, &stop).await {
        if tries.may_begin(Instant::now()) && store.flush_is_due(now()) {
            match store.flush().await {
                Ok(_) => tries.succeeded(),
                // The rows stay in memory and in the log.
                Err(error) => tries.failed(&error, Instant::now()),
            }
        }
    }
}

/// Merges small blocks, one merge after the other, until cancelled.
pub(crate) async fn compaction_loop(store: Arc<Store>, now: fn() -> UnixNanos, stop: CancellationToken) {
    let mut rounds = rounds(COMPACTION_CHECK);
    let mut tries = Tries::new("merge blocks");
    while next_round(&mut rounds, &stop).await {
        while !stop.is_cancelled() {
            match store.compact(now()).await {
                Ok(None) => {
                    tries.succeeded();
                    break;
                }
                Ok(Some(compacted)) => {
                    debug!(rows = compacted.rows, inputs = compacted.inputs, bytes = compacted.bytes, "merged blocks");
                }
                Err(error) => {
                    // The inputs are untouched; the next round chooses again.
                    tries.failed(&error, Instant::now());
                    break;
                }
            }
        }
    }
}

/// Deletes what is older than it is kept for, until cancelled. A clock that leaps ahead is doubted for a while.
pub(crate) async fn retention_loop(store: Arc<Store>, now: fn() -> UnixNanos, stop: CancellationToken) {
    let mut rounds = rounds(RETENTION_CHECK);
    let mut tries = Tries::new("delete old records");
    let (mut clock, begun) = (RetentionClock::default(), Instant::now());
    while next_round(&mut rounds, &stop).await {
        let now = clock.now(now(), begun.elapsed(), store.snapshot().newest());
        let mut outcome = store.retain(now).await.map(|_| ());
        for _ in 0..TRIMS_MAX {
            if outcome.is_err() || stop.is_cancelled() {
                break;
            }
            outcome = match store.trim(now).await {
                Ok(None) => break,
                trimmed => trimmed.map(|_| ()),
            };
        }
        match outcome {
            Ok(()) => tries.succeeded(),
            Err(error) => tries.failed(&error, Instant::now()),
        }
    }
}

/// Has the allocator give back what is free where memory is scarce, until cancelled.
pub(crate) async fn kept_memory_loop(memory_max: u64, let_go: fn(), stop: CancellationToken) {
    let mut rounds = rounds(MEMORY_CHECK);
    let mut kept = KeptMemory::new(memory_max);
    while next_round(&mut rounds, &stop).await {
        // Where the system does not say, nothing ever is.
        if kept.is_due(resident_bytes()) && tokio::task::spawn_blocking(let_go).await.is_ok() {
            kept.has_let_go(resident_bytes());
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
