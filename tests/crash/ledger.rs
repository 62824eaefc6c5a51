//! What one sender sent and what of it was acknowledged.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use testkit::DEADLINE;
use tokio::sync::watch;
use tokio::time::timeout;

use super::sender::Wire;

/// The ledgers of all senders.
#[derive(Clone, Debug)]
pub(super) struct Ledgers {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    wires: Vec<Wire>,
    ledgers: Vec<Mutex<Ledger>>,
    progress: watch::Sender<Progress>,
    /// Nanoseconds since 1970 of the first cycle's records.
    epoch: u64,
}

/// What one sender sent: requests 0, 1, 2, … in order, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    /// How many requests were begun; the last may not have left.
    pub(super) sent: u64,
    /// Those that the server said it has.
    pub(super) acknowledged: BTreeSet<u64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    /// In this cycle.
    acknowledged: usize,
    cycles: u64,
    /// Senders that are in the middle of a request.
    sending: usize,
}

/// Between one start of the server and its end.
#[derive(Clone, Debug)]
pub(super) struct Cycle {
    number: u64,
    /// What each sender had sent before.
    pub(super) first: Vec<u64>,
}

/// Records of a cycle are of its own hundred seconds.
const CYCLE_NANOS: u64 = 100_000_000_000;

impl Ledgers {
    pub(super) fn new(wires: &[Wire], epoch: u64) -> Self {
        let ledgers = wires.iter().map(|_| Mutex::default()).collect();
        let progress = watch::Sender::new(Progress::default());
        Self { inner: Arc::new(Inner { wires: wires.to_vec(), ledgers, progress, epoch }) }
    }

    /// What each sender wrote down, in the order of the senders.
    pub(super) fn read(&self) -> Vec<(Wire, Ledger)> {
        let ledgers = self.inner.ledgers.iter().map(|ledger| ledger.lock().expect("no writer panics").clone());
        self.inner.wires.iter().copied().zip(ledgers).collect()
    }

    pub(super) fn begin_cycle(&self) -> Cycle {
        let mut number = 0;
        self.inner.progress.send_modify(|progress| {
            number = progress.cycles;
            *progress = Progress { acknowledged: 0, cycles: number + 1, ..*progress };
        });
        Cycle { number, first: self.read().iter().map(|(_, ledger)| ledger.sent).collect() }
    }

    /// Writes down that a request is about to leave; tells its number and the time of its records.
    pub(super) fn begin_request(&self, sender: usize) -> (u64, u64) {
        let mut ledger = self.inner.ledgers[sender].lock().expect("no writer panics");
        let sequence = ledger.sent;
        ledger.sent += 1;
        let mut time = 0;
        self.inner.progress.send_modify(|progress| {
            progress.sending += 1;
            time = self.inner.epoch + (progress.cycles - 1) * CYCLE_NANOS;
        });
        (sequence, time)
    }

    /// Writes down how the request ended.
    pub(super) fn end_request(&self, sender: usize, sequence: u64, outcome: Outcome) {
        if outcome == Outcome::Acknowledged {
            self.inner.ledgers[sender].lock().expect("no writer panics").acknowledged.insert(sequence);
        }
        self.inner.progress.send_modify(|progress| {
            progress.sending -= 1;
            progress.acknowledged += usize::from(outcome == Outcome::Acknowledged);
        });
    }

    /// Waits until so many requests of this cycle were acknowledged.
    pub(super) async fn acknowledged(&self, requests: usize) {
        self.wait("acknowledgements", |progress| progress.acknowledged >= requests).await;
    }

    /// Waits until no sender is in the middle of a request.
    pub(super) async fn settled(&self) {
        self.wait("the senders to notice", |progress| progress.sending == 0).await;
    }

    async fn wait(&self, what: &str, holds: impl FnMut(&Progress) -> bool) {
        let mut progress = self.inner.progress.subscribe();
        let waited = timeout(DEADLINE, progress.wait_for(holds)).await;
        assert!(waited.is_ok(), "waited in vain for {what}: {:?}", self.inner.progress.borrow());
    }

    /// The times of the records of a cycle: from, to in nanoseconds since 1970.
    pub(super) fn times(&self, cycle: &Cycle) -> Range<u64> {
        let from = self.inner.epoch + cycle.number * CYCLE_NANOS;
        from..from + CYCLE_NANOS
    }
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Acknowledged,
    /// Refused, or nobody knows.
    Unknown,
}
