//! Damage in the middle of the log: it costs the frame that it hits, and no other.

use std::fs;

use wal::{Lsn, Wal};

use crate::log::{FILE_HEADER_BYTES, Log, frame_bytes};

const PAYLOADS: [&str; 3] = ["one", "two and some more bytes", "three"];

/// A finished file of three frames, an open one of one frame.
fn two_files() -> (Log, Vec<u8>, Vec<u8>) {
    let log = Log::new();
    log.write(&PAYLOADS);
    log.write(&["four"]);
    let (old, new) = (log.read(1), log.read(4));
    (log, old, new)
}

/// Where a frame of the old file lies.
fn place(frame: usize) -> std::ops::Range<usize> {
    let start = FILE_HEADER_BYTES + PAYLOADS[..frame].iter().map(|payload| frame_bytes(payload)).sum::<usize>();
    start..start + frame_bytes(PAYLOADS[frame])
}

/// Replays the two files after damage to the old one: exactly the frames `lost` are missing.
fn check(log: &Log, old: &[u8], new: &[u8], lost: &[u64], what: &str) {
    log.replace_all(&[(1, old), (4, new)]);
    check_offline(log, lost.len() as u64, what);
    log.replace_all(&[(1, old), (4, new)]);
    for round in ["first", "second"] {
        let (replayed, frames) = log.replay(0);
        let expected: Vec<u64> = (1..=4).filter(|lsn| !lost.contains(lsn)).collect();
        assert_eq!(frames.iter().map(|frame| frame.lsn.get()).collect::<Vec<_>>(), expected, "{what}, {round} replay");
        assert_eq!(replayed.damaged_frames, lost.len() as u64, "{what}, {round} replay");
        assert_eq!((replayed.last_lsn, replayed.torn_bytes), (Lsn::new(4), 0), "{what}, {round} replay");
    }
    assert_eq!(log.read(1), old, "{what}: a finished file is never changed");
    let copies = log.names("quarantine");
    assert_eq!(copies.len(), usize::from(!lost.is_empty()), "{what}");
    for copy in copies {
        assert_eq!(fs::read(log.path().join("quarantine").join(copy)).unwrap(), old, "{what}");
    }
    for floor in 1..=3 {
        let above = lost.iter().filter(|&&lsn| lsn > floor).count() as u64;
        assert_eq!(log.replay(floor).0.damaged_frames, above, "{what}: below the floor {floor} nothing is lost");
    }
}

/// Looking finds what replay would, and changes nothing; setting aside does once what replay would.
fn check_offline(log: &Log, lost: u64, what: &str) {
    let look = || wal::check(&log.path(), Lsn::ZERO).unwrap();
    let found = look();
    assert_eq!(found.iter().map(|file| file.damaged_frames).collect::<Vec<_>>(), [lost, 0], "{what}");
    assert_eq!(found.iter().map(|file| file.frames).collect::<Vec<_>>(), [3 - lost, 1], "{what}");
    assert!(found.iter().all(|file| file.set_aside.is_none()) && log.names("quarantine").is_empty(), "{what}");
    for copies in [usize::from(lost > 0), 0] {
        assert_eq!(wal::set_aside(&log.path(), Lsn::ZERO).unwrap().len(), copies, "{what}");
    }
    assert_eq!(look()[0].set_aside.is_some(), lost > 0, "{what}");
    assert_eq!(log.names("quarantine").len(), usize::from(lost > 0), "{what}");
}

fn flip(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
}

#[test]
fn a_flipped_bit_costs_one_frame() {
    let (log, old, new) = two_files();
    for frame in 0..PAYLOADS.len() {
        let place = place(frame);
        for bit in place.start * 8..place.end * 8 {
            let what = format!("bit {} of frame {}", bit - place.start * 8, frame + 1);
            check(&log, &flip(&old, bit), &new, &[frame as u64 + 1], &what);
        }
    }
}

