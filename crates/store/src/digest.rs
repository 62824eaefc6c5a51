//! What the store is told about the rows that it keeps, as it knows no telemetry itself.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow::array::RecordBatch;
use model::{Batch, Table, TenantId};
use tracing::error;

use crate::memtable::Memtable;
use crate::recovery::Decoder;
use crate::snapshot::Snapshot;

/// Works out the rows of the digest tables ([`Table::DIGESTS`]) that rows of one tenant give which are about to be flushed,
/// beside what is in the snapshot's blocks. What is in the snapshot's memory it must not count: these are the same rows.
///
/// The result is committed with the rows, so each row is digested exactly once, whenever the process dies.
pub type Digester = dyn Fn(&Fresh<'_>, &Snapshot) -> Vec<Batch> + Send + Sync;

/// Rows of one tenant that are not in blocks yet.
#[derive(Clone, Debug)]
pub struct Fresh<'a> {
    /// Whose they are.
    pub tenant: &'a TenantId,
    /// The rows, in the order in which they came.
    pub tables: BTreeMap<Table, Vec<Arc<RecordBatch>>>,
}

/// What the store is told about the rows that it keeps.
#[derive(Clone)]
pub struct Telemetry {
    /// Turns bodies in the write-ahead log back into rows.
    pub decode: Arc<Decoder>,
    /// Works out what to keep beside rows.
    pub digest: Arc<Digester>,
}

impl Telemetry {
    /// With no digests.
    pub fn decoding(decode: Arc<Decoder>) -> Self {
        Self { decode, digest: Arc::new(|_, _| Vec::new()) }
    }

    /// The digests of a memtable, by tenant. What a tenant's rows make the digester panic over goes without one: rows must
    /// not stay in memory for it.
    pub(crate) fn digests(&self, memtable: &Memtable, older: &Snapshot) -> Vec<(TenantId, Vec<Batch>)> {
        let mut digests = Vec::new();
        for fresh in Fresh::of_tenants(memtable) {
            match catch_unwind(AssertUnwindSafe(|| (self.digest)(&fresh, older))) {
                Ok(batches) => digests.push((fresh.tenant.clone(), batches)),
                Err(_) => error!(tenant = %fresh.tenant, "cannot digest the rows of a flush"),
            }
        }
        digests
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telemetry").finish_non_exhaustive()
    }
}

impl<'a> Fresh<'a> {
    /// The rows of the tenant in a snapshot's memory.
    pub fn of_snapshot(snapshot: &Snapshot, tenant: &'a TenantId) -> Self {
        let of = |table| (table, snapshot.live(tenant, table).cloned().collect::<Vec<_>>());
        let tables = Table::ALL.into_iter().map(of).filter(|(_, batches)| !batches.is_empty()).collect();
        Self { tenant, tables }
    }

    fn of_tenants(memtable: &'a Memtable) -> Vec<Self> {
        let mut tenants: Vec<Self> = Vec::new();
        for ((tenant, table), batches) in memtable.tables() {
            match tenants.last_mut() {
                Some(last) if last.tenant == tenant => drop(last.tables.insert(*table, batches.clone())),
                _ => tenants.push(Self { tenant, tables: [(*table, batches.clone())].into() }),
            }
        }
        tenants
    }
}
