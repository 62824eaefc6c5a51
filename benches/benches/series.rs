//! Expressions over stored series, warm: what a dashboard asks again and again. And names and values among a million.
//!
//! An hour at 15 s in merged blocks: 12 500 counters of 100 services, 3 000 000 points; 500 classic histograms of 12 buckets.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use ingest::{Encoding, Request, decode};
use model::{Signal, TenantId, TimeRange, UnixNanos};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum,
    number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use promql::{Expr, Matcher, Steps};
use prost::Message;
use query::{Engine, PromqlQuestion, SeriesQuestion};
use store::{Config, Incoming, Store, Telemetry};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use wal::Durability;

/// A full hour: 2026-11-24T06:00:00Z.
const START: UnixNanos = UnixNanos::new(1_795_500_000_000_000_000);

const SERVICES: u64 = 100;
/// Counters of each service.
const COUNTERS: u64 = 125;
/// Histograms of each service.
const HISTOGRAMS: u64 = 5;
const SCRAPES: u64 = 240;
const SCRAPE_SECONDS: u64 = 15;
/// A flush for so many scrapes.
const SCRAPES_PER_FLUSH: u64 = 30;

const BOUNDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Series of which names and values are asked.
const MANY: u64 = 1_000_000;
const MANY_PER_REQUEST: u64 = 20_000;

/// Expressions by name; of the whole hour at the interval of the samples, or of its end.
const OVER_THE_HOUR: [(&str, &str); 3] = [
    ("rate_12500_series", "sum by (job) (rate(http_requests_total[5m]))"),
    ("rate_125_series", "sum by (code) (rate(http_requests_total{job=\"service-42\"}[5m]))"),
    (
        "quantile_500_histograms",
        "histogram_quantile(0.99, sum by (le, job) (rate(http_server_duration_seconds_bucket[5m])))",
    ),
];
const AT_ITS_END: [(&str, &str); 2] = [
    ("instant_one_series", "http_requests_total{job=\"service-42\",route=\"/r/7\",code=\"200\"}"),
    ("instant_12500_series", "sum(http_requests_total)"),
];

struct Filled {
    runtime: Runtime,
    engine: Engine,
    /// Goes with the blocks when dropped.
    _folder: TempDir,
}

impl Filled {
    /// A store with what some requests brought: each is received at the time that comes with it.
    fn new(requests: impl Iterator<Item = (UnixNanos, Vec<u8>)>, per_flush: usize) -> Self {
        let (folder, runtime) = (tempfile::tempdir().expect("a folder"), Runtime::new().expect("a runtime"));
        let config = Config { durability: Durability::None, ..Config::default() };
        let store = runtime.block_on(async {
            let decoder = Arc::new(|_: &wal::Frame| Ok(Vec::new()));
            let store = Store::open(folder.path(), config, Telemetry::decoding(decoder)).await.expect("a fresh store");
            for (number, (received, body)) in (1..).zip(requests) {
                append(&store, received, &body).await;
                if number % per_flush == 0 {
                    store.flush().await.expect("the disk works");
                }
            }
            store.flush().await.expect("the disk works");
            let later = START.plus(Duration::from_secs(86_400));
            while store.compact(later).await.expect("the disk works").is_some() {}
            Arc::new(store)
        });
        let engine = Engine::new(store, query::Config::default(), runtime.handle().clone()).expect("a valid config");
        Self { runtime, engine, _folder: folder }
    }
}

async fn append(store: &Store, received: UnixNanos, body: &[u8]) {
    let signal = Signal::Metrics;
    let batches =
        decode(&Request { signal, encoding: Encoding::Protobuf, body, received }).expect("a clean body").batches;
    let (tenant, body) = (TenantId::default_tenant(), Bytes::new());
    store.append(Incoming { tenant, signal, codec: 0, received, body, batches }).await.expect("the disk works");
}

fn questions(criterion: &mut Criterion) {
    let filled = Filled::new((0..SCRAPES).map(|number| (time(number), scrape(number))), SCRAPES_PER_FLUSH as usize);
    let mut group = criterion.benchmark_group("series");
    group.sample_size(20).measurement_time(Duration::from_secs(5));
    let (first, last) = (millis(time(0)), millis(time(SCRAPES - 1)));
    let hour = Steps::range(first, last, SCRAPE_SECONDS as i64 * 1_000).expect("there are steps");
    let questions = OVER_THE_HOUR.map(|(name, text)| (name, text, hour));
    let questions = questions.into_iter().chain(AT_ITS_END.map(|(name, text)| (name, text, Steps::instant(last))));
    for (name, text, steps) in questions {
        let question = PromqlQuestion::new(Expr::parse(text).expect("a valid expression"), text, steps);
        group.bench_function(name, |bencher| {
            bencher.to_async(&filled.runtime).iter(|| async {
                let tenant = TenantId::default_tenant();
                let answer = filled.engine.promql(&tenant, question.clone()).await.expect("it can be evaluated");
                assert!(answer.outcome.samples > 0, "there are series");
                answer
            });
        });
    }
    group.finish();
}

