//! The catalog: the transactional list of live blocks, the floor of the write-ahead log, pins and leases.
//!
//! | file | what |
//! |---|---|
//! | `mod.rs` | the contract |
//! | `lease.rs` | who may rewrite the blocks of a partition |
//! | `pin.rs` | which time retention leaves alone |
//! | `sqlite/` | the embedded catalog |
//! | `conformance.rs` | the suite that every catalog must pass |
//! | `unreliable.rs` | a catalog in memory that fails when a test says so |

mod lease;
mod pin;
mod sqlite;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod unreliable;

use async_trait::async_trait;
use model::UnixNanos;
use wal::Lsn;

use crate::block::{BlockId, BlockMeta};

pub(crate) use lease::{Lease, LeaseHolder, LeaseTerm, Partition};
pub use pin::{NewPin, PIN_REASON_BYTES_MAX, PINS_MAX, Pin, PinId};
pub(crate) use sqlite::SqliteCatalog;
#[cfg(test)]
pub(crate) use unreliable::{Fault, UnreliableCatalog};

/// A commit's place in the history of the catalog. Starts at 0 and grows by one with each commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CatalogSeq(u64);

impl CatalogSeq {
    /// From a stored number.
    pub fn new(seq: u64) -> Self {
        Self(seq)
    }

    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }
}

/// Everything the catalog knows at one commit.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CatalogState {
    /// The commit.
    pub seq: CatalogSeq,
    /// Every frame up to and including this one is in blocks.
    pub wal_floor: Lsn,
    /// The live blocks, by id.
    pub blocks: Vec<BlockMeta>,
    /// The pins, by id.
    pub pins: Vec<Pin>,
}

/// One change, applied whole or not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Edit {
    /// Blocks that become live.
    pub add: Vec<BlockMeta>,
    /// Blocks that stop being live. Each must be live.
    pub remove: Vec<BlockId>,
    /// The new floor, where the edit moves it. Never below the current one.
    pub wal_floor: Option<Lsn>,
    /// A pin that is made.
    pub pin: Option<Pin>,
    /// Pins that are taken away. Each must be there.
    pub unpin: Vec<PinId>,
    /// The lease that the edit is made under; refused unless it is still held.
    pub lease: Option<Lease>,
}

/// Why a catalog did not answer or commit.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CatalogError {
    /// Another commit came first: load again and decide again.
    #[error("the catalog is at {found}, not at {expected}: another writer committed first")]
    Conflict {
        /// The commit the caller built on.
        expected: u64,
        /// The newest commit.
        found: u64,
    },
    /// Somebody else has taken the lease, or it was given back.
    #[error("the lease of the partition is lost")]
    LeaseLost,
    /// The edit contradicts what is there.
    #[error("the edit does not fit the catalog: {0}")]
    Invalid(String),
    /// The database failed.
    #[error("the catalog's database failed")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The contract of every catalog.
///
/// - `commit` MUST be atomic and durable: after it returns, a crash of the process or the machine keeps it.
/// - `commit` MUST refuse with [`CatalogError::Conflict`], changing nothing, unless `expected` is the newest commit.
/// - `load` MUST return the state of one commit, never a mixture of two.
/// - `acquire_lease` MUST give a partition to at most one holder at a time, and each lease a token of its own.
/// - A lease MUST stay with its holder until it is released or, once it has expired, acquired; the holder itself may
///   acquire it anew at any time. From then on `commit` and `renew_lease` MUST refuse it with
///   [`CatalogError::LeaseLost`], changing nothing.
/// - Callers MUST NOT assume that they are the only writer.
#[async_trait]
pub(crate) trait Catalog: Send + Sync + std::fmt::Debug {
    /// The newest state.
    async fn load(&self) -> Result<CatalogState, CatalogError>;

    /// Applies the edit on top of `expected` and returns the new commit.
    async fn commit(&self, edit: &Edit, expected: CatalogSeq) -> Result<CatalogSeq, CatalogError>;

    /// Gives the partition to the holder; `None` while another one has it.
    async fn acquire_lease(
        &self,
        partition: &Partition,
        holder: LeaseHolder,
        term: LeaseTerm,
    ) -> Result<Option<Lease>, CatalogError>;

    /// Moves the end of a lease that is still held, expired or not.
    async fn renew_lease(&self, lease: &Lease, expires: UnixNanos) -> Result<(), CatalogError>;

    /// Gives the partition back. A lease that is lost already is no error.
    async fn release_lease(&self, lease: &Lease) -> Result<(), CatalogError>;
}
