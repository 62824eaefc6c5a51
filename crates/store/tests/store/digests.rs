//! Digests: rows worked out of others at a flush are committed with these, once, whatever happens between.

use std::sync::Arc;

use model::{Batch, Table};
use store::{Fresh, Snapshot, Store, Telemetry};

use crate::house::{House, append, rows_of_every_table, tenant};
use crate::rows::{RECEIVED, Row, batches, decode};

/// One sighting with the number of fresh log records as its id.
fn count_logs(fresh: &Fresh<'_>, older: &Snapshot) -> Vec<Batch> {
    let logs = fresh.tables.get(&Table::Logs).into_iter().flatten().map(|batch| batch.num_rows()).sum::<usize>();
    let stored = older.blocks(fresh.tenant, Table::Logs).iter().map(|block| block.meta().rows).sum::<u64>();
    assert!(logs < 1_000, "this digester cannot count so far");
    let id = u32::try_from(logs as u64 * 1_000 + stored).unwrap();
    batches(&[Row { table: Table::Sightings, id, time: RECEIVED }])
}

async fn open(house: &House, digest: fn(&Fresh<'_>, &Snapshot) -> Vec<Batch>) -> Store {
    let telemetry = Telemetry { decode: Arc::new(decode), digest: Arc::new(digest) };
    Store::open(house.folder.path(), house.config.clone(), telemetry).await.unwrap()
}

fn sightings(store: &Store) -> Vec<u32> {
    crate::house::all_ids(&store.snapshot(), store.blocks_dir(), &[tenant()])
        .remove(&(tenant(), Table::Sightings))
        .unwrap_or_default()
}

fn logs(first: u32, count: u32) -> Vec<Row> {
    let all = rows_of_every_table(first, count);
    all.into_iter().filter(|row| row.table == Table::Logs).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_flush_digests_its_rows_once_beside_what_is_in_blocks() {
    let house = House::new();
    let store = open(&house, count_logs).await;
    append(&store, &logs(1, 3)).await;
    assert_eq!(sightings(&store), [0u32; 0]);
    store.flush().await.unwrap();
    append(&store, &logs(100, 4)).await;
    store.flush().await.unwrap();
    store.flush().await.unwrap();
    assert_eq!(sightings(&store), [3_000, 4_003]);
    // What was not flushed is digested after the replay.
    append(&store, &logs(200, 5)).await;
    drop(store);
    let store = open(&house, count_logs).await;
    store.flush().await.unwrap();
    assert_eq!(sightings(&store), [3_000, 4_003, 5_007]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_which_no_digest_can_be_made_are_flushed_all_the_same() {
    let house = House::new();
    let store = open(&house, |_, _| panic!("a record that nobody thought of")).await;
    append(&store, &logs(1, 3)).await;
    let flushed = store.flush().await.unwrap().unwrap();
    assert_eq!((flushed.rows, sightings(&store)), (3, Vec::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_can_be_given_digests_of_what_is_in_memory() {
    let house = House::new();
    let store = open(&house, count_logs).await;
    append(&store, &logs(1, 3)).await;
    let (snapshot, tenant) = (store.snapshot(), tenant());
    let digests = count_logs(&Fresh::of_snapshot(&snapshot, &tenant), &snapshot);
    let rows =
        |snapshot: &Snapshot| snapshot.live(&tenant, Table::Sightings).map(|rows| rows.num_rows()).sum::<usize>();
    assert_eq!((rows(&snapshot), rows(&snapshot.with_live(&tenant, digests))), (0, 1));
}
