//! What waits for the writer, bounded in bytes.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::oneshot;

use crate::{AppendErrorKind, Config, Entry, Lsn};

/// The most frames in one group: it bounds the time the sink takes, and with it the wait of the next group.
const GROUP_FRAMES_MAX: usize = 1024;

/// How an append ended.
pub(crate) type Outcome = Result<Lsn, AppendErrorKind>;

/// An entry whose caller waits. Dropping `done` tells the caller that the log is poisoned.
#[derive(Debug)]
pub(crate) struct Waiting<T> {
    pub(crate) entry: Entry,
    pub(crate) item: T,
    pub(crate) done: oneshot::Sender<Outcome>,
}

/// What the writer is to do next.
#[derive(Debug)]
pub(crate) enum Work<T> {
    /// Commit these, in this order. Never empty.
    Commit(Vec<Waiting<T>>),
    /// Begin a new file if everything in the open one is released.
    Rotate,
    /// Nothing more will come.
    Finish,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Open,
    Closed,
    Poisoned,
}

#[derive(Debug)]
struct Inner<T> {
    waiting: VecDeque<Waiting<T>>,
    /// What waits and what the writer has in hand.
    bytes: u64,
    state: State,
    rotate: bool,
}

/// Many tasks push, one writer takes.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    inner: Mutex<Inner<T>>,
    /// Tells the writer that there is something to do.
    work: Condvar,
    commit_bytes_max: u64,
    queue_bytes_max: u64,
}

impl<T> Queue<T> {
    pub(crate) fn new(config: &Config) -> Queue<T> {
        Queue {
            inner: Mutex::new(Inner { waiting: VecDeque::new(), bytes: 0, state: State::Open, rotate: false }),
            work: Condvar::new(),
            commit_bytes_max: config.commit_bytes_max,
            queue_bytes_max: config.queue_bytes_max,
        }
    }

    /// Queues an entry, or refuses it at once. An entry larger than the queue is taken when nothing else is in it.
    pub(crate) fn push(&self, entry: Entry, item: T) -> Result<oneshot::Receiver<Outcome>, AppendErrorKind> {
        entry.check()?;
        let mut inner = self.lock();
        match inner.state {
            State::Open => {}
            State::Closed => return Err(AppendErrorKind::Closed),
            State::Poisoned => return Err(AppendErrorKind::Poisoned),
        }
        let bytes = inner.bytes + entry.queue_bytes();
        if inner.bytes > 0 && bytes > self.queue_bytes_max {
            return Err(AppendErrorKind::Full);
        }
        let (done, committed) = oneshot::channel();
        inner.bytes = bytes;
        inner.waiting.push_back(Waiting { entry, item, done });
        self.work.notify_one();
        Ok(committed)
    }

    /// Waits for work. The bytes of a group count as queued until [`Queue::give_back`].
    pub(crate) fn take(&self) -> Work<T> {
        let mut inner = self.lock();
        loop {
            if !inner.waiting.is_empty() {
                return Work::Commit(self.group(&mut inner.waiting));
            }
            if std::mem::take(&mut inner.rotate) {
                return Work::Rotate;
            }
            if inner.state != State::Open {
                return Work::Finish;
            }
            inner = self.work.wait(inner).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn group(&self, waiting: &mut VecDeque<Waiting<T>>) -> Vec<Waiting<T>> {
        let mut bytes = 0;
        let mut frames = 0;
        for Waiting { entry, .. } in waiting.iter().take(GROUP_FRAMES_MAX) {
            bytes += entry.disk_bytes();
            if frames > 0 && bytes > self.commit_bytes_max {
                break;
            }
            frames += 1;
        }
        waiting.drain(..frames).collect()
    }

    /// The writer let go of entries of this many bytes.
    pub(crate) fn give_back(&self, bytes: u64) {
        self.lock().bytes -= bytes;
    }

    /// Asks for [`Work::Rotate`].
    pub(crate) fn rotate(&self) {
        self.lock().rotate = true;
        self.work.notify_one();
    }

    /// Takes no more; what waits will still be committed.
    pub(crate) fn close(&self) {
        let mut inner = self.lock();
        if inner.state == State::Open {
            inner.state = State::Closed;
        }
        self.work.notify_one();
    }

    /// Takes no more, and fails all that wait.
    pub(crate) fn poison(&self) {
        let mut inner = self.lock();
        inner.state = State::Poisoned;
        inner.bytes = 0;
        let waiting = std::mem::take(&mut inner.waiting);
        // Items are the caller's, and what their drop does is not ours to know: not under the lock.
        drop(inner);
        drop(waiting);
    }

    pub(crate) fn is_poisoned(&self) -> bool {
        self.lock().state == State::Poisoned
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.lock().bytes
    }

    /// No foreign code runs under the lock, so what it guards is whole even if a thread panicked elsewhere.
    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
