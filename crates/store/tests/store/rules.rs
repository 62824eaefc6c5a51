//! Which rows go by which rules, and what pins hold.

use std::time::Duration;

use model::{HOUR_NANOS, Signal, Table, TenantId, TimeRange, UnixNanos};
use proptest::prelude::*;
use store::{NewPin, PINS_MAX, PinId, RetentionRules, Store, StoreErrorKind, Trimmed};

use crate::house::{House, all_ids, append, ids_of, tenant};
use crate::rows::{GROUPS, RECEIVED, Row, incoming};

/// For how many hours records are kept where no rule says otherwise.
const DEFAULT_HOURS: i64 = 24;

/// Rows of `series` stay for so many hours longer.
const GRACE_HOURS: i64 = 24;

fn hours(hours: i64) -> UnixNanos {
    UnixNanos::new(RECEIVED.get() + hours * HOUR_NANOS)
}

fn house(rules: &str) -> House {
    let mut house = House::new();
    house.config.retention = Duration::from_secs(DEFAULT_HOURS as u64 * 3_600);
    house.config.retention_rules = RetentionRules::parse([rules]).unwrap();
    house
}

/// Whether a row of the hour is kept at `now`, for this many hours.
fn is_kept(row: &Row, hour: UnixNanos, kept_hours: i64, now: UnixNanos) -> bool {
    let kept_hours = kept_hours + if row.table == Table::Series { GRACE_HOURS } else { 0 };
    hour >= UnixNanos::new(now.get() - kept_hours * HOUR_NANOS).hour()
}

/// Retention until nothing is left to do; the rows that went by rewriting.
async fn retain(store: &Store, now: UnixNanos) -> u64 {
    store.retain(now).await.unwrap();
    let mut rows = 0;
    while let Some(trimmed) = store.trim(now).await.unwrap() {
        assert!(trimmed.examined > 0, "it would never end");
        rows += trimmed.rows;
    }
    rows
}

/// Rows of every table, resource and some ages, received together.
fn rows_of_every_age() -> Vec<Row> {
    let mut rows = Vec::new();
    for table in Table::ALL {
        for age in [0, 1, 2, 3, 5, 6, 24, 25, 30, 31] {
            for _ in 0..2 * GROUPS {
                rows.push(Row { table, id: rows.len() as u32, time: hours(-age) });
            }
        }
    }
    rows
}

