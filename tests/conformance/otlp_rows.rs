//! The rows that a request in OTLP's JSON must become, read from it by the letter of OTLP and independently of the
//! product.
//!
//! Columns and their meaning are those of `crates/model`; times are RFC 3339 as the API writes them, ids lower-case hex.
//! What the sender left out is null or zero as the column says. A metric's rows have what their series is under
//! `series`. `body` is the body as JSON, whether it is a text or a structure.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

pub(super) type Cells = Map<String, Value>;

/// One row, as far as it is known.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) table: &'static str,
    pub(super) cells: Cells,
}

impl Row {
    /// What `other` has not, or has otherwise.
    pub(super) fn differences_in(&self, other: &Self) -> Vec<String> {
        differences(&self.cells, &other.cells)
    }
}

fn differences(known: &Cells, other: &Cells) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in known {
        match (name.as_str(), value, other.get(name)) {
            ("series", Value::Object(known), Some(Value::Object(other))) => found.extend(differences(known, other)),
            (_, value, Some(other)) if value == other => {}
            (_, value, other) => {
                let other = other.map_or("nothing".to_owned(), Value::to_string);
                found.push(format!("{name} is {value} on one side and {other} on the other"));
            }
        }
    }
    found
}

/// Every row that the request must become.
pub(super) fn rows_of(request: &Value) -> Vec<Row> {
    let mut rows = Vec::new();
    for [sender, scope, record] in records(request, ["resourceLogs", "scopeLogs", "logRecords"]) {
        rows.push(Row { table: "logs", cells: log(record, from(sender, scope)) });
    }
    for [sender, scope, span] in records(request, ["resourceSpans", "scopeSpans", "spans"]) {
        rows.push(Row { table: "spans", cells: self::span(span, from(sender, scope)) });
    }
    for [sender, scope, metric] in records(request, ["resourceMetrics", "scopeMetrics", "metrics"]) {
        rows.extend(points(metric, &from(sender, scope)));
    }
    rows
}

/// Each record with the resource and the scope that it stands under.
fn records<'v>(request: &'v Value, [outer, middle, inner]: [&str; 3]) -> Vec<[&'v Value; 3]> {
    let mut found = Vec::new();
    for sender in list(request, outer) {
        for scope in list(sender, middle) {
            found.extend(list(scope, inner).iter().map(|record| [sender, scope, record]));
        }
    }
    found
}

fn from(sender: &Value, scoped: &Value) -> Cells {
    let (resource, scope) = (&sender["resource"], &scoped["scope"]);
    let attributes = attributes(resource, "attributes");
    let named = |key: &str| attributes.get(key).cloned().unwrap_or_default();
    let environment = match named("deployment.environment.name") {
        Value::Null => named("deployment.environment"),
        environment => environment,
    };
    cells(json!({
        "service_name": named("service.name"),
        "service_namespace": named("service.namespace"),
        "deployment_environment": environment,
        "resource_attributes": attributes,
        "resource_schema_url": text(sender, "schemaUrl"),
        "resource_dropped_attributes_count": count(resource, "droppedAttributesCount"),
        "scope_name": text(scope, "name"),
        "scope_version": text(scope, "version"),
        "scope_attributes": self::attributes(scope, "attributes"),
        "scope_schema_url": text(scoped, "schemaUrl"),
        "scope_dropped_attributes_count": count(scope, "droppedAttributesCount"),
    }))
}

fn log(record: &Value, from: Cells) -> Cells {
    let (time, observed) = (time(record, "timeUnixNano"), time(record, "observedTimeUnixNano"));
    let body = value(&record["body"]);
    let mark = match (&time, &observed) {
        (Value::Null, Value::Null) => json!("time_from_receipt"),
        (Value::Null, _) => json!("time_from_observed"),
        _ => Value::Null,
    };
    let mut log = cells(json!({
        "observed_time": observed,
        "severity_number": count(record, "severityNumber"),
        "severity_text": text(record, "severityText"),
        "body_value": if body.is_string() { Value::Null } else { body.clone() },
        "body": body,
        "event_name": text(record, "eventName"),
        "trace_id": id(record, "traceId"),
        "span_id": id(record, "spanId"),
        "flags": count(record, "flags"),
        "attributes": attributes(record, "attributes"),
        "dropped_attributes_count": count(record, "droppedAttributesCount"),
        "marks": mark,
    }));
    // The time of receipt is nobody's to foresee.
    if let Some(time) = [time, observed].into_iter().find(|time| !time.is_null()) {
        log.insert("time".to_owned(), time);
    }
    log.extend(from);
    log
}

