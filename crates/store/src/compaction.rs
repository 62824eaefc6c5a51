//! Compaction: small blocks become one.
//!
//! Every flush leaves a small block per table and hour, and a question opens each. Blocks are merged by
//! size: as soon as enough of about one size have gathered, they become one of the next size, so a row
//! is rewritten a few times in its life and not at each flush. An hour that is over, and to which nothing has come for a
//! while, is merged once more, into few blocks. Whoever merges holds the lease of the partition.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use model::{HOUR_NANOS, UnixNanos};

use crate::block::{Block, merge_blocks};
use crate::catalog::{LeaseHolder, Partition};
use crate::error::StoreError;
use crate::flush::Flusher;
use crate::lull::Lulls;
use crate::rewrite::Rewrite;
use crate::snapshot::Snapshot;

/// Blocks of about one size that are merged into one of the next. Fewer rewrite rows more often; more
/// leave more blocks to open.
const INPUTS_MIN: usize = 8;

/// Blocks merged at once: a batch of each is in memory.
const INPUTS_MAX: usize = 16;

/// A merged block has at most so many rows. Larger ones cost more to rewrite than they save to open.
const ROWS_MAX: u64 = 4_000_000;

/// Blocks of so many rows stay as they are when an hour is merged for good: a handful of them makes an hour of ten million.
const LEFT_ROWS_MIN: u64 = ROWS_MAX / 4;

/// A large block also stays where all that is smaller has so many times fewer rows: it would be written anew for little.
const LEFT_TIMES: u64 = 4;

/// Rows of the smallest size. Each size is [`INPUTS_MIN`] times the one before.
const FIRST_SIZE_ROWS: u64 = 8_192;

/// Records come late by a few flushes; an hour that ended longer ago is over.
const LATE_MAX: Duration = Duration::from_secs(15 * 60);

/// Bytes that must be free to merge blocks of so many: the merged one lies beside its inputs for a while, and where rows
/// compress less well together it is a little larger.
pub(crate) fn room_for(inputs_bytes: u64) -> u64 {
    inputs_bytes.saturating_add(inputs_bytes / 5)
}

/// What a compaction did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// Rows in the merged block.
    pub rows: u64,
    /// Blocks that it replaced.
    pub inputs: usize,
    /// Bytes of its files.
    pub bytes: u64,
}

impl Flusher {
    /// Merges the first blocks worth it at `now` for which there is room; `None` when there are none.
    ///
    /// Merging runs beside flushes; only the commit waits for them. Where others hold the partition, or have retired an
    /// input meanwhile, the next one's turn comes.
    pub(crate) async fn compact(
        &self,
        now: UnixNanos,
        has_room: impl Fn(&[Arc<Block>]) -> bool,
    ) -> Result<Option<Compacted>, StoreError> {
        self.settle(&mut *self.seq.lock().await).await?;
        let candidates = {
            let mut lulls = self.lulls.lock().unwrap_or_else(PoisonError::into_inner);
            candidates(&self.shared.snapshot(), now, &mut lulls)
        };
        for inputs in candidates.into_iter().filter(|inputs| has_room(inputs)) {
            let partition = Partition::of(inputs[0].meta());
            let begun = Rewrite::begin(self, &partition, LeaseHolder::COMPACTION, now).await?;
            let Some(rewrite) = begun else { continue };
            let merged = merge(&rewrite, &inputs).await;
            rewrite.end().await;
            if let Some(compacted) = merged? {
                let blocks = blocks_of(&self.shared.snapshot(), &partition);
                self.lulls.lock().unwrap_or_else(PoisonError::into_inner).merged(&partition, &blocks);
                return Ok(Some(compacted));
            }
        }
        Ok(None)
    }
}

/// Puts one block in the place of the inputs; `None` if one of them is not live any more.
async fn merge(rewrite: &Rewrite<'_>, inputs: &[Arc<Block>]) -> Result<Option<Compacted>, StoreError> {
    if !rewrite.are_live(inputs) {
        return Ok(None);
    }
    let merged = rewrite.write(inputs.to_vec(), merge_blocks).await?;
    let compacted = Compacted { rows: merged.rows, inputs: inputs.len(), bytes: merged.bytes };
    Ok(rewrite.commit(inputs, vec![merged], |_| true).await?.then_some(compacted))
}

