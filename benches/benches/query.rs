//! Questions to the engine, over blocks of 400 000 log records and 400 000 spans.

use std::sync::Arc;
use std::time::Duration;

use benches::{Corpus, RECORDS_PER_REQUEST, needle, trace_id};
use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use ingest::{Encoding, Request, decode};
use model::{Selectors, Signal, TenantId, TextQuery, TimeRange, TraceId, UnixNanos};
use query::{Engine, LogOrder, LogQuestion, QueryErrorKind, TraceView};
use store::{Config, Incoming, Store, Telemetry};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use wal::Durability;

const START: UnixNanos = UnixNanos::new(1_795_500_000_000_000_000);

/// Requests of each signal.
const REQUESTS: u64 = 400;

/// One flush for so many requests: four blocks of each signal.
const REQUESTS_PER_FLUSH: u64 = 100;

/// Record with a needle, somewhere in the middle.
const NEEDLE_RECORD: u64 = 123_500;

/// Log searches: name, selector, text.
const SEARCHES: [(&str, Option<&str>, Option<&str>); 4] = [
    ("newest_10", None, None),
    ("newest_10_selector", Some("app in (checkout,payment),squad=payments"), None),
    ("newest_10_text", None, Some("timeout OR refused")),
    ("newest_10_absent_word", None, Some("nosuchwordanywhere")),
];

struct Filled {
    runtime: Runtime,
    engine: Engine,
    /// Goes with the blocks when dropped.
    _folder: TempDir,
}

fn questions(criterion: &mut Criterion) {
    let filled = fill();
    let tenant = TenantId::default_tenant();
    let mut group = criterion.benchmark_group("query");
    group.sample_size(20).measurement_time(Duration::from_secs(5));

    let stored: Vec<TraceId> = (0..200).map(|number| id(number * REQUESTS / 2)).collect();
    let mut turn = stored.iter().cycle();
    group.bench_function("trace_found", |bencher| {
        bencher.to_async(&filled.runtime).iter(|| {
            let asked = filled.engine.trace(&tenant, *turn.next().expect("a cycle does not end"), TraceView::Repaired);
            async { asked.await.expect("it is there") }
        });
    });
    let mut absent = (10_000_000..).map(id);
    group.bench_function("trace_not_there", |bencher| {
        bencher.to_async(&filled.runtime).iter(|| {
            let asked = filled.engine.trace(&tenant, absent.next().expect("numbers do not end"), TraceView::Repaired);
            async { assert_eq!(asked.await.expect_err("it is not there").kind(), QueryErrorKind::NotFound) }
        });
    });

    let needle = needle(NEEDLE_RECORD);
    let searches = SEARCHES.into_iter().chain([("needle", None, Some(needle.as_str()))]);
    for (name, selector, text) in searches {
        let question = question(selector, text);
        group.bench_function(name, |bencher| {
            bencher.to_async(&filled.runtime).iter(|| {
                let asked = filled.engine.logs(&tenant, question.clone());
                async { asked.await.expect("a valid question").logs.len() }
            });
        });
    }
    group.finish();
}

fn question(selector: Option<&str>, text: Option<&str>) -> LogQuestion {
    LogQuestion {
        selectors: selector.map(|selector| Selectors::parse(selector).expect("a valid selector")),
        text: text.map(|text| TextQuery::parse(text).expect("a valid query")),
        range: TimeRange::ALL,
        order: LogOrder::NewestFirst,
        limit: 10,
        cursor: None,
    }
}

fn id(number: u64) -> TraceId {
    TraceId::from_bytes(&trace_id(number)).expect("16 bytes that are not all zero")
}

fn fill() -> Filled {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = Runtime::new().expect("a runtime");
    let config = Config { durability: Durability::None, ..Config::default() };
    let decoder = Arc::new(|_: &wal::Frame| Ok(Vec::new()));
    let store = runtime.block_on(async {
        let store =
            Arc::new(Store::open(folder.path(), config, Telemetry::decoding(decoder)).await.expect("a fresh store"));
        for signal in [Signal::Logs, Signal::Traces] {
            let corpus = Corpus::new(signal, START);
            for number in 0..REQUESTS {
                append(&store, signal, &corpus.body(number)).await;
                if (number + 1) % REQUESTS_PER_FLUSH == 0 {
                    store.flush().await.expect("the disk works");
                }
            }
        }
        store
    });
    let engine = Engine::new(store, query::Config::default(), runtime.handle().clone()).expect("a valid config");
    Filled { runtime, engine, _folder: folder }
}

async fn append(store: &Store, signal: Signal, body: &[u8]) {
    let request = Request { signal, encoding: Encoding::Protobuf, body, received: START };
    let batches = decode(&request).expect("a clean body").batches;
    let tenant = TenantId::default_tenant();
    // The log keeps nothing here: only blocks are asked.
    let incoming = Incoming { tenant, signal, codec: 0, received: START, body: Bytes::new(), batches };
    store.append(incoming).await.expect("the disk works");
}

const _: () = assert!(NEEDLE_RECORD < REQUESTS * RECORDS_PER_REQUEST);

criterion_group!(all, questions);
criterion_main!(all);
