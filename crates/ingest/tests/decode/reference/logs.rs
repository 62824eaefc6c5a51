//! What log records should become.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::{Mark, Marks, Value};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::logs::v1::LogRecord;

use super::{Expected, RECEIVED, Row, Source, any, attributes, entries, optional_id, optional_time, value};

pub(crate) fn logs(request: &ExportLogsServiceRequest) -> Expected {
    let mut expected = Expected::default();
    for resource in &request.resource_logs {
        for scope in &resource.scope_logs {
            let source = Source {
                resource: resource.resource.clone().unwrap_or_default(),
                resource_schema_url: &resource.schema_url,
                scope: scope.scope.clone().unwrap_or_default(),
                scope_schema_url: &scope.schema_url,
            };
            scope.log_records.iter().for_each(|record| log(record, &source, &mut expected));
        }
    }
    expected
}

fn log(log: &LogRecord, source: &Source<'_>, expected: &mut Expected) {
    let mut marks = Marks::default();
    let time = optional_time(log.time_unix_nano).unwrap_or_else(|| match optional_time(log.observed_time_unix_nano) {
        Some(observed) => {
            marks.add(Mark::TimeFromObserved);
            observed
        }
        None => {
            marks.add(Mark::TimeFromReceipt);
            RECEIVED.get()
        }
    });
    let mut row = Row::new("logs");
    row.required("time", time);
    row.optional("observed_time", optional_time(log.observed_time_unix_nano));
    row.required("received_time", RECEIVED.get());
    row.required("severity_number", log.severity_number);
    row.text("severity_text", &log.severity_text);
    let body = log.body.as_ref().map(|body| value(Some(body)));
    match &body {
        None => {}
        Some(Value::Null) => row.optional("body_value", Some("null")),
        Some(Value::Text(text)) => row.optional("body", Some(format!("{text:?}"))),
        Some(body) => {
            row.optional("body", Some(format!("{:?}", json(body))));
            row.optional("body_value", Some(any(body)));
        }
    }
    row.text("event_name", &log.event_name);
    row.optional("trace_id", optional_id(&log.trace_id, 16, &mut marks));
    row.optional("span_id", optional_id(&log.span_id, 8, &mut marks));
    row.required("flags", log.flags);
    row.required("attributes", entries(&attributes(&log.attributes)));
    row.required("dropped_attributes_count", log.dropped_attributes_count);
    row.marks(marks);
    source.show(&mut row);
    expected.accept(time, marks);
    expected.rows.push(row.0);
}

/// A body as compact JSON.
fn json(value: &Value) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) if value.is_nan() => "\"NaN\"".to_owned(),
        Value::Float(f64::INFINITY) => "\"Infinity\"".to_owned(),
        Value::Float(f64::NEG_INFINITY) => "\"-Infinity\"".to_owned(),
        Value::Float(value) => serde_json::Value::from(*value).to_string(),
        Value::Text(value) => text(value),
        Value::Bytes(value) => format!("{{\"base64\":\"{}\"}}", STANDARD.encode(value)),
        Value::List(values) => format!("[{}]", values.iter().map(json).collect::<Vec<_>>().join(",")),
        Value::Map(map) => {
            let entries: Vec<_> = map.iter().map(|(key, value)| format!("{}:{}", text(key), json(value))).collect();
            format!("{{{}}}", entries.join(","))
        }
    }
}