fn span(span: &Value, from: Cells) -> Cells {
    let (start, end) = (int(span, "startTimeUnixNano"), int(span, "endTimeUnixNano"));
    let events: Vec<Value> = list(span, "events").iter().map(event).collect();
    let exception =
        list(span, "events").iter().find(|event| event["name"] == "exception").map(|event| &event["attributes"]);
    let exception = |key: &str| {
        let attributes = exception.into_iter().flat_map(|attributes| attributes.as_array()).flatten();
        attributes.filter(|entry| entry["key"] == key).map(|entry| value(&entry["value"])).next().unwrap_or_default()
    };
    let mut row = cells(json!({
        "start_time": rfc3339(start),
        "duration_ns": if end == 0 { 0 } else { end - start },
        "trace_id": id(span, "traceId"),
        "span_id": id(span, "spanId"),
        "parent_span_id": id(span, "parentSpanId"),
        "trace_state": text(span, "traceState"),
        "flags": count(span, "flags"),
        "name": span["name"].as_str().unwrap_or_default(),
        "kind": count(span, "kind"),
        "status_code": count(&span["status"], "code"),
        "status_message": text(&span["status"], "message"),
        "events": events,
        "links": list(span, "links").iter().map(link).collect::<Vec<_>>(),
        "exception_type": exception("exception.type"),
        "exception_message": exception("exception.message"),
        "attributes": attributes(span, "attributes"),
        "dropped_attributes_count": count(span, "droppedAttributesCount"),
        "dropped_events_count": count(span, "droppedEventsCount"),
        "dropped_links_count": count(span, "droppedLinksCount"),
        "marks": if end == 0 { json!("no_end_time") } else { Value::Null },
    }));
    row.extend(from);
    row
}

fn event(event: &Value) -> Value {
    json!({
        "time": rfc3339(int(event, "timeUnixNano")),
        "name": event["name"].as_str().unwrap_or_default(),
        "attributes": attributes(event, "attributes"),
        "dropped_attributes_count": count(event, "droppedAttributesCount"),
    })
}

fn link(link: &Value) -> Value {
    json!({
        "trace_id": id(link, "traceId"),
        "span_id": id(link, "spanId"),
        "trace_state": text(link, "traceState"),
        "flags": count(link, "flags"),
        "attributes": attributes(link, "attributes"),
        "dropped_attributes_count": count(link, "droppedAttributesCount"),
    })
}

/// What a point of one kind says besides what points of all kinds do.
type PointReader = fn(&Value) -> Value;

/// The points of a metric and their exemplars.
fn points(metric: &Value, from: &Cells) -> Vec<Row> {
    let kinds: [(&str, &str, &str, PointReader); 5] = [
        ("gauge", "gauge", "metric_numbers", number),
        ("sum", "sum", "metric_numbers", number),
        ("histogram", "histogram", "metric_histograms", histogram),
        ("exponentialHistogram", "exponential_histogram", "metric_exp_histograms", exp_histogram),
        ("summary", "summary", "metric_summaries", summary),
    ];
    let mut rows = Vec::new();
    for (key, kind, table, read) in kinds {
        for point in list(&metric[key], "dataPoints") {
            let series = series(metric, kind, &metric[key], point, from);
            let mut row = cells(read(point));
            row.extend(cells(json!({
                "metric_name": metric["name"],
                "time": time(point, "timeUnixNano"),
                "start_time": time(point, "startTimeUnixNano"),
                "flags": count(point, "flags"),
                "marks": Value::Null,
                "series": series,
            })));
            let exemplars = list(point, "exemplars").iter();
            rows.extend(
                exemplars.map(|found| exemplar(metric, found, &row)).map(|cells| Row { table: "exemplars", cells }),
            );
            rows.push(Row { table, cells: row });
        }
    }
    rows
}

fn series(metric: &Value, kind: &str, data: &Value, point: &Value, from: &Cells) -> Cells {
    let temporality = match (kind, data["aggregationTemporality"].as_i64().unwrap_or_default()) {
        ("gauge" | "summary", _) => Value::Null,
        (_, 1) => json!("delta"),
        (_, 2) => json!("cumulative"),
        _ => json!("unspecified"),
    };
    let is_monotonic = data["isMonotonic"].as_bool().unwrap_or_default();
    let mut series = cells(json!({
        "metric_name": metric["name"],
        "kind": kind,
        "temporality": temporality,
        "is_monotonic": if kind == "sum" { json!(is_monotonic) } else { Value::Null },
        "unit": text(metric, "unit"),
        "description": text(metric, "description"),
        "metadata": attributes(metric, "metadata"),
        "attributes": attributes(point, "attributes"),
    }));
    series.extend(from.clone());
    series
}

fn number(point: &Value) -> Value {
    const NO_RECORDED_VALUE: i64 = 1;
    if int(point, "flags") & NO_RECORDED_VALUE != 0 {
        return json!({"value": null, "int_value": null});
    }
    match point.get("asInt") {
        Some(_) => json!({"value": int(point, "asInt") as f64, "int_value": int(point, "asInt")}),
        None => json!({"value": optional_double(point, "asDouble"), "int_value": null}),
    }
}

fn histogram(point: &Value) -> Value {
    json!({
        "count": count(point, "count"),
        "sum": optional_double(point, "sum"),
        "min": optional_double(point, "min"),
        "max": optional_double(point, "max"),
        "bounds": list(point, "explicitBounds").iter().map(double).collect::<Vec<_>>(),
        "bucket_counts": list(point, "bucketCounts").iter().map(natural).collect::<Vec<_>>(),
    })
}

