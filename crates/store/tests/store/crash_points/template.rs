//! A folder in which a start finds something to do at every step.

use std::fs;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use model::{HOUR_NANOS, Signal, Table, UnixNanos};
use store::{Config, Incoming, Store};

use super::ledger::LedgerWriter;
use crate::house::{House, append, tenant};
use crate::rows::{RECEIVED, Row, incoming};

/// When blocks are merged and deleted: every hour of the workload is over, and none is too old but one.
pub(super) const LATER: UnixNanos = UnixNanos::new(RECEIVED.get() + 48 * HOUR_NANOS);

/// Blocks that are worth a merge.
const SMALL_BLOCKS: u32 = 3;

pub(super) struct Template {
    house: House,
}

/// Every group begins a new file of the log, and every frame of a replay is flushed.
pub(super) fn config() -> Config {
    let wal = wal::Config { file_bytes_max: 1, ..wal::Config::default() };
    Config { wal, flush_bytes: 1, disk_reserve_bytes: Some(0), ..Config::default() }
}

impl Template {
    /// Has an expired block, small blocks, and in its log rows, a frame that cannot be decoded, one that is damaged and
    /// a torn end. A file lies among the blocks that nobody knows.
    pub(super) fn new() -> Self {
        let house = House { config: config(), ..House::new() };
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let mut ledger = LedgerWriter::open(house.folder.path());
        let damaged = runtime.block_on(async {
            let store = house.open().await;
            // Whether it is still there depends on how far the workload gets.
            let old = UnixNanos::new(RECEIVED.get()).minus(Duration::from_secs(40 * 86_400));
            ledger.sent(1);
            store.append(incoming(&tenant(), old, &[Row { table: Table::Logs, id: 1, time: old }])).await.unwrap();
            store.flush().await.unwrap();
            for id in (0..SMALL_BLOCKS).map(|n| 10 + 2 * n) {
                acknowledge(&store, &mut ledger, id).await;
                store.flush().await.unwrap();
            }
            acknowledge(&store, &mut ledger, 50).await;
            let body = Bytes::from_static(b"of another time");
            let (signal, received) = (Signal::Logs, RECEIVED);
            store
                .append(Incoming { tenant: tenant(), signal, codec: 9, received, body, batches: vec![] })
                .await
                .unwrap();
            ledger.sent(60);
            let row = Row { table: Table::Logs, id: 60, time: RECEIVED };
            let damaged = store.append(incoming(&tenant(), RECEIVED, &[row])).await.unwrap();
            acknowledge(&store, &mut ledger, 70).await;
            acknowledge(&store, &mut ledger, 72).await;
            damaged
        });
        let log = house.folder.path().join("wal");
        let path = log.join(format!("{:020}.wal", damaged.get()));
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(path, bytes).unwrap();
        let newest = fs::read_dir(&log).unwrap().map(|entry| entry.unwrap().path()).max().unwrap();
        let mut bytes = fs::read(&newest).unwrap();
        bytes.extend(b"torn");
        fs::write(newest, bytes).unwrap();
        fs::write(house.folder.path().join("blocks/default/logs/unknown.parquet"), "half a block").unwrap();
        Self { house }
    }

    /// A copy of it in a folder of its own.
    pub(super) fn copy(&self) -> House {
        let house = House::new();
        copy_folder(self.house.folder.path(), house.folder.path());
        house
    }
}

/// Appends a row of each of two tables, with this id and the next, and writes that down.
async fn acknowledge(store: &Store, ledger: &mut LedgerWriter, id: u32) {
    let ids = [id, id + 1];
    ids.iter().for_each(|id| ledger.sent(*id));
    append(store, &rows(id)).await;
    ids.iter().for_each(|id| ledger.acknowledged(*id));
}

/// A log record and a span, with this id and the next.
pub(super) fn rows(id: u32) -> [Row; 2] {
    [Row { table: Table::Logs, id, time: RECEIVED }, Row { table: Table::Spans, id: id + 1, time: RECEIVED }]
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let copy = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&copy).unwrap();
            copy_folder(&entry.path(), &copy);
        } else {
            fs::copy(entry.path(), copy).unwrap();
        }
    }
}