fn names(criterion: &mut Criterion) {
    let requests = (0..MANY / MANY_PER_REQUEST).map(|number| (START, many(number)));
    let filled = Filled::new(requests, 10);
    let mut group = criterion.benchmark_group("series/million");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    let all = SeriesQuestion { matchers: Vec::new(), range: TimeRange::ALL, limit: None };
    let some = SeriesQuestion { matchers: vec![vec![Matcher::equal("zone", "3")]], ..all.clone() };
    let tenant = TenantId::default_tenant();
    for (name, question) in [("all", &all), ("of_a_hundredth", &some)] {
        group.bench_function(format!("label_names_{name}"), |bencher| {
            bencher.to_async(&filled.runtime).iter(|| filled.engine.label_names(&tenant, question.clone()));
        });
        for label in ["zone", "pod"] {
            group.bench_function(format!("label_values_{label}_{name}"), |bencher| {
                bencher.to_async(&filled.runtime).iter(|| filled.engine.label_values(&tenant, label, question.clone()));
            });
        }
    }
    group.finish();
}

/// When a scrape is.
fn time(number: u64) -> UnixNanos {
    START.plus(Duration::from_secs(number * SCRAPE_SECONDS))
}

fn millis(time: UnixNanos) -> i64 {
    time.get() / 1_000_000
}

/// What all services export at once.
fn scrape(number: u64) -> Vec<u8> {
    let time_unix_nano = time(number).get() as u64;
    let counter = |service: u64, counter: u64| NumberDataPoint {
        attributes: vec![
            text("route", format!("/r/{}", counter % 25)),
            text("code", ["200", "302", "404", "500", "503"][(counter / 25) as usize].to_owned()),
        ],
        start_time_unix_nano: START.get() as u64 - 1_000_000_000,
        time_unix_nano,
        value: Some(number_data_point::Value::AsInt((number * (1 + (service + counter) % 17)) as i64)),
        ..Default::default()
    };
    let histogram = |service: u64, histogram: u64| {
        let count = |bucket: u64| number * (1 + (service * histogram + bucket) % 7);
        let bucket_counts: Vec<u64> = (0..=BOUNDS.len() as u64).map(count).collect();
        HistogramDataPoint {
            attributes: vec![text("route", format!("/r/{histogram}"))],
            start_time_unix_nano: START.get() as u64 - 1_000_000_000,
            time_unix_nano,
            count: bucket_counts.iter().sum(),
            sum: Some(number as f64),
            bucket_counts,
            explicit_bounds: BOUNDS.to_vec(),
            ..Default::default()
        }
    };
    let of_service = |service: u64| {
        let counters = Sum {
            data_points: (0..COUNTERS).map(|number| counter(service, number)).collect(),
            aggregation_temporality: 2,
            is_monotonic: true,
        };
        let histograms = Histogram {
            data_points: (0..HISTOGRAMS).map(|number| histogram(service, number)).collect(),
            aggregation_temporality: 2,
        };
        let metrics = vec![
            metric("http.requests", "", Data::Sum(counters)),
            metric("http.server.duration", "s", Data::Histogram(histograms)),
        ];
        let resource = [("service.name", format!("service-{service}")), ("service.instance.id", "0".to_owned())];
        of_resource(resource.map(|(key, value)| text(key, value)).to_vec(), metrics)
    };
    request((0..SERVICES).map(of_service).collect())
}

/// Some of many series, a point of each.
fn many(number: u64) -> Vec<u8> {
    let point = |pod: u64| NumberDataPoint {
        attributes: vec![text("pod", format!("pod-{pod:07}")), text("zone", format!("{}", pod % 100))],
        time_unix_nano: START.get() as u64,
        value: Some(number_data_point::Value::AsDouble(pod as f64)),
        ..Default::default()
    };
    let data_points = (number * MANY_PER_REQUEST..(number + 1) * MANY_PER_REQUEST).map(point).collect();
    let metrics = vec![metric("memory", "By", Data::Gauge(Gauge { data_points }))];
    request(vec![of_resource(vec![text("service.name", "many".to_owned())], metrics)])
}

fn text(key: &str, value: String) -> KeyValue {
    let value = Some(AnyValue { value: Some(Value::StringValue(value)) });
    KeyValue { key: key.to_owned(), value, ..Default::default() }
}

fn metric(name: &str, unit: &str, data: Data) -> Metric {
    Metric { name: name.to_owned(), unit: unit.to_owned(), data: Some(data), ..Default::default() }
}

fn of_resource(attributes: Vec<KeyValue>, metrics: Vec<Metric>) -> ResourceMetrics {
    let scope_metrics = vec![ScopeMetrics { metrics, ..Default::default() }];
    ResourceMetrics {
        resource: Some(Resource { attributes, ..Default::default() }),
        scope_metrics,
        ..Default::default()
    }
}

fn request(resource_metrics: Vec<ResourceMetrics>) -> Vec<u8> {
    ExportMetricsServiceRequest { resource_metrics }.encode_to_vec()
}

criterion_group!(all, questions, names);
criterion_main!(all);
