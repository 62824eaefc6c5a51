//! A snapshot: what one query sees.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use model::{Batch, HOUR_NANOS, Table, TenantId, UnixNanos};

use crate::block::{Block, BlockMeta};
use crate::catalog::{CatalogSeq, Pin};
use crate::memtable::Memtable;

/// Memtable batches and live blocks at one instant.
///
/// Every acknowledged row is in exactly one of them. A snapshot holds what it reads: blocks that are
/// retired meanwhile keep their files until the last snapshot is gone.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    seq: CatalogSeq,
    /// The memtable being written to blocks, if any, then the one being filled.
    live: [Lists<RecordBatch>; 2],
    blocks: Lists<Block>,
    /// Of all tenants, by id.
    pins: Arc<[Pin]>,
}

/// A list per tenant and table. Lists are shared between snapshots until they change.
type Lists<T> = BTreeMap<(TenantId, Table), Arc<[Arc<T>]>>;

const FROZEN: usize = 0;
const ACTIVE: usize = 1;

impl Snapshot {
    /// The catalog commit it was taken at.
    pub fn seq(&self) -> CatalogSeq {
        self.seq
    }

    /// The tenant's batches of the table that are not in a block, oldest first.
    pub fn live(&self, tenant: &TenantId, table: Table) -> impl Iterator<Item = &Arc<RecordBatch>> {
        let key = (tenant.clone(), table);
        self.live.iter().filter_map(move |tables| tables.get(&key)).flat_map(|batches| batches.iter())
    }

    /// The tenant's blocks of the table, in the order of their names.
    pub fn blocks(&self, tenant: &TenantId, table: Table) -> &[Arc<Block>] {
        self.blocks.get(&(tenant.clone(), table)).map_or(&[], |blocks| blocks)
    }

    /// Every block of every tenant.
    pub fn all_blocks(&self) -> impl Iterator<Item = &Arc<Block>> {
        self.blocks.values().flat_map(|blocks| blocks.iter())
    }

    /// The tenant's pins, oldest first; also those that have expired and not been taken away yet.
    pub fn pins(&self, tenant: &TenantId) -> impl Iterator<Item = &Pin> {
        self.pins.iter().filter(move |pin| pin.asked.tenant == *tenant)
    }

    /// Every pin of every tenant.
    pub(crate) fn all_pins(&self) -> &[Pin] {
        &self.pins
    }

    /// Whether the block is live.
    pub(crate) fn has(&self, meta: &BlockMeta) -> bool {
        self.blocks(&meta.tenant, meta.table).iter().any(|block| block.meta().id == meta.id)
    }

    /// The same with further rows in memory, of tables of which there are none.
    #[must_use]
    pub fn with_live(&self, tenant: &TenantId, batches: impl IntoIterator<Item = Batch>) -> Self {
        let mut next = self.clone();
        for Batch { table, rows } in batches {
            next.live[ACTIVE].insert((tenant.clone(), table), [Arc::new(rows)].into());
        }
        next
    }

    /// How far the clock is known to have got: the time of the newest record in blocks, and not later than the hour that
    /// it is filed under, which is the receiver's. `None` without blocks.
    pub fn newest(&self) -> Option<UnixNanos> {
        let of_block = |block: &Arc<Block>| {
            let meta = block.meta();
            meta.max_time.min(UnixNanos::new(meta.hour.get().saturating_add(HOUR_NANOS)))
        };
        self.all_blocks().map(of_block).max()
    }

    /// Rows in memory of the table, over all tenants.
    pub(crate) fn live_rows(&self, table: Table) -> u64 {
        let lists = self.live.iter().flatten().filter(|((_, of), _)| *of == table);
        lists.flat_map(|(_, batches)| batches.iter()).map(|batch| batch.num_rows() as u64).sum()
    }

    /// The same with the given tables of the active memtable renewed.
    pub(crate) fn with_active(&self, memtable: &Memtable, touched: &[(TenantId, Table)]) -> Self {
        let mut next = self.clone();
        for key in touched {
            if let Some(rows) = memtable.tables().get(key) {
                next.live[ACTIVE].insert(key.clone(), rows.as_slice().into());
            }
        }
        next
    }

    /// The same with the active memtable frozen and an empty one in its place.
    pub(crate) fn with_active_frozen(&self) -> Self {
        let mut next = self.clone();
        next.live[FROZEN] = std::mem::take(&mut next.live[ACTIVE]);
        next
    }

    /// The same without the frozen memtable, whose rows are in blocks now.
    pub(crate) fn without_frozen(&self) -> Self {
        let mut next = self.clone();
        next.live[FROZEN].clear();
        next
    }

    /// The same with other blocks, as of a commit.
    pub(crate) fn with_blocks(&self, seq: CatalogSeq, all: impl IntoIterator<Item = Arc<Block>>) -> Self {
        let mut lists: BTreeMap<(TenantId, Table), Vec<Arc<Block>>> = BTreeMap::new();
        for block in all {
            lists.entry((block.meta().tenant.clone(), block.meta().table)).or_default().push(block);
        }
        let sorted = |mut blocks: Vec<Arc<Block>>| {
            blocks.sort_by(|a, b| a.meta().id.cmp(&b.meta().id));
            blocks.into()
        };
        let blocks = lists.into_iter().map(|(key, blocks)| (key, sorted(blocks))).collect();
        Self { seq, blocks, ..self.clone() }
    }

    /// The same with other pins, by id.
    pub(crate) fn with_pins(&self, pins: impl IntoIterator<Item = Pin>) -> Self {
        Self { pins: pins.into_iter().collect(), ..self.clone() }
    }
}
