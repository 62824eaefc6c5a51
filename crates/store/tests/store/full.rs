//! A disk without room, and a clock that is set: what waits, what goes on.

use std::fs;

use model::{HOUR_NANOS, Table, UnixNanos};
use store::StoreErrorKind;

use crate::house::{House, all_ids, append, ids_of, rows_of_every_table, tenant};
use crate::rows::{RECEIVED, Row, incoming};

#[tokio::test(flavor = "multi_thread")]
async fn below_the_reserve_appends_are_refused_and_everything_else_goes_on() {
    let mut house = House::new();
    let store = house.open().await;
    let mut rows = Vec::new();
    // Enough blocks of one hour for a merge, and rows that are not in a block yet.
    for id in 1..=9 {
        let row = Row { table: Table::Logs, id, time: RECEIVED };
        append(&store, &[row]).await;
        rows.push((tenant(), row));
        if id < 9 {
            store.flush().await.unwrap();
        }
    }
    assert!(!store.status().disk.full && !store.flush_is_due(RECEIVED));
    drop(store);

    house.config.disk_reserve_bytes = Some(u64::MAX);
    let store = house.open().await;
    let refused = store.append(incoming(&tenant(), RECEIVED, &[])).await.unwrap_err();
    assert_eq!((refused.kind(), refused.to_string().as_str()), (StoreErrorKind::DiskFull, "the disk is full"));
    let status = store.status();
    assert!(status.disk.full && !status.wal.poisoned && !status.disk.read_only);
    let later = UnixNanos::new(RECEIVED.get() + 48 * HOUR_NANOS);
    assert_eq!(store.compact(later).await.unwrap(), None, "a merge needs room before it gives any back");
    assert_eq!(all_ids(&store.snapshot(), store.blocks_dir(), &[tenant()]), ids_of(&rows));
    // Blocks take less room than the log: what can be flushed is.
    assert!(store.flush_is_due(RECEIVED));
    assert_eq!(store.flush().await.unwrap().unwrap().rows, 1);
    assert!(!store.flush_is_due(RECEIVED));
    assert_eq!(all_ids(&store.snapshot(), store.blocks_dir(), &[tenant()]), ids_of(&rows));
    drop(store);

    house.config.disk_reserve_bytes = Some(0);
    let store = house.open().await;
    assert!(store.compact(later).await.unwrap().is_some());
    append(&store, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flush_that_fails_half_way_leaves_no_files() {
    let house = House::new();
    let store = house.open().await;
    append(&store, &rows_of_every_table(1, 3)).await;
    // The tables are written in their order; a folder in the way of a file stops the last of them.
    let last = Table::ALL[Table::ALL.len() - 1];
    let day = &RECEIVED.to_string()[..10];
    let obstacle = store.blocks_dir().join(format!("default/{last}/{day}"));
    fs::create_dir_all(obstacle.parent().unwrap()).unwrap();
    fs::write(&obstacle, "").unwrap();
    store.flush().await.unwrap_err();
    let left: Vec<_> =
        house.block_files().into_iter().filter(|path| store.blocks_dir().join(path) != obstacle).collect();
    assert_eq!(left, Vec::<std::path::PathBuf>::new());
    fs::remove_file(&obstacle).unwrap();
    assert!(store.flush().await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flush_is_due_after_its_interval_whichever_way_the_clock_was_set() {
    let house = House::new();
    let store = house.open().await;
    let seconds = |seconds: i64| UnixNanos::new(RECEIVED.get() + seconds * 1_000_000_000);
    assert!(!store.flush_is_due(UnixNanos::MAX) && !store.flush_is_due(UnixNanos::MIN), "there is nothing to flush");
    append(&store, &rows_of_every_table(1, 1)).await;
    for (now, due) in
        [(0, false), (59, false), (60, true), (1 << 30, true), (-59, false), (-60, true), (-(1 << 30), true)]
    {
        assert_eq!(store.flush_is_due(seconds(now)), due, "{now} s after the receipt");
    }
    assert!(store.flush_is_due(UnixNanos::MAX) && store.flush_is_due(UnixNanos::MIN));
}
