//! Which files go, and when.

use wal::Lsn;

use crate::log::{Log, block_on, entry};

/// The numbers in the names of the files.
fn files(log: &Log) -> Vec<u64> {
    log.names("").iter().map(|name| name.trim_end_matches(".wal").parse().unwrap()).collect()
}

#[test]
fn files_go_when_all_their_frames_are_released() {
    let mut log = Log::new();
    // Two frames fill a file.
    log.config.file_bytes_max = 64 + 2 * 40;
    let wal = log.start(0);
    for _ in 0..7 {
        block_on(wal.append(entry("x"), ())).unwrap();
    }
    assert_eq!(files(&log), [1, 3, 5, 7]);
    let cases: [(u64, &[u64]); 7] =
        [(0, &[1, 3, 5, 7]), (1, &[1, 3, 5, 7]), (2, &[3, 5, 7]), (5, &[5, 7]), (3, &[5, 7]), (6, &[7]), (6, &[7])];
    for (floor, left) in cases {
        wal.release(Lsn::new(floor));
        assert_eq!(files(&log), left, "released up to {floor}");
        let status = wal.status();
        assert_eq!(status.files, left.len());
        assert_eq!(status.bytes, left.iter().map(|&first_lsn| log.read(first_lsn).len() as u64).sum::<u64>());
    }
    assert_eq!(wal.status().floor_lsn, Lsn::new(6));
}

#[test]
fn a_fully_released_open_file_is_followed_by_an_empty_one_and_goes() {
    let log = Log::new();
    let wal = log.start(0);
    for _ in 0..3 {
        block_on(wal.append(entry("x"), ())).unwrap();
    }
    wal.release(Lsn::new(3));
    wal.close();
    assert_eq!(files(&log), [4]);
    assert_eq!((wal.status().files, wal.status().bytes), (1, 64));
    assert_eq!(log.replay(0).0.last_lsn, Lsn::new(3), "no number is given twice");
}

#[test]
fn a_floor_above_the_last_commit_deletes_nothing_that_follows() {
    let log = Log::with_a_file_per_group();
    let wal = log.start(0);
    block_on(wal.append(entry("x"), ())).unwrap();
    wal.release(Lsn::new(1000));
    assert_eq!(wal.status().floor_lsn, Lsn::new(1));
    for _ in 0..2 {
        block_on(wal.append(entry("x"), ())).unwrap();
    }
    wal.release(Lsn::new(1));
    drop(wal);
    assert_eq!(log.lsns(1), [2, 3]);
}

#[test]
fn files_of_an_earlier_life_are_released_too() {
    let log = Log::with_a_file_per_group();
    log.write(&["a", "b"]);
    let wal = log.start(0);
    block_on(wal.append(entry("c"), ())).unwrap();
    wal.release(Lsn::new(2));
    drop(wal);
    assert_eq!(files(&log), [3]);
}

#[test]
fn a_file_that_someone_else_deleted_is_no_reason_to_stop() {
    let log = Log::with_a_file_per_group();
    log.write(&["a", "b"]);
    let wal = log.start(0);
    std::fs::remove_file(log.file(1)).unwrap();
    wal.release(Lsn::new(2));
    assert_eq!(block_on(wal.append(entry("c"), ())), Ok(Lsn::new(3)));
    drop(wal);
    assert_eq!(files(&log), [3]);
}
