//! What an acknowledgement means, and when there is none.

use std::{
    convert::Infallible,
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc, Mutex,
        mpsc::{self, SyncSender},
    },
    thread,
};

use bytes::Bytes;
use wal::{AppendErrorKind, Committed, Config, Lsn, PAYLOAD_BYTES_MAX, TENANT_BYTES_MAX, Wal, WalError, replay};

use crate::log::{DURABILITIES, Log, block_on, entry, queue};

/// The items of each group that the sink got.
type Groups = Arc<Mutex<Vec<Vec<u64>>>>;

/// A log whose sink waits, once per group, for a word from the sender.
fn gated(log: &Log) -> (Wal<u64>, SyncSender<()>, Groups) {
    let (gate, opened) = mpsc::sync_channel(16);
    let groups = Groups::default();
    let sink = {
        let groups = Arc::clone(&groups);
        move |group: Vec<Committed<u64>>| {
            opened.recv().unwrap();
            groups.lock().unwrap().push(group.iter().map(|committed| committed.item).collect());
        }
    };
    (Wal::start(&log.path(), log.config.clone(), Lsn::ZERO, sink).unwrap(), gate, groups)
}

/// Waits until the first group has left the queue: the sink has it, or is about to.
fn until_in_the_sink(wal: &Wal<u64>) {
    while wal.status().syncs == 0 || wal.status().queue_bytes > 0 {
        thread::yield_now();
    }
}

#[test]
fn an_answer_means_written_and_seen_by_the_sink() {
    for durability in DURABILITIES {
        let mut log = Log::new();
        log.config.durability = durability;
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = {
            let seen = Arc::clone(&seen);
            move |group: Vec<Committed<&'static str>>| seen.lock().unwrap().extend(group)
        };
        let wal = Wal::start(&log.path(), log.config.clone(), Lsn::new(41), sink).unwrap();
        for (number, payload) in (42..).zip(["a", "b", "c"]) {
            let lsn = block_on(wal.append(entry(payload), payload)).unwrap();
            assert_eq!(lsn, Lsn::new(number), "{durability}");
            let committed = Committed { lsn, receive_unix_nanos: entry("").receive_unix_nanos, item: payload };
            assert_eq!(seen.lock().unwrap().last(), Some(&committed), "{durability}");
        }
        wal.close();
        let status = wal.status();
        assert_eq!((status.durable_lsn, status.queue_bytes, status.poisoned), (Lsn::new(44), 0, false));
        assert_eq!(status.syncs, if durability.to_string() == "fsync" { 3 } else { 1 }, "{durability}");
        assert_eq!(log.lsns(0), [42, 43, 44], "{durability}");
    }
}

#[test]
fn those_who_arrive_during_a_commit_share_the_next_one() {
    let log = Log::new();
    let (wal, gate, groups) = gated(&log);
    let first = queue(wal.append(entry("first"), 0));
    until_in_the_sink(&wal);
    let others: Vec<_> = (1..=10).map(|item| queue(wal.append(entry("other"), item))).collect();
    gate.send(()).unwrap();
    gate.send(()).unwrap();
    assert_eq!(first.wait(), Ok(Lsn::new(1)));
    for (lsn, other) in (2..).zip(others) {
        assert_eq!(other.wait(), Ok(Lsn::new(lsn)));
    }
    assert_eq!(*groups.lock().unwrap(), [vec![0], (1..=10).collect()]);
    assert_eq!(wal.status().syncs, 2);
}

#[test]
fn many_callers_at_once_get_consecutive_numbers_and_one_order() {
    let log = Log::new();
    let sunk = Arc::new(Mutex::new(Vec::new()));
    let sink = {
        let sunk = Arc::clone(&sunk);
        move |group: Vec<Committed<u64>>| {
            sunk.lock().unwrap().extend(group.iter().map(|committed| (committed.lsn, committed.item)));
        }
    };
    let wal = Wal::start(&log.path(), log.config.clone(), Lsn::ZERO, sink).unwrap();
    let mut answered: Vec<(Lsn, u64)> = thread::scope(|scope| {
        let caller = |caller: u64| {
            let wal = &wal;
            let append = move |item: u64| (block_on(wal.append(entry(&item.to_string()), item)).unwrap(), item);
            scope.spawn(move || (caller * 100..caller * 100 + 50).map(append).collect::<Vec<_>>())
        };
        let callers: Vec<_> = (0..8).map(caller).collect();
        callers.into_iter().flat_map(|caller| caller.join().unwrap()).collect()
    });
    wal.close();
    answered.sort();
    assert_eq!(answered, *sunk.lock().unwrap());
    let (_, frames) = log.replay(0);
    assert_eq!(frames.len(), answered.len());
    for ((frame, (lsn, item)), number) in frames.iter().zip(answered).zip(1..) {
        assert_eq!((frame.lsn, lsn, &frame.payload[..]), (lsn, Lsn::new(number), item.to_string().as_bytes()));
    }
}

#[test]
fn a_group_ends_at_its_limit() {
    let mut log = Log::new();
    log.config.commit_bytes_max = 100;
    let (wal, gate, groups) = gated(&log);
    queue(wal.append(entry("first"), 0));
    until_in_the_sink(&wal);
    // Frames of 41, 41, 41, 239, 41 bytes: two fit, the large one goes alone.
    for (item, payload) in (1..).zip(["22", "22", "22", &"x".repeat(200), "22"]) {
        queue(wal.append(entry(payload), item));
    }
    for _ in 0..5 {
        gate.send(()).unwrap();
    }
    wal.close();
    assert_eq!(*groups.lock().unwrap(), [vec![0], vec![1, 2], vec![3], vec![4], vec![5]]);
}

