//! OTLP requests in a line or two. What is not said is what OTLP has for unset.
//!
//! ```
//! use testkit::request::{attribute, logs, record, text};
//!
//! let request = logs("checkout", [record(1_000, "order placed")]);
//! assert_eq!(request.resource_logs[0].resource.as_ref().unwrap().attributes, [attribute("service.name", "checkout")]);
//! assert_eq!(request.resource_logs[0].scope_logs[0].log_records[0].body, Some(text("order placed")));
//! ```

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Point;
use opentelemetry_proto::tonic::metrics::v1::{Gauge, Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};

/// A text.
pub fn text(text: impl Into<String>) -> AnyValue {
    AnyValue { value: Some(Value::StringValue(text.into())) }
}

/// An attribute that is a text.
pub fn attribute(key: &str, value: impl Into<String>) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(text(value)), ..KeyValue::default() }
}

/// An attribute that is an integer.
pub fn int_attribute(key: &str, value: i64) -> KeyValue {
    let value = Some(AnyValue { value: Some(Value::IntValue(value)) });
    KeyValue { key: key.to_owned(), value, ..KeyValue::default() }
}

/// A resource that says nothing but `service.name`.
pub fn resource(service: &str) -> Resource {
    Resource { attributes: vec![attribute("service.name", service)], ..Resource::default() }
}

/// A log record at a time in nanoseconds since 1970.
pub fn record(time: u64, body: impl Into<String>) -> LogRecord {
    LogRecord { time_unix_nano: time, body: Some(text(body)), ..LogRecord::default() }
}

/// Log records of one service.
pub fn logs(service: &str, log_records: impl IntoIterator<Item = LogRecord>) -> ExportLogsServiceRequest {
    let scope_logs = vec![ScopeLogs { log_records: log_records.into_iter().collect(), ..ScopeLogs::default() }];
    let resource_logs = ResourceLogs { resource: Some(resource(service)), scope_logs, ..ResourceLogs::default() };
    ExportLogsServiceRequest { resource_logs: vec![resource_logs] }
}

/// A span that takes one millisecond from a time in nanoseconds since 1970. Ids that are zero are no ids.
pub fn span(trace_id: u128, span_id: u64, time: u64) -> Span {
    Span {
        trace_id: trace_id.to_be_bytes().to_vec(),
        span_id: span_id.to_be_bytes().to_vec(),
        name: "work".to_owned(),
        start_time_unix_nano: time,
        end_time_unix_nano: time + 1_000_000,
        ..Span::default()
    }
}

/// Spans of one service.
pub fn spans(service: &str, spans: impl IntoIterator<Item = Span>) -> ExportTraceServiceRequest {
    let scope_spans = vec![ScopeSpans { spans: spans.into_iter().collect(), ..ScopeSpans::default() }];
    let resource_spans = ResourceSpans { resource: Some(resource(service)), scope_spans, ..ResourceSpans::default() };
    ExportTraceServiceRequest { resource_spans: vec![resource_spans] }
}

/// A whole number as a point of a gauge.
pub fn point(time: u64, value: i64) -> NumberDataPoint {
    NumberDataPoint { time_unix_nano: time, value: Some(Point::AsInt(value)), ..NumberDataPoint::default() }
}

/// A gauge with these points.
pub fn gauge(name: &str, points: impl IntoIterator<Item = NumberDataPoint>) -> Metric {
    let data = Data::Gauge(Gauge { data_points: points.into_iter().collect() });
    Metric { name: name.to_owned(), data: Some(data), ..Metric::default() }
}

/// Metrics of one service.
pub fn metrics(service: &str, metrics: impl IntoIterator<Item = Metric>) -> ExportMetricsServiceRequest {
    let scope_metrics = vec![ScopeMetrics { metrics: metrics.into_iter().collect(), ..ScopeMetrics::default() }];
    let resource_metrics =
        ResourceMetrics { resource: Some(resource(service)), scope_metrics, ..ResourceMetrics::default() };
    ExportMetricsServiceRequest { resource_metrics: vec![resource_metrics] }
}
