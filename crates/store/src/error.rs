//! What can go wrong in the store, by what the caller can do about it.

use crate::catalog::CatalogError;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
#[error("{context}")]
pub struct StoreError {
    kind: StoreErrorKind,
    context: String,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What the caller can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// Too much is waiting to be written; the same append may succeed in a few seconds.
    Busy,
    /// The disk takes nothing more: it is full, over quota, or takes no new file. The same append may succeed once that
    /// has changed, and nothing is left of this one.
    DiskFull,
    /// The append can never succeed: it is larger than a frame may be.
    TooLarge,
    /// Writing failed in a way that cannot be trusted any more; restart after mending the disk.
    Poisoned,
    /// The store is closing.
    Closed,
    /// What was asked for cannot be; the message says why.
    Invalid,
    /// Another process has the folder.
    Locked,
    /// Something on disk is not what was written there.
    Damaged,
    /// The disk, the folder or the catalog failed.
    Io,
}

impl StoreError {
    /// What the caller can do about it.
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    pub(crate) fn new(kind: StoreErrorKind, context: impl Into<String>) -> Self {
        Self { kind, context: context.into(), source: None }
    }

    pub(crate) fn caused(
        kind: StoreErrorKind,
        context: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self { kind, context: context.into(), source: Some(source.into()) }
    }
}

impl From<CatalogError> for StoreError {
    fn from(error: CatalogError) -> Self {
        let kind = match error {
            CatalogError::Invalid(_) => StoreErrorKind::Damaged,
            CatalogError::Conflict { .. } | CatalogError::LeaseLost | CatalogError::Database { .. } => {
                StoreErrorKind::Io
            }
        };
        Self::caused(kind, "the catalog catalog.sqlite failed", error)
    }
}
