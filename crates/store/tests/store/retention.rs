//! Which blocks go, and when their files do.

use std::time::Duration;

use model::{HOUR_NANOS, Table, UnixNanos};

use crate::house::{House, all_ids, append, ids_of, tenant};
use crate::rows::{RECEIVED, Row, incoming};

fn hours(hours: i64) -> UnixNanos {
    UnixNanos::new(RECEIVED.get() + hours * HOUR_NANOS)
}

fn row(id: u32, time: UnixNanos) -> Row {
    Row { table: Table::Logs, id, time }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_hours_that_ended_the_retention_ago_go_and_files_stay_while_someone_reads() {
    let mut house = House::new();
    house.config.retention = Duration::from_secs(10 * 3_600);
    let store = house.open().await;
    // The last of them, from 1970, is filed under the hour of its receipt.
    let rows = [row(1, hours(-9)), row(2, hours(-5)), row(3, hours(0)), row(4, UnixNanos::new(0))];
    append(&store, &rows).await;
    store.flush().await.unwrap();
    let reader = store.snapshot();
    let everything = house.block_files();
    let check = |kept: &[Row]| {
        let kept: Vec<_> = kept.iter().map(|row| (tenant(), *row)).collect();
        assert_eq!(all_ids(&store.snapshot(), store.blocks_dir(), &[tenant()]), ids_of(&kept));
    };
    let last_instant = |hour: i64| UnixNanos::new(hours(hour + 1).get() - 1);

    assert_eq!(store.retain(last_instant(1)).await.unwrap(), 0);
    check(&rows);
    assert_eq!(store.retain(hours(2)).await.unwrap(), 1);
    check(&rows[1..]);
    assert_eq!(store.retain(hours(2)).await.unwrap(), 0);
    assert_eq!(store.retain(hours(6)).await.unwrap(), 1);
    check(&rows[2..]);

    assert_eq!(house.block_files(), everything, "somebody reads them");
    let seen: Vec<_> = rows.iter().map(|row| (tenant(), *row)).collect();
    assert_eq!(all_ids(&reader, store.blocks_dir(), &[tenant()]), ids_of(&seen));
    drop(reader);
    assert_eq!(house.block_files().len(), everything.len() - 8, "two blocks of four files each");

    assert_eq!(store.retain(hours(11)).await.unwrap(), 1);
    check(&[]);
    assert_eq!(house.block_files().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_received_while_the_clock_was_far_behind_is_not_too_old_once_it_is_right() {
    let mut house = House::new();
    house.config.retention = Duration::from_secs(10 * 3_600);
    let store = house.open().await;
    // The clock begins in 1970; the senders' clocks are right, but for one.
    let rows = [row(1, hours(0)), row(2, UnixNanos::MAX)];
    for row in rows {
        store.append(incoming(&tenant(), UnixNanos::new(60), &[row])).await.unwrap();
        store.flush().await.unwrap();
    }
    assert_eq!(store.snapshot().newest(), Some(UnixNanos::new(HOUR_NANOS)), "what a sender says does not count alone");
    // Of the other record nobody can tell how old it is, beyond when it was received.
    assert_eq!(store.retain(hours(1)).await.unwrap(), 1);
    let left = all_ids(&store.snapshot(), store.blocks_dir(), &[tenant()]);
    assert_eq!(left, ids_of(&[(tenant(), rows[0])]));
    assert_eq!(store.retain(hours(10)).await.unwrap(), 0);
    assert_eq!(store.retain(hours(11)).await.unwrap(), 1, "it expires as if it had been filed rightly");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_in_memory_outlive_any_retention() {
    let house = House::new();
    let store = house.open().await;
    append(&store, &[row(1, UnixNanos::new(0))]).await;
    assert_eq!(store.retain(UnixNanos::MAX).await.unwrap(), 0);
    assert_eq!(store.status().memtable.rows, 1);
}
