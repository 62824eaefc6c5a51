//! Which Prometheus series there are: OTLP in, labels out.

use std::collections::BTreeMap;

use model::{REMOTE_WRITE_SCOPE, Signal, TimeRange};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::InstrumentationScope;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint,
    ResourceMetrics, ScopeMetrics, Sum, Summary, SummaryDataPoint, summary_data_point::ValueAtQuantile,
};
use promql::{MatchOperator, Matcher};
use prost::Message;
use query::{
    CardinalityQuestion, ClassicHistograms, Config, MetadataQuestion, NameTranslation, PrometheusView, QueryErrorKind,
    SeriesQuestion,
};

use crate::telemetry::{RECEIVED, Sent, at, resource};
use crate::world::{LAYOUTS, Layout, World, range, tenant};

const WEB: &str = "service.name=web service.namespace=shop service.instance.id=web-1 k8s.pod.name=pod-1";
const DB: &str = "service.name=db";

fn nanos(seconds: i64) -> u64 {
    at(seconds).get().unsigned_abs()
}

fn numbers(seconds: &[i64], attributes: &str) -> Vec<NumberDataPoint> {
    let point = |seconds: &i64| NumberDataPoint {
        time_unix_nano: nanos(*seconds),
        attributes: resource(attributes).attributes,
        ..Default::default()
    };
    seconds.iter().map(point).collect()
}

fn gauge(attributes: &str) -> Data {
    Data::Gauge(Gauge { data_points: numbers(&[0], attributes) })
}

fn counter(attributes: &str, temporality: i32) -> Data {
    Data::Sum(Sum { data_points: numbers(&[0], attributes), aggregation_temporality: temporality, is_monotonic: true })
}

fn histogram(seconds: i64, bounds: &[f64], attributes: &str) -> Data {
    let point = HistogramDataPoint {
        time_unix_nano: nanos(seconds),
        explicit_bounds: bounds.to_vec(),
        bucket_counts: vec![1; bounds.len() + 1],
        attributes: resource(attributes).attributes,
        ..Default::default()
    };
    Data::Histogram(Histogram { data_points: vec![point], aggregation_temporality: 2 })
}

fn exp_histogram() -> Data {
    let point = ExponentialHistogramDataPoint { time_unix_nano: nanos(0), ..Default::default() };
    Data::ExponentialHistogram(ExponentialHistogram { data_points: vec![point], aggregation_temporality: 2 })
}

fn summary(quantiles: &[f64]) -> Data {
    let quantile_values =
        quantiles.iter().map(|quantile| ValueAtQuantile { quantile: *quantile, value: 1.0 }).collect();
    Data::Summary(Summary {
        data_points: vec![SummaryDataPoint { time_unix_nano: nanos(0), quantile_values, ..Default::default() }],
    })
}

/// A metric with this name and unit, described by its name.
fn metric(name: &str, unit: &str, data: Data) -> Metric {
    let description = format!("what {name} is");
    Metric { name: name.to_owned(), unit: unit.to_owned(), description, data: Some(data), ..Default::default() }
}

fn sent(from: &str, scope: &str, metrics: Vec<Metric>) -> Sent {
    let scope = InstrumentationScope { name: scope.to_owned(), version: "1".to_owned(), ..Default::default() };
    let scope_metrics = vec![ScopeMetrics { scope: Some(scope), metrics, ..Default::default() }];
    let of = ResourceMetrics { resource: Some(resource(from)), scope_metrics, ..Default::default() };
    let body = ExportMetricsServiceRequest { resource_metrics: vec![of] }.encode_to_vec();
    Sent { signal: Signal::Metrics, received: RECEIVED, body }
}

fn requests() -> Vec<Sent> {
    vec![
        sent(
            WEB,
            "a.library",
            vec![
                metric("http.requests", "{request}", counter("http.route=/pay code=200", 2)),
                metric("latency", "s", histogram(0, &[0.5, 1.0, f64::INFINITY], "le=mine")),
                metric("size", "By", exp_histogram()),
            ],
        ),
        sent(
            DB,
            "a.library",
            vec![
                metric("queue.length", "1", gauge("queue.name=a queue_name=b")),
                metric("gc", "ms", summary(&[0.5, 0.99])),
                metric("...", "", gauge("")),
            ],
        ),
        sent(
            DB,
            REMOTE_WRITE_SCOPE,
            vec![metric("up", "", gauge("le=1.0 some.label=x")), metric("node.latency", "s", histogram(0, &[1.0], ""))],
        ),
    ]
}

/// No matcher: all of them.
fn all(range: TimeRange) -> SeriesQuestion {
    SeriesQuestion { matchers: Vec::new(), range, limit: None }
}

