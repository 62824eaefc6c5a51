//! Every limit: just below it nothing happens, beyond it the record is marked or the request refused.

use ingest::{DecodeErrorKind, Decoded};
use model::{Signal, VALUE_DEPTH_MAX};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogram, ExponentialHistogramDataPoint, Metric, ResourceMetrics, ScopeMetrics,
    exponential_histogram_data_point::Buckets, metric,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use prost::Message;

use crate::rows::{cell, decode_json, decode_protobuf};

const TEXT_BYTES_MAX: usize = 256 * 1024;
const ATTRIBUTES_MAX: usize = 1_000;
const ROWS_MAX: usize = 250_000;

fn logs_request(resource: Option<Resource>, log_records: Vec<LogRecord>) -> Vec<u8> {
    let scope = ScopeLogs { log_records, ..ScopeLogs::default() };
    let resource = ResourceLogs { resource, scope_logs: vec![scope], ..ResourceLogs::default() };
    ExportLogsServiceRequest { resource_logs: vec![resource] }.encode_to_vec()
}

fn decode_log(log: LogRecord) -> Decoded {
    let log = LogRecord { time_unix_nano: 1, ..log };
    decode_protobuf(Signal::Logs, &logs_request(None, vec![log])).unwrap()
}

fn text(value: impl Into<String>) -> AnyValue {
    AnyValue { value: Some(any_value::Value::StringValue(value.into())) }
}

fn attribute(key: &str, value: AnyValue) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(value), key_strindex: 0 }
}

#[track_caller]
fn check_marks(log: LogRecord, expected: Option<&str>) {
    let decoded = decode_log(log);
    assert_eq!(cell(&decoded, 0, "marks"), expected.map(|marks| format!("{marks:?}")));
    assert_eq!(decoded.marked, u64::from(expected.is_some()));
}

#[test]
fn texts_are_cut_at_256_kib() {
    let (fits, long) = ("x".repeat(TEXT_BYTES_MAX), "x".repeat(TEXT_BYTES_MAX + 1));
    let body = |body: &str| LogRecord { body: Some(text(body)), ..LogRecord::default() };
    check_marks(body(&fits), None);
    check_marks(body(&long), Some("cut_body"));
    assert_eq!(cell(&decode_log(body(&long)), 0, "body"), Some(format!("{fits:?}")));

    let with_attribute = |attribute| LogRecord { attributes: vec![attribute], ..LogRecord::default() };
    check_marks(with_attribute(attribute("k", text(fits.clone()))), None);
    check_marks(with_attribute(attribute("k", text(long.clone()))), Some("cut_attribute"));
    check_marks(with_attribute(attribute(&long, text(""))), Some("cut_attribute"));
    let bytes = AnyValue { value: Some(any_value::Value::BytesValue(long.clone().into_bytes())) };
    check_marks(with_attribute(attribute("k", bytes)), Some("cut_attribute"));
    check_marks(LogRecord { severity_text: long.clone(), ..LogRecord::default() }, Some("cut_body"));
    check_marks(LogRecord { event_name: long, ..LogRecord::default() }, Some("cut_body"));
}

