//! Opening: the catalog says what is live, leftovers are swept, the write-ahead log is replayed.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use model::{Batch, TenantId, UnixNanos};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tracing::{error, info, warn};
use wal::{Frame, Lsn, crash_point, fail_point};

use crate::block::BlockMeta;
use crate::catalog::CatalogState;
use crate::error::{StoreError, StoreErrorKind};
use crate::flush::{Flushed, Flusher};
use crate::shared::{Rows, Shared};

/// Turns a frame's payload back into the batches it was appended with. Must give the same rows each time.
pub type Decoder = dyn Fn(&Frame) -> Result<Vec<Batch>, String> + Send + Sync;

/// The folders of a store.
#[derive(Clone, Debug)]
pub(crate) struct Folders {
    pub(crate) data_dir: PathBuf,
    pub(crate) blocks: PathBuf,
    pub(crate) wal: PathBuf,
    pub(crate) quarantine: PathBuf,
    pub(crate) catalog: PathBuf,
}

impl Folders {
    fn under(data_dir: &Path) -> Self {
        Self {
            data_dir: data_dir.to_owned(),
            blocks: data_dir.join("blocks"),
            wal: data_dir.join("wal"),
            quarantine: data_dir.join("quarantine"),
            catalog: data_dir.join("catalog.sqlite"),
        }
    }

    /// Those of a store that is there. Creates nothing.
    pub(crate) fn find(data_dir: &Path) -> Result<Self, StoreError> {
        let folders = Self::under(data_dir);
        let exists = |path: &Path| fs::exists(path).unwrap_or(false);
        if exists(&folders.catalog) || exists(&folders.wal) || exists(&folders.blocks) {
            return Ok(folders);
        }
        let context =
            format!("{} holds no store: it has neither catalog.sqlite nor wal nor blocks", data_dir.display());
        Err(StoreError::new(StoreErrorKind::Invalid, context))
    }

    /// Keeps servers out as long as the file is open. Creates nothing: where there is no lock, there was no server.
    pub(crate) fn hold(&self) -> Result<Option<File>, StoreError> {
        let path = self.data_dir.join("LOCK");
        let failed =
            |error: io::Error| StoreError::caused(StoreErrorKind::Io, format!("cannot lock {}", path.display()), error);
        let lock = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            lock => lock.map_err(failed)?,
        };
        match lock_soon(&lock) {
            Ok(()) => Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => {
                let context = format!("a server is running on {}: stop it first", self.data_dir.display());
                Err(StoreError::new(StoreErrorKind::Locked, context))
            }
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// An error where the catalog is gone and blocks are not: a new catalog would make leftovers of them, which are swept.
    pub(crate) fn refuse_lost_catalog(&self) -> Result<(), StoreError> {
        let failed = |error| StoreError::caused(StoreErrorKind::Io, "cannot look for the catalog", error);
        let is_there = match fs::metadata(&self.catalog) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            metadata => metadata.map_err(failed)?.len() > 0,
        };
        if is_there || fs::read_dir(&self.blocks).map_err(failed)?.next().is_none() {
            return Ok(());
        }
        let (catalog, blocks) = (self.catalog.display(), self.blocks.display());
        let context =
            format!("{catalog} is gone or empty, and {blocks} is not: restore it from a copy, or move the blocks away");
        Err(StoreError::new(StoreErrorKind::Damaged, context))
    }

    /// A path as it is told: relative to the data folder.
    pub(crate) fn relative(&self, path: &Path) -> PathBuf {
        path.strip_prefix(&self.data_dir).unwrap_or(path).to_owned()
    }

    /// Creates what is missing and takes the folder for this process alone. Keep the file open.
    pub(crate) fn claim(data_dir: &Path) -> Result<(Self, File), StoreError> {
        let folders = Self::under(data_dir);
        let failed = |path: &Path, error: io::Error| {
            let folder = data_dir.display();
            let context = format!(
                "the folder {folder} cannot be written: mend {}, or give another folder with --data-dir",
                path.display()
            );
            StoreError::caused(StoreErrorKind::Io, context, error)
        };
        for folder in [&folders.blocks, &folders.wal] {
            fail_point("recovery::claim")
                .and_then(|()| fs::create_dir_all(folder))
                .map_err(|error| failed(folder, error))?;
        }
        let path = data_dir.join("LOCK");
        let lock = File::options().create(true).append(true).open(&path).map_err(|error| failed(&path, error))?;
        match lock_soon(&lock) {
            Ok(()) => Ok((folders, lock)),
            Err(TryLockError::WouldBlock) => Err(StoreError::new(
                StoreErrorKind::Locked,
                format!(
                    "{} is in use by another nunchi server: stop it, or give this one its own --data-dir",
                    data_dir.display()
                ),
            )),
            Err(TryLockError::Error(error)) => Err(failed(&path, error)),
        }
    }
}

/// How long a lock is waited for that somebody has. Whoever ended a moment ago may have it still: a program that it was
/// about to start has a copy until it runs.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);

/// Between two tries to get a lock.
const LOCK_AGAIN: Duration = Duration::from_millis(10);

/// Takes the lock, or finds that its owner is not about to give it back. Blocks the calling thread, as a start may.
fn lock_soon(lock: &File) -> Result<(), TryLockError> {
    let begun = Instant::now();
    loop {
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) if begun.elapsed() < LOCK_PATIENCE => std::thread::sleep(LOCK_AGAIN),
            outcome => return outcome,
        }
    }
}

