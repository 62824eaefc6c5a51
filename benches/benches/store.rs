//! The store: batches into the memtable, and the memtable into blocks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use benches::{Corpus, RECORDS_PER_REQUEST};
use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ingest::{Encoding, Request, decode};
use model::{Batch, Signal, TenantId, UnixNanos};
use store::{Config, Incoming, Store, Telemetry};
use tokio::runtime::Runtime;
use wal::Durability;

const START: UnixNanos = UnixNanos::new(1_795_500_000_000_000_000);

/// Requests of one memtable: about what it holds of logs when it is full.
const REQUESTS: u64 = 100;

/// What is measured of filling a memtable and writing it out.
#[derive(Clone, Copy, Debug)]
enum Measured {
    /// Appending without a sync, and without writing the body: memory alone.
    Publish,
    /// Sorting, encoding and syncing blocks, and the catalog's commit.
    Flush,
}

fn store(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    for (name, measured) in [("publish", Measured::Publish), ("flush", Measured::Flush)] {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(REQUESTS * RECORDS_PER_REQUEST));
        group.sample_size(10).measurement_time(Duration::from_secs(10));
        for signal in Signal::ALL {
            let corpus = Corpus::new(signal, START);
            let requests: Vec<Vec<Batch>> = (0..REQUESTS).map(|number| batches(&corpus, signal, number)).collect();
            group.bench_function(BenchmarkId::from_parameter(signal.records()), |bencher| {
                bencher.iter_custom(|rounds| {
                    (0..rounds).map(|_| runtime.block_on(fill_and_flush(signal, &requests, measured))).sum()
                });
            });
        }
        group.finish();
    }
}

fn batches(corpus: &Corpus, signal: Signal, number: u64) -> Vec<Batch> {
    let body = corpus.body(number);
    let request = Request { signal, encoding: Encoding::Protobuf, body: &body, received: START };
    decode(&request).expect("a clean body").batches
}

/// Takes the requests into a fresh store and flushes it; returns how long the measured part took.
async fn fill_and_flush(signal: Signal, requests: &[Vec<Batch>], measured: Measured) -> Duration {
    let folder = tempfile::tempdir().expect("a folder");
    let config = Config { durability: Durability::None, ..Config::default() };
    let decoder = Arc::new(|_: &wal::Frame| Ok(Vec::new()));
    let store = Store::open(folder.path(), config, Telemetry::decoding(decoder)).await.expect("a fresh store");
    let begun = Instant::now();
    for batches in requests {
        let incoming = Incoming {
            tenant: TenantId::default_tenant(),
            signal,
            codec: 0,
            received: START,
            body: Bytes::new(),
            batches: batches.clone(),
        };
        store.append(incoming).await.expect("the disk works");
    }
    let published = begun.elapsed();
    let begun = Instant::now();
    store.flush().await.expect("the disk works").expect("there are rows");
    let flushed = begun.elapsed();
    store.close();
    match measured {
        Measured::Publish => published,
        Measured::Flush => flushed,
    }
}

criterion_group!(all, store);
criterion_main!(all);
