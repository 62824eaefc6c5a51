//! The catalog: the transactional list of live blocks, and the floor of the write-ahead log.
//!
//! | file | what |
//! |---|---|
//! | `mod.rs` | the contract |
//! | `sqlite.rs` | the embedded catalog |
//! | `conformance.rs` | the suite that every catalog must pass |
//! | `unreliable.rs` | a catalog in memory that fails when a test says so |

mod sqlite;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod unreliable;

use async_trait::async_trait;
use wal::Lsn;

use crate::block::{BlockId, BlockMeta};

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
/// - Callers MUST NOT assume that they are the only writer.
#[async_trait]
pub(crate) trait Catalog: Send + Sync + std::fmt::Debug {
    /// The newest state.
    async fn load(&self) -> Result<CatalogState, CatalogError>;

    /// Applies the edit on top of `expected` and returns the new commit.
    async fn commit(&self, edit: &Edit, expected: CatalogSeq) -> Result<CatalogSeq, CatalogError>;
}
