//! Which blocks are worth merging.
//!
//! Every flush leaves a small block per table and hour, and a question opens each. Blocks are merged by
//! size: as soon as enough of about one size have gathered, they become one of the next size, so a row
//! is rewritten a few times in its life and not at each flush. An hour that is over is merged once more,
//! into as few blocks as the largest size allows.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::{HOUR_NANOS, Table, TenantId, UnixNanos};

use crate::block::Block;
use crate::snapshot::Snapshot;

/// Blocks of about one size that are merged into one of the next. Fewer rewrite rows more often; more
/// leave more blocks to open.
const INPUTS_MIN: usize = 8;

/// Blocks merged at once: a batch of each is in memory.
const INPUTS_MAX: usize = 16;

/// A merged block has at most so many rows. Larger ones cost more to rewrite than they save to open.
const ROWS_MAX: u64 = 4_000_000;

/// Rows of the smallest size. Each size is [`INPUTS_MIN`] times the one before.
const FIRST_SIZE_ROWS: u64 = 8_192;

/// Records come late by a few flushes; an hour that ended longer ago is over.
const LATE_MAX: Duration = Duration::from_secs(15 * 60);

/// Bytes that must be free to merge blocks of so many: the merged one lies beside its inputs for a while, and where rows
/// compress less well together it is a little larger.
pub(crate) fn room_for(inputs_bytes: u64) -> u64 {
    inputs_bytes.saturating_add(inputs_bytes / 5)
}

/// The next blocks to merge, all of one tenant, table and hour; `None` when there is nothing worth it.
pub(crate) fn choose(snapshot: &Snapshot, now: UnixNanos) -> Option<Vec<Arc<Block>>> {
    let mut hours: BTreeMap<(TenantId, Table, UnixNanos), Vec<Arc<Block>>> = BTreeMap::new();
    for block in snapshot.all_blocks().filter(|block| !block.is_left_alone()) {
        let meta = block.meta();
        hours.entry((meta.tenant.clone(), meta.table, meta.hour)).or_default().push(Arc::clone(block));
    }
    hours.into_iter().find_map(|((_, _, hour), blocks)| choose_in_hour(blocks, is_over(hour, now)))
}

fn is_over(hour: UnixNanos, now: UnixNanos) -> bool {
    let end = UnixNanos::new(hour.get().saturating_add(HOUR_NANOS));
    end.plus(LATE_MAX) <= now
}

fn choose_in_hour(mut blocks: Vec<Arc<Block>>, is_over: bool) -> Option<Vec<Arc<Block>>> {
    blocks.retain(|block| block.meta().rows < ROWS_MAX / 2);
    blocks.sort_by(|a, b| (a.meta().rows, &a.meta().id).cmp(&(b.meta().rows, &b.meta().id)));
    if is_over {
        return fitting(&blocks).filter(|inputs| inputs.len() >= 2);
    }
    blocks.chunk_by(|a, b| size_of(a) == size_of(b)).filter_map(fitting).find(|inputs| inputs.len() >= INPUTS_MIN)
}

/// As many of the blocks, smallest first, as fit into one.
fn fitting(blocks: &[Arc<Block>]) -> Option<Vec<Arc<Block>>> {
    let mut rows = 0;
    let fits = |block: &&Arc<Block>| {
        rows += block.meta().rows;
        rows <= ROWS_MAX
    };
    let inputs: Vec<Arc<Block>> = blocks.iter().take(INPUTS_MAX).take_while(fits).cloned().collect();
    (!inputs.is_empty()).then_some(inputs)
}

fn size_of(block: &Block) -> u32 {
    (block.meta().rows / FIRST_SIZE_ROWS).max(1).ilog(INPUTS_MIN as u64)
}
