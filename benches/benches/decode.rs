//! `ingest::decode`: protobuf in the clear to Arrow batches, on one core.

use std::time::Duration;

use benches::{Corpus, RECORDS_PER_REQUEST};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ingest::{Encoding, Request, decode};
use model::{Signal, UnixNanos};

const START: UnixNanos = UnixNanos::new(1_795_500_000_000_000_000);

/// So many requests take turns, so that no branch learns one of them by heart.
const REQUESTS: u64 = 64;

fn decode_requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(RECORDS_PER_REQUEST)).measurement_time(Duration::from_secs(5));
    for signal in Signal::ALL {
        let corpus = Corpus::new(signal, START);
        let bodies: Vec<Vec<u8>> = (0..REQUESTS).map(|number| corpus.body(number)).collect();
        let mut turn = bodies.iter().cycle();
        group.bench_function(signal.records(), |bencher| {
            bencher.iter(|| {
                let body = turn.next().expect("a cycle does not end");
                decode(&Request { signal, encoding: Encoding::Protobuf, body, received: START }).expect("a clean body")
            });
        });
    }
    group.finish();
}

criterion_group!(all, decode_requests);
criterion_main!(all);
