//! How many records one core decodes in a second, by signal: `cargo run --release -p ingest --example throughput`.
//!
//! A quick figure for work on this crate. The figures that count are in `benches/`.

#![allow(clippy::print_stdout, reason = "the figures are what it is for")]

use std::time::{Duration, Instant};

use ingest::{Encoding, Request, decode};
use model::{Signal, UnixNanos};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, metric, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};
use prost::Message;

const RECORDS: u64 = 1_000;
const START: u64 = 1_795_500_000_000_000_000;

fn main() {
    report(Signal::Logs, &logs());
    report(Signal::Traces, &spans());
    report(Signal::Metrics, &points());
}

/// Decodes the body for about a second and prints the rate.
fn report(signal: Signal, body: &[u8]) {
    let request = Request { signal, encoding: Encoding::Protobuf, body, received: UnixNanos::from_wire(START) };
    let start = Instant::now();
    let mut records = 0;
    while start.elapsed() < Duration::from_secs(1) {
        records += decode(&request).expect("a valid request").records;
    }
    let seconds = start.elapsed().as_secs_f64();
    let rate = records as f64 / seconds;
    let bytes = body.len() as f64 / RECORDS as f64;
    println!("{signal:8} {rate:12.0} records/s  {:8.1} MiB/s  {bytes:.0} bytes each", rate * bytes / 1024.0 / 1024.0);
}

fn attributes(of: &[(&str, String)]) -> Vec<KeyValue> {
    let value = |text: &str| Some(AnyValue { value: Some(any_value::Value::StringValue(text.to_owned())) });
    of.iter().map(|(key, text)| KeyValue { key: (*key).to_owned(), value: value(text), key_strindex: 0 }).collect()
}

fn resource() -> Option<Resource> {
    let attributes = attributes(&[
        ("service.name", "checkout".to_owned()),
        ("k8s.namespace.name", "shop".to_owned()),
        ("k8s.pod.name", "checkout-7d9f8c6b5-x2x5z".to_owned()),
    ]);
    Some(Resource { attributes, ..Resource::default() })
}

fn logs() -> Vec<u8> {
    let log = |n: u64| LogRecord {
        time_unix_nano: START + n,
        observed_time_unix_nano: START + n,
        severity_number: 9,
        severity_text: "INFO".to_owned(),
        body: attributes(&[(
            "",
            format!("request {n} for /api/cart took {} ms, status 200, user {}", n % 300, n * 7919),
        )])
        .remove(0)
        .value,
        attributes: attributes(&[
            ("http.route", "/api/cart".to_owned()),
            ("http.request.method", "GET".to_owned()),
            ("thread.name", format!("worker-{}", n % 16)),
            ("user.id", format!("u-{}", n * 7919)),
        ]),
        trace_id: vec![1 + (n % 250) as u8; 16],
        span_id: vec![1 + (n % 250) as u8; 8],
        ..LogRecord::default()
    };
    let scope = ScopeLogs { log_records: (0..RECORDS).map(log).collect(), ..ScopeLogs::default() };
    let resource = ResourceLogs { resource: resource(), scope_logs: vec![scope], ..ResourceLogs::default() };
    ExportLogsServiceRequest { resource_logs: vec![resource] }.encode_to_vec()
}

fn spans() -> Vec<u8> {
    let span = |n: u64| Span {
        trace_id: vec![1 + (n % 250) as u8; 16],
        span_id: vec![1 + (n % 250) as u8; 8],
        parent_span_id: vec![9; 8],
        name: "GET /api/cart".to_owned(),
        kind: 2,
        start_time_unix_nano: START + n,
        end_time_unix_nano: START + n + 5_000_000,
        attributes: attributes(&[
            ("http.route", "/api/cart".to_owned()),
            ("http.request.method", "GET".to_owned()),
            ("url.path", format!("/api/cart/{n}")),
            ("server.address", "checkout.shop.svc.cluster.local".to_owned()),
            ("network.peer.address", format!("10.0.{}.{}", n % 200, n % 250)),
            ("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64)".to_owned()),
        ]),
        ..Span::default()
    };
    let scope = ScopeSpans { spans: (0..RECORDS).map(span).collect(), ..ScopeSpans::default() };
    let resource = ResourceSpans { resource: resource(), scope_spans: vec![scope], ..ResourceSpans::default() };
    ExportTraceServiceRequest { resource_spans: vec![resource] }.encode_to_vec()
}

fn points() -> Vec<u8> {
    let point = |n: u64| NumberDataPoint {
        attributes: attributes(&[
            ("cpu", (n % 64).to_string()),
            ("state", "idle".to_owned()),
            ("host", format!("h{n}")),
        ]),
        time_unix_nano: START + n,
        value: Some(number_data_point::Value::AsDouble(n as f64 / 3.0)),
        ..NumberDataPoint::default()
    };
    let metric = |first: u64| Metric {
        name: format!("system.cpu.utilization.{first}"),
        data: Some(metric::Data::Gauge(Gauge { data_points: (first..first + 10).map(point).collect() })),
        ..Metric::default()
    };
    let metrics = (0..RECORDS / 10).map(|metric_number| metric(metric_number * 10)).collect();
    let scope = ScopeMetrics { metrics, ..ScopeMetrics::default() };
    let resource = ResourceMetrics { resource: resource(), scope_metrics: vec![scope], ..ResourceMetrics::default() };
    ExportMetricsServiceRequest { resource_metrics: vec![resource] }.encode_to_vec()
}
