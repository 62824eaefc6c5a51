//! `GET /api/v1/status`: what is stored and how the server is doing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is stored and how the server is doing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StatusAnswer {
    /// The server's version.
    pub version: String,
    /// When the server started, RFC 3339.
    pub started: String,
    /// `starting`, `ready` or `draining`.
    pub state: String,
    /// The folder everything is kept in.
    pub data_dir: String,
    /// What an acknowledgement promises: `fsync`, `os` or `none`.
    pub durability: String,
    /// The catalog's sequence number; grows by one with each commit.
    pub catalog_seq: u64,
    /// The write-ahead log.
    pub wal: WalStatus,
    /// The volume that everything is kept on.
    pub disk: DiskStatus,
    /// Recent batches that are not in a block yet.
    pub memtable: MemtableStatus,
    /// What each table holds.
    pub tables: Vec<TableStatus>,
    /// What has come in since the server started, per signal.
    pub signals: Vec<SignalStatus>,
    /// How many series each tenant has; absent before its first points.
    pub series: Vec<SeriesStatus>,
    /// Resident memory of the process, bytes; 0 where the system does not say.
    pub memory_rss_bytes: u64,
}

/// The write-ahead log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WalStatus {
    /// Files on disk.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// The newest durable log sequence number.
    pub durable_lsn: u64,
    /// Everything up to and including this number is in blocks.
    pub floor_lsn: u64,
    /// Damaged frames found when the log was read at start; they are kept under `quarantine/`.
    pub damaged_frames: u64,
    /// True after a write or sync error: ingest answers 503 until a restart.
    pub poisoned: bool,
}

/// The volume that everything is kept on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DiskStatus {
    /// Bytes of the volume; 0 where the system does not say.
    pub total_bytes: u64,
    /// Bytes that are free.
    pub free_bytes: u64,
    /// Bytes that are kept free, so that what was taken can always be written to blocks.
    pub reserve_bytes: u64,
    /// True while there is no more room than that: ingest answers 503 until there is.
    pub full: bool,
    /// True while the volume is read-only: ingest answers 503 until it is not.
    pub read_only: bool,
}

/// Recent batches that are not in a block yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemtableStatus {
    /// Rows over all tables.
    pub rows: u64,
    /// Bytes of memory they take.
    pub bytes: u64,
}

/// What one table holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TableStatus {
    /// The table's name in SQL.
    pub table: String,
    /// Live blocks.
    pub blocks: u64,
    /// Rows in them.
    pub block_rows: u64,
    /// Bytes on disk, indexes included.
    pub block_bytes: u64,
    /// Rows still in memory.
    pub live_rows: u64,
    /// Oldest row, RFC 3339; absent when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest: Option<String>,
    /// Newest row, RFC 3339; absent when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<String>,
}

/// The series of one tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeriesStatus {
    /// Whose they are.
    pub tenant: String,
    /// Series with points in this hour or the one before, since the server started.
    pub live: u64,
    /// As many may be live. Points of further series are refused.
    pub series_max: u64,
    /// Points that were refused for it since the server started.
    pub points_refused: u64,
}

/// What has come in since the server started, for one signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignalStatus {
    /// `traces`, `logs` or `metrics`.
    pub signal: String,
    /// Requests acknowledged.
    pub requests: u64,
    /// Records acknowledged.
    pub records: u64,
    /// Records refused for good.
    pub rejected: u64,
    /// Records kept with a mark: cut, or with bytes that were not UTF-8.
    pub marked: u64,
    /// Newest record's own time, RFC 3339; absent when none came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_record: Option<String>,
}
