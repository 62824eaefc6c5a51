//! The lock, and what a start replays, keeps and forgets.

use std::sync::Arc;

use bytes::Bytes;
use model::{Signal, Table};
use store::{Incoming, Store, StoreErrorKind, Telemetry};

use crate::house::{House, all_ids, append, ids_of, rows_of_every_table, tenant};
use crate::rows::{RECEIVED, Row};

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_belongs_to_one_store_at_a_time() {
    let house = House::new();
    let store = house.open().await;
    let refused = house.try_open().await.unwrap_err();
    assert_eq!(refused.kind(), StoreErrorKind::Locked);
    assert!(refused.to_string().contains(&*house.folder.path().to_string_lossy()), "{refused}");
    drop(store);
    house.open().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_forgets_what_is_in_blocks() {
    let mut house = House::new();
    house.config.wal.file_bytes_max = 1;
    let store = house.open().await;
    for first in 0..20 {
        append(&store, &rows_of_every_table(first * 100, 2)).await;
    }
    assert!(house.log_files() >= 20);
    let floor = store.flush().await.unwrap().unwrap().floor;
    assert_eq!(store.status().wal.floor_lsn, floor);
    assert!(store.status().wal.files <= 1 && house.log_files() <= 2, "{} files", house.log_files());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_an_end_in_good_order_nothing_is_replayed_and_nothing_taken() {
    let house = House::new();
    let store = house.open().await;
    append(&store, &rows_of_every_table(1, 10)).await;
    store.close();
    let refused = store.append(crate::rows::incoming(&tenant(), RECEIVED, &[])).await.unwrap_err();
    assert_eq!(refused.kind(), StoreErrorKind::Closed);
    let floor = store.flush().await.unwrap().unwrap().floor;
    drop(store);
    let decode = |_: &wal::Frame| panic!("a frame was replayed");
    let store =
        Store::open(house.folder.path(), house.config.clone(), Telemetry::decoding(Arc::new(decode))).await.unwrap();
    assert_eq!(store.status().memtable.rows, 0);
    // The files of the time before went at the start, not only at the next flush.
    assert!(house.log_files() <= 1, "{} files", house.log_files());
    append(&store, &rows_of_every_table(1_000, 1)).await;
    assert!(store.flush().await.unwrap().unwrap().floor > floor);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_larger_than_memory_is_flushed_on_the_way() {
    let mut house = House::new();
    let store = house.open().await;
    let mut expected = Vec::new();
    for first in 0..12 {
        let rows = rows_of_every_table(first * 1_000, 100);
        append(&store, &rows).await;
        expected.extend(rows.into_iter().map(|row| (tenant(), row)));
    }
    drop(store);
    house.config.flush_bytes = 1;
    let store = house.open().await;
    assert_eq!(store.status().memtable.rows, 0);
    assert_eq!(all_ids(&store.snapshot(), store.blocks_dir(), &[tenant()]), ids_of(&expected));
    // A flush may take the frame that comes while it begins, and no more: the next one waits for it.
    assert!(store.status().seq.get() >= 6 && house.log_files() <= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_cannot_be_decoded_any_more_is_set_aside_and_the_rest_is_kept() {
    let house = House::new();
    let store = house.open().await;
    let body = Bytes::from_static(b"of another time");
    let odd = Incoming {
        tenant: tenant(),
        signal: Signal::Logs,
        codec: 9,
        received: RECEIVED,
        body: body.clone(),
        batches: vec![],
    };
    let lsn = store.append(odd).await.unwrap();
    append(&store, &[Row { table: Table::Logs, id: 7, time: RECEIVED }]).await;
    drop(store);
    let store = house.open().await;
    assert_eq!((store.status().damaged_frames, store.status().memtable.rows), (1, 1));
    let aside = house.folder.path().join("quarantine").join(format!("{:020}.frame", lsn.get()));
    assert_eq!(std::fs::read(aside).unwrap(), body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_rows_moves_the_floor_too() {
    let house = House::new();
    let store = house.open().await;
    append(&store, &[]).await;
    let flushed = store.flush().await.unwrap().unwrap();
    assert_eq!((flushed.rows, flushed.blocks, flushed.floor), (0, 0, store.status().wal.durable_lsn));
    assert_eq!(store.flush().await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn appends_wait_for_a_flush_once_memory_is_full() {
    let mut house = House::new();
    house.config.memtable_bytes_max = 1;
    let store = house.open().await;
    append(&store, &rows_of_every_table(1, 1)).await;
    let full = store.append(crate::rows::incoming(&tenant(), RECEIVED, &[])).await.unwrap_err();
    assert_eq!(full.kind(), StoreErrorKind::Busy);
    store.flush().await.unwrap();
    append(&store, &rows_of_every_table(100, 1)).await;
}