/// The blocks worth merging, those of each partition together.
fn candidates(snapshot: &Snapshot, now: UnixNanos, lulls: &mut Lulls) -> Vec<Vec<Arc<Block>>> {
    let mut partitions: BTreeMap<Partition, Vec<Arc<Block>>> = BTreeMap::new();
    for block in snapshot.all_blocks() {
        partitions.entry(Partition::of(block.meta())).or_default().push(Arc::clone(block));
    }
    lulls.keep(|partition| partitions.contains_key(partition));
    let choose = |(partition, mut blocks): (Partition, Vec<Arc<Block>>)| {
        let is_final = is_over(partition.hour, now) && lulls.has_lasted(&partition, &blocks, now);
        blocks.retain(|block| !block.is_left_alone());
        if is_final { choose_for_good(blocks) } else { choose_by_size(blocks) }
    };
    partitions.into_iter().filter_map(choose).collect()
}

fn blocks_of(snapshot: &Snapshot, partition: &Partition) -> Vec<Arc<Block>> {
    let blocks = snapshot.blocks(&partition.tenant, partition.table).iter();
    blocks.filter(|block| block.meta().hour == partition.hour).cloned().collect()
}

fn is_over(hour: UnixNanos, now: UnixNanos) -> bool {
    let end = UnixNanos::new(hour.get().saturating_add(HOUR_NANOS));
    end.plus(LATE_MAX) <= now
}

/// Blocks of about one size, once there are many.
fn choose_by_size(blocks: Vec<Arc<Block>>) -> Option<Vec<Arc<Block>>> {
    let blocks = smaller_than(ROWS_MAX / 2, blocks);
    blocks.chunk_by(|a, b| size_of(a) == size_of(b)).filter_map(fitting).find(|inputs| inputs.len() >= INPUTS_MIN)
}

/// What is left of an hour to which nothing comes any more. A handful of blocks may stay, each several times as large as
/// all that are smaller.
fn choose_for_good(blocks: Vec<Arc<Block>>) -> Option<Vec<Arc<Block>>> {
    let mut blocks = smaller_than(LEFT_ROWS_MIN, blocks);
    while let Some((largest, rest)) = blocks.split_last()
        && size_of(largest) > 0
        && rest.iter().map(|block| block.meta().rows).sum::<u64>() * LEFT_TIMES < largest.meta().rows
    {
        blocks.pop();
    }
    fitting(&blocks).filter(|inputs| inputs.len() >= 2)
}

/// The smallest first.
fn smaller_than(rows: u64, mut blocks: Vec<Arc<Block>>) -> Vec<Arc<Block>> {
    blocks.retain(|block| block.meta().rows < rows);
    blocks.sort_by(|a, b| (a.meta().rows, &a.meta().id).cmp(&(b.meta().rows, &b.meta().id)));
    blocks
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use model::{Table, TenantId};
    use wal::Lsn;

    use super::*;
    use crate::block::{BlockId, BlockMeta};

    #[test]
    fn an_hour_ends_as_few_blocks_and_a_large_one_is_not_written_anew_for_little() {
        let check = |rows: &[u64], expected: &[u64]| {
            let block = |(number, rows): (usize, &u64)| {
                let (min_time, max_time) = (UnixNanos::new(0), UnixNanos::new(1));
                let (id, tenant) = (BlockId::of_flush(Lsn::new(1), number), TenantId::default_tenant());
                let (table, hour, rows) = (Table::Logs, UnixNanos::new(0), *rows);
                let meta = BlockMeta { id, tenant, table, hour, rows, bytes: 1, min_time, max_time, checksum: 0 };
                Arc::new(Block::new(meta, Path::new("/nowhere")))
            };
            let chosen = choose_for_good(rows.iter().enumerate().map(block).collect()).unwrap_or_default();
            assert_eq!(chosen.iter().map(|block| block.meta().rows).collect::<Vec<_>>(), expected, "{rows:?}");
        };
        check(&[], &[]);
        check(&[5], &[]);
        check(&[900_000, 5], &[]);
        check(&[900_000, 5, 7], &[5, 7]);
        check(&[900_000, 224_999], &[]);
        check(&[900_000, 225_000], &[225_000, 900_000]);
        check(&[900_000, 90_000, 9, 9], &[9, 9]);
        check(&[9_000, 9], &[9, 9_000]);
        check(&[LEFT_ROWS_MIN, 400_000, 300_000], &[300_000, 400_000]);
        check(&[999_999; 5], &[999_999; 4]);
    }
}