fn exp_histogram(point: &Value) -> Value {
    json!({
        "count": count(point, "count"),
        "sum": optional_double(point, "sum"),
        "min": optional_double(point, "min"),
        "max": optional_double(point, "max"),
        "scale": int(point, "scale"),
        "zero_count": count(point, "zeroCount"),
        "zero_threshold": double(&point["zeroThreshold"]),
        "positive_offset": int(&point["positive"], "offset"),
        "positive_counts": list(&point["positive"], "bucketCounts").iter().map(natural).collect::<Vec<_>>(),
        "negative_offset": int(&point["negative"], "offset"),
        "negative_counts": list(&point["negative"], "bucketCounts").iter().map(natural).collect::<Vec<_>>(),
    })
}

fn summary(point: &Value) -> Value {
    let quantile = |found: &Value| json!({"quantile": double(&found["quantile"]), "value": double(&found["value"])});
    json!({
        "count": count(point, "count"),
        "sum": double(&point["sum"]),
        "quantiles": list(point, "quantileValues").iter().map(quantile).collect::<Vec<_>>(),
    })
}

fn exemplar(metric: &Value, exemplar: &Value, point: &Cells) -> Cells {
    let own_time = time(exemplar, "timeUnixNano");
    let mut row = cells(number(exemplar));
    row.extend(cells(json!({
        "metric_name": metric["name"],
        "time": if own_time.is_null() { &point["time"] } else { &own_time },
        "point_time": point["time"],
        "trace_id": id(exemplar, "traceId"),
        "span_id": id(exemplar, "spanId"),
        "attributes": attributes(exemplar, "filteredAttributes"),
        "series": point["series"],
    })));
    row
}

fn cells(object: Value) -> Cells {
    match object {
        Value::Object(cells) => cells,
        other => unreachable!("{other} is no object"),
    }
}

fn list<'v>(of: &'v Value, key: &str) -> &'v [Value] {
    of[key].as_array().map_or(&[], Vec::as_slice)
}

/// A text; null where it is empty.
fn text(of: &Value, key: &str) -> Value {
    of[key].as_str().filter(|text| !text.is_empty()).map_or(Value::Null, Value::from)
}

fn id(of: &Value, key: &str) -> Value {
    of[key].as_str().filter(|id| !id.is_empty()).map_or(Value::Null, |id| Value::from(id.to_lowercase()))
}

/// A whole number: 64-bit ones may be strings. Zero where there is none.
fn int(of: &Value, key: &str) -> i64 {
    match &of[key] {
        Value::String(digits) => digits.parse().expect("it is a whole number"),
        number => number.as_i64().unwrap_or_default(),
    }
}

fn count(of: &Value, key: &str) -> Value {
    natural(&of[key])
}

fn natural(number: &Value) -> Value {
    match number {
        Value::String(digits) => json!(digits.parse::<u64>().expect("it is a natural number")),
        number => json!(number.as_u64().unwrap_or_default()),
    }
}

fn time(of: &Value, key: &str) -> Value {
    match int(of, key) {
        0 => Value::Null,
        nanos => rfc3339(nanos),
    }
}

fn rfc3339(nanos: i64) -> Value {
    let time = Timestamp::from_nanosecond(i128::from(nanos)).expect("an int64 of nanoseconds is in range");
    json!(format!("{time:.9}"))
}

/// A double, also where it is written as a whole number. What is no number has a name, as in OTLP.
fn double(number: &Value) -> Value {
    match number {
        Value::String(name) => {
            name.parse::<f64>().ok().filter(|float| float.is_finite()).map_or(json!(name), Value::from)
        }
        number => json!(number.as_f64().unwrap_or_default()),
    }
}

fn optional_double(of: &Value, key: &str) -> Value {
    of.get(key).map_or(Value::Null, double)
}

/// Attributes as an object. Of a key that occurs twice, the first counts.
fn attributes(of: &Value, key: &str) -> Cells {
    entries(list(of, key))
}

fn entries(entries: &[Value]) -> Cells {
    let mut object = Cells::new();
    for entry in entries {
        let key = entry["key"].as_str().unwrap_or_default();
        object.entry(key).or_insert_with(|| value(&entry["value"]));
    }
    object
}

/// An `AnyValue`. It is an object with one member, whose name is its type.
fn value(any: &Value) -> Value {
    let Some((kind, value)) = any.as_object().and_then(|any| any.iter().next()) else { return Value::Null };
    match kind.as_str() {
        "intValue" => json!(int(any, "intValue")),
        "doubleValue" => double(value),
        "bytesValue" => json!({"base64": value}),
        "arrayValue" => list(value, "values").iter().map(self::value).collect(),
        "kvlistValue" => Value::Object(entries(list(value, "values"))),
        _ => value.clone(),
    }
}
