//! The log against a `Vec`: whatever is done to it in whatever order, it holds what the `Vec` holds.

use std::{
    fs::OpenOptions,
    io::Write,
    sync::{Arc, Mutex},
};

use proptest::prelude::*;
use wal::{Committed, Lsn, Wal};

use crate::log::{DURABILITIES, Log, entry, queue};

/// What can be done to a log.
#[derive(Clone, Debug)]
enum Step {
    /// Append payloads of these lengths at once, so that they may share groups.
    Append(Vec<usize>),
    /// Release up to so many percent of what was appended.
    Release(usize),
    /// Close, replay, start.
    Reopen,
    /// Close, leave so many bytes of an unfinished write behind, replay, start.
    Tear(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => prop::collection::vec(0..300_usize, 1..6).prop_map(Step::Append),
        2 => (0..=120_usize).prop_map(Step::Release),
        1 => Just(Step::Reopen),
        1 => (1..400_usize).prop_map(Step::Tear),
    ]
}

/// A log, and what it should hold.
struct Model {
    log: Log,
    wal: Wal<usize>,
    /// All that the sinks of all starts got.
    sunk: Arc<Mutex<Vec<Committed<usize>>>>,
    /// The payload with LSN n is at n - 1.
    payloads: Vec<String>,
    floor: usize,
}

fn start(log: &Log, last_lsn: Lsn, sunk: &Arc<Mutex<Vec<Committed<usize>>>>) -> Wal<usize> {
    let sunk = Arc::clone(sunk);
    let sink = move |group: Vec<Committed<usize>>| sunk.lock().unwrap().extend(group);
    Wal::start(&log.path(), log.config.clone(), last_lsn, sink).unwrap()
}

impl Model {
    fn new(log: Log) -> Model {
        let sunk = Arc::default();
        let wal = start(&log, Lsn::ZERO, &sunk);
        Model { log, wal, sunk, payloads: Vec::new(), floor: 0 }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Append(lengths) => self.append(&lengths),
            Step::Release(percent) => {
                let floor = (self.payloads.len() * percent / 100).min(self.payloads.len());
                self.floor = self.floor.max(floor);
                self.wal.release(Lsn::new(floor as u64));
            }
            Step::Reopen => self.reopen(&[]),
            Step::Tear(length) => self.reopen(&vec![0x2a; length]),
        }
    }

    fn append(&mut self, lengths: &[usize]) {
        let mut appends = Vec::new();
        for &length in lengths {
            let number = self.payloads.len();
            let payload = number.to_string().repeat(length);
            appends.push((queue(self.wal.append(entry(&payload), number)), number as u64 + 1));
            self.payloads.push(payload);
        }
        for (append, lsn) in appends {
            assert_eq!(append.wait(), Ok(Lsn::new(lsn)));
        }
    }

    fn reopen(&mut self, tail: &[u8]) {
        self.wal.close();
        let newest = self.log.path().join(self.log.names("").pop().unwrap());
        OpenOptions::new().append(true).open(newest).unwrap().write_all(tail).unwrap();

        let (replayed, frames) = self.log.replay(self.floor as u64);
        assert_eq!(replayed.torn_bytes, tail.len() as u64);
        assert_eq!((replayed.last_lsn, replayed.damaged_frames), (Lsn::new(self.payloads.len() as u64), 0));
        let lsns: Vec<_> = frames.iter().map(|frame| frame.lsn.get() as usize).collect();
        assert_eq!(lsns, (self.floor + 1..=self.payloads.len()).collect::<Vec<_>>());
        for (frame, payload) in frames.iter().zip(&self.payloads[self.floor..]) {
            assert_eq!(&frame.payload[..], payload.as_bytes());
        }
        self.wal = start(&self.log, replayed.last_lsn, &self.sunk);
    }

    /// What holds at any time, however much was released.
    fn check(&mut self) {
        self.reopen(&[]);
        let sunk = self.sunk.lock().unwrap();
        assert_eq!(
            sunk.iter().map(|committed| committed.item).collect::<Vec<_>>(),
            (0..self.payloads.len()).collect::<Vec<_>>()
        );
        assert!(sunk.iter().all(|committed| committed.lsn.get() == committed.item as u64 + 1));

        let lsns = self.log.lsns(0);
        let oldest = lsns.first().map_or(self.payloads.len() + 1, |&lsn| lsn as usize);
        assert!(oldest <= self.floor + 1, "nothing above the floor was deleted");
        assert_eq!(lsns, (oldest as u64..=self.payloads.len() as u64).collect::<Vec<_>>(), "no hole below it");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_log_holds_what_a_vec_holds(
        steps in prop::collection::vec(step(), 1..20),
        durability in prop::sample::select(DURABILITIES.to_vec()),
        file_bytes_max in 1..4000_u64,
        commit_bytes_max in 1..2000_u64,
    ) {
        let mut log = Log::new();
        log.config.durability = durability;
        log.config.file_bytes_max = file_bytes_max;
        log.config.commit_bytes_max = commit_bytes_max;
        let mut model = Model::new(log);
        for step in steps {
            model.step(step);
        }
        model.check();
    }
}
