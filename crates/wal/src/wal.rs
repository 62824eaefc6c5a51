//! The handle of a running log: append, release, look, close.

use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::{
    AppendError, AppendErrorKind, Committed, Config, DiskError, Entry, Lsn, WalError,
    directory::{Directory, unlink},
    disk::{Disk, LocalDisk},
    fail_point::crash_point,
    writer::{Shared, Writer},
};

/// A running log. `T` travels beside an entry from [`Wal::append`] to the sink, and is never written.
///
/// Dropping it closes it, see [`Wal::close`].
pub struct Wal<T> {
    shared: Arc<Shared<T>>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

/// How a log is doing at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Files in the folder, the open one included.
    pub files: usize,
    /// How long they are together; frames that are under way to disk are not counted.
    pub bytes: u64,
    /// The highest LSN that is as safe as durability says.
    pub durable_lsn: Lsn,
    /// The highest LSN released, inclusive.
    pub floor_lsn: Lsn,
    /// How much waits or is under way to disk, as counted against `queue_bytes_max`.
    pub queue_bytes: u64,
    /// Whether the disk refused the newest group, see [`AppendErrorKind::Refused`]. The next one is tried all the same.
    pub refusing: bool,
    /// Whether a disk error ended this log, see [`AppendErrorKind::Poisoned`].
    pub poisoned: bool,
    /// Syncs of groups since the start.
    pub syncs: u64,
    /// How long these syncs took together.
    pub sync_time: Duration,
}

impl<T: Send + 'static> Wal<T> {
    /// Starts the log in a new file after `last_lsn`. The folder is made if need be, and has been
    /// [replayed](crate::replay()): `last_lsn` is what that returned.
    ///
    /// The sink gets each group in LSN order, on the writer thread: the next group waits for it. It must not panic
    /// (which poisons the log) and must not block on an `append` to this log (which never returns then).
    pub fn start(
        folder: &Path,
        config: Config,
        last_lsn: Lsn,
        sink: impl FnMut(Vec<Committed<T>>) + Send + 'static,
    ) -> Result<Wal<T>, WalError> {
        config.validate()?;
        let directory = Directory::open(folder, last_lsn)?;
        Wal::start_on(LocalDisk, directory, config, sink)
    }

    pub(crate) fn start_on<D: Disk>(
        disk: D,
        directory: Directory,
        config: Config,
        sink: impl FnMut(Vec<Committed<T>>) + Send + 'static,
    ) -> Result<Wal<T>, WalError> {
        let folder = directory.folder.clone();
        let shared = Arc::new(Shared::new(&config, directory));
        let writer = Writer::create(Arc::clone(&shared), disk, config, sink)?;
        let thread = thread::Builder::new()
            .name("wal-writer".into())
            .spawn(|| writer.run())
            .map_err(DiskError::on("start the writer of", &folder))?;
        Ok(Wal { shared, writer: Mutex::new(Some(thread)) })
    }

    /// Appends an entry. Returns its LSN once the frame is as safe as durability says and the sink has run for it.
    ///
    /// The entry is queued when this is first polled, in the order of these polls. Whoever drops it after that has
    /// not withdrawn the entry. After `Poisoned` the frame may still come back from [`replay`](crate::replay()), but it
    /// was neither acknowledged nor given to the sink.
    pub async fn append(&self, entry: Entry, item: T) -> Result<Lsn, AppendError> {
        let committed = self.shared.queue.push(entry, item)?;
        Ok(committed.await.unwrap_or(Err(AppendErrorKind::Poisoned))?)
    }

    /// Deletes every finished file whose frames are all at or below `floor`, and lets the open file follow if it
    /// holds nothing else. The floor only rises, and stops at the last commit. Never release a frame whose contents
    /// are not durable elsewhere.
    ///
    /// Deletes on the calling thread. Files that cannot be deleted are logged, and stay until someone removes them
    /// or the folder is started anew.
    pub fn release(&self, floor: Lsn) {
        let (released, rotate) = {
            let mut directory = self.shared.directory();
            directory.raise_floor(floor);
            (directory.take_released(), directory.open_is_released())
        };
        crash_point("wal::release");
        unlink(&released);
        if rotate {
            self.shared.queue.rotate();
        }
    }

    /// How the log is doing.
    pub fn status(&self) -> Status {
        let queue = &self.shared.queue;
        let (queue_bytes, refusing, poisoned) = (queue.bytes(), self.shared.is_refusing(), queue.is_poisoned());
        let directory = self.shared.directory();
        let (syncs, sync_time) = directory.syncs();
        Status {
            files: directory.files(),
            bytes: directory.bytes(),
            durable_lsn: directory.current().last_lsn,
            floor_lsn: directory.floor(),
            queue_bytes,
            refusing,
            poisoned,
            syncs,
            sync_time,
        }
    }
}

impl<T> Wal<T> {
    /// Takes no more entries, commits those that wait, syncs whatever durability says, and ends the writer. Blocks
    /// until then. [`Wal::status`] says whether the disk failed on the way. Closing twice does nothing.
    pub fn close(&self) {
        self.shared.queue.close();
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(thread) = writer.take() else { return };
        // The sink may hold the last handle, and drop it on the writer thread, which cannot wait for itself.
        if thread.thread().id() != thread::current().id() && thread.join().is_err() {
            tracing::error!("wal writer panicked in the sink");
        }
    }
}

impl<T> Drop for Wal<T> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<T> fmt::Debug for Wal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wal").field("directory", &*self.shared.directory()).finish_non_exhaustive()
    }
}
