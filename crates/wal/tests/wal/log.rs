//! A log in a temporary folder, and short ways to write, break and replay it.

use std::{
    convert::Infallible,
    fs,
    path::PathBuf,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use tempfile::TempDir;
use wal::{Config, Durability, Entry, Frame, Lsn, Replayed, Wal, replay};

/// A folder with a log in it; gone when dropped.
pub(crate) struct Log {
    folder: TempDir,
    pub(crate) config: Config,
}

impl Log {
    /// A log in memory where there is such a folder: what is tried here by the thousand does not need a real sync.
    pub(crate) fn new() -> Log {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        Log { folder: folder.unwrap(), config: Config::default() }
    }

    /// A log on the disk, for more than the few MiB that a container gives its memory folder.
    pub(crate) fn on_disk() -> Log {
        Log { folder: tempfile::tempdir().unwrap(), config: Config::default() }
    }

    /// A log that begins a new file with every group.
    pub(crate) fn with_a_file_per_group() -> Log {
        Log { config: Config { file_bytes_max: 1, ..Config::default() }, ..Log::new() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("wal")
    }

    /// Replays from `floor`, and starts with a sink that does nothing.
    pub(crate) fn start(&self, floor: u64) -> Wal<()> {
        let (replayed, _) = self.replay(floor);
        Wal::start(&self.path(), self.config.clone(), replayed.last_lsn, |_| {}).unwrap()
    }

    /// Appends `payloads` one after the other, and closes.
    pub(crate) fn write(&self, payloads: &[&str]) {
        let wal = self.start(0);
        for payload in payloads {
            block_on(wal.append(entry(payload), ())).unwrap();
        }
    }

    pub(crate) fn replay(&self, floor: u64) -> (Replayed, Vec<Frame>) {
        let mut frames = Vec::new();
        let replayed = replay(&self.path(), Lsn::new(floor), |frame| {
            frames.push(frame);
            Ok::<_, Infallible>(())
        });
        (replayed.unwrap(), frames)
    }

    /// The LSNs that replay hands out above `floor`.
    pub(crate) fn lsns(&self, floor: u64) -> Vec<u64> {
        self.replay(floor).1.iter().map(|frame| frame.lsn.get()).collect()
    }

    /// The names of the files in the folder, or in one below it, oldest first.
    pub(crate) fn names(&self, below: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path().join(below)) else { return Vec::new() };
        let mut names: Vec<String> = entries
            .map(Result::unwrap)
            .filter(|entry| entry.file_type().unwrap().is_file())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// The file that begins with `first_lsn`.
    pub(crate) fn file(&self, first_lsn: u64) -> PathBuf {
        self.path().join(format!("{first_lsn:020}.wal"))
    }

    pub(crate) fn read(&self, first_lsn: u64) -> Vec<u8> {
        fs::read(self.file(first_lsn)).unwrap()
    }

    /// Puts `bytes` in the place of the file that begins with `first_lsn`, in an emptied folder.
    pub(crate) fn replace_all(&self, files: &[(u64, &[u8])]) {
        let _ = fs::remove_dir_all(self.path());
        fs::create_dir(self.path()).unwrap();
        for (first_lsn, bytes) in files {
            fs::write(self.file(*first_lsn), bytes).unwrap();
        }
    }
}

pub(crate) fn entry(payload: &str) -> Entry {
    Entry {
        tenant: "default".into(),
        signal: 1,
        codec: 2,
        receive_unix_nanos: 1_700_000_000_000_000_000,
        payload: Bytes::copy_from_slice(payload.as_bytes()),
    }
}

/// How long the frame of [`entry`] is on disk.
pub(crate) fn frame_bytes(payload: &str) -> usize {
    32 + "default".len() + payload.len()
}

/// How long the header of a file is.
pub(crate) const FILE_HEADER_BYTES: usize = 64;

pub(crate) const DURABILITIES: [Durability; 3] = [Durability::Fsync, Durability::Os, Durability::None];

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// An append that has been polled once, which queues it.
pub(crate) struct Queued<F: Future> {
    future: Pin<Box<F>>,
    polled: Poll<F::Output>,
}

/// Queues an append.
pub(crate) fn queue<F: Future>(append: F) -> Queued<F> {
    let mut future = Box::pin(append);
    let polled = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    Queued { future, polled }
}

impl<F: Future> Queued<F> {
    /// Waits for the answer.
    pub(crate) fn wait(self) -> F::Output {
        match self.polled {
            Poll::Ready(output) => output,
            Poll::Pending => block_on(self.future),
        }
    }

    /// The answer that was there at once.
    pub(crate) fn at_once(self) -> F::Output {
        match self.polled {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("the append waits"),
        }
    }
}
