//! The one thread that writes: number a group, write it, sync it, hand it on, wake its callers.

use std::{
    io::{self, IoSlice},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use tokio::sync::oneshot;

use crate::{
    Config, DiskError, Durability, Entry, Lsn,
    directory::{Directory, LogFile, unlink},
    disk::{Disk, write_all},
    file::FileHeader,
    frame::{HEADER_BYTES_MAX, HEADER_BYTES_MIN, Header},
    queue::{Queue, Waiting, Work},
};

/// What the sink gets for one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed<T> {
    /// The place of its frame in the log.
    pub lsn: Lsn,
    /// When it was received, in nanoseconds since 1970, as in the entry.
    pub receive_unix_nanos: i64,
    /// What was passed to [`Wal::append`](crate::Wal::append) beside the entry.
    pub item: T,
}

/// What callers and the writer share.
#[derive(Debug)]
pub(crate) struct Shared<T> {
    pub(crate) queue: Queue<T>,
    directory: Mutex<Directory>,
}

impl<T> Shared<T> {
    pub(crate) fn new(config: &Config, directory: Directory) -> Shared<T> {
        Shared { queue: Queue::new(config), directory: Mutex::new(directory) }
    }

    /// No foreign code runs under the lock, so what it guards is whole even if a thread panicked elsewhere.
    pub(crate) fn directory(&self) -> MutexGuard<'_, Directory> {
        self.directory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The state of the writer thread.
pub(crate) struct Writer<T, D: Disk, S> {
    shared: Arc<Shared<T>>,
    disk: D,
    sink: S,
    config: Config,
    folder: PathBuf,
    file: D::File,
    /// Seeds the header crcs of the open file.
    seed: u32,
    /// The open file after the last whole group, which is as far as it may be trusted.
    open: LogFile,
    /// Whether the open file holds groups that were not synced; never while durability is `fsync`.
    unsynced: bool,
}

/// The log was poisoned; the writer must end.
struct Poisoned;

impl<T, D: Disk, S: FnMut(Vec<Committed<T>>)> Writer<T, D, S> {
    /// Creates the open file, so that a folder that cannot be written is known at the start.
    pub(crate) fn create(shared: Arc<Shared<T>>, mut disk: D, config: Config, sink: S) -> Result<Self, DiskError> {
        let (folder, open) = {
            let directory = shared.directory();
            (directory.folder.clone(), directory.current())
        };
        let (file, seed) = create_file(&mut disk, &folder, open)?;
        Ok(Writer { shared, disk, sink, config, folder, file, seed, open, unsynced: false })
    }

    /// Works until the queue is closed and drained, or the disk fails.
    pub(crate) fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let _guard = PoisonOnPanic(&shared.queue);
        loop {
            let result = match shared.queue.take() {
                Work::Commit(waiting) => self.commit(waiting),
                Work::Rotate => self.rotate_released(),
                Work::Finish => {
                    let _ = self.sync().map_err(|error| self.poison(error));
                    return;
                }
            };
            if let Err(Poisoned) = result {
                return;
            }
        }
    }

    /// Numbers a group, brings it to disk and answers its callers; in mode `none` the answer comes first.
    fn commit(&mut self, waiting: Vec<Waiting<T>>) -> Result<(), Poisoned> {
        let mut group = Group::number(waiting, self.open.last_lsn);
        let entries = std::mem::take(&mut group.entries);
        if self.config.durability == Durability::None {
            self.publish(group);
            return self.persist(entries).map_err(|error| self.poison(error));
        }
        // The group outlives the poisoning, so that a caller who is told of it never finds the log healthy.
        self.persist(entries).map_err(|error| self.poison(error))?;
        self.publish(group);
        Ok(())
    }

