//! The store: batches in, snapshots out.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use model::{Batch, Signal, Table, TenantId, UnixNanos};
use tokio::sync::Mutex;
use tracing::info;
use wal::{AppendErrorKind, Entry, Lsn, Wal, crash_point};

use crate::block::Block;
use crate::catalog::{Catalog, CatalogSeq, NewPin, Pin, PinId, SqliteCatalog};
use crate::compaction::{self, Compacted};
use crate::config::Config;
use crate::digest::Telemetry;
use crate::error::{StoreError, StoreErrorKind};
use crate::flush::{Flushed, Flusher};
use crate::lull::Lulls;
use crate::recovery::{self, Folders};
use crate::reserve::{DiskUse, Reserve};
use crate::retention::{Retention, Trimmed};
use crate::shared::{MemtableUse, Rows, Shared};
use crate::snapshot::Snapshot;

/// One acknowledged request on its way in.
#[derive(Debug)]
pub struct Incoming {
    /// Whose it is.
    pub tenant: TenantId,
    /// What it carries.
    pub signal: Signal,
    /// How `body` is encoded; the store hands it back to the decoder at replay and knows nothing of it.
    pub codec: u8,
    /// When it was received.
    pub received: UnixNanos,
    /// The body as received; this is what the write-ahead log keeps.
    pub body: Bytes,
    /// What the body decodes to.
    pub batches: Vec<Batch>,
}

/// Intervals of flushing without anything new after which nothing more is expected for an hour that is over.
const LULL_FLUSHES: u32 = 2;

/// The store of one data folder.
#[derive(Debug)]
pub struct Store {
    config: Config,
    data_dir: PathBuf,
    flusher: Arc<Flusher>,
    wal: Wal<Rows>,
    reserve: Reserve,
    damaged_frames: u64,
    /// Holds the folder for this process as long as the store lives.
    _lock: File,
}

/// How the store is doing.
#[derive(Clone, Debug)]
pub struct Status {
    /// The newest catalog commit.
    pub seq: CatalogSeq,
    /// The write-ahead log.
    pub wal: wal::Status,
    /// Damaged frames found at start.
    pub damaged_frames: u64,
    /// The disk.
    pub disk: DiskUse,
    /// The memtables.
    pub memtable: MemtableUse,
    /// Each table.
    pub tables: Vec<TableUse>,
}

/// What one table holds, over all tenants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableUse {
    /// The table.
    pub table: Table,
    /// Live blocks.
    pub blocks: u64,
    /// Rows in them.
    pub block_rows: u64,
    /// Bytes of their files.
    pub block_bytes: u64,
    /// Rows in memory.
    pub live_rows: u64,
    /// Earliest and latest row in blocks, both inclusive; `None` without blocks.
    pub block_times: Option<(UnixNanos, UnixNanos)>,
}

impl Store {
    /// Opens the folder, creating it as needed, and replays what is not in blocks yet.
    ///
    /// Returns only when every acknowledged row can be queried. Errors say which file or folder to look at.
    pub async fn open(data_dir: &Path, config: Config, telemetry: Telemetry) -> Result<Self, StoreError> {
        let (folders, lock) = Folders::claim(data_dir)?;
        folders.refuse_lost_catalog()?;
        let catalog: Arc<dyn Catalog> = Arc::new(SqliteCatalog::open(&folders.catalog).await?);
        let state = catalog.load().await?;
        recovery::sweep_orphans(&folders, &state)
            .map_err(|error| StoreError::caused(StoreErrorKind::Io, "cannot sweep the blocks folder", error))?;

        let shared = Arc::new(Shared::default());
        shared.settle(&state, &folders.blocks);
        let flusher = Arc::new(Flusher {
            shared: Arc::clone(&shared),
            catalog,
            root: folders.blocks.clone(),
            retention: Arc::new(Retention::new(config.retention, config.retention_rules.clone())),
            trimmer: Arc::default(),
            telemetry: telemetry.clone(),
            lulls: std::sync::Mutex::new(Lulls::new(config.flush_interval * LULL_FLUSHES)),
            doubtful: std::sync::Mutex::default(),
            seq: Mutex::new(Some(state.seq)),
        });

        let recovered = {
            let (folders, flusher) = (folders.clone(), Arc::clone(&flusher));
            let (floor, flush_bytes) = (state.wal_floor, config.flush_bytes);
            tokio::task::spawn_blocking(move || {
                recovery::replay(&folders, floor, flush_bytes, &flusher, &*telemetry.decode)
            })
            .await
            .map_err(|error| StoreError::caused(StoreErrorKind::Io, "the replay was interrupted", error))??
        };
        crash_point("recovery::replayed");
        let wal_config = wal::Config { durability: config.durability, ..config.wal.clone() };
        let wal =
            Wal::start(&folders.wal, wal_config, recovered.last_lsn, move |group| {
                shared.publish(group.into_iter().map(|frame: wal::Committed<Rows>| {
                    (frame.lsn, UnixNanos::new(frame.receive_unix_nanos), frame.item)
                }));
            })
            .map_err(|error| StoreError::caused(StoreErrorKind::Io, "cannot start the write-ahead log", error))?;
        crash_point("recovery::log_started");
        // A crash may have come between a commit and the deletion of what it made superfluous.
        wal.release(recovered.floor);
        info!(data_dir = %data_dir.display(), blocks = state.blocks.len(), "opened the store");
        Ok(Self {
            reserve: Reserve::new(data_dir, config.disk_reserve_bytes),
            config,
            data_dir: data_dir.to_owned(),
            flusher,
            wal,
            damaged_frames: recovered.damaged_frames,
            _lock: lock,
        })
    }

