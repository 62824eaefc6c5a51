//! Resources that were met, each judged once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::UInt64Type;
use model::{Attributes, Signal, Table, TenantId};
use tracing::warn;

use super::policy::Retention;
use crate::block::{Block, BlockId, BlockReadError};
use crate::snapshot::Snapshot;

/// Resources that are remembered, over all tenants. Those beyond are kept as long as anything of their tenant.
const RESOURCES_MAX: usize = 1_000_000;

/// Rows that are in memory at once: an id and a few labels of each.
const BATCH_ROWS: usize = 8_192;

const RESOURCE_ID: &str = "resource_id";
const RESOURCE_ATTRIBUTES: &str = "resource_attributes";

/// How long what each resource has sent is kept.
#[derive(Debug, Default)]
pub(super) struct Resources {
    tenants: HashMap<TenantId, OfTenant>,
}

#[derive(Debug, Default)]
struct OfTenant {
    kept: HashMap<u64, Duration>,
    /// Blocks of `series` that were read.
    series_read: HashSet<BlockId>,
}

/// The resources of a block that have expired.
#[derive(Debug, Default)]
pub(super) struct Expired {
    pub(super) resources: HashSet<u64>,
    /// Their rows.
    pub(super) rows: u64,
}

impl Resources {
    /// Which resources of the block are kept for no longer than `over`. Blocks the calling thread.
    pub(super) fn expired(
        &mut self,
        block: &Block,
        snapshot: &Snapshot,
        retention: &Retention,
        over: Duration,
    ) -> Result<Expired, BlockReadError> {
        let meta = block.meta();
        let mut room = RESOURCES_MAX.saturating_sub(self.tenants.values().map(|tenant| tenant.kept.len()).sum());
        let known = self.tenants.entry(meta.tenant.clone()).or_default();
        let is_described = describes_resources(meta.table);
        let columns: &[&str] = if is_described { &[RESOURCE_ID, RESOURCE_ATTRIBUTES] } else { &[RESOURCE_ID] };
        let mut is_series_read = is_described;
        let mut expired = Expired::default();
        for batch in block.read_batches(Some(columns), BATCH_ROWS)? {
            let batch = batch?;
            if is_described {
                known.learn(&batch, &meta.tenant, retention, &mut room);
            }
            let mut last = None;
            for id in ids_of(&batch) {
                if !is_series_read && !known.kept.contains_key(id) {
                    known.read_series(snapshot, &meta.tenant, retention, &mut room);
                    is_series_read = true;
                }
                let is_over = match last {
                    Some((of, is_over)) if of == *id => is_over,
                    _ => known.kept.get(id).is_some_and(|kept| *kept <= over),
                };
                last = Some((*id, is_over));
                if is_over {
                    expired.resources.insert(*id);
                    expired.rows += 1;
                }
            }
        }
        Ok(expired)
    }
}

impl OfTenant {
    /// Judges the resources of a batch that are not known.
    fn learn(&mut self, batch: &RecordBatch, tenant: &TenantId, retention: &Retention, room: &mut usize) {
        let attributes = batch.column_by_name(RESOURCE_ATTRIBUTES).expect("it was asked for").as_binary_view();
        let mut last = None;
        for (row, id) in ids_of(batch).iter().enumerate() {
            if last == Some(*id) || *room == 0 || self.kept.contains_key(id) {
                continue;
            }
            last = Some(*id);
            self.kept.insert(*id, retention.of_resource(tenant, Attributes::new(attributes.value(row))));
            *room -= 1;
        }
    }

    /// Judges the resources that `series` describes.
    ///
    /// Memory need not be looked at: points and what describes them are flushed together.
    fn read_series(&mut self, snapshot: &Snapshot, tenant: &TenantId, retention: &Retention, room: &mut usize) {
        let blocks = snapshot.blocks(tenant, Table::Series);
        let live: HashSet<&BlockId> = blocks.iter().map(|block| &block.meta().id).collect();
        self.series_read.retain(|id| live.contains(id));
        for block in blocks.iter().filter(|block| !block.is_left_alone()) {
            if !self.series_read.insert(block.meta().id.clone()) {
                continue;
            }
            if let Err(error) = self.read_series_of(block, tenant, retention, room) {
                let error = &error as &dyn std::error::Error;
                // What only this block describes is kept as long as anything of the tenant.
                warn!(block = %block.meta().id, error, "cannot read what series are");
            }
        }
    }

    fn read_series_of(
        &mut self,
        block: &Arc<Block>,
        tenant: &TenantId,
        retention: &Retention,
        room: &mut usize,
    ) -> Result<(), BlockReadError> {
        for batch in block.read_batches(Some(&[RESOURCE_ID, RESOURCE_ATTRIBUTES]), BATCH_ROWS)? {
            self.learn(&batch?, tenant, retention, room);
        }
        Ok(())
    }
}

/// Whether rows say themselves who sent them. Those of points are told by `series`.
fn describes_resources(table: Table) -> bool {
    table.signal() != Signal::Metrics || table == Table::Series
}

fn ids_of(batch: &RecordBatch) -> &[u64] {
    batch
        .column_by_name(RESOURCE_ID)
        .expect("only rows of resources are looked at")
        .as_primitive::<UInt64Type>()
        .values()
}
