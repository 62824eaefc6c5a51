//! OTLP requests in a line or two.

use model::{Signal, UnixNanos};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, exemplar,
    number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span};
use prost::Message;

/// When the requests of these tests are received: 2026-11-24T06:00:00Z.
pub(crate) const RECEIVED: UnixNanos = UnixNanos::new(1_795_500_000_000_000_000);

/// So many seconds after, or before, the requests are received.
pub(crate) fn at(seconds: i64) -> UnixNanos {
    UnixNanos::new(RECEIVED.get() + seconds * 1_000_000_000)
}

/// One request of a test.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) signal: Signal,
    pub(crate) received: UnixNanos,
    pub(crate) body: Vec<u8>,
}

impl Sent {
    /// The same, received so many seconds later.
    pub(crate) fn later(mut self, seconds: i64) -> Self {
        self.received = at(seconds);
        self
    }
}

/// Text, numbers, truth values and lists of text as attribute values.
pub(crate) trait IntoValue {
    fn into_value(self) -> Value;
}

impl IntoValue for &str {
    fn into_value(self) -> Value {
        Value::StringValue(self.to_owned())
    }
}

impl IntoValue for i64 {
    fn into_value(self) -> Value {
        Value::IntValue(self)
    }
}

impl IntoValue for f64 {
    fn into_value(self) -> Value {
        Value::DoubleValue(self)
    }
}

impl IntoValue for bool {
    fn into_value(self) -> Value {
        Value::BoolValue(self)
    }
}

impl IntoValue for &[&str] {
    fn into_value(self) -> Value {
        let values = self.iter().map(|text| AnyValue { value: Some(text.into_value()) }).collect();
        Value::ArrayValue(ArrayValue { values })
    }
}

pub(crate) fn attribute(key: &str, value: impl IntoValue) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value.into_value()) }), ..Default::default() }
}

/// A resource from `key=value` words.
pub(crate) fn resource(words: &str) -> Resource {
    let pairs = words.split_whitespace().map(|word| word.split_once('=').unwrap());
    Resource { attributes: pairs.map(|(key, value)| attribute(key, value)).collect(), ..Default::default() }
}

pub(crate) fn log(seconds: i64, severity: i32, body: &str, attributes: Vec<KeyValue>) -> LogRecord {
    LogRecord {
        time_unix_nano: at(seconds).get() as u64,
        severity_number: severity,
        body: Some(AnyValue { value: Some(body.into_value()) }),
        attributes,
        ..Default::default()
    }
}

pub(crate) fn logs(from: &str, log_records: Vec<LogRecord>) -> Sent {
    let scope_logs = vec![ScopeLogs { log_records, ..Default::default() }];
    let resource_logs = vec![ResourceLogs { resource: Some(resource(from)), scope_logs, ..Default::default() }];
    sent(Signal::Logs, &ExportLogsServiceRequest { resource_logs })
}

/// Trace ids of these tests: the number in all bytes.
pub(crate) fn trace_id(number: u8) -> Vec<u8> {
    vec![number; 16]
}

/// A span by the numbers of its trace, itself and its parent, of which 0 is none. Starts at the second, takes so many milliseconds.
pub(crate) fn span([trace, id, parent]: [u8; 3], name: &str, seconds: i64, millis: i64) -> Span {
    let start = at(seconds).get() as u64;
    Span {
        trace_id: trace_id(trace),
        span_id: vec![id; 8],
        parent_span_id: if parent == 0 { Vec::new() } else { vec![parent; 8] },
        name: name.to_owned(),
        kind: 2,
        start_time_unix_nano: start,
        end_time_unix_nano: start.wrapping_add_signed(millis * 1_000_000),
        ..Default::default()
    }
}

/// The span, failed.
pub(crate) fn failed(mut span: Span, message: &str) -> Span {
    span.status = Some(Status { code: 2, message: message.to_owned() });
    span
}

