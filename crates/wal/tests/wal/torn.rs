//! A crash in the middle of a write: exactly the whole frames before it come back, and the file ends with them.

use wal::{Lsn, Replayed};

use crate::log::{FILE_HEADER_BYTES, Log, frame_bytes};

const PAYLOADS: [&str; 4] = ["first", "", "the third one", "4"];

/// Replays a log whose newest file is `bytes`, of which the first `frames` frames and `whole` bytes are good.
fn check(log: &Log, bytes: &[u8], frames: u64, whole: usize, what: &str) {
    log.replace_all(&[(1, bytes)]);
    let expected: Vec<&str> = PAYLOADS[..frames as usize].to_vec();

    let looked = wal::check(&log.path(), Lsn::ZERO).unwrap();
    let torn = (bytes.len() - whole) as u64;
    assert_eq!((looked[0].frames, looked[0].damaged_frames, looked[0].torn_bytes), (frames, 0, torn), "{what}");
    assert_eq!(log.read(1), bytes, "{what}: looking changes nothing");
    let (replayed, found) = log.replay(0);
    assert_eq!(found.iter().map(|frame| &frame.payload[..]).collect::<Vec<_>>(), payloads(&expected), "{what}");
    let good = Replayed {
        frames,
        bytes: expected.iter().map(|payload| payload.len() as u64).sum(),
        last_lsn: Lsn::new(frames),
        damaged_frames: 0,
        torn_bytes: 0,
    };
    assert_eq!(replayed, Replayed { torn_bytes: (bytes.len() - whole) as u64, ..good }, "{what}");
    assert_eq!(log.read(1), &bytes[..whole], "{what}: the file ends with its last whole frame");
    assert_eq!(log.replay(0).0, good, "{what}: the second replay finds nothing torn");
}

fn payloads<'a>(payloads: &[&'a str]) -> Vec<&'a [u8]> {
    payloads.iter().map(|payload| payload.as_bytes()).collect()
}

/// A log of [`PAYLOADS`] and where its frames end, the end of the file header first.
fn small_log() -> (Log, Vec<u8>, Vec<usize>) {
    let log = Log::new();
    log.write(&PAYLOADS);
    let mut ends = vec![FILE_HEADER_BYTES];
    for payload in PAYLOADS {
        ends.push(ends[ends.len() - 1] + frame_bytes(payload));
    }
    let bytes = log.read(1);
    assert_eq!(bytes.len(), ends[PAYLOADS.len()]);
    (log, bytes, ends)
}

#[test]
fn a_file_cut_at_any_byte_keeps_its_whole_frames() {
    let (log, bytes, ends) = small_log();
    for length in 0..=bytes.len() {
        let whole_frames = ends.iter().filter(|&&end| end <= length).count().saturating_sub(1);
        let whole = if length < FILE_HEADER_BYTES { 0 } else { ends[whole_frames] };
        check(&log, &bytes[..length], whole_frames as u64, whole, &format!("cut to {length} bytes"));
    }
}

#[test]
fn a_tail_that_is_no_frame_is_cut_off() {
    let (log, bytes, ends) = small_log();
    let stale = Log::new();
    stale.write(&PAYLOADS);
    // Deterministic bytes without structure; they contain no frame whatever the identity is.
    let garbage: Vec<u8> = (0..u32::from(u16::MAX)).map(|n| (n.wrapping_mul(0x9E37_79B9) >> 24) as u8).collect();
    let tails: [(&str, &[u8]); 7] = [
        ("one zero", &[0]),
        ("zeros of half a header", &[0; 16]),
        ("zeros of a page", &[0; 4096]),
        ("zeros of 64 KiB", &[0; 64 << 10]),
        ("garbage", &garbage),
        ("a file of an older life of this log", &stale.read(1)),
        ("the same frame of an older life of this log", &stale.read(1)[ends[3]..]),
    ];
    for (what, tail) in tails {
        check(&log, &[&bytes[..ends[3]], tail].concat(), 3, ends[3], what);
    }
    check(&log, &[&bytes, &bytes[ends[3]..]].concat(), 4, bytes.len(), "its own last frame once more");
}

#[test]
fn a_length_without_a_crc_is_not_believed() {
    let (log, bytes, ends) = small_log();
    let mut huge = bytes.clone();
    huge[ends[3] + 4..ends[3] + 8].copy_from_slice(&u32::MAX.to_le_bytes());
    check(&log, &huge, 3, ends[3], "a length of 4 GiB");
}

#[test]
fn the_log_goes_on_after_a_torn_tail() {
    let (log, bytes, ends) = small_log();
    log.replace_all(&[(1, &bytes[..ends[3] + 5])]);
    log.write(&["again"]);
    assert_eq!(log.names(""), ["00000000000000000001.wal", "00000000000000000004.wal"]);
    let (replayed, frames) = log.replay(0);
    assert_eq!((replayed.frames, replayed.damaged_frames, replayed.torn_bytes), (4, 0, 0));
    assert_eq!(&frames[3].payload[..], b"again");
}

#[test]
fn the_log_goes_on_from_the_floor_when_a_power_cut_took_released_frames() {
    let (log, bytes, ends) = small_log();
    log.replace_all(&[(1, &bytes[..ends[1]])]);
    drop(log.start(4));
    assert_eq!(log.names(""), ["00000000000000000001.wal", "00000000000000000005.wal"]);
    let (replayed, _) = log.replay(4);
    assert_eq!((replayed.last_lsn, replayed.damaged_frames), (Lsn::new(4), 0), "what lies below the floor is no loss");
}

#[test]
fn a_start_without_a_frame_leaves_a_file_that_the_next_start_takes_over() {
    let log = Log::new();
    log.write(&["a"]);
    log.write(&[]);
    log.write(&[]);
    assert_eq!(log.names(""), ["00000000000000000001.wal", "00000000000000000002.wal"]);
    log.write(&["b"]);
    assert_eq!(log.lsns(0), [1, 2]);
}