/// `name=value`, `name!=value`, `name=~value` or `name!~value`, one after the other.
fn matching(words: &str) -> SeriesQuestion {
    let matcher = |word: &str| {
        let operators = [MatchOperator::NotEqual, MatchOperator::NotRegex, MatchOperator::Regex, MatchOperator::Equal];
        let split = |operator: MatchOperator| Some((operator, word.split_once(operator.text())?));
        let (operator, (name, value)) = operators.into_iter().find_map(split).unwrap();
        Matcher::new(name, operator, value).unwrap()
    };
    SeriesQuestion { matchers: vec![words.split_whitespace().map(matcher).collect()], ..all(TimeRange::ALL) }
}

async fn series(world: &World, question: SeriesQuestion) -> Vec<String> {
    let answer = world.engine.series(&tenant(), question).await.unwrap();
    assert_eq!(answer.warnings, [""; 0]);
    answer.series.iter().map(|labels| format!("{labels:?}")).collect()
}

async fn with_view(prometheus: PrometheusView, question: SeriesQuestion) -> Vec<String> {
    let config = Config { prometheus, ..Config::default() };
    series(&World::limited(Layout::Live, &requests(), config).await, question).await
}

const WEB_LABELS: &str = r#"instance="web-1", job="shop/web""#;

#[tokio::test(flavor = "multi_thread")]
async fn otlp_is_seen_as_prometheus_receives_it() {
    let expected = [
        r#"{__name__="gc_milliseconds", job="db", quantile="0.5"}"#,
        r#"{__name__="gc_milliseconds", job="db", quantile="0.99"}"#,
        r#"{__name__="gc_milliseconds_count", job="db"}"#,
        r#"{__name__="gc_milliseconds_sum", job="db"}"#,
        r#"{__name__="http_requests_total", code="200", http_route="/pay", WEB}"#,
        r#"{__name__="latency_seconds_bucket", WEB, le="+Inf"}"#,
        r#"{__name__="latency_seconds_bucket", WEB, le="0.5"}"#,
        r#"{__name__="latency_seconds_bucket", WEB, le="1"}"#,
        r#"{__name__="latency_seconds_count", WEB, le="mine"}"#,
        r#"{__name__="latency_seconds_sum", WEB, le="mine"}"#,
        r#"{__name__="node.latency", job="db"}"#,
        r#"{__name__="queue_length_ratio", job="db", queue_name="a;b"}"#,
        r#"{__name__="size_bytes", WEB}"#,
        r#"{__name__="target_info", WEB, k8s_pod_name="pod-1"}"#,
        r#"{__name__="up", job="db", le="1.0", "some.label"="x"}"#,
    ]
    .map(|labels| labels.replace("WEB", WEB_LABELS));
    for layout in LAYOUTS {
        let world = World::new(layout, &requests()).await;
        assert_eq!(series(&world, all(TimeRange::ALL)).await, expected, "{layout:?}");
        assert_eq!(series(&world, all(TimeRange::ALL)).await, expected, "asked again, {layout:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_view_shows_the_same_series_otherwise() {
    let named = |names| PrometheusView { names, ..PrometheusView::default() };
    let of_queue = || matching("job=db __name__=~queue.*");
    let untranslated = with_view(named(NameTranslation::NoTranslation), of_queue()).await;
    assert_eq!(untranslated, [r#"{__name__="queue.length", job="db", "queue.name"="a", queue_name="b"}"#]);
    let suffixed = with_view(named(NameTranslation::NoUtf8EscapingWithSuffixes), of_queue()).await;
    assert_eq!(suffixed, [r#"{__name__="queue.length_ratio", job="db", "queue.name"="a", queue_name="b"}"#]);
    let escaped = with_view(named(NameTranslation::UnderscoreEscapingWithoutSuffixes), of_queue()).await;
    assert_eq!(escaped, [r#"{__name__="queue_length", job="db", queue_name="a;b"}"#]);
    let native = PrometheusView {
        classic_histograms: ClassicHistograms::Native,
        promoted_resource_attributes: vec!["k8s.pod.name".to_owned(), "not.there".to_owned()],
        ..PrometheusView::default()
    };
    let found = with_view(native, matching("__name__=~latency.*")).await;
    assert_eq!(found, [format!(r#"{{__name__="latency_seconds", {WEB_LABELS}, k8s_pod_name="pod-1", le="mine"}}"#)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_values_are_those_of_what_matches() {
    for layout in LAYOUTS {
        let world = World::new(layout, &requests()).await;
        let names = |question| async { world.engine.label_names(&tenant(), question).await.unwrap().texts.join(" ") };
        let values = |name, question| {
            let world = &world;
            async move { world.engine.label_values(&tenant(), name, question).await.unwrap().texts.join(" ") }
        };
        let every = "__name__ code http_route instance job k8s_pod_name le quantile queue_name some.label";
        assert_eq!(names(all(TimeRange::ALL)).await, every, "{layout:?}");
        assert_eq!(names(matching("job=db le=")).await, "__name__ job quantile queue_name", "{layout:?}");
        assert_eq!(values("job", all(TimeRange::ALL)).await, "db shop/web", "{layout:?}");
        assert_eq!(values("le", all(TimeRange::ALL)).await, "+Inf 0.5 1 1.0 mine", "{layout:?}");
        assert_eq!(values("le", matching("__name__=~.*_bucket le!=1")).await, "+Inf 0.5", "{layout:?}");
        assert_eq!(values("le", matching("__name__=~.*_bucket le=~1|2|none|")).await, "1", "{layout:?}");
        assert_eq!(values("quantile", matching(r"quantile=~0\.5|")).await, "0.5", "{layout:?}");
        assert_eq!(values("job", matching("quantile=~|none")).await, "db shop/web", "{layout:?}");
        assert_eq!(values("unknown", matching("unknown=~a|b")).await, "");
        assert_eq!(values("unknown", all(TimeRange::ALL)).await, "");
        let either = SeriesQuestion {
            matchers: [matching("__name__=up"), matching("quantile=~.+")]
                .into_iter()
                .flat_map(|of| of.matchers)
                .collect(),
            ..all(TimeRange::ALL)
        };
        assert_eq!(values("__name__", either).await, "gc_milliseconds up");
        let limited = SeriesQuestion { limit: Some(2), ..all(TimeRange::ALL) };
        let answer = world.engine.label_values(&tenant(), "le", limited.clone()).await.unwrap();
        assert_eq!((answer.texts.join(" ").as_str(), answer.is_cut), ("+Inf 0.5", true));
        let answer = world.engine.series(&tenant(), limited).await.unwrap();
        assert_eq!((answer.series.len(), answer.is_cut), (2, true));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_about_an_hour_finds_the_series_that_have_points_in_it() {
    const HOUR: i64 = 3_600;
    let over_hours = Data::Gauge(Gauge { data_points: numbers(&[-5 * HOUR, -3 * HOUR, 0], "") });
    let changing = |seconds, bounds: &[f64]| sent(DB, "", vec![metric("changing", "", histogram(seconds, bounds, ""))]);
    let requests = [
        sent(DB, "", vec![metric("often", "", over_hours)]),
        sent(DB, "", vec![metric("once", "", Data::Gauge(Gauge { data_points: numbers(&[-3 * HOUR + 5], "") }))]),
        changing(-HOUR, &[1.0]),
        changing(-HOUR + 5, &[2.0]),
        changing(0, &[3.0]),
    ];
    for layout in LAYOUTS {
        let world = World::new(layout, &requests).await;
        let names = async |from: i64, to: i64| {
            let question = all(range(at(from), at(to)));
            world.engine.label_values(&tenant(), "__name__", question).await.unwrap().texts.join(" ")
        };
        assert_eq!(names(-3 * HOUR, -3 * HOUR + 60).await, "often once", "{layout:?}");
        assert_eq!(names(-5 * HOUR, -5 * HOUR + 60).await, "often", "{layout:?}");
        assert_eq!(names(-4 * HOUR + 1, -4 * HOUR + 2).await, "", "{layout:?}");
        assert_eq!(names(5 * HOUR, 6 * HOUR).await, "", "{layout:?}");
        let bounds = async |from: i64, to: i64| {
            let question = all(range(at(from), at(to)));
            world.engine.label_values(&tenant(), "le", question).await.unwrap().texts.join(" ")
        };
        assert_eq!(bounds(-HOUR, -HOUR + 60).await, "+Inf 1 2", "{layout:?}");
        assert_eq!(bounds(-HOUR, 60).await, "+Inf 1 2 3", "{layout:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_later_is_found_and_what_is_merged_stays_so() {
    let world = World::new(Layout::Live, &requests()[..1]).await;
    let names =
        async || world.engine.label_values(&tenant(), "job", all(TimeRange::ALL)).await.unwrap().texts.join(" ");
    assert_eq!(names().await, "shop/web");
    world.send(&requests()[1..]).await;
    assert_eq!(names().await, "db shop/web");
    let before = series(&world, all(TimeRange::ALL)).await;
    world.store.flush().await.unwrap();
    assert_eq!(series(&world, all(TimeRange::ALL)).await, before);
    for _ in 0..4 {
        world.send(&requests()).await;
        world.store.flush().await.unwrap();
        assert_eq!(series(&world, all(TimeRange::ALL)).await, before);
    }
    while world.store.compact(at(7_200)).await.unwrap().is_some() {
        assert_eq!(series(&world, all(TimeRange::ALL)).await, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_described_as_prometheus_describes_them() {
    let mut all = requests();
    all.push(sent(WEB, "", vec![metric("http.requests", "1", counter("", 1))]));
    for layout in LAYOUTS {
        let world = World::new(layout, &all).await;
        let question = MetadataQuestion { metric: None, range: TimeRange::ALL, limit: None, limit_per_metric: None };
        let said = world.engine.metric_metadata(&tenant(), question.clone()).await.unwrap();
        let lines: BTreeMap<String, Vec<String>> = said
            .into_iter()
            .map(|(name, said)| {
                let line = |said: &query::MetricMetadata| format!("{} {:?} {}", said.kind.text(), said.unit, said.help);
                let mut lines: Vec<String> = said.iter().map(line).collect();
                lines.sort();
                (name, lines)
            })
            .collect();
        let expected = [
            ("gc_milliseconds", vec![r#"summary "milliseconds" what gc is"#]),
            ("http_requests_total", vec![r#"counter "" what http.requests is"#, r#"unknown "" what http.requests is"#]),
            ("latency_seconds", vec![r#"histogram "seconds" what latency is"#]),
            ("node.latency", vec![r#"histogram "s" what node.latency is"#]),
            ("queue_length_ratio", vec![r#"gauge "" what queue.length is"#]),
            ("size_bytes", vec![r#"histogram "bytes" what size is"#]),
            ("target_info", vec![r#"gauge "" Target metadata"#]),
            ("up", vec![r#"gauge "" what up is"#]),
        ];
        let expected: BTreeMap<String, Vec<String>> = expected
            .into_iter()
            .map(|(name, said)| (name.to_owned(), said.into_iter().map(str::to_owned).collect()))
            .collect();
        assert_eq!(lines, expected, "{layout:?}");
        let one = MetadataQuestion {
            metric: Some("http_requests_total".to_owned()),
            limit: Some(1),
            limit_per_metric: Some(1),
            ..question
        };
        let said = world.engine.metric_metadata(&tenant(), one).await.unwrap();
        assert_eq!(
            said.into_iter().map(|(name, said)| (name, said.len())).collect::<Vec<_>>(),
            [("http_requests_total".to_owned(), 1)]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_there_are_many_of_is_counted() {
    for layout in LAYOUTS {
        let world = World::new(layout, &requests()).await;
        let question = CardinalityQuestion { range: TimeRange::ALL, limit: 2 };
        let counted = world.engine.cardinality(&tenant(), question).await.unwrap();
        let lines = |counted: &[query::Counted]| {
            counted.iter().map(|of| format!("{} {}", of.name, of.count)).collect::<Vec<_>>().join(", ")
        };
        assert_eq!((counted.series, counted.times), (15, Some((at(0), at(0)))), "{layout:?}");
        assert_eq!(lines(&counted.series_by_metric[..1]), "latency_seconds_bucket 3");
        assert_eq!(lines(&counted.values_by_label), "__name__ 12, le 5", "{layout:?}");
        assert_eq!(lines(&counted.series_by_pair), "instance=web-1 8, job=shop/web 8", "{layout:?}");
        assert_eq!(counted.bytes_by_label[0].name, "__name__");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_more_series_than_may_be_selected_is_cut() {
    let config = Config { selected_series_max: 2, ..Config::default() };
    let world = World::limited(Layout::Blocks, &requests(), config).await;
    let listed = async |words: &str| {
        let answer = world.engine.series(&tenant(), matching(words)).await.unwrap();
        (answer.series.len(), answer.is_cut)
    };
    assert_eq!(listed("__name__=~gc.*").await, (2, true));
    assert_eq!(listed("__name__=~gc.* quantile=~.+").await, (2, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_series_than_fit_are_refused_by_name() {
    let config = Config { series_index_bytes_max: 64 << 10, ..Config::default() };
    let many: Vec<Metric> = (0..200).map(|number| metric(&format!("metric_{number}"), "", gauge(""))).collect();
    let requests = [sent(DB, "", many)];
    for layout in LAYOUTS {
        let world = World::limited(layout, &requests, config.clone()).await;
        // The second time without reading.
        for _ in 0..2 {
            let error = world.engine.series(&tenant(), all(TimeRange::ALL)).await.unwrap_err();
            assert_eq!(error.kind(), QueryErrorKind::LimitExceeded);
        }
        let other_hours = all(range(at(-9_000), at(-8_000)));
        if layout == Layout::Blocks {
            assert_eq!(series(&world, other_hours).await, [""; 0], "another time has none of them");
        }
    }
}