/// The span, with a link to each of these by the numbers of its trace and itself; 0 is no id.
pub(crate) fn linked(mut span: Span, to: &[[u8; 2]]) -> Span {
    let id = |number: u8, bytes| if number == 0 { Vec::new() } else { vec![number; bytes] };
    let link =
        |[trace, span]: &[u8; 2]| span::Link { trace_id: id(*trace, 16), span_id: id(*span, 8), ..Default::default() };
    span.links.extend(to.iter().map(link));
    span
}

/// The span, sending (kind 4) or taking (5) that message of the queue `orders`; no message is given for empty.
pub(crate) fn of_message(mut span: Span, kind: i32, message: &str) -> Span {
    span.kind = kind;
    span.attributes.push(attribute("messaging.system", "kafka"));
    span.attributes.push(attribute("messaging.destination.name", "orders"));
    if !message.is_empty() {
        span.attributes.push(attribute("messaging.message.id", message));
    }
    span
}

pub(crate) fn spans(from: &str, spans: Vec<Span>) -> Sent {
    let scope_spans = vec![ScopeSpans { spans, ..Default::default() }];
    let resource_spans = vec![ResourceSpans { resource: Some(resource(from)), scope_spans, ..Default::default() }];
    sent(Signal::Traces, &ExportTraceServiceRequest { resource_spans })
}

/// Points of a gauge, each with its attributes.
pub(crate) fn gauge(from: &str, name: &str, points: Vec<(i64, f64, Vec<KeyValue>)>) -> Sent {
    let point = |(seconds, value, attributes)| NumberDataPoint {
        time_unix_nano: at(seconds).get() as u64,
        value: Some(number_data_point::Value::AsDouble(value)),
        attributes,
        ..Default::default()
    };
    metric(from, name, Data::Gauge(Gauge { data_points: points.into_iter().map(point).collect() }))
}

/// One point of a gauge with exemplars, each of a trace and a span at so many seconds.
pub(crate) fn gauge_with_exemplars(from: &str, name: &str, seconds: i64, exemplars: &[([u8; 2], i64)]) -> Sent {
    let exemplar = |&([trace, span], seconds): &([u8; 2], i64)| Exemplar {
        time_unix_nano: at(seconds).get() as u64,
        trace_id: if trace == 0 { Vec::new() } else { trace_id(trace) },
        span_id: if span == 0 { Vec::new() } else { vec![span; 8] },
        value: Some(exemplar::Value::AsInt(seconds)),
        filtered_attributes: vec![attribute("user", "kim")],
    };
    let point = NumberDataPoint {
        time_unix_nano: at(seconds).get() as u64,
        value: Some(number_data_point::Value::AsDouble(1.5)),
        attributes: vec![attribute("route", "/pay")],
        exemplars: exemplars.iter().map(exemplar).collect(),
        ..Default::default()
    };
    metric(from, name, Data::Gauge(Gauge { data_points: vec![point] }))
}

/// One point of a histogram.
pub(crate) fn histogram(from: &str, name: &str, seconds: i64, bounds: &[f64], counts: &[u64]) -> Sent {
    let point = HistogramDataPoint {
        time_unix_nano: at(seconds).get() as u64,
        count: counts.iter().sum(),
        explicit_bounds: bounds.to_vec(),
        bucket_counts: counts.to_vec(),
        ..Default::default()
    };
    metric(from, name, Data::Histogram(Histogram { data_points: vec![point], aggregation_temporality: 2 }))
}

fn metric(from: &str, name: &str, data: Data) -> Sent {
    let metric = Metric { name: name.to_owned(), unit: "1".to_owned(), data: Some(data), ..Default::default() };
    let scope_metrics = vec![ScopeMetrics { metrics: vec![metric], ..Default::default() }];
    let resource_metrics =
        vec![ResourceMetrics { resource: Some(resource(from)), scope_metrics, ..Default::default() }];
    sent(Signal::Metrics, &ExportMetricsServiceRequest { resource_metrics })
}

fn sent(signal: Signal, request: &impl Message) -> Sent {
    Sent { signal, received: RECEIVED, body: request.encode_to_vec() }
}
