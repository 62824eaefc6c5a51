//! Which blocks pins hold.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use model::{Signal, Table, TenantId, UnixNanos};

use super::policy::Retention;
use crate::block::{BlockId, BlockMeta};
use crate::snapshot::Snapshot;

/// Rows of one flush are of hours between the longest retention ago and an hour ahead, and so many more hours for
/// where these begin and end.
const FLUSH_MARGIN: Duration = Duration::from_secs(2 * 3_600);

/// The blocks that pins hold at one instant.
#[derive(Debug, Default)]
pub(crate) struct Pinned {
    blocks: HashSet<BlockId>,
}

impl Pinned {
    /// Those of a snapshot.
    ///
    /// A pin holds every block of its tenant that has a row of its range, or may have one: what is between the first
    /// and the last row of a block is not looked at. With points it holds the rows of `series` that describe them:
    /// they were flushed together, and filed under the newest hour of that flush.
    pub(crate) fn of(snapshot: &Snapshot, retention: &Retention, now: UnixNanos) -> Self {
        let is_pinned = |meta: &BlockMeta| {
            let pins = snapshot.pins(&meta.tenant).filter(|pin| pin.is_in_force(now));
            pins.into_iter().any(|pin| pin.asked.range.overlaps(meta.min_time, meta.max_time))
        };
        let metas = || snapshot.all_blocks().map(|block| block.meta());
        let mut blocks = HashSet::new();
        let mut hours_of_points: BTreeMap<&TenantId, BTreeSet<UnixNanos>> = BTreeMap::new();
        for meta in metas().filter(|meta| is_pinned(meta)) {
            blocks.insert(meta.id.clone());
            if meta.table.signal() == Signal::Metrics {
                hours_of_points.entry(&meta.tenant).or_default().insert(meta.hour);
            }
        }
        for meta in metas().filter(|meta| meta.table == Table::Series) {
            let first = meta.hour.minus(retention.longest(&meta.tenant)).minus(FLUSH_MARGIN);
            let describes = |hours: &BTreeSet<UnixNanos>| hours.range(first..=meta.hour).next().is_some();
            if hours_of_points.get(&meta.tenant).is_some_and(describes) {
                blocks.insert(meta.id.clone());
            }
        }
        Self { blocks }
    }

    /// Whether the block must be left alone.
    pub(crate) fn has(&self, meta: &BlockMeta) -> bool {
        self.blocks.contains(&meta.id)
    }
}
