//! Lulls: since when nothing has come to a partition.
//!
//! An hour that is over is merged once more, for good. While records of that hour still come, as after an outage or from
//! an import, that would rewrite it with every flush; so it waits until nothing has come for a while.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use model::UnixNanos;

use crate::block::Block;
use crate::catalog::Partition;

/// What was seen of each partition that is over, the last time it was looked at.
#[derive(Debug, Default)]
pub(crate) struct Lulls {
    enough: Duration,
    seen: HashMap<Partition, Seen>,
}

#[derive(Debug)]
struct Seen {
    blocks: u64,
    /// When the blocks were found to have changed; `None` for as long as they never were.
    changed: Option<UnixNanos>,
}

impl Lulls {
    /// A lull has lasted when it has lasted so long.
    pub(crate) fn new(enough: Duration) -> Self {
        Self { enough, seen: HashMap::new() }
    }

    /// Whether the partition has had the same blocks for long enough. One that is seen for the first time has.
    pub(crate) fn has_lasted(&mut self, partition: &Partition, blocks: &[Arc<Block>], now: UnixNanos) -> bool {
        let blocks = fingerprint(blocks);
        let seen = self.seen.entry(partition.clone()).or_insert(Seen { blocks, changed: None });
        if seen.blocks != blocks {
            *seen = Seen { blocks, changed: Some(now) };
        }
        // A clock that jumped back must not make it wait for a year.
        seen.changed.is_none_or(|changed| changed > now || changed.plus(self.enough) <= now)
    }

    /// The partition has these blocks because they were merged, which is not news.
    pub(crate) fn merged(&mut self, partition: &Partition, blocks: &[Arc<Block>]) {
        self.seen.insert(partition.clone(), Seen { blocks: fingerprint(blocks), changed: None });
    }

    /// Forgets the partitions that are gone.
    pub(crate) fn keep(&mut self, is_there: impl Fn(&Partition) -> bool) {
        self.seen.retain(|partition, _| is_there(partition));
    }
}

/// Tells sets of blocks apart, in whatever order.
fn fingerprint(blocks: &[Arc<Block>]) -> u64 {
    let hash = |block: &Arc<Block>| {
        let mut hasher = DefaultHasher::new();
        block.meta().id.hash(&mut hasher);
        hasher.finish()
    };
    blocks.iter().map(hash).fold(0, u64::wrapping_add)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use model::{Table, TenantId};
    use wal::Lsn;

    use super::*;
    use crate::block::{BlockId, BlockMeta};

    fn at(second: i64) -> UnixNanos {
        UnixNanos::new(second * 1_000_000_000)
    }

    fn blocks(names: std::ops::Range<u64>) -> Vec<Arc<Block>> {
        let block = |name| {
            let (min_time, max_time) = (at(0), at(1));
            let (id, tenant) = (BlockId::of_flush(Lsn::new(name), 0), TenantId::default_tenant());
            let (table, hour) = (Table::Logs, at(0));
            let meta = BlockMeta { id, tenant, table, hour, rows: 1, bytes: 1, min_time, max_time, checksum: 0 };
            Arc::new(Block::new(meta, Path::new("/nowhere")))
        };
        names.map(block).collect()
    }

    #[test]
    fn a_lull_lasts_from_the_last_change_and_merging_is_none() {
        let partition = Partition { tenant: TenantId::default_tenant(), table: Table::Logs, hour: at(0) };
        let mut lulls = Lulls::new(Duration::from_secs(10));
        assert!(lulls.has_lasted(&partition, &blocks(0..2), at(100)), "seen for the first time");
        assert!(!lulls.has_lasted(&partition, &blocks(0..3), at(105)));
        assert!(!lulls.has_lasted(&partition, &blocks(0..3), at(114)));
        assert!(lulls.has_lasted(&partition, &blocks(0..3), at(115)));
        assert!(!lulls.has_lasted(&partition, &blocks(0..4), at(116)));
        assert!(lulls.has_lasted(&partition, &blocks(0..4), at(1)), "the clock jumped back");
        lulls.merged(&partition, &blocks(7..8));
        assert!(lulls.has_lasted(&partition, &blocks(7..8), at(117)));
        lulls.keep(|_| false);
        assert!(lulls.has_lasted(&partition, &blocks(0..9), at(117)), "forgotten");
    }
}
