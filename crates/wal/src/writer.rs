//! The one thread that writes: number a group, write it, sync it, hand it on, wake its callers.

use std::{
    fs,
    io::{self, IoSlice},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use tokio::sync::oneshot;

use crate::{
    AppendErrorKind, Config, DiskError, Durability, Entry, Lsn,
    directory::{Directory, LogFile, unlink},
    disk::{Disk, is_refusal, write_all},
    fail_point::{crash_point, fail_point},
    file::FileHeader,
    frame::{HEADER_BYTES_MAX, HEADER_BYTES_MIN, Header},
    queue::{Outcome, Queue, Waiting, Work},
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
    refusing: AtomicBool,
}

impl<T> Shared<T> {
    pub(crate) fn new(config: &Config, directory: Directory) -> Shared<T> {
        Shared { queue: Queue::new(config), directory: Mutex::new(directory), refusing: AtomicBool::new(false) }
    }

    /// Whether the disk refused the newest group.
    pub(crate) fn is_refusing(&self) -> bool {
        self.refusing.load(Ordering::Relaxed)
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

/// Why something did not reach the disk.
enum Failure {
    /// There is no room for it. What was written of it can be cut off, and everything before it is as it was.
    Refused(DiskError),
    /// What the disk holds is not known any more.
    Broken(DiskError),
}

impl Failure {
    /// Of a write.
    fn of_write(error: DiskError) -> Failure {
        if is_refusal(&error.source) { Failure::Refused(error) } else { Failure::Broken(error) }
    }

    fn into_error(self) -> DiskError {
        let (Failure::Refused(error) | Failure::Broken(error)) = self;
        error
    }
}

impl<T, D: Disk, S: FnMut(Vec<Committed<T>>)> Writer<T, D, S> {
    /// Creates the open file, so that a folder that cannot be written is known at the start.
    pub(crate) fn create(shared: Arc<Shared<T>>, mut disk: D, config: Config, sink: S) -> Result<Self, DiskError> {
        let (folder, open) = {
            let directory = shared.directory();
            (directory.folder.clone(), directory.current())
        };
        let (file, seed) = create_file(&mut disk, &folder, open).map_err(Failure::into_error)?;
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
            return self.persist(&entries).map_err(|failure| self.poison(failure.into_error()));
        }
        // The group outlives the poisoning, so that a caller who is told of it never finds the log healthy.
        match self.persist(&entries) {
            Ok(()) => {
                self.publish(group);
                Ok(())
            }
            Err(Failure::Refused(error)) => self.refuse(group, &error),
            Err(Failure::Broken(error)) => Err(self.poison(error)),
        }
    }

    /// Brings a group as far as durability says.
    fn persist(&mut self, entries: &[Entry]) -> Result<(), Failure> {
        let bytes: u64 = entries.iter().map(Entry::disk_bytes).sum();
        if self.open.has_frames() && self.open.bytes + bytes > self.config.file_bytes_max {
            self.rotate()?;
        }
        self.unsynced = true;
        let path = self.open.path(&self.folder);
        fail_point("wal::write")
            .and_then(|()| self.write(entries))
            .map_err(DiskError::on("write", &path))
            .map_err(Failure::of_write)?;
        crash_point("wal::written");
        if self.config.durability == Durability::Fsync {
            self.sync().map_err(Failure::Broken)?;
        }
        self.open.last_lsn = Lsn::new(self.open.last_lsn.get() + entries.len() as u64);
        self.open.bytes += bytes;
        self.shared.directory().advance(self.open);
        if self.shared.refusing.swap(false, Ordering::Relaxed) {
            tracing::info!("the disk takes wal frames again");
        }
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
        fail_point("wal::sync")
            .and_then(|()| self.disk.sync(&mut self.file))
            .map_err(DiskError::on("sync", &self.open.path(&self.folder)))?;
        crash_point("wal::synced");
        self.shared.directory().count_sync(start.elapsed());
        self.unsynced = false;
        Ok(())
    }

    /// Hands a group to the sink and wakes its callers. It leaves the queue first: a caller who was answered finds
    /// the room that it took.
    fn publish(&mut self, group: Group<T>) {
        let Group { committed, callers, queue_bytes, .. } = group;
        self.shared.queue.give_back(queue_bytes);
        crash_point("wal::publish");
        (self.sink)(committed);
        crash_point("wal::published");
        for (done, lsn) in callers {
            // A caller who left does not undo the frame.
            let _ = done.send(Ok(lsn));
        }
    }

    /// Cuts off what was written of a group for which there is no room, and tells its callers. The cut is synced:
    /// whoever was refused sends again, and a power cut must not bring the first try back.
    fn refuse(&mut self, group: Group<T>, error: &DiskError) -> Result<(), Poisoned> {
        self.note_refusal(error);
        let path = self.open.path(&self.folder);
        let cut = fail_point("wal::cut_back")
            .and_then(|()| self.disk.truncate(&mut self.file, self.open.bytes))
            .and_then(|()| self.disk.sync(&mut self.file));
        cut.map_err(DiskError::on("cut back", &path)).map_err(|error| self.poison(error))?;
        self.unsynced = false;
        let Group { committed, callers, queue_bytes, .. } = group;
        self.shared.queue.give_back(queue_bytes);
        drop(committed);
        for (done, _) in callers {
            let _ = done.send(Err(AppendErrorKind::Refused(error.source.kind())));
        }
        Ok(())
    }

    /// Said once, not for each group.
    fn note_refusal(&self, error: &DiskError) {
        if !self.shared.refusing.swap(true, Ordering::Relaxed) {
            tracing::warn!(%error, cause = %error.source, "the disk takes no more wal frames");
        }
    }

    /// Finishes the open file and begins the next. The finished one is synced whatever durability says, so that after
    /// a power cut only the newest file can be torn.
    fn rotate(&mut self) -> Result<(), Failure> {
        self.sync().map_err(Failure::Broken)?;
        let open = LogFile::after(self.open.last_lsn);
        let created = create_file(&mut self.disk, &self.folder, open);
        if let Err(Failure::Refused(_)) = created {
            // Half a file takes room, too. Where it cannot be removed, the next try writes over it.
            let _ = fs::remove_file(open.path(&self.folder));
        }
        (self.file, self.seed) = created?;
        crash_point("wal::rotated");
        self.open = open;
        self.shared.directory().rotate(open);
        Ok(())
    }

    /// Lets the open file go when all its frames are released. Where there is no room for the next file, it stays until
    /// the next release.
    fn rotate_released(&mut self) -> Result<(), Poisoned> {
        if !self.shared.directory().open_is_released() {
            return Ok(());
        }
        match self.rotate() {
            Ok(()) => {
                let released = self.shared.directory().take_released();
                unlink(&released);
                Ok(())
            }
            Err(Failure::Refused(error)) => {
                self.note_refusal(&error);
                Ok(())
            }
            Err(Failure::Broken(error)) => Err(self.poison(error)),
        }
    }

    /// Nothing is acknowledged from here on. What may be left of the group is cut off, as callers will send it again;
    /// the cut is not synced, because a sync that succeeds after one that failed says nothing.
    fn poison(&mut self, error: DiskError) -> Poisoned {
        tracing::error!(%error, cause = %error.source, "wal poisoned");
        self.shared.refusing.store(false, Ordering::Relaxed);
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
    callers: Vec<(oneshot::Sender<Outcome>, Lsn)>,
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
fn create_file<D: Disk>(disk: &mut D, folder: &Path, open: LogFile) -> Result<(D::File, u32), Failure> {
    let path = open.path(folder);
    let header = FileHeader { identity: rand::random(), first_lsn: open.first_lsn };
    // Nothing was written yet, so whatever kept the file from being made, all is as it was.
    let created = fail_point("wal::create_file").and_then(|()| disk.create(&path));
    let mut file = created.map_err(DiskError::on("create", &path)).map_err(Failure::Refused)?;
    fail_point("wal::write_header")
        .and_then(|()| write_all(disk, &mut file, &mut [IoSlice::new(&header.encode())]))
        .map_err(DiskError::on("write", &path))
        .map_err(Failure::of_write)?;
    fail_point("wal::sync_header")
        .and_then(|()| disk.sync(&mut file))
        .map_err(DiskError::on("sync", &path))
        .map_err(Failure::Broken)?;
    fail_point("wal::sync_folder")
        .and_then(|()| disk.sync_folder(folder))
        .map_err(DiskError::on("sync", folder))
        .map_err(Failure::Broken)?;
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
    use bytes::Bytes;

    use super::*;
    use crate::{
        Wal,
        faulty_disk::{Fault, FaultyDisk},
        replay,
    };

    fn entry(payload: &str) -> Entry {
        Entry {
            tenant: "t".into(),
            signal: 0,
            codec: 0,
            receive_unix_nanos: 0,
            payload: Bytes::copy_from_slice(payload.as_bytes()),
        }
    }

    /// What became of six appends on a disk with faults.
    struct Run {
        /// One per append, from the first.
        answers: Vec<Result<u64, AppendErrorKind>>,
        syncs_after_fault: usize,
        /// The bytes that replay cut off, and its LSNs.
        torn_bytes: u64,
    }

    impl Run {
        /// Appends six frames, of which two fill a file. The sink and a replay hold what was acknowledged, and the state
        /// that is told is the state that is found.
        fn of(durability: Durability, disk: FaultyDisk) -> Run {
            let what = format!("{durability}, {:?}", disk.faults);
            let folder = tempfile::tempdir().expect("a temporary folder");
            let syncs_after_fault = Arc::clone(&disk.syncs_after_fault);
            let config = Config { durability, file_bytes_max: 64 + 2 * 37, ..Config::default() };
            let directory = Directory::open(folder.path(), Lsn::ZERO).expect("an empty folder");
            let sunk = Arc::new(Mutex::new(Vec::new()));
            let sink = {
                let sunk = Arc::clone(&sunk);
                move |group: Vec<Committed<u64>>| {
                    sunk.lock().unwrap().extend(group.iter().map(|committed| (committed.lsn.get(), committed.item)));
                }
            };
            let wal = Wal::start_on(disk, directory, config, sink).expect("no fault at the start");
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            let mut answers = Vec::new();
            for number in 1..=6 {
                let answer = runtime.block_on(wal.append(entry(&format!("fou{number}")), number));
                let answer = answer.map(Lsn::get).map_err(|error| error.kind());
                let status = wal.status();
                let told = (status.poisoned, status.refusing, status.queue_bytes);
                let poisoned = answer == Err(AppendErrorKind::Poisoned);
                let refused = matches!(answer, Err(AppendErrorKind::Refused(_)));
                assert_eq!(told, (poisoned, refused, 0), "{what}: frame {number}: {answer:?}");
                answers.push(answer);
            }
            wal.close();
            let acknowledged: Vec<(u64, u64)> =
                answers.iter().zip(1..).filter_map(|(answer, number)| Some((answer.ok()?, number))).collect();
            assert_eq!(*sunk.lock().unwrap(), acknowledged, "{what}");
            let mut replayed = Vec::new();
            let result = replay(folder.path(), Lsn::ZERO, |frame| {
                replayed.push((frame.lsn.get(), u64::from(frame.payload[3] - b'0')));
                Ok::<_, AppendErrorKind>(())
            });
            assert_eq!(replayed, acknowledged, "{what}");
            let result = result.expect("a folder fit to be replayed");
            assert_eq!(result.damaged_frames, 0, "{what}");
            let syncs_after_fault = syncs_after_fault.load(Ordering::Relaxed);
            Run { answers, syncs_after_fault, torn_bytes: result.torn_bytes }
        }
    }

    /// Afterwards nothing is acknowledged, and nothing is synced.
    fn check_poisoned(durability: Durability, faults: &[Fault], kind: io::ErrorKind, acknowledged: u64) {
        let run = Run::of(durability, FaultyDisk::new(faults, kind));
        let expected: Vec<_> = (1..=6)
            .map(|number| if number <= acknowledged { Ok(number) } else { Err(AppendErrorKind::Poisoned) })
            .collect();
        assert_eq!(run.answers, expected, "{durability}, {faults:?}");
        assert_eq!(run.syncs_after_fault, 0, "{durability}, {faults:?}: nothing is synced after a fault");
        // Half a file header can be left of a file that got no frame; half a frame is cut off.
        let torn_bytes = if faults == [Fault::ShortWrite(2)] { 32 } else { 0 };
        assert_eq!(run.torn_bytes, torn_bytes, "{durability}, {faults:?}");
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
            (Fault::SyncFolder(0), 2),
        ] {
            check_poisoned(Durability::Fsync, &[fault], io::ErrorKind::Other, acknowledged);
        }
        // Without a sync per group, the finished file is synced when the next one is begun.
        for (fault, acknowledged) in [(Fault::Sync(0), 2), (Fault::Write(1), 1), (Fault::ShortWrite(1), 1)] {
            check_poisoned(Durability::Os, &[fault], io::ErrorKind::Other, acknowledged);
        }
        // A full disk that does not let go of half a frame either.
        for fault in [Fault::Write(1), Fault::ShortWrite(1)] {
            let kind = io::ErrorKind::StorageFull;
            check_poisoned(Durability::Fsync, &[fault, Fault::Truncate(0)], kind, 1);
        }
    }

    #[test]
    fn a_full_disk_refuses_one_group_and_the_next_takes_its_place() {
        // The frame that is refused, from one.
        for (fault, refused) in [
            (Fault::Write(0), 1),
            (Fault::Write(1), 2),
            (Fault::Write(2), 3),
            (Fault::Write(3), 3),
            (Fault::Write(4), 4),
            (Fault::ShortWrite(0), 1),
            (Fault::ShortWrite(1), 2),
            (Fault::ShortWrite(2), 3),
            (Fault::ShortWrite(3), 3),
            (Fault::CreateFile(0), 3),
            (Fault::CreateFile(1), 5),
        ] {
            for durability in [Durability::Fsync, Durability::Os] {
                for kind in [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded] {
                    let run = Run::of(durability, FaultyDisk::new(&[fault], kind));
                    let expected: Vec<_> = (1..=6)
                        .map(|number: usize| match number.cmp(&refused) {
                            std::cmp::Ordering::Less => Ok(number as u64),
                            std::cmp::Ordering::Equal => Err(AppendErrorKind::Refused(kind)),
                            std::cmp::Ordering::Greater => Ok(number as u64 - 1),
                        })
                        .collect();
                    assert_eq!((run.answers, run.torn_bytes), (expected, 0), "{durability}, {fault:?}");
                }
            }
        }
    }
}
