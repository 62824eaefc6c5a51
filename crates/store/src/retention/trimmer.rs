//! Which blocks hold rows that have expired.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use model::UnixNanos;
use tracing::warn;

use super::pinned::Pinned;
use super::policy::{Place, Retention};
use super::resources::{Expired, Resources};
use crate::block::{Block, BlockId};
use crate::catalog::Partition;
use crate::snapshot::Snapshot;

/// Blocks looked into at once: a second or so on a slow disk.
const EXAMINED_MAX: usize = 64;

/// Blocks rewritten at once, one after the other; they become live together.
const TRIMMED_MAX: usize = 16;

/// Finds what is to be trimmed, and remembers what it has seen.
#[derive(Debug, Default)]
pub(crate) struct Trimmer {
    resources: Resources,
    /// Blocks without rows that are kept for so long or less.
    examined: HashMap<BlockId, Duration>,
}

/// What a look has found.
#[derive(Debug, Default)]
pub(super) struct Look {
    /// Blocks looked into.
    pub(super) examined: usize,
    /// The first partition in which rows have expired.
    pub(super) trim: Option<Trim>,
}

/// Blocks of one partition that hold rows that have expired.
#[derive(Debug)]
pub(super) struct Trim {
    pub(super) partition: Partition,
    /// Rows that are kept so long have expired.
    pub(super) over: Duration,
    pub(super) blocks: Vec<(Arc<Block>, Expired)>,
}

/// What is looked at.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) retention: &'a Retention,
    pub(super) now: UnixNanos,
    /// Partitions that others hold.
    pub(super) held: &'a HashSet<Partition>,
}

impl Trimmer {
    /// Looks into blocks until a partition is found in which rows have expired, or [`EXAMINED_MAX`] were looked into;
    /// `None` when there is nothing to look into. Blocks the calling thread.
    pub(super) fn look(&mut self, scene: &Scene<'_>) -> Option<Look> {
        let due = self.due(scene);
        if due.is_empty() {
            return None;
        }
        let mut look = Look::default();
        for (partition, (over, blocks)) in due {
            let mut found = Vec::new();
            for block in blocks {
                if look.examined >= EXAMINED_MAX || found.len() >= TRIMMED_MAX {
                    break;
                }
                look.examined += 1;
                match self.resources.expired(block, scene.snapshot, scene.retention, over) {
                    Ok(expired) if expired.rows == 0 => self.remember(block.meta().id.clone(), over),
                    Ok(expired) => found.push((Arc::clone(block), expired)),
                    Err(error) => {
                        block.leave_alone();
                        let error = &error as &dyn std::error::Error;
                        warn!(block = %block.meta().id, error, "cannot look for expired rows");
                    }
                }
            }
            if !found.is_empty() {
                look.trim = Some(Trim { partition, over, blocks: found });
                break;
            }
            if look.examined >= EXAMINED_MAX {
                break;
            }
        }
        Some(look)
    }

    /// Notes that the block has no row that is kept for so long or less.
    pub(super) fn remember(&mut self, block: BlockId, over: Duration) {
        self.examined.insert(block, over);
    }

    /// The blocks that may hold expired rows, beside others, by partition; with the longest duration that is over.
    fn due<'a>(&mut self, scene: &Scene<'a>) -> BTreeMap<Partition, (Duration, Vec<&'a Arc<Block>>)> {
        let Scene { snapshot, retention, now, held } = scene;
        let live: HashSet<&BlockId> = snapshot.all_blocks().map(|block| &block.meta().id).collect();
        self.examined.retain(|id, _| live.contains(id));
        let pinned = Pinned::of(snapshot, retention, *now);
        let mut due: BTreeMap<Partition, (Duration, Vec<&Arc<Block>>)> = BTreeMap::new();
        let may_hold = |block: &&Arc<Block>| block.meta().table.is_of_resources() && !block.is_left_alone();
        for block in snapshot.all_blocks().filter(may_hold) {
            let meta = block.meta();
            let Some(over) = retention.longest_over(Place::of(meta, *now), *now) else { continue };
            let is_examined = self.examined.get(&meta.id).is_some_and(|examined| *examined >= over);
            // What is over as a whole is removed without being looked into.
            if is_examined || over >= retention.longest(&meta.tenant) || pinned.has(meta) {
                continue;
            }
            let partition = Partition::of(meta);
            if !held.contains(&partition) {
                due.entry(partition).or_insert_with(|| (over, Vec::new())).1.push(block);
            }
        }
        due
    }
}
