//! Leases: who may rewrite the blocks of a partition, and until when.
//!
//! ```text
//! acquire → read blocks, write new ones (renew when it takes long) → commit under the lease → release
//! ```
//!
//! An expired lease still holds until somebody else takes it: what decides is the token, not a clock. So a holder that
//! slept through its term cannot commit over the work of its successor.

use model::{Table, TenantId, UnixNanos};

use crate::block::BlockMeta;

/// The blocks that are rewritten together: those of one tenant, table and hour.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Partition {
    pub(crate) tenant: TenantId,
    pub(crate) table: Table,
    /// Start of the hour.
    pub(crate) hour: UnixNanos,
}

impl Partition {
    /// The partition of a block.
    pub(crate) fn of(meta: &BlockMeta) -> Self {
        Self { tenant: meta.tenant.clone(), table: meta.table, hour: meta.hour }
    }
}

/// A kind of work of one process. What it left behind when the process ended it takes up again at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LeaseHolder(&'static str);

impl LeaseHolder {
    /// Merging small blocks.
    pub(crate) const COMPACTION: Self = Self("compaction");
    /// Taking expired rows out of blocks.
    pub(crate) const TRIMMING: Self = Self("trimming");

    pub(crate) fn as_str(self) -> &'static str {
        self.0
    }
}

/// When a lease is asked for, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LeaseTerm {
    /// Leases that expire at this instant or before may be taken.
    pub(crate) now: UnixNanos,
    /// From this instant on others may take this one.
    pub(crate) expires: UnixNanos,
}

/// A partition that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lease {
    pub(crate) partition: Partition,
    /// Given once, to one holder.
    pub(crate) token: u64,
}