    /// Keeps the request. When this returns, its rows are durable as configured and in every later snapshot.
    ///
    /// If the caller stops waiting, the rows are kept all the same.
    pub async fn append(&self, incoming: Incoming) -> Result<Lsn, StoreError> {
        self.check_room()?;
        self.reserve
            .admit(incoming.body.len() as u64, || self.log_bytes())
            .map_err(|reason| StoreError::new(StoreErrorKind::DiskFull, reason))?;
        let Incoming { tenant, signal, codec, received, body, batches } = incoming;
        let entry = Entry {
            tenant: tenant.as_str().into(),
            signal: signal.code(),
            codec,
            receive_unix_nanos: received.get(),
            payload: body,
        };
        self.wal.append(entry, Rows { tenant, batches }).await.map_err(|error| {
            let kind = match error.kind() {
                AppendErrorKind::Full => StoreErrorKind::Busy,
                AppendErrorKind::Refused(_) => StoreErrorKind::DiskFull,
                AppendErrorKind::TooLarge => StoreErrorKind::TooLarge,
                AppendErrorKind::Poisoned => StoreErrorKind::Poisoned,
                AppendErrorKind::Closed => StoreErrorKind::Closed,
            };
            // What stands in the way of a full disk passes by itself, so the sender may know what it is.
            let context = match error.kind() {
                AppendErrorKind::Refused(_) => error.to_string(),
                _ => "cannot write to the write-ahead log".to_owned(),
            };
            StoreError::caused(kind, context, error)
        })
    }

    /// Whether the memtable has room, which an append finds out, too: asked before a request is decoded, it spares the
    /// decoding of what is refused anyway.
    pub fn check_room(&self) -> Result<(), StoreError> {
        if self.flusher.shared.memtable_bytes() < self.config.memtable_bytes_max {
            return Ok(());
        }
        Err(StoreError::new(StoreErrorKind::Busy, "the memtable is full until the next flush"))
    }