#[test]
fn a_structured_body_is_cut_as_text_and_whole_as_a_value() {
    use opentelemetry_proto::tonic::common::v1::ArrayValue;
    let values = vec![text("y".repeat(1000)); 1000];
    let body = AnyValue { value: Some(any_value::Value::ArrayValue(ArrayValue { values })) };
    let decoded = decode_log(LogRecord { body: Some(body), ..LogRecord::default() });
    assert_eq!(cell(&decoded, 0, "marks").as_deref(), Some("\"cut_body\""));
    let shown = cell(&decoded, 0, "body").unwrap();
    assert!(shown.contains(r#"[\"yyyy"#) && shown.len() < TEXT_BYTES_MAX + 2000, "{} bytes", shown.len());
    assert!(cell(&decoded, 0, "body_value").unwrap().len() > 1_000_000);
}

#[test]
fn records_keep_their_first_thousand_attributes() {
    let log = |attributes| LogRecord {
        attributes: (0..attributes).map(|n| attribute(&n.to_string(), text("v"))).collect(),
        dropped_attributes_count: 5,
        ..LogRecord::default()
    };
    check_marks(log(ATTRIBUTES_MAX), None);
    check_marks(log(ATTRIBUTES_MAX + 7), Some("dropped_attributes"));
    let decoded = decode_log(log(ATTRIBUTES_MAX + 7));
    assert_eq!(cell(&decoded, 0, "dropped_attributes_count").as_deref(), Some("12"));
    let attributes = cell(&decoded, 0, "attributes").unwrap();
    assert!(attributes.contains("\"999\"") && !attributes.contains("\"1000\""));
}

#[test]
fn what_is_changed_about_a_resource_is_said_with_each_of_its_records() {
    let attributes = (0..ATTRIBUTES_MAX + 1).map(|n| attribute(&n.to_string(), text("v"))).collect();
    let resource = Resource { attributes, ..Resource::default() };
    let logs = vec![LogRecord { time_unix_nano: 1, ..LogRecord::default() }; 2];
    let decoded = decode_protobuf(Signal::Logs, &logs_request(Some(resource), logs)).unwrap();
    for row in 0..2 {
        assert_eq!(cell(&decoded, row, "marks").as_deref(), Some("\"dropped_attributes\""));
        assert_eq!(cell(&decoded, row, "resource_dropped_attributes_count").as_deref(), Some("1"));
    }
    assert_eq!(decoded.marked, 2);
}

/// A list in a list, that many times, on the wire.
fn nested(depth: usize) -> Vec<u8> {
    fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![tag];
        prost::encoding::encode_varint(content.len() as u64, &mut bytes);
        bytes.extend_from_slice(content);
        bytes
    }
    let mut value = vec![0x18, 1];
    for _ in 0..depth {
        value = wrap(0x2a, &wrap(0x0a, &value));
    }
    let body = wrap(0x2a, &value);
    let log = [vec![0x09, 1, 0, 0, 0, 0, 0, 0, 0], body].concat();
    wrap(0x0a, &wrap(0x12, &wrap(0x12, &log)))
}

#[test]
fn values_nested_too_deep_are_cut_and_much_deeper_ones_refused() {
    let marks = |depth| cell(&decode_protobuf(Signal::Logs, &nested(depth)).unwrap(), 0, "marks");
    assert_eq!(marks(VALUE_DEPTH_MAX), None);
    assert_eq!(marks(VALUE_DEPTH_MAX + 1).as_deref(), Some("\"cut_nesting\""));
    assert_eq!(marks(100).as_deref(), Some("\"cut_nesting\""));
    for depth in [101, 50_000] {
        let error = decode_protobuf(Signal::Logs, &nested(depth)).unwrap_err();
        assert_eq!(error.kind(), DecodeErrorKind::TooDeep, "{depth}");
    }
}

#[test]
fn json_nested_too_deep_is_refused() {
    let body = |depth: usize| {
        let value = format!("{}{}", r#"{"arrayValue":{"values":["#.repeat(depth), "]}}".repeat(depth));
        format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"timeUnixNano":1,"body":{value}}}]}}]}}]}}"#)
    };
    assert_eq!(decode_json(Signal::Logs, body(30).as_bytes()).unwrap().records, 1);
    for depth in [50, 100_000] {
        let error = decode_json(Signal::Logs, body(depth).as_bytes()).unwrap_err();
        assert_eq!(error.kind(), DecodeErrorKind::TooDeep, "{depth}");
    }
    // What is not looked at may be as deep as it likes.
    let unknown = format!(r#"{{"unknown":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(decode_json(Signal::Logs, unknown.as_bytes()).unwrap().records, 0);
}