#[test]
fn a_full_queue_refuses_at_once_and_takes_again_when_it_has_drained() {
    // A large entry is over the limit by itself: it is taken because nothing else waits.
    let mut log = Log::new();
    log.config = Config { queue_bytes_max: 4096, commit_bytes_max: 4096, ..log.config };
    let (wal, gate, _) = gated(&log);
    let large = "x".repeat(4000);
    queue(wal.append(entry(&large), 0));
    until_in_the_sink(&wal);
    let second = queue(wal.append(entry(&large), 1));
    assert_eq!(queue(wal.append(entry("small"), 2)).at_once().unwrap_err().kind(), AppendErrorKind::Full);
    for _ in 0..3 {
        gate.send(()).unwrap();
    }
    assert_eq!(second.wait(), Ok(Lsn::new(2)));
    assert_eq!(block_on(wal.append(entry("small"), 3)), Ok(Lsn::new(3)));
}

#[test]
fn what_is_too_large_is_refused_for_good() {
    let log = Log::on_disk();
    let wal = log.start(0);
    let mut largest = entry("");
    largest.tenant = "t".repeat(TENANT_BYTES_MAX).into();
    largest.payload = Bytes::from(vec![7; PAYLOAD_BYTES_MAX]);
    let mut payload = largest.clone();
    payload.payload = Bytes::from(vec![7; PAYLOAD_BYTES_MAX + 1]);
    let mut tenant = entry("");
    tenant.tenant = "t".repeat(TENANT_BYTES_MAX + 1).into();
    for entry in [payload, tenant] {
        assert_eq!(block_on(wal.append(entry, ())).unwrap_err().kind(), AppendErrorKind::TooLarge);
    }
    assert_eq!(block_on(wal.append(largest.clone(), ())), Ok(Lsn::new(1)));
    drop(wal);
    let (_, frames) = log.replay(0);
    assert_eq!((&frames[0].tenant, &frames[0].payload), (&largest.tenant, &largest.payload));
}

#[test]
fn a_caller_who_leaves_does_not_withdraw_the_frame() {
    let log = Log::new();
    let wal = log.start(0);
    drop(queue(wal.append(entry("kept"), ())));
    drop(wal.append(entry("never polled"), ()));
    drop(wal);
    let (_, frames) = log.replay(0);
    assert_eq!(frames.iter().map(|frame| &frame.payload[..]).collect::<Vec<_>>(), [b"kept"]);
}

#[test]
fn closing_commits_what_waits_and_refuses_what_follows() {
    let log = Log::new();
    let wal = log.start(0);
    let waiting: Vec<_> = (0..20).map(|_| queue(wal.append(entry("waits"), ()))).collect();
    wal.close();
    wal.close();
    for (lsn, append) in (1..).zip(waiting) {
        assert_eq!(append.wait(), Ok(Lsn::new(lsn)));
    }
    assert_eq!(block_on(wal.append(entry("late"), ())).unwrap_err().kind(), AppendErrorKind::Closed);
    assert_eq!(log.lsns(0), (1..=20).collect::<Vec<_>>());
}

#[test]
fn a_sink_that_panics_leaves_no_caller_waiting() {
    let log = Log::new();
    let wal = Wal::start(&log.path(), Config::default(), Lsn::ZERO, |_: Vec<Committed<()>>| panic!("sink")).unwrap();
    for _ in 0..2 {
        assert_eq!(block_on(wal.append(entry("a"), ())).unwrap_err().kind(), AppendErrorKind::Poisoned);
    }
    wal.close();
    assert!(wal.status().poisoned);
}

#[test]
fn a_last_handle_dropped_by_the_sink_does_not_wait_for_itself() {
    struct Handle(#[expect(dead_code, reason = "held, to be dropped")] Arc<Wal<Handle>>);

    let log = Log::new();
    let (gate, opened) = mpsc::sync_channel::<()>(1);
    let (dropped, drops) = mpsc::sync_channel(1);
    let sink = move |group: Vec<Committed<Handle>>| {
        opened.recv().unwrap();
        dropped.send(panic::catch_unwind(AssertUnwindSafe(|| drop(group))).is_ok()).unwrap();
    };
    let wal = Arc::new(Wal::start(&log.path(), Config::default(), Lsn::ZERO, sink).unwrap());
    drop(queue(wal.append(entry("a"), Handle(Arc::clone(&wal)))));
    drop(wal);
    gate.send(()).unwrap();
    assert_eq!(drops.recv(), Ok(true));
}

#[test]
fn a_start_behind_its_folder_is_refused() {
    let log = Log::new();
    log.write(&["a", "b"]);
    let start = |last_lsn| Wal::<()>::start(&log.path(), Config::default(), Lsn::new(last_lsn), |_| {});
    assert!(matches!(start(0), Err(WalError::Behind { .. })));
    assert!(matches!(start(u64::MAX), Err(WalError::Exhausted { .. })));
    assert_eq!(log.lsns(0), [1, 2], "nothing was overwritten");
    assert!(start(2).is_ok());
}

#[test]
fn a_visitor_that_refuses_stops_the_replay() {
    let log = Log::new();
    log.write(&["a", "b"]);
    let mut visited = 0;
    let error = replay(&log.path(), Lsn::ZERO, |_| {
        visited += 1;
        Err("no")
    });
    assert_eq!((error.unwrap_err().to_string().as_str(), visited), ("no", 1));
}

#[test]
fn a_folder_that_is_not_there_is_an_empty_log() {
    let log = Log::new();
    let replayed = replay(&log.path(), Lsn::new(9), |_| Ok::<_, Infallible>(())).unwrap();
    assert_eq!((replayed.frames, replayed.last_lsn), (0, Lsn::new(9)));
}