    /// Brings a group as far as durability says.
    fn persist(&mut self, entries: Vec<Entry>) -> Result<(), DiskError> {
        let bytes: u64 = entries.iter().map(Entry::disk_bytes).sum();
        if self.open.has_frames() && self.open.bytes + bytes > self.config.file_bytes_max {
            self.rotate()?;
        }
        self.unsynced = true;
        self.write(&entries).map_err(DiskError::on("write", &self.open.path(&self.folder)))?;
        if self.config.durability == Durability::Fsync {
            self.sync()?;
        }
        self.open.last_lsn = Lsn::new(self.open.last_lsn.get() + entries.len() as u64);
        self.open.bytes += bytes;
        self.shared.directory().advance(self.open);
        Ok(())
    }

    /// Writes a group behind the open file's last: headers from one buffer, payloads from where they are.
    fn write(&mut self, entries: &[Entry]) -> io::Result<()> {
        let mut headers = Vec::with_capacity(entries.len() * HEADER_BYTES_MAX);
        let mut lsn = self.open.last_lsn;
        for entry in entries {
            lsn = lsn.next();
            Header::encode(entry, lsn, self.seed, &mut headers);
        }
        let mut rest = headers.as_slice();
        let mut slices = Vec::with_capacity(2 * entries.len());
        for entry in entries {
            let (header, after) = rest.split_at(HEADER_BYTES_MIN + entry.tenant.len());
            slices.extend([IoSlice::new(header), IoSlice::new(&entry.payload)]);
            rest = after;
        }
        write_all(&mut self.disk, &mut self.file, &mut slices)
    }

    /// Brings what was written to the disk, if anything was.
    fn sync(&mut self) -> Result<(), DiskError> {
        if !self.unsynced {
            return Ok(());
        }
        let start = Instant::now();
        self.disk.sync(&mut self.file).map_err(DiskError::on("sync", &self.open.path(&self.folder)))?;
        self.shared.directory().count_sync(start.elapsed());
        self.unsynced = false;
        Ok(())
    }

    /// Hands a group to the sink and wakes its callers. It leaves the queue first: a caller who was answered finds
    /// the room that it took.
    fn publish(&mut self, group: Group<T>) {
        let Group { committed, callers, queue_bytes, .. } = group;
        self.shared.queue.give_back(queue_bytes);
        (self.sink)(committed);
        for (done, lsn) in callers {
            // A caller who left does not undo the frame.
            let _ = done.send(lsn);
        }
    }

    /// Finishes the open file and begins the next. The finished one is synced whatever durability says, so that after
    /// a power cut only the newest file can be torn.
    fn rotate(&mut self) -> Result<(), DiskError> {
        self.sync()?;
        let open = LogFile::after(self.open.last_lsn);
        (self.file, self.seed) = create_file(&mut self.disk, &self.folder, open)?;
        self.open = open;
        self.shared.directory().rotate(open);
        Ok(())
    }

    /// Lets the open file go when all its frames are released.
    fn rotate_released(&mut self) -> Result<(), Poisoned> {
        if !self.shared.directory().open_is_released() {
            return Ok(());
        }
        self.rotate().map_err(|error| self.poison(error))?;
        let released = self.shared.directory().take_released();
        unlink(&released);
        Ok(())
    }

    /// Nothing is acknowledged from here on. What may be left of the group is cut off, as callers will send it again;
    /// the cut is not synced, because a sync that succeeds after one that failed says nothing.
    fn poison(&mut self, error: DiskError) -> Poisoned {
        tracing::error!(%error, cause = %error.source, "wal poisoned");
        if let Err(error) = self.disk.truncate(&mut self.file, self.open.bytes) {
            tracing::warn!(%error, "wal file not cut back to its last group");
        }
        self.shared.queue.poison();
        Poisoned
    }
}

/// A numbered group: what goes to disk, to the sink, to the callers.
struct Group<T> {
    entries: Vec<Entry>,
    committed: Vec<Committed<T>>,
    callers: Vec<(oneshot::Sender<Lsn>, Lsn)>,
    queue_bytes: u64,
}

