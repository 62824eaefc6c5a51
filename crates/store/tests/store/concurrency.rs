//! The invariant while many append, one flushes and others look.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use model::{HOUR_NANOS, Table, UnixNanos};

use crate::house::{House, all_ids, append, tenant};
use crate::rows::{RECEIVED, Row};

const WRITERS: u32 = 4;
const REQUESTS: u32 = 60;
const ROWS: u32 = 5;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rows_never_vanish_nor_double_while_they_move_from_memory_to_blocks_and_blocks_are_merged() {
    let house = House::new();
    let store = Arc::new(house.open().await);
    let written = Arc::new((0..WRITERS).map(|_| AtomicU32::new(0)).collect::<Vec<_>>());
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let (store, written) = (Arc::clone(&store), Arc::clone(&written));
        writers.spawn(async move {
            for request in 0..REQUESTS {
                let id = |n| (writer * REQUESTS + request) * ROWS + n;
                let row =
                    |n| Row { table: Table::Logs, id: id(n), time: UnixNanos::new(RECEIVED.get() + i64::from(n)) };
                append(&store, &(0..ROWS).map(row).collect::<Vec<_>>()).await;
                written[writer as usize].store(request + 1, Ordering::SeqCst);
            }
        });
    }
    let flusher = {
        let (store, written) = (Arc::clone(&store), Arc::clone(&written));
        tokio::spawn(async move {
            while written.iter().any(|done| done.load(Ordering::SeqCst) < REQUESTS) {
                store.flush().await.unwrap();
            }
        })
    };
    let compactor = {
        let (store, written) = (Arc::clone(&store), Arc::clone(&written));
        // Days later every hour is over, and each time it is so much later that nothing has come for long: any two blocks
        // are worth merging.
        let mut now = UnixNanos::new(RECEIVED.get() + 48 * HOUR_NANOS);
        tokio::spawn(async move {
            let mut merged = 0;
            while merged == 0 || written.iter().any(|done| done.load(Ordering::SeqCst) < REQUESTS) {
                now = now.plus(Duration::from_secs(3_600));
                merged += usize::from(store.compact(now).await.unwrap().is_some());
                tokio::task::yield_now().await;
            }
        })
    };
    loop {
        let acknowledged: Vec<u32> = written.iter().map(|done| done.load(Ordering::SeqCst)).collect();
        let looked = Arc::clone(&store);
        let ids =
            tokio::task::spawn_blocking(move || all_ids(&looked.snapshot(), looked.blocks_dir(), &[tenant()])).await;
        let ids = ids.unwrap().remove(&(tenant(), Table::Logs)).unwrap_or_default();
        assert!(ids.is_sorted_by(|a, b| a < b), "a row is seen twice");
        for (writer, requests) in acknowledged.iter().enumerate() {
            let first = writer as u32 * REQUESTS * ROWS;
            let seen = ids.iter().filter(|id| (first..first + requests * ROWS).contains(id)).count();
            assert_eq!(seen as u32, requests * ROWS, "an acknowledged row of writer {writer} is missing");
        }
        if acknowledged.iter().all(|requests| *requests == REQUESTS) {
            break;
        }
    }
    while let Some(writer) = writers.join_next().await {
        writer.unwrap();
    }
    flusher.await.unwrap();
    store.flush().await.unwrap();
    compactor.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_flush_goes_on_when_its_caller_stops_waiting() {
    let house = House::new();
    let store = house.open().await;
    append(&store, &[Row { table: Table::Logs, id: 1, time: RECEIVED }]).await;
    for _ in 0..3 {
        let given_up = store.flush();
        tokio::select! { biased; _ = given_up => {}, () = std::future::ready(()) => {} }
    }
    // The next flush waits for those under way, and finds nothing left.
    store.flush().await.unwrap();
    assert_eq!((store.status().memtable.rows, store.status().seq.get()), (0, 1));
}
