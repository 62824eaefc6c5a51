//! What can go wrong, sorted by what the caller can do about it.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::Lsn;

/// Why an entry was not taken. Nothing of it was acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct AppendError {
    kind: AppendErrorKind,
}

impl AppendError {
    /// What the caller can do about it.
    pub fn kind(&self) -> AppendErrorKind {
        self.kind
    }
}

impl From<AppendErrorKind> for AppendError {
    fn from(kind: AppendErrorKind) -> AppendError {
        AppendError { kind }
    }
}

/// The kinds of [`AppendError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendErrorKind {
    /// The queue holds all it may: try again later.
    #[error("the wal queue is full")]
    Full,
    /// The payload is over [`PAYLOAD_BYTES_MAX`](crate::PAYLOAD_BYTES_MAX) or the tenant over
    /// [`TENANT_BYTES_MAX`](crate::TENANT_BYTES_MAX): never try again.
    #[error("the entry is larger than the wal takes")]
    TooLarge,
    /// The disk took nothing more: it is full, over quota, or takes no new file. Nothing is left of the entry, and the
    /// log goes on: try again later. Never where durability is `none`, which has answered by then.
    #[error("the disk takes no more: {0}")]
    Refused(io::ErrorKind),
    /// A write or sync failed, in this group or before. Only a restart, which replays what the disk really holds, helps.
    #[error("the wal is poisoned by an earlier disk error")]
    Poisoned,
    /// [`close`](crate::Wal::close) was called.
    #[error("the wal is closed")]
    Closed,
}

/// An option that cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key} {reason}")]
pub struct ConfigError {
    /// The name of the option, as in [`Config`](crate::Config).
    pub key: &'static str,
    /// What is wrong with it, to be read after the key.
    pub reason: &'static str,
}

/// An operation on a file or folder that failed. The cause is its `source`.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {path}")]
pub struct DiskError {
    /// What was tried, as a verb.
    pub action: &'static str,
    /// On which file or folder.
    pub path: PathBuf,
    /// What the operating system answered.
    pub source: io::Error,
}

impl DiskError {
    /// For `map_err`: says what was tried, and on what.
    pub(crate) fn on(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DiskError {
        move |source| DiskError { action, path: path.to_owned(), source }
    }
}

/// Why a log did not start.
#[derive(Debug, thiserror::Error)]
pub enum WalError {
    /// An option cannot work.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The folder cannot be read or written.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The folder holds frames above `last_lsn`: it was not taken from [`replay`](crate::replay()) of this folder.
    #[error("{path} lies above the last lsn {last_lsn}: replay the folder first")]
    Behind {
        /// The file whose frames would be shadowed.
        path: PathBuf,
        /// What the caller passed.
        last_lsn: Lsn,
    },
    /// `last_lsn` leaves no LSN to give out.
    #[error("no lsn is left after {last_lsn}")]
    Exhausted {
        /// What the caller passed.
        last_lsn: Lsn,
    },
}

/// Why a replay stopped. `E` is the error of the visitor.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError<E> {
    /// The folder cannot be read or repaired. What was handed out so far is good; replaying again is safe.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A newer program wrote this file. Nothing was visited and nothing was changed.
    #[error("{path} has format version {version}, this program reads version {}", crate::file::VERSION)]
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u16,
    },
    /// The visitor refused a frame; later ones were not visited.
    #[error("{0}")]
    Visit(E),
}