#[test]
fn a_request_of_too_many_tiny_records_is_refused() {
    let error = decode_protobuf(Signal::Logs, &logs_request(None, vec![LogRecord::default(); ROWS_MAX + 1]));
    assert_eq!(error.unwrap_err().kind(), DecodeErrorKind::TooManyRecords);
    let span = [vec![0x0a, 16], vec![1; 16], vec![0x12, 8], vec![1; 8], [0x5a, 0].repeat(ROWS_MAX)].concat();
    let wrap = |tag: u8, content: Vec<u8>| {
        let mut bytes = vec![tag];
        prost::encoding::encode_varint(content.len() as u64, &mut bytes);
        [bytes, content].concat()
    };
    let error = decode_protobuf(Signal::Traces, &wrap(0x0a, wrap(0x12, wrap(0x12, span))));
    assert_eq!(error.unwrap_err().kind(), DecodeErrorKind::TooManyRecords);
}

#[test]
fn what_records_share_is_kept_up_to_64_kib_and_4_kib() {
    let attributes =
        |bytes: usize| vec![attribute("a", text("x".repeat(bytes))), attribute("service.name", text("shop"))];
    let resource = |bytes| Some(Resource { attributes: attributes(bytes), ..Resource::default() });
    let marks = |body: &[u8]| cell(&decode_protobuf(Signal::Logs, body).unwrap(), 0, "marks");
    let log = || vec![LogRecord { time_unix_nano: 1, ..LogRecord::default() }];
    assert_eq!(marks(&logs_request(resource(60_000), log())), None);
    let beyond = logs_request(resource(64 * 1024), log());
    assert_eq!(marks(&beyond), Some(format!("{:?}", "dropped_attributes")));
    // What comes later and fits is kept.
    assert_eq!(
        cell(&decode_protobuf(Signal::Logs, &beyond).unwrap(), 0, "service_name"),
        Some(format!("{:?}", "shop"))
    );
    let with_url = |bytes: usize| {
        let scope = ScopeLogs { log_records: log(), schema_url: "x".repeat(bytes), ..ScopeLogs::default() };
        let resource = ResourceLogs { scope_logs: vec![scope], ..ResourceLogs::default() };
        ExportLogsServiceRequest { resource_logs: vec![resource] }.encode_to_vec()
    };
    assert_eq!(marks(&with_url(4 * 1024)), None);
    assert_eq!(marks(&with_url(4 * 1024 + 1)), Some(format!("{:?}", "cut_attribute")));
}

#[test]
fn a_large_resource_is_stored_once_however_many_scopes_it_has() {
    let resource = Resource { attributes: vec![attribute("k", text("x".repeat(60_000)))], ..Resource::default() };
    let scope = ScopeLogs { log_records: vec![LogRecord::default()], ..ScopeLogs::default() };
    let scope_logs = vec![scope; 10_000];
    let resource = ResourceLogs { resource: Some(resource), scope_logs, ..ResourceLogs::default() };
    let body = ExportLogsServiceRequest { resource_logs: vec![resource] }.encode_to_vec();
    let decoded = decode_protobuf(Signal::Logs, &body).unwrap();
    assert_eq!(decoded.records, 10_000);
    let bytes = decoded.batches[0].rows.get_array_memory_size();
    assert!(bytes < 8 << 20, "{bytes} bytes");
}

#[test]
fn exponential_histograms_with_absurdly_many_buckets_are_rejected() {
    let decode = |buckets| {
        let positive = Some(Buckets { offset: 0, bucket_counts: vec![1; buckets] });
        let data_points = vec![ExponentialHistogramDataPoint { positive, ..Default::default() }];
        let data = metric::Data::ExponentialHistogram(ExponentialHistogram { data_points, ..Default::default() });
        let metric = Metric { name: "m".to_owned(), data: Some(data), ..Metric::default() };
        let scope = ScopeMetrics { metrics: vec![metric], ..ScopeMetrics::default() };
        let resource = ResourceMetrics { scope_metrics: vec![scope], ..ResourceMetrics::default() };
        let body = ExportMetricsServiceRequest { resource_metrics: vec![resource] }.encode_to_vec();
        decode_protobuf(Signal::Metrics, &body).unwrap()
    };
    assert_eq!(decode(16_384).records, 1);
    let decoded = decode(16_385);
    assert_eq!((decoded.records, decoded.rejected, decoded.batches.len()), (0, 1, 0));
    let expected = "1 exponential histogram point with more than 16384 buckets";
    assert_eq!(decoded.rejections.as_deref(), Some(expected));
}
