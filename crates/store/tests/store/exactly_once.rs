//! Every acknowledged row is in every later snapshot exactly once, whatever happens in between.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use model::{HOUR_NANOS, Signal, Table, TenantId, UnixNanos};
use proptest::prelude::*;
use store::{Snapshot, Store};

use crate::house::{House, Ids, all_ids, ids_of};
use crate::rows::{RECEIVED, Row, incoming};

const RETENTION_HOURS: i64 = 24;

#[derive(Clone, Debug)]
enum Step {
    /// A request of one tenant, received so many hours after the first.
    Append {
        tenant: usize,
        received: i64,
        rows: Vec<(usize, UnixNanos)>,
    },
    Flush,
    /// Blocks are merged until nothing is worth it, so many hours after the first request.
    Compact(i64),
    /// Retention runs, so many hours after the first request.
    Retain(i64),
    /// The process dies and starts again.
    Crash,
    /// The process ends in good order and starts again.
    Restart,
    /// A question begins and goes on to the end of the test.
    Look,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let hours =
        |from: i64, to: i64| (from..to).prop_map(|hours| UnixNanos::new(RECEIVED.get() + hours * HOUR_NANOS + 7));
    let time = prop_oneof![
        8 => hours(-30, 3),
        1 => Just(UnixNanos::new(0)),
        1 => Just(UnixNanos::new(-1)),
        1 => Just(UnixNanos::MIN),
        1 => Just(UnixNanos::MAX),
    ];
    let rows = prop::collection::vec((0..Table::ALL.len(), time), 0..12);
    let append =
        (0usize..2, 0i64..30, rows).prop_map(|(tenant, received, rows)| Step::Append { tenant, received, rows });
    let step = prop_oneof![
        10 => append,
        4 => Just(Step::Flush),
        2 => (0i64..80).prop_map(Step::Compact),
        1 => (0i64..80).prop_map(Step::Retain),
        2 => Just(Step::Crash),
        1 => Just(Step::Restart),
        1 => Just(Step::Look),
    ];
    prop::collection::vec(step, 1..40)
}

/// What should be where.
#[derive(Default)]
struct Model {
    next_id: u32,
    /// Rows in memory and the newest receipt among their requests.
    live: Vec<(TenantId, Row)>,
    newest: Option<UnixNanos>,
    /// Rows in blocks, each with the hour it is filed under.
    stored: Vec<(UnixNanos, (TenantId, Row))>,
}

impl Model {
    fn flush(&mut self) {
        let Some(now) = self.newest.take() else { return };
        let first = UnixNanos::new(now.get() - RETENTION_HOURS * HOUR_NANOS).hour();
        let last = UnixNanos::new(now.get() + HOUR_NANOS).hour();
        let filed = |row: &Row| {
            let hour = row.time.hour();
            if (first..=last).contains(&hour) { hour } else { now.hour() }
        };
        let newest_metric = |of: &TenantId| {
            let metrics =
                self.live.iter().filter(|(tenant, row)| tenant == of && row.table.signal() == Signal::Metrics);
            metrics.map(|(_, row)| filed(row)).max()
        };
        let hour = |(tenant, row): &(TenantId, Row)| match row.table {
            Table::Series => newest_metric(tenant).unwrap_or(now),
            _ => filed(row),
        };
        let stored: Vec<_> = self.live.iter().map(|row| (hour(row), row.clone())).collect();
        self.stored.extend(stored);
        self.live.clear();
    }

    fn retain(&mut self, now: UnixNanos) {
        let oldest = |hours| UnixNanos::new(now.get() - hours * HOUR_NANOS).hour();
        self.stored.retain(|(hour, (_, row))| {
            let grace = if row.table == Table::Series { 24 } else { 0 };
            *hour >= oldest(RETENTION_HOURS + grace)
        });
    }

    fn ids(&self) -> Ids {
        ids_of(self.live.iter().chain(self.stored.iter().map(|(_, row)| row)))
    }
}

struct Run {
    house: House,
    tenants: [TenantId; 2],
    store: Store,
    model: Model,
    looks: Vec<(Arc<Snapshot>, Ids)>,
}

