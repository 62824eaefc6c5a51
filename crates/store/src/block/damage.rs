//! What is known to be wrong with a block.

use std::io;
use std::sync::OnceLock;

use super::BlockReadError;

/// The first damage that anybody has found in the files of a block. It stays: nothing mends a file.
#[derive(Debug, Default)]
pub(super) struct Damage(OnceLock<String>);

impl Damage {
    /// What is known; `None` while there is nothing wrong with what was read.
    pub(super) fn known(&self) -> Option<BlockReadError> {
        self.0.get().map(|what| BlockReadError::Damaged(what.clone()))
    }

    /// Remembers what was found, and makes it the error of who found it.
    pub(super) fn found(&self, what: String) -> BlockReadError {
        let _ = self.0.set(what.clone());
        BlockReadError::Damaged(what)
    }

    /// The damage in place of an error that it has led to: not every decoder hands on what it was told.
    pub(super) fn or(&self, error: impl Into<BlockReadError>) -> BlockReadError {
        self.known().unwrap_or_else(|| error.into())
    }

    /// [`Self::found`] for an error of the file system, unless it may pass: too many open files say nothing about this one.
    pub(super) fn by_io(&self, error: io::Error) -> BlockReadError {
        let lasts = matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof)
            || error.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error());
        if lasts { self.found(error.to_string()) } else { error.into() }
    }
}