impl<T> Group<T> {
    /// Numbers `waiting` from the LSN after `last_lsn`.
    fn number(waiting: Vec<Waiting<T>>, last_lsn: Lsn) -> Group<T> {
        let count = waiting.len();
        let mut group = Group {
            entries: Vec::with_capacity(count),
            committed: Vec::with_capacity(count),
            callers: Vec::with_capacity(count),
            queue_bytes: 0,
        };
        let mut lsn = last_lsn;
        for Waiting { entry, item, done } in waiting {
            lsn = lsn.next();
            group.queue_bytes += entry.queue_bytes();
            group.committed.push(Committed { lsn, receive_unix_nanos: entry.receive_unix_nanos, item });
            group.callers.push((done, lsn));
            group.entries.push(entry);
        }
        group
    }
}

/// Creates a file with its header; both it and its name are on the disk afterwards. Also gives the seed of its frames.
fn create_file<D: Disk>(disk: &mut D, folder: &Path, open: LogFile) -> Result<(D::File, u32), DiskError> {
    let path = open.path(folder);
    let header = FileHeader { identity: rand::random(), first_lsn: open.first_lsn };
    let mut file = disk.create(&path).map_err(DiskError::on("create", &path))?;
    write_all(disk, &mut file, &mut [IoSlice::new(&header.encode())])
        .and_then(|()| disk.sync(&mut file))
        .map_err(DiskError::on("write", &path))?;
    disk.sync_folder(folder).map_err(DiskError::on("sync", folder))?;
    Ok((file, header.seed()))
}

/// A sink that panics takes the writer with it; without this, callers would wait for ever.
struct PoisonOnPanic<'a, T>(&'a Queue<T>);