impl Run {
    async fn step(&mut self, step: Step) {
        match step {
            Step::Append { tenant, received, rows } => {
                let received = UnixNanos::new(RECEIVED.get() + received * HOUR_NANOS);
                let tenant = &self.tenants[tenant];
                let first = self.model.next_id;
                self.model.next_id += rows.len() as u32;
                let rows = rows.into_iter().zip(first..);
                let rows: Vec<Row> =
                    rows.map(|((table, time), id)| Row { table: Table::ALL[table], id, time }).collect();
                self.store.append(incoming(tenant, received, &rows)).await.unwrap();
                self.model.live.extend(rows.into_iter().map(|row| (tenant.clone(), row)));
                self.model.newest = self.model.newest.max(Some(received));
            }
            Step::Flush => {
                let rows = self.store.flush().await.unwrap().map_or(0, |flushed| flushed.rows);
                assert_eq!(rows, self.model.live.len() as u64);
                self.model.flush();
            }
            Step::Compact(hours) => {
                let now = UnixNanos::new(RECEIVED.get() + hours * HOUR_NANOS);
                // Once more after a lull: what has just come to an hour that is over may have more behind it.
                for at in [now, now.plus(self.store.config().flush_interval * 2)] {
                    while self.store.compact(at).await.unwrap().is_some() {}
                }
                let blocks = |snapshot: &Snapshot| {
                    let mut hours: Vec<_> = snapshot
                        .all_blocks()
                        .map(|block| (block.meta().tenant.clone(), block.meta().table, block.meta().hour))
                        .filter(|(_, _, hour)| hour.get() + 2 * HOUR_NANOS <= now.get())
                        .collect();
                    hours.sort_unstable();
                    hours
                };
                assert!(
                    blocks(&self.store.snapshot()).is_sorted_by(|a, b| a < b),
                    "an hour that is over has two blocks"
                );
            }
            Step::Retain(hours) => {
                let now = UnixNanos::new(RECEIVED.get() + hours * HOUR_NANOS);
                self.store.retain(now).await.unwrap();
                self.model.retain(now);
            }
            Step::Crash => self.reopen().await,
            Step::Restart => {
                self.store.close();
                self.store.flush().await.unwrap();
                self.model.flush();
                self.reopen().await;
                assert_eq!(self.store.status().memtable.rows, 0, "something was replayed");
            }
            Step::Look => self.looks.push((self.store.snapshot(), self.model.ids())),
        }
    }

    /// Opens the folder anew. Questions do not outlive their process.
    async fn reopen(&mut self) {
        self.looks.clear();
        let elsewhere = House::new();
        let dead = std::mem::replace(&mut self.store, elsewhere.open().await);
        drop(dead);
        self.store = self.house.open().await;
    }

    fn check(&self) {
        assert_eq!(self.seen(&self.store.snapshot()), self.model.ids());
        let rows: u64 = self.store.status().tables.iter().map(|table| table.live_rows + table.block_rows).sum();
        assert_eq!(rows, (self.model.live.len() + self.model.stored.len()) as u64);
    }

    fn seen(&self, snapshot: &Snapshot) -> Ids {
        all_ids(snapshot, self.store.blocks_dir(), &self.tenants)
    }

    /// Nothing lies on disk but what the catalog lists.
    fn check_files(&self) {
        let snapshot = self.store.snapshot();
        let files = snapshot.all_blocks().map(|block| block.meta()).flat_map(|meta| {
            let traces = meta.table.has_trace_id().then(|| meta.trace_index_path());
            let words = matches!(meta.table, Table::Logs | Table::Spans).then(|| meta.word_filter_path());
            [Some(meta.parquet_path()), Some(meta.checksums_path()), traces, words].into_iter().flatten()
        });
        let listed: BTreeSet<PathBuf> = files.collect();
        assert_eq!(self.house.block_files().into_iter().collect::<BTreeSet<_>>(), listed);
    }
}

async fn run(steps: Vec<Step>) {
    let mut house = House::new();
    house.config.retention = Duration::from_secs(RETENTION_HOURS as u64 * 3_600);
    let store = house.open().await;
    let tenants = ["default", "other"].map(|name| name.parse().unwrap());
    let mut run = Run { house, tenants, store, model: Model::default(), looks: Vec::new() };
    for step in steps {
        run.step(step).await;
        run.check();
    }
    for (snapshot, expected) in std::mem::take(&mut run.looks) {
        assert_eq!(run.seen(&snapshot), expected, "an old snapshot changed");
    }
    run.check_files();
    run.reopen().await;
    run.check();
    run.check_files();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn every_acknowledged_row_is_seen_exactly_once(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(run(steps));
    }
}