#[test]
fn a_flipped_bit_in_the_file_header_costs_nothing() {
    let (log, old, new) = two_files();
    for bit in 0..FILE_HEADER_BYTES * 8 {
        check(&log, &flip(&old, bit), &new, &[], &format!("bit {bit} of the file header"));
    }
}

#[test]
fn larger_damage_costs_what_it_covers() {
    let (log, old, new) = two_files();
    let zeroed = |range: std::ops::Range<usize>| {
        let mut bytes = old.clone();
        bytes[range].fill(0);
        bytes
    };
    check(&log, &zeroed(place(0)), &new, &[1], "the first frame zeroed");
    check(&log, &zeroed(place(0).start + 9..place(1).start + 9), &new, &[1, 2], "across two frames");
    check(&log, &zeroed(place(1).start..old.len()), &new, &[2, 3], "to the end of the file");
    check(&log, &old[..place(2).end - 1], &new, &[3], "the last byte of a finished file gone");
    check(&log, &old[..place(2).start], &new, &[3], "the last frame of a finished file gone");
    check(&log, &zeroed(0..FILE_HEADER_BYTES), &new, &[1, 2, 3], "the whole file header");
    check(&log, &new, &new, &[1, 2, 3], "a file under a wrong name");
}

#[test]
fn a_damaged_payload_at_the_very_end_is_damage_and_not_a_torn_tail() {
    let log = Log::new();
    log.write(&["one", "two"]);
    let bytes = log.read(1);
    log.replace_all(&[(1, &flip(&bytes, bytes.len() * 8 - 1))]);
    let (replayed, frames) = log.replay(0);
    assert_eq!((frames.len(), replayed.damaged_frames, replayed.torn_bytes), (1, 1, 0));
    assert_eq!(replayed.last_lsn, Lsn::new(2), "its number is known, and not given again");
    assert_eq!(log.names("quarantine").len(), 1);
}

#[test]
fn damage_before_a_torn_tail_is_still_damage() {
    let log = Log::new();
    log.write(&["one", "two", "three"]);
    let mut bytes = log.read(1);
    bytes[FILE_HEADER_BYTES] ^= 1;
    bytes.pop();
    log.replace_all(&[(1, &bytes)]);
    let (replayed, frames) = log.replay(0);
    assert_eq!(frames.iter().map(|frame| frame.lsn.get()).collect::<Vec<_>>(), [2]);
    assert_eq!((replayed.damaged_frames, replayed.torn_bytes), (1, frame_bytes("three") as u64 - 1));
}

#[test]
fn a_newest_file_without_its_header_is_set_aside_and_the_log_goes_on() {
    let log = Log::new();
    log.write(&["one", "two"]);
    let mut bytes = log.read(1);
    bytes[..FILE_HEADER_BYTES].fill(0xff);
    log.replace_all(&[(1, &bytes)]);
    let (replayed, frames) = log.replay(0);
    assert_eq!((frames.len(), replayed.damaged_frames, replayed.torn_bytes), (0, 1, 0));
    assert_eq!(log.names("quarantine").len(), 1);

    let wal: Wal<()> = Wal::start(&log.path(), log.config.clone(), replayed.last_lsn, |_| {}).unwrap();
    drop(wal);
    assert_eq!(log.names(""), ["00000000000000000001.wal", "00000000000000000002.wal"]);
}

#[test]
fn a_file_of_a_newer_version_stops_the_replay_before_anything_is_touched() {
    let (log, old, mut new) = two_files();
    for copy in [0, 32] {
        new[copy + 4] = 2;
        let crc = crc32c::crc32c(&new[copy..copy + 28]);
        new[copy + 28..copy + 32].copy_from_slice(&crc.to_le_bytes());
    }
    new.pop();
    log.replace_all(&[(1, &flip(&old, 1000)), (4, &new)]);
    let error = wal::replay(&log.path(), Lsn::ZERO, |_| Err("visited")).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{} has format version 2, this program reads version 1", log.file(4).display())
    );
    assert_eq!((log.read(4), log.names("quarantine").len()), (new, 0));
}
