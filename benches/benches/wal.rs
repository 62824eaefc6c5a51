//! `wal::append`: from a request's bytes to the acknowledgement, by what that promises.

use std::sync::Arc;
use std::time::{Duration, Instant};

use benches::{Compression, Corpus, RECORDS_PER_REQUEST, Transport, WireForm};
use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use model::{Signal, UnixNanos};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use wal::{Config, Durability, Entry, Lsn, Wal};

const START: UnixNanos = UnixNanos::new(1_795_500_000_000_000_000);

/// Requests that wait for their acknowledgement at once.
const CALLERS: u64 = 16;

/// The log is let go after so many rounds, or it would fill the disk.
const ROUNDS_KEPT: u64 = 200;

fn append(criterion: &mut Criterion) {
    let clear = Corpus::new(Signal::Logs, START).body(0);
    let form = WireForm { transport: Transport::Http, compression: Compression::Zstd };
    let body = form.body(clear).expect("compressing in memory");
    let runtime = Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("wal_append");
    group.throughput(Throughput::Elements(CALLERS * RECORDS_PER_REQUEST)).measurement_time(Duration::from_secs(5));
    for durability in [Durability::Fsync, Durability::Os, Durability::None] {
        let folder = tempfile::tempdir().expect("a folder");
        let config = Config { durability, ..Config::default() };
        let wal = Arc::new(Wal::start(folder.path(), config, Lsn::new(0), |_: Vec<_>| {}).expect("a fresh log"));
        group.bench_function(BenchmarkId::from_parameter(durability), |bencher| {
            bencher.iter_custom(|rounds| {
                let mut spent = Duration::ZERO;
                for round in 0..rounds {
                    let begun = Instant::now();
                    let last = runtime.block_on(append_at_once(&wal, &body));
                    spent += begun.elapsed();
                    if round % ROUNDS_KEPT == 0 {
                        wal.release(last);
                    }
                }
                spent
            });
        });
    }
    group.finish();
}

/// Appends from all callers at once, and says how far the log is then.
async fn append_at_once(wal: &Arc<Wal<()>>, body: &Bytes) -> Lsn {
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (wal, payload) = (Arc::clone(wal), body.clone());
        let entry = Entry {
            tenant: "default".into(),
            signal: Signal::Logs.code(),
            codec: 0,
            receive_unix_nanos: START.get(),
            payload,
        };
        callers.spawn(async move { wal.append(entry, ()).await.expect("the disk works") });
    }
    callers.join_all().await.into_iter().max().unwrap_or(Lsn::new(0))
}

criterion_group!(all, append);
criterion_main!(all);
