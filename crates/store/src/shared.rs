//! What appends, flushes and queries share: the memtables and the published snapshot.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use model::{Batch, TenantId, UnixNanos};
use wal::Lsn;

use crate::block::{Block, BlockId, BlockMeta};
use crate::catalog::{CatalogSeq, CatalogState, Edit};
use crate::memtable::Memtable;
use crate::snapshot::Snapshot;

/// The rows of one frame on their way into the memtable.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) tenant: TenantId,
    pub(crate) batches: Vec<Batch>,
}

/// Writers change [`State`] under its lock and publish a new snapshot before letting go, so that
/// readers, who take no lock, see each change whole.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    state: Mutex<State>,
    snapshot: ArcSwap<Snapshot>,
    memtable_bytes: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    active: Memtable,
    /// Being written to blocks; stays here, queryable, until the catalog lists them.
    frozen: Option<Arc<Memtable>>,
}

/// How full the memtables are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemtableUse {
    /// Rows in memory.
    pub rows: u64,
    /// Bytes of memory, about.
    pub bytes: u64,
    /// Bytes of the memtable being filled alone.
    pub active_bytes: u64,
    /// When the oldest frame in memory was received; `None` when there is none.
    pub oldest_receipt: Option<UnixNanos>,
}

impl Shared {
    /// The newest snapshot.
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// Bytes in memtables, without waiting for a lock.
    pub(crate) fn memtable_bytes(&self) -> u64 {
        self.memtable_bytes.load(Ordering::Relaxed)
    }

    /// Makes the frames visible, all at once. They must come in the order of the log.
    pub(crate) fn publish(&self, frames: impl IntoIterator<Item = (Lsn, UnixNanos, Rows)>) {
        let mut state = self.lock();
        let mut touched = Vec::new();
        for (lsn, received, Rows { tenant, batches }) in frames {
            touched.extend(batches.iter().map(|batch| (tenant.clone(), batch.table)));
            state.active.push(&tenant, lsn, received, batches);
        }
        touched.sort_unstable();
        touched.dedup();
        let next = self.snapshot.load().with_active(&state.active, &touched);
        self.snapshot.store(Arc::new(next));
        self.count_bytes(&state);
    }

    /// The memtable to write to blocks: the one left frozen by a flush that failed, else the active one.
    pub(crate) fn freeze(&self) -> Option<Arc<Memtable>> {
        let mut state = self.lock();
        if state.frozen.is_none() {
            if state.active.is_empty() {
                return None;
            }
            state.frozen = Some(Arc::new(std::mem::take(&mut state.active)));
            let next = self.snapshot.load().with_active_frozen();
            self.snapshot.store(Arc::new(next));
        }
        state.frozen.clone()
    }

    /// Puts the blocks in the place of the frozen memtable.
    pub(crate) fn thaw_into(&self, seq: CatalogSeq, added: Vec<Arc<Block>>) {
        let mut state = self.lock();
        state.frozen = None;
        let current = self.snapshot.load();
        let blocks = current.all_blocks().cloned().chain(added);
        let next = current.without_frozen().with_blocks(seq, blocks);
        self.snapshot.store(Arc::new(next));
        self.count_bytes(&state);
    }

    /// Shows what a commit has changed but for the memtable: the blocks that were added, here as they are read, blocks
    /// that were removed, whose files go with the last snapshot that holds them, and pins.
    pub(crate) fn apply(&self, seq: CatalogSeq, edit: &Edit, added: Vec<Arc<Block>>) {
        let _state = self.lock();
        let current = self.snapshot.load();
        let (gone, kept): (Vec<_>, Vec<_>) =
            current.all_blocks().cloned().partition(|block| edit.remove.contains(&block.meta().id));
        let pins = current.all_pins().iter().filter(|pin| !edit.unpin.contains(&pin.id)).chain(&edit.pin).cloned();
        let next = current.with_blocks(seq, kept.into_iter().chain(added)).with_pins(pins);
        self.snapshot.store(Arc::new(next));
        for block in gone {
            block.doom();
        }
    }

    /// Brings memtables, blocks and pins in line with the catalog: at start, and when the outcome of a commit was unknown.
    pub(crate) fn settle(&self, catalog: &CatalogState, root: &Path) {
        let mut state = self.lock();
        let current = self.snapshot.load();
        let mut known: HashMap<BlockId, Arc<Block>> =
            current.all_blocks().map(|block| (block.meta().id.clone(), Arc::clone(block))).collect();
        let live =
            |meta: &BlockMeta| known.remove(&meta.id).unwrap_or_else(|| Arc::new(Block::new(meta.clone(), root)));
        let blocks: Vec<Arc<Block>> = catalog.blocks.iter().map(live).collect();
        let mut next = current.with_blocks(catalog.seq, blocks).with_pins(catalog.pins.iter().cloned());
        if state.frozen.as_deref().is_some_and(|frozen| frozen.last_lsn() <= catalog.wal_floor) {
            state.frozen = None;
            next = next.without_frozen();
        }
        self.snapshot.store(Arc::new(next));
        known.into_values().for_each(|block| block.doom());
        self.count_bytes(&state);
    }

    /// How full the memtables are.
    pub(crate) fn memtable_use(&self) -> MemtableUse {
        let state = self.lock();
        let frozen = state.frozen.as_deref();
        MemtableUse {
            rows: state.active.rows() + frozen.map_or(0, Memtable::rows),
            bytes: state.active.bytes() + frozen.map_or(0, Memtable::bytes),
            active_bytes: state.active.bytes(),
            oldest_receipt: frozen.and_then(Memtable::oldest_receipt).or(state.active.oldest_receipt()),
        }
    }

    fn count_bytes(&self, state: &State) {
        let bytes = state.active.bytes() + state.frozen.as_deref().map_or(0, Memtable::bytes);
        self.memtable_bytes.store(bytes, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while publishing leaves the state whole: batches are pushed one by one and the
        // snapshot is swapped last. Going on is better than refusing every later request.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