    /// What a query that starts now sees.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.flusher.shared.snapshot()
    }

    /// Whether a flush is due at `now`: the memtable is full, or old enough, or the disk has no room, of which blocks take
    /// less than the log. A clock that was set back since the receipt makes the memtable as old as one that ran on.
    pub fn flush_is_due(&self, now: UnixNanos) -> bool {
        let memtable = self.flusher.shared.memtable_use();
        let room_is_wanted = self.reserve.is_wanted(|| self.log_bytes());
        let interval = self.config.flush_interval;
        let is_old = |receipt: UnixNanos| receipt.plus(interval) <= now || now.plus(interval) <= receipt;
        memtable.active_bytes >= self.config.flush_bytes
            || memtable.oldest_receipt.is_some_and(|receipt| room_is_wanted || is_old(receipt))
    }

    /// Writes what is in memory to blocks and lets the write-ahead log forget it; `None` when there is nothing.
    ///
    /// After an error the rows stay where they are, and the next flush tries again. If the caller stops
    /// waiting, the flush goes on all the same.
    pub async fn flush(&self) -> Result<Option<Flushed>, StoreError> {
        let flusher = Arc::clone(&self.flusher);
        let flushed = to_its_end(async move { flusher.flush().await }).await?;
        if let Some(flushed) = flushed {
            crash_point("flush::release");
            self.wal.release(flushed.floor);
        }
        Ok(flushed)
    }

    /// Merges small blocks of one tenant, table and hour into one; `None` when there is nothing worth merging.
    ///
    /// Call it again until it returns `None`. Rows are the same before and after, in every snapshot. Where the disk has no
    /// room for the merged block beside its inputs and the reserve, merging waits.
    pub async fn compact(&self, now: UnixNanos) -> Result<Option<Compacted>, StoreError> {
        let has_room = |inputs: &[Arc<Block>]| {
            self.reserve.has_beyond(compaction::room_for(inputs.iter().map(|block| block.meta().bytes).sum()))
        };
        self.flusher.compact(now, has_room).await
    }

    /// Deletes the blocks of which everything is older than it is kept for, and which no pin holds. Returns how many.
    ///
    /// How long a record is kept: see [`Config::retention`] and [`Config::retention_rules`]. Rows in memory stay.
    pub async fn retain(&self, now: UnixNanos) -> Result<usize, StoreError> {
        let flusher = Arc::clone(&self.flusher);
        to_its_end(async move { flusher.remove_expired(now).await }).await
    }

    /// Rewrites some blocks without the rows that are older than they are kept for, where others of the block are not;
    /// `None` when no block is left to look into.
    ///
    /// Call it again until it returns `None`. All other rows are the same before and after, in every snapshot.
    pub async fn trim(&self, now: UnixNanos) -> Result<Option<Trimmed>, StoreError> {
        let flusher = Arc::clone(&self.flusher);
        to_its_end(async move { flusher.trim(now).await }).await
    }

    /// Makes a pin: from when this returns, retention leaves alone what the pin's range overlaps.
    ///
    /// Kind `Invalid` where the range is empty, the reason is too long, the pin has expired already, or its tenant has
    /// [`PINS_MAX`](crate::PINS_MAX) pins.
    pub async fn pin(&self, asked: NewPin, now: UnixNanos) -> Result<Pin, StoreError> {
        let flusher = Arc::clone(&self.flusher);
        to_its_end(async move { flusher.pin(asked, now).await }).await
    }

    /// Takes a pin of the tenant away; `false` if it has none of that name. What only the pin held goes with the next
    /// round of retention.
    pub async fn unpin(&self, tenant: &TenantId, id: PinId) -> Result<bool, StoreError> {
        let (flusher, tenant) = (Arc::clone(&self.flusher), tenant.clone());
        to_its_end(async move { flusher.unpin(&tenant, id).await }).await
    }

    /// The folder that block paths are relative to.
    pub fn blocks_dir(&self) -> &Path {
        &self.flusher.root
    }

    /// The folder of everything.
    pub fn data_dir(&self) -> &Path {
        &self.data_dir
    }

    /// The options in force.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// How the store is doing.
    pub fn status(&self) -> Status {
        let (snapshot, wal) = (self.snapshot(), self.wal.status());
        let disk = self.reserve.look(wal.bytes);
        Status {
            seq: snapshot.seq(),
            disk: DiskUse { full: disk.full || wal.refusing, ..disk },
            wal,
            damaged_frames: self.damaged_frames,
            memtable: self.flusher.shared.memtable_use(),
            tables: Table::ALL.into_iter().map(|table| table_use(&snapshot, table)).collect(),
        }
    }

    /// Bytes of the log, most of which will be written to blocks once more.
    fn log_bytes(&self) -> u64 {
        self.wal.status().bytes
    }

    /// Refuses further appends and makes everything queued durable and visible. Blocks the calling thread.
    ///
    /// Call [`Self::flush`] after it and the next start has nothing to replay.
    pub fn close(&self) {
        self.wal.close();
    }
}

/// Runs the work whether or not the caller goes on waiting: what has begun to write files and to commit must not stop
/// in the middle.
async fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::spawn(work)
        .await
        .map_err(|error| StoreError::caused(StoreErrorKind::Io, "the work on the blocks was interrupted", error))?
}

fn table_use(snapshot: &Snapshot, table: Table) -> TableUse {
    let mut usage = TableUse {
        table,
        blocks: 0,
        block_rows: 0,
        block_bytes: 0,
        live_rows: snapshot.live_rows(table),
        block_times: None,
    };
    for meta in snapshot.all_blocks().map(|block| block.meta()).filter(|meta| meta.table == table) {
        usage.blocks += 1;
        usage.block_rows += meta.rows;
        usage.block_bytes += meta.bytes;
        let (first, last) = usage.block_times.unwrap_or((meta.min_time, meta.max_time));
        usage.block_times = Some((first.min(meta.min_time), last.max(meta.max_time)));
    }
    usage
}