/// Keeps rows by the rules; those of each resource must go after so many hours, however often one looks.
async fn check(of: &str, rules: &str, kept_hours: [i64; GROUPS as usize]) {
    let tenant: TenantId = of.parse().unwrap();
    let house = house(rules);
    let store = house.open().await;
    let (rows, longest) = (rows_of_every_age(), kept_hours.into_iter().max().unwrap());
    store.append(incoming(&tenant, RECEIVED, &rows)).await.unwrap();
    store.flush().await.unwrap();
    for later in [0, 1, 2, 3, 4, 7, 20, 23, 24, 26, 29, 30, 31, 40, 55, 79, 90] {
        let now = hours(later);
        retain(&store, now).await;
        // Series are filed under the newest hour of what they describe, and what was too old when it came under that of
        // its receipt.
        let is_too_old = |row: &Row| row.time < hours(-longest).hour();
        let hour = |row: &Row| match row.table {
            Table::Series => RECEIVED.hour(),
            _ if is_too_old(row) => RECEIVED.hour(),
            _ => row.time.hour(),
        };
        let kept_for = |row: &Row| if row.table.is_of_resources() { kept_hours[row.id as usize % 5] } else { longest };
        let kept = rows.iter().filter(|row| is_kept(row, hour(row), kept_for(row), now));
        let kept: Vec<_> = kept.map(|row| (tenant.clone(), *row)).collect();
        let found = all_ids(&store.snapshot(), store.blocks_dir(), std::slice::from_ref(&tenant));
        assert_eq!(found, ids_of(&kept), "{rules:?} at {now}");

        let seq = store.status().seq;
        assert_eq!(retain(&store, now).await, 0);
        assert_eq!(store.status().seq, seq, "nothing has changed, so nothing is rewritten");
    }
    assert_eq!(house.block_files().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_kept_by_the_longest_rule_that_matches_its_resource() {
    check("default", "", [24; 5]).await;
    check("default", "keep app=g0 30h", [30, 24, 24, 24, 24]).await;
    check("default", "keep app=g0 2h", [2, 24, 24, 24, 24]).await;
    check("default", "keep app=g0 2h; keep app in (g0, g1) 5h; keep app in (g2,g3) 1h", [5, 5, 1, 1, 24]).await;
    check("default", "keep app=g1 || app=g2 3h; tenant other 30h", [24, 3, 3, 24, 24]).await;
    check("other", "keep app=g1 || app=g2 3h; tenant other 30h", [30, 3, 3, 30, 30]).await;
    check("other", "tenant other 1h; keep app!=g4 2h", [2, 2, 2, 2, 1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_describes_is_kept_as_long_as_anything() {
    let store = house("keep app=g0 30h; keep app=g1 2h").open().await;
    let points = |id| Row { table: Table::MetricNumbers, id, time: hours(0) };
    append(&store, &[points(1), points(6)]).await;
    store.flush().await.unwrap();
    let rows = || store.status().tables.iter().map(|table| table.block_rows).sum::<u64>();
    retain(&store, hours(30)).await;
    assert_eq!(rows(), 2);
    retain(&store, hours(31)).await;
    assert_eq!(rows(), 0);
}

fn pin(from: i64, to: i64) -> NewPin {
    let range = TimeRange { from: hours(from), to: hours(to) };
    NewPin { tenant: tenant(), range, reason: "an incident".to_owned(), expires: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_holds_every_block_that_it_overlaps_until_it_ends() {
    let house = house("keep app=g1 2h");
    let store = house.open().await;
    let row = |id, table, age: i64| Row { table, id, time: hours(-age) };
    // The series was first heard of long before the pinned hour.
    let rows = [
        row(0, Table::Logs, 10),
        row(1, Table::Logs, 10),
        row(2, Table::Logs, 11),
        row(3, Table::MetricNumbers, 10),
        row(4, Table::MetricNumbers, 20),
        row(8, Table::Series, 20),
    ];
    append(&store, &rows).await;
    store.flush().await.unwrap();
    let check = async |now: i64, kept: &[usize]| {
        retain(&store, hours(now)).await;
        let kept: Vec<_> = kept.iter().map(|index| (tenant(), rows[*index])).collect();
        assert_eq!(all_ids(&store.snapshot(), store.blocks_dir(), &[tenant()]), ids_of(&kept), "at {now}");
    };
    let first = store.pin(pin(-10, -9), hours(0)).await.unwrap();
    let second = NewPin { expires: Some(hours(500)), ..pin(-10, -9) };
    let second = store.pin(second, hours(0)).await.unwrap();
    assert!(first.id < second.id);
    check(0, &[0, 1, 2, 3, 4, 5]).await;
    check(100, &[0, 1, 3, 5]).await;
    assert!(!store.unpin(&"other".parse().unwrap(), first.id).await.unwrap(), "it is another tenant's");
    assert!(store.unpin(&tenant(), first.id).await.unwrap());
    assert!(!store.unpin(&tenant(), first.id).await.unwrap());
    check(499, &[0, 1, 3, 5]).await;
    drop(store);

    let store = house.open().await;
    assert_eq!(store.snapshot().pins(&tenant()).map(|pin| pin.id).collect::<Vec<_>>(), [second.id]);
    retain(&store, hours(500)).await;
    // In the first round the pin is over and taken away; what it held went with it.
    assert_eq!(store.snapshot().pins(&tenant()).count(), 0);
    assert_eq!(house.block_files().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_that_cannot_be_is_refused() {
    let store = house("").open().await;
    let far = "x".repeat(1_025);
    for asked in
        [pin(0, 0), pin(1, 0), NewPin { reason: far, ..pin(0, 1) }, NewPin { expires: Some(hours(0)), ..pin(0, 1) }]
    {
        let error = store.pin(asked.clone(), hours(0)).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Invalid, "{asked:?}");
    }
    for _ in 0..PINS_MAX {
        store.pin(pin(0, 1), hours(0)).await.unwrap();
    }
    assert_eq!(store.pin(pin(0, 1), hours(0)).await.unwrap_err().kind(), StoreErrorKind::Invalid);
    store.pin(NewPin { tenant: "other".parse().unwrap(), ..pin(0, 1) }, hours(0)).await.unwrap();
    assert!(!store.unpin(&tenant(), PinId::new(999)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_the_rewriting_and_the_commit_leaves_nothing() {
    let house = house("keep app=g1 2h");
    let store = house.open().await;
    let rows: Vec<Row> = (0..100).map(|id| Row { table: Table::Logs, id, time: hours(-3) }).collect();
    append(&store, &rows).await;
    store.flush().await.unwrap();
    let before = house.block_files();
    // What a rewriting that was cut short has left beside the block that it was to replace.
    let leftover = store.blocks_dir().join(before[0].with_file_name("c0123.parquet"));
    std::fs::write(&leftover, "PAR1").unwrap();
    drop(store);
    let store = house.open().await;
    assert_eq!(house.block_files(), before);
    let trimmed = store.trim(hours(0)).await.unwrap().unwrap();
    assert_eq!(trimmed, Trimmed { examined: 1, removed: 0, rewritten: 1, rows: 20 });
    assert_eq!(house.block_files().len(), before.len());
    store.snapshot().all_blocks().for_each(|block| block.verify().unwrap());
}

#[derive(Clone, Debug)]
enum Step {
    /// Rows of a tenant, as table, resource and age, received so many hours after the first.
    Append {
        tenant: usize,
        received: i64,
        rows: Vec<(usize, u32, i64)>,
    },
    Flush,
    Compact(i64),
    Retain(i64),
    Restart,
}

const RULES: &str = "keep app=g0 30h; keep app in (g1,g2) 3h; keep app=g2 || app=g3 8h; tenant other 50h";

fn kept_hours(tenant: &TenantId, id: u32) -> i64 {
    match u64::from(id) % GROUPS {
        0 => 30,
        1 => 3,
        2 | 3 => 8,
        _ if tenant.as_str() == "other" => 50,
        _ => DEFAULT_HOURS,
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let rows = prop::collection::vec((0..Table::ALL.len(), 0..GROUPS as u32, 0i64..40), 1..16);
    let append =
        (0usize..2, 0i64..20, rows).prop_map(|(tenant, received, rows)| Step::Append { tenant, received, rows });
    let step = prop_oneof![
        6 => append,
        4 => Just(Step::Flush),
        2 => (0i64..100).prop_map(Step::Compact),
        4 => (0i64..100).prop_map(Step::Retain),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..24)
}

/// A row that is in memory, or in a block of an hour.
type Kept = (Option<UnixNanos>, (TenantId, Row));

async fn run(steps: Vec<Step>) {
    let house = house(RULES);
    let tenants: [TenantId; 2] = ["default", "other"].map(|name| name.parse().unwrap());
    let mut store = house.open().await;
    let (mut model, mut newest, mut next) = (Vec::<Kept>::new(), None, 0);
    for step in steps {
        match step {
            Step::Append { tenant, received, rows } => {
                let mut sent = Vec::new();
                for (table, group, age) in rows {
                    let row = |table, next: &mut u32| {
                        *next += GROUPS as u32;
                        Row { table, id: *next + group, time: hours(received - age) }
                    };
                    let table = Table::ALL[table];
                    sent.push(row(table, &mut next));
                    // Points come with what describes them.
                    if table.signal() == Signal::Metrics && table != Table::Series {
                        sent.push(row(Table::Series, &mut next));
                    }
                }
                let tenant = &tenants[tenant];
                store.append(incoming(tenant, hours(received), &sent)).await.unwrap();
                model.extend(sent.into_iter().map(|row| (None, (tenant.clone(), row))));
                newest = newest.max(Some(hours(received)));
            }
            Step::Flush => {
                store.flush().await.unwrap();
                file(&mut model, newest.take());
            }
            Step::Compact(at) => while store.compact(hours(at)).await.unwrap().is_some() {},
            Step::Retain(at) => {
                retain(&store, hours(at)).await;
                model.retain(|(hour, (tenant, row))| {
                    let of_resource = row.table.is_of_resources();
                    let kept = if of_resource { kept_hours(tenant, row.id) } else { longest_hours(tenant) };
                    hour.is_none_or(|hour| is_kept(row, hour, kept, hours(at)))
                });
            }
            Step::Restart => {
                drop(store);
                store = house.open().await;
            }
        }
        let found = all_ids(&store.snapshot(), store.blocks_dir(), &tenants);
        assert_eq!(found, ids_of(model.iter().map(|(_, row)| row)));
    }
}

/// How long anything of the tenant is kept at most.
fn longest_hours(tenant: &TenantId) -> i64 {
    if tenant.as_str() == "other" { 50 } else { 30 }
}

/// Files what is in memory under its hours, as a flush does.
fn file(model: &mut [Kept], newest: Option<UnixNanos>) {
    let Some(now) = newest else { return };
    let hour = |tenant: &TenantId, row: &Row| {
        let oldest = UnixNanos::new(now.get() - longest_hours(tenant) * HOUR_NANOS).hour();
        let newest = UnixNanos::new(now.get() + HOUR_NANOS).hour();
        let hour = row.time.hour();
        if (oldest..=newest).contains(&hour) { hour } else { now.hour() }
    };
    let in_memory = model.iter().filter(|(hour, (_, row))| hour.is_none() && row.table.signal() == Signal::Metrics);
    let metrics: Vec<_> = in_memory.map(|(_, (tenant, row))| (tenant.clone(), hour(tenant, row))).collect();
    for (filed, (tenant, row)) in model.iter_mut().filter(|(hour, _)| hour.is_none()) {
        let of_flush = metrics.iter().filter(|(of, _)| of == tenant).map(|(_, hour)| *hour).max();
        *filed = if row.table == Table::Series { of_flush } else { Some(hour(tenant, row)) };
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn after_any_history_each_row_is_there_exactly_while_its_rule_says_so(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(run(steps));
    }
}