impl<T> Drop for PoisonOnPanic<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.poison();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs::File,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use bytes::Bytes;

    use super::*;
    use crate::{AppendErrorKind, Wal, disk::LocalDisk, replay};

    /// Which step fails. The first file is created by the start; steps are counted from then on, from zero.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Fault {
        Sync(usize),
        Write(usize),
        /// The write takes some bytes, then the disk is full.
        ShortWrite(usize),
        CreateFile(usize),
        SyncFolder(usize),
    }

    /// The local disk with one fault. From then on it works again, as a disk may: the writer must not try.
    struct FaultyDisk {
        fault: Fault,
        /// Writes, syncs, files and folder syncs since the start.
        done: [usize; 4],
        started: bool,
        failed: bool,
        syncs_after_fault: Arc<AtomicUsize>,
    }

    impl FaultyDisk {
        /// Counts a step, and fails if it is the one.
        fn step(&mut self, kind: usize, fault: fn(usize) -> Fault) -> io::Result<()> {
            if !self.started {
                return Ok(());
            }
            let number = self.done[kind];
            self.done[kind] += 1;
            if self.fault == fault(number) && !self.failed {
                self.failed = true;
                return Err(io::Error::other("injected"));
            }
            Ok(())
        }
    }

    impl Disk for FaultyDisk {
        type File = File;

        fn create(&mut self, path: &Path) -> io::Result<File> {
            self.step(2, Fault::CreateFile)?;
            LocalDisk.create(path)
        }

        fn write(&mut self, file: &mut File, slices: &[IoSlice<'_>]) -> io::Result<usize> {
            if let Fault::ShortWrite(number) = self.fault
                && self.started
                && self.done[0] == number
                && !self.failed
            {
                // The rest of this write is the next one, and fails.
                self.fault = Fault::Write(number);
                return LocalDisk.write(file, &[IoSlice::new(&slices[0][..slices[0].len() / 2])]);
            }
            self.step(0, Fault::Write)?;
            LocalDisk.write(file, slices)
        }

        fn sync(&mut self, file: &mut File) -> io::Result<()> {
            self.syncs_after_fault.fetch_add(usize::from(self.failed), Ordering::Relaxed);
            self.step(1, Fault::Sync)?;
            LocalDisk.sync(file)
        }

        fn truncate(&mut self, file: &mut File, bytes: u64) -> io::Result<()> {
            LocalDisk.truncate(file, bytes)
        }

        fn sync_folder(&mut self, path: &Path) -> io::Result<()> {
            self.step(3, Fault::SyncFolder)?;
            self.started = true;
            LocalDisk.sync_folder(path)
        }
    }

    fn entry(payload: &str) -> Entry {
        Entry {
            tenant: "t".into(),
            signal: 0,
            codec: 0,
            receive_unix_nanos: 0,
            payload: Bytes::copy_from_slice(payload.as_bytes()),
        }
    }

    /// Appends six frames of which `acknowledged` are; two groups fill a file. Afterwards nothing is acknowledged,
    /// nothing is synced, and replay gives exactly what was acknowledged.
    fn check(durability: Durability, fault: Fault, acknowledged: u64) {
        let what = format!("{durability}, {fault:?}");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let syncs_after_fault = Arc::new(AtomicUsize::new(0));
        let disk = FaultyDisk {
            fault,
            done: [0; 4],
            started: false,
            failed: false,
            syncs_after_fault: Arc::clone(&syncs_after_fault),
        };
        let config = Config { durability, file_bytes_max: 64 + 2 * 37, ..Config::default() };
        let directory = Directory::open(folder.path(), Lsn::ZERO).expect("an empty folder");
        let sunk = Arc::new(Mutex::new(Vec::new()));
        let sink = {
            let sunk = Arc::clone(&sunk);
            move |group: Vec<Committed<u64>>| sunk.lock().unwrap().extend(group.iter().map(|committed| committed.item))
        };
        let wal = Wal::start_on(disk, directory, config, sink).expect("no fault at the start");

        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        for number in 1..=6 {
            let result = runtime.block_on(wal.append(entry("four"), number)).map_err(|error| error.kind());
            let expected = if number <= acknowledged { Ok(Lsn::new(number)) } else { Err(AppendErrorKind::Poisoned) };
            assert_eq!(result, expected, "{what}: frame {number}");
            assert_eq!(wal.status().poisoned, number > acknowledged, "{what}: frame {number}");
        }
        wal.close();
        assert_eq!(syncs_after_fault.load(Ordering::Relaxed), 0, "{what}: nothing is synced after a fault");
        assert_eq!(*sunk.lock().unwrap(), (1..=acknowledged).collect::<Vec<_>>(), "{what}");
        let mut replayed = Vec::new();
        let result = replay(folder.path(), Lsn::ZERO, |frame| {
            replayed.push(frame.lsn.get());
            Ok::<_, AppendErrorKind>(())
        });
        assert_eq!(replayed, (1..=acknowledged).collect::<Vec<_>>(), "{what}");
        let result = result.expect("a folder fit to be replayed");
        // Half a file header can be left of a file that got no frame; half a frame is cut off.
        let torn_bytes = if fault == Fault::ShortWrite(2) { 32 } else { 0 };
        assert_eq!((result.torn_bytes, result.damaged_frames), (torn_bytes, 0), "{what}");
    }

    #[test]
    fn nothing_is_acknowledged_or_synced_after_a_disk_error() {
        // Syncs and writes count the header of the second file too, which follows the second frame.
        for (fault, acknowledged) in [
            (Fault::Sync(0), 0),
            (Fault::Sync(1), 1),
            (Fault::Sync(2), 2),
            (Fault::Sync(3), 2),
            (Fault::Sync(4), 3),
            (Fault::Write(0), 0),
            (Fault::Write(1), 1),
            (Fault::Write(2), 2),
            (Fault::Write(3), 2),
            (Fault::ShortWrite(0), 0),
            (Fault::ShortWrite(1), 1),
            (Fault::ShortWrite(2), 2),
            (Fault::ShortWrite(3), 2),
            (Fault::CreateFile(0), 2),
            (Fault::CreateFile(1), 4),
            (Fault::SyncFolder(0), 2),
        ] {
            check(Durability::Fsync, fault, acknowledged);
        }
        // Without a sync per group, the finished file is synced when the next one is begun.
        for (fault, acknowledged) in [(Fault::Sync(0), 2), (Fault::Write(1), 1), (Fault::ShortWrite(1), 1)] {
            check(Durability::Os, fault, acknowledged);
        }
    }
}