/// Removes block files that the catalog does not list: the leftovers of a flush or a removal that a crash cut short.
/// Folders that are left empty go with them.
pub(crate) fn sweep_orphans(folders: &Folders, state: &CatalogState) -> io::Result<()> {
    let listed: HashSet<PathBuf> = state.blocks.iter().flat_map(BlockMeta::paths).collect();
    let (mut pending, mut below) = (vec![folders.blocks.clone()], Vec::new());
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                pending.push(path.clone());
                below.push(path);
            } else if !path.strip_prefix(&folders.blocks).is_ok_and(|relative| listed.contains(relative)) {
                warn!(path = %path.display(), "removing a block file that the catalog does not list");
                fail_point("recovery::sweep")?;
                fs::remove_file(&path)?;
            }
        }
    }
    // Each folder was found before those in it, so from the end on the inner ones come first.
    for folder in below.iter().rev() {
        match fs::remove_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::DirectoryNotEmpty => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// What replay found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recovered {
    /// The newest frame there ever was, as far as the disk tells.
    pub(crate) last_lsn: Lsn,
    /// Every frame up to and including this one is in blocks.
    pub(crate) floor: Lsn,
    /// Damaged frames that were set aside.
    pub(crate) damaged_frames: u64,
}

/// Brings every frame above the floor back into the memtable, flushing when it is full.
///
/// One memtable is written while the next one fills, as it is when frames come from senders. Blocks the calling thread;
/// must run where the runtime can be waited for.
pub(crate) fn replay(
    folders: &Folders,
    floor: Lsn,
    flush_bytes: u64,
    flusher: &Arc<Flusher>,
    decoder: &Decoder,
) -> Result<Recovered, StoreError> {
    let mut flushes = Flushes { runtime: Handle::current(), flusher, running: None, floor };
    let mut undecodable = 0;
    let replayed = wal::replay(&folders.wal, floor, |frame| -> Result<(), StoreError> {
        crash_point("recovery::frame");
        match decoder(&frame).and_then(|batches| rows_of(&frame, batches)) {
            Ok(rows) => publish(&flusher.shared, &frame, rows),
            Err(reason) => {
                undecodable += 1;
                set_aside(folders, &frame, &reason)?;
            }
        }
        if flusher.shared.memtable_use().active_bytes >= flush_bytes {
            flushes.start_next()?;
        }
        Ok(())
    });
    // Also after an error: what is being written must not go on once the folder is given up.
    let flushed = flushes.wait();
    let replayed =
        replayed.map_err(|error| StoreError::caused(StoreErrorKind::Io, "cannot replay the write-ahead log", error))?;
    flushed?;
    info!(
        frames = replayed.frames,
        bytes = replayed.bytes,
        torn_bytes = replayed.torn_bytes,
        "replayed the write-ahead log"
    );
    Ok(Recovered {
        last_lsn: replayed.last_lsn.max(floor),
        floor: flushes.floor,
        damaged_frames: replayed.damaged_frames + undecodable,
    })
}

/// Flushes beside a replay, one at a time.
struct Flushes<'a> {
    runtime: Handle,
    flusher: &'a Arc<Flusher>,
    running: Option<JoinHandle<Result<Option<Flushed>, StoreError>>>,
    /// Up to here frames are in blocks.
    floor: Lsn,
}

impl Flushes<'_> {
    /// Begins to write the memtable, once the one before is written: so there are never more than two.
    fn start_next(&mut self) -> Result<(), StoreError> {
        self.wait()?;
        let flusher = Arc::clone(self.flusher);
        self.running = Some(self.runtime.spawn(async move { flusher.flush().await }));
        Ok(())
    }

    fn wait(&mut self) -> Result<(), StoreError> {
        let Some(running) = self.running.take() else { return Ok(()) };
        let flushed = self.runtime.block_on(running);
        let flushed =
            flushed.map_err(|error| StoreError::caused(StoreErrorKind::Io, "the flush was interrupted", error))??;
        self.floor = flushed.map_or(self.floor, |flushed| flushed.floor);
        Ok(())
    }
}

fn rows_of(frame: &Frame, batches: Vec<Batch>) -> Result<Rows, String> {
    let tenant: TenantId = frame.tenant.parse().map_err(|error| format!("{error}"))?;
    Ok(Rows { tenant, batches })
}

fn publish(shared: &Arc<Shared>, frame: &Frame, rows: Rows) {
    shared.publish([(frame.lsn, UnixNanos::new(frame.receive_unix_nanos), rows)]);
}

/// Keeps a frame that was acknowledged and cannot be decoded any more, so that nothing is lost silently.
fn set_aside(folders: &Folders, frame: &Frame, reason: &str) -> Result<(), StoreError> {
    let path = folders.quarantine.join(format!("{:020}.frame", frame.lsn.get()));
    let Frame { lsn, tenant, signal, codec, .. } = frame;
    error!(lsn = lsn.get(), %tenant, signal, codec, reason, path = %path.display(), "a frame cannot be decoded and was set aside");
    // The log forgets the frame with the next flush, so the copy must be on the disk by then.
    fail_point("recovery::set_aside")
        .and_then(|()| fs::create_dir_all(&folders.quarantine))
        .and_then(|()| File::create(&path))
        .and_then(|mut file| file.write_all(&frame.payload).and_then(|()| file.sync_all()))
        .inspect(|()| crash_point("recovery::frame_set_aside"))
        .and_then(|()| File::open(&folders.quarantine)?.sync_all())
        .map_err(|error| StoreError::caused(StoreErrorKind::Io, format!("cannot write {}", path.display()), error))
}
