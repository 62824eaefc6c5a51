//! Bytes that survive a crash: a write-ahead log of opaque payloads, in order, with group commit.
//!
//! ```text
//! append(entry, item) ──► queue ──► writer thread ────────────────────────────► sink(items) ──► wake callers
//!   many tasks            bounded     take a group, number it, one writev,        in LSN order
//!                         in bytes    one fdatasync
//!
//! dir/
//! ├── 00000000000000000001.wal      finished: never written again, deleted as a whole by `release`
//! ├── 00000000000000004711.wal      finished; its name is the LSN of its first frame
//! ├── 00000000000000009001.wal      open: the writer appends here
//! └── quarantine/                   copies of files in which replay found damage
//! ```
//!
//! # The contract
//!
//! * **Durable.** When [`Wal::append`] returns an LSN, the frame is as safe as [`Durability`] says, and the sink has
//!   run for it. A group is written once and synced once; while one sync runs, the next group forms. No timer.
//! * **In order.** LSNs are consecutive; frames lie on disk, reach the sink, and come back from [`replay()`] in LSN order.
//! * **Exact.** After a crash [`replay()`] gives every acknowledged frame once. A torn tail is cut back to the last whole
//!   frame. A damaged frame costs that frame: its file is copied to `quarantine/`, and later frames are kept.
//! * **Honest.** One failed write or sync poisons the log: those who wait fail, nothing is acknowledged afterwards, and
//!   that file is never synced again (a second sync may succeed without the pages that the first one lost).
//! * **Patient.** A full disk is no failure of what it holds: the group that found no room is cut off and its callers are
//!   refused, and the log goes on with the next.
//! * **Bounded.** Queue, group, file, payload and tenant have limits, held by the writer and by the reader.
//!
//! # What a caller must never assume
//!
//! * That an append that failed for a poisoned log left no trace. A frame that was written but never acknowledged may come back from [`replay()`].
//! * That a dropped [`Wal::append`] was withdrawn. Once it has been polled, the frame commits.
//! * That [`replay()`] hands out only what lies above the released floor: deletion works on whole files. The caller keeps
//!   its own floor, and passes it in.
//! * That damage at the very end of the newest file can be told from a torn tail. Both are cut off, and counted in
//!   `torn_bytes`.
//! * That two processes are kept apart: the caller locks the folder.
//!
//! To start: [`replay()`] from the floor, then [`Wal::start`] with the `last_lsn` that it returned.
//!
//! # Where to read on
//!
//! `frame` and `file` describe the bytes; `writer` is the one thread that makes them; `reader` and `replay` take them
//! apart again, and `check` looks at them without touching; `directory` knows which files exist; `disk` and `fail_point`
//! are the seams where tests break things.

mod config;
mod error;
mod lsn;

mod frame;

mod file;

mod directory;
mod disk;
mod fail_point;
#[cfg(test)]
mod faulty_disk;
mod queue;
mod wal;
mod writer;

mod reader;
mod replay;
mod check;

pub use check::{FileCheck, check, set_aside};
pub use config::{Config, Durability};
pub use error::{AppendError, AppendErrorKind, ConfigError, DiskError, ReplayError, WalError};
pub use fail_point::{crash_point, fail_point};
pub use frame::{Entry, Frame, PAYLOAD_BYTES_MAX, TENANT_BYTES_MAX};
pub use lsn::Lsn;
pub use replay::{Replayed, replay};
pub use wal::{Status, Wal};
pub use writer::Committed;
