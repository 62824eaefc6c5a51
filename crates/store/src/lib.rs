//! Batches in, snapshots out: the write-ahead log, the memtable, blocks and the catalog behind one door.
//!
//! ```text
//! append:  write-ahead log (durable) → memtable (visible) → acknowledged
//! flush:   memtable → digests of it → blocks → catalog commit → snapshot → log files deleted
//! compact: small blocks → one → catalog commit → snapshot → inputs deleted when no snapshot holds them
//! retain:  blocks of which everything has expired → catalog commit → snapshot → deleted in the same way
//! trim:    a block → the same without the rows that have expired → as compact
//! check:   every byte of a folder that no server has open; repair moves what is damaged to quarantine/
//! query:   Snapshot = memtable batches + blocks at one instant
//! ```
//!
//! Invariants:
//! - An append that returned is on disk as [`Config::durability`] says, and in every later [`Snapshot`].
//! - Every acknowledged row is in exactly one place of a snapshot: the memtable or one block.
//! - The log forgets a frame only after the catalog has committed the blocks that hold its rows.
//! - Appends stop before the disk is full: what is in the log can always be written to blocks.
//! - Nobody outside reads the catalog: a snapshot is the only way to what is stored.

mod config;
mod error;
mod catalog;
mod block;
mod memtable;
mod reserve;
mod snapshot;
mod shared;
mod digest;
mod flush;
mod rewrite;
mod compaction;
mod lull;
mod retention;
mod retention_clock;
mod pinning;
mod recovery;
mod store;
mod checkup;

pub use block::{AttributeKeys, Block, BlockId, BlockMeta, BlockReadError, Candidates, CheckedFile, CheckedRead, Page};
pub use catalog::{CatalogSeq, NewPin, PIN_REASON_BYTES_MAX, PINS_MAX, Pin, PinId};
pub use checkup::{Checkup, Finding, FindingKind, RepairMode, Repaired, Step, check, repair};
pub use compaction::Compacted;
pub use config::{Config, ConfigError};
pub use digest::{Digester, Fresh, Telemetry};
pub use error::{StoreError, StoreErrorKind};
pub use flush::Flushed;
pub use recovery::Decoder;
pub use reserve::DiskUse;
pub use retention::{RETENTION_RULES_MAX, RetentionRule, RetentionRuleError, RetentionRules, Trimmed};
pub use retention_clock::RetentionClock;
pub use shared::MemtableUse;
pub use snapshot::Snapshot;
pub use store::{Incoming, Status, Store, TableUse};
