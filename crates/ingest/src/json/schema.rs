//! OTLP's messages as literal tables: what a JSON name is on the wire.
//!
//! A test holds them against the descriptors of `opentelemetry-proto`: no field missing, none wrong.

use model::Signal;

/// A message.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) name: &'static str,
    /// By number.
    pub(super) fields: &'static [Field],
}

/// A field of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) number: u32,
    /// The name in lowerCamelCase, as OTLP's JSON has it.
    pub(super) json: &'static str,
    /// The name in the `.proto` file, which protobuf's JSON readers accept, too.
    pub(super) proto: &'static str,
    pub(super) kind: Kind,
    pub(super) repeated: bool,
}

/// What a field holds, and so how it is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    /// `bytes` that JSON writes in base64.
    Bytes,
    /// `bytes` that are a trace or span id, which OTLP writes in hex.
    Id,
    Bool,
    Int32,
    Sint32,
    Uint32,
    Int64,
    Uint64,
    Fixed32,
    Fixed64,
    Sfixed64,
    Double,
    /// Names and numbers.
    Enum(&'static [(&'static str, i32)]),
    Message(&'static Message),
}

/// Fields that any one message may have.
pub(super) const FIELDS_MAX: usize = 16;

impl Field {
    pub(super) fn is_named(&self, name: &[u8]) -> bool {
        name == self.json.as_bytes() || name == self.proto.as_bytes()
    }
}

/// The export request of a signal.
pub(super) fn request(signal: Signal) -> &'static Message {
    match signal {
        Signal::Traces => &EXPORT_TRACE_SERVICE_REQUEST,
        Signal::Logs => &EXPORT_LOGS_SERVICE_REQUEST,
        Signal::Metrics => &EXPORT_METRICS_SERVICE_REQUEST,
    }
}

const fn message(name: &'static str, fields: &'static [Field]) -> Message {
    assert!(fields.len() <= FIELDS_MAX, "room for each field of an object");
    Message { name, fields }
}

const fn one(number: u32, json: &'static str, proto: &'static str, kind: Kind) -> Field {
    Field { number, json, proto, kind, repeated: false }
}

const fn many(number: u32, json: &'static str, proto: &'static str, kind: Kind) -> Field {
    Field { number, json, proto, kind, repeated: true }
}

static EXPORT_TRACE_SERVICE_REQUEST: Message =
    message("ExportTraceServiceRequest", &[many(1, "resourceSpans", "resource_spans", Kind::Message(&RESOURCE_SPANS))]);

static RESOURCE_SPANS: Message = message(
    "ResourceSpans",
    &[
        one(1, "resource", "resource", Kind::Message(&RESOURCE)),
        many(2, "scopeSpans", "scope_spans", Kind::Message(&SCOPE_SPANS)),
        one(3, "schemaUrl", "schema_url", Kind::Text),
    ],
);

static SCOPE_SPANS: Message = message(
    "ScopeSpans",
    &[
        one(1, "scope", "scope", Kind::Message(&INSTRUMENTATION_SCOPE)),
        many(2, "spans", "spans", Kind::Message(&SPAN)),
        one(3, "schemaUrl", "schema_url", Kind::Text),
    ],
);

static SPAN: Message = message(
    "Span",
    &[
        one(1, "traceId", "trace_id", Kind::Id),
        one(2, "spanId", "span_id", Kind::Id),
        one(3, "traceState", "trace_state", Kind::Text),
        one(4, "parentSpanId", "parent_span_id", Kind::Id),
        one(5, "name", "name", Kind::Text),
        one(6, "kind", "kind", Kind::Enum(SPAN_KINDS)),
        one(7, "startTimeUnixNano", "start_time_unix_nano", Kind::Fixed64),
        one(8, "endTimeUnixNano", "end_time_unix_nano", Kind::Fixed64),
        many(9, "attributes", "attributes", Kind::Message(&KEY_VALUE)),
        one(10, "droppedAttributesCount", "dropped_attributes_count", Kind::Uint32),
        many(11, "events", "events", Kind::Message(&EVENT)),
        one(12, "droppedEventsCount", "dropped_events_count", Kind::Uint32),
        many(13, "links", "links", Kind::Message(&LINK)),
        one(14, "droppedLinksCount", "dropped_links_count", Kind::Uint32),
        one(15, "status", "status", Kind::Message(&STATUS)),
        one(16, "flags", "flags", Kind::Fixed32),
    ],
);

static EVENT: Message = message(
    "Event",
    &[
        one(1, "timeUnixNano", "time_unix_nano", Kind::Fixed64),
        one(2, "name", "name", Kind::Text),
        many(3, "attributes", "attributes", Kind::Message(&KEY_VALUE)),
        one(4, "droppedAttributesCount", "dropped_attributes_count", Kind::Uint32),
    ],
);

static LINK: Message = message(
    "Link",
    &[
        one(1, "traceId", "trace_id", Kind::Id),
        one(2, "spanId", "span_id", Kind::Id),
        one(3, "traceState", "trace_state", Kind::Text),
        many(4, "attributes", "attributes", Kind::Message(&KEY_VALUE)),
        one(5, "droppedAttributesCount", "dropped_attributes_count", Kind::Uint32),
        one(6, "flags", "flags", Kind::Fixed32),
    ],
);

static STATUS: Message =
    message("Status", &[one(2, "message", "message", Kind::Text), one(3, "code", "code", Kind::Enum(STATUS_CODES))]);

static EXPORT_LOGS_SERVICE_REQUEST: Message =
    message("ExportLogsServiceRequest", &[many(1, "resourceLogs", "resource_logs", Kind::Message(&RESOURCE_LOGS))]);

static RESOURCE_LOGS: Message = message(
    "ResourceLogs",
    &[
        one(1, "resource", "resource", Kind::Message(&RESOURCE)),
        many(2, "scopeLogs", "scope_logs", Kind::Message(&SCOPE_LOGS)),
        one(3, "schemaUrl", "schema_url", Kind::Text),
    ],
);

static SCOPE_LOGS: Message = message(
    "ScopeLogs",
    &[
        one(1, "scope", "scope", Kind::Message(&INSTRUMENTATION_SCOPE)),
        many(2, "logRecords", "log_records", Kind::Message(&LOG_RECORD)),
        one(3, "schemaUrl", "schema_url", Kind::Text),
    ],
);

static LOG_RECORD: Message = message(
    "LogRecord",
    &[
        one(1, "timeUnixNano", "time_unix_nano", Kind::Fixed64),
        one(2, "severityNumber", "severity_number", Kind::Enum(SEVERITY_NUMBERS)),
        one(3, "severityText", "severity_text", Kind::Text),
        one(5, "body", "body", Kind::Message(&ANY_VALUE)),
        many(6, "attributes", "attributes", Kind::Message(&KEY_VALUE)),
        one(7, "droppedAttributesCount", "dropped_attributes_count", Kind::Uint32),
        one(8, "flags", "flags", Kind::Fixed32),
        one(9, "traceId", "trace_id", Kind::Id),
        one(10, "spanId", "span_id", Kind::Id),
        one(11, "observedTimeUnixNano", "observed_time_unix_nano", Kind::Fixed64),
        one(12, "eventName", "event_name", Kind::Text),
    ],
);

static EXPORT_METRICS_SERVICE_REQUEST: Message = message(
    "ExportMetricsServiceRequest",
    &[many(1, "resourceMetrics", "resource_metrics", Kind::Message(&RESOURCE_METRICS))],
);

static RESOURCE_METRICS: Message = message(
    "ResourceMetrics",
    &[
        one(1, "resource", "resource", Kind::Message(&RESOURCE)),
        many(2, "scopeMetrics", "scope_metrics", Kind::Message(&SCOPE_METRICS)),
        one(3, "schemaUrl", "schema_url", Kind::Text),
    ],
);

static SCOPE_METRICS: Message = message(
    "ScopeMetrics",
    &[
        one(1, "scope", "scope", Kind::Message(&INSTRUMENTATION_SCOPE)),
        many(2, "metrics", "metrics", Kind::Message(&METRIC)),
        one(3, "schemaUrl", "schema_url", Kind::Text),
    ],
);

static METRIC: Message = message(
    "Metric",
    &[
        one(1, "name", "name", Kind::Text),
        one(2, "description", "description", Kind::Text),
        one(3, "unit", "unit", Kind::Text),
        one(5, "gauge", "gauge", Kind::Message(&GAUGE)),
        one(7, "sum", "sum", Kind::Message(&SUM)),
        one(9, "histogram", "histogram", Kind::Message(&HISTOGRAM)),
        one(10, "exponentialHistogram", "exponential_histogram", Kind::Message(&EXPONENTIAL_HISTOGRAM)),
        one(11, "summary", "summary", Kind::Message(&SUMMARY)),
        many(12, "metadata", "metadata", Kind::Message(&KEY_VALUE)),
    ],
);

static GAUGE: Message = message("Gauge", &[many(1, "dataPoints", "data_points", Kind::Message(&NUMBER_DATA_POINT))]);

static SUM: Message = message(
    "Sum",
    &[
        many(1, "dataPoints", "data_points", Kind::Message(&NUMBER_DATA_POINT)),
        one(2, "aggregationTemporality", "aggregation_temporality", Kind::Enum(TEMPORALITIES)),
        one(3, "isMonotonic", "is_monotonic", Kind::Bool),
    ],
);

static HISTOGRAM: Message = message(
    "Histogram",
    &[
        many(1, "dataPoints", "data_points", Kind::Message(&HISTOGRAM_DATA_POINT)),
        one(2, "aggregationTemporality", "aggregation_temporality", Kind::Enum(TEMPORALITIES)),
    ],
);

static EXPONENTIAL_HISTOGRAM: Message = message(
    "ExponentialHistogram",
    &[
        many(1, "dataPoints", "data_points", Kind::Message(&EXPONENTIAL_HISTOGRAM_DATA_POINT)),
        one(2, "aggregationTemporality", "aggregation_temporality", Kind::Enum(TEMPORALITIES)),
    ],
);

static SUMMARY: Message =
    message("Summary", &[many(1, "dataPoints", "data_points", Kind::Message(&SUMMARY_DATA_POINT))]);

static NUMBER_DATA_POINT: Message = message(
    "NumberDataPoint",
    &[
        one(2, "startTimeUnixNano", "start_time_unix_nano", Kind::Fixed64),
        one(3, "timeUnixNano", "time_unix_nano", Kind::Fixed64),
        one(4, "asDouble", "as_double", Kind::Double),
        many(5, "exemplars", "exemplars", Kind::Message(&EXEMPLAR)),
        one(6, "asInt", "as_int", Kind::Sfixed64),
        many(7, "attributes", "attributes", Kind::Message(&KEY_VALUE)),
        one(8, "flags", "flags", Kind::Uint32),
    ],
);

static HISTOGRAM_DATA_POINT: Message = message(
    "HistogramDataPoint",
    &[
        one(2, "startTimeUnixNano", "start_time_unix_nano", Kind::Fixed64),
        one(3, "timeUnixNano", "time_unix_nano", Kind::Fixed64),
        one(4, "count", "count", Kind::Fixed64),
        one(5, "sum", "sum", Kind::Double),
        many(6, "bucketCounts", "bucket_counts", Kind::Fixed64),
        many(7, "explicitBounds", "explicit_bounds", Kind::Double),
        many(8, "exemplars", "exemplars", Kind::Message(&EXEMPLAR)),
        many(9, "attributes", "attributes", Kind::Message(&KEY_VALUE)),
        one(10, "flags", "flags", Kind::Uint32),
        one(11, "min", "min", Kind::Double),
        one(12, "max", "max", Kind::Double),
    ],
);

static EXPONENTIAL_HISTOGRAM_DATA_POINT: Message = message(
    "ExponentialHistogramDataPoint",
    &[
        many(1, "attributes", "attributes", Kind::Message(&KEY_VALUE)),
        one(2, "startTimeUnixNano", "start_time_unix_nano", Kind::Fixed64),
        one(3, "timeUnixNano", "time_unix_nano", Kind::Fixed64),
        one(4, "count", "count", Kind::Fixed64),
        one(5, "sum", "sum", Kind::Double),
        one(6, "scale", "scale", Kind::Sint32),
        one(7, "zeroCount", "zero_count", Kind::Fixed64),
        one(8, "positive", "positive", Kind::Message(&BUCKETS)),
        one(9, "negative", "negative", Kind::Message(&BUCKETS)),
        one(10, "flags", "flags", Kind::Uint32),
        many(11, "exemplars", "exemplars", Kind::Message(&EXEMPLAR)),
        one(12, "min", "min", Kind::Double),
        one(13, "max", "max", Kind::Double),
        one(14, "zeroThreshold", "zero_threshold", Kind::Double),
    ],
);

static BUCKETS: Message = message(
    "Buckets",
    &[one(1, "offset", "offset", Kind::Sint32), many(2, "bucketCounts", "bucket_counts", Kind::Uint64)],
);

static SUMMARY_DATA_POINT: Message = message(
    "SummaryDataPoint",
    &[
        one(2, "startTimeUnixNano", "start_time_unix_nano", Kind::Fixed64),
        one(3, "timeUnixNano", "time_unix_nano", Kind::Fixed64),
        one(4, "count", "count", Kind::Fixed64),
        one(5, "sum", "sum", Kind::Double),
        many(6, "quantileValues", "quantile_values", Kind::Message(&VALUE_AT_QUANTILE)),
        many(7, "attributes", "attributes", Kind::Message(&KEY_VALUE)),
        one(8, "flags", "flags", Kind::Uint32),
    ],
);

static VALUE_AT_QUANTILE: Message =
    message("ValueAtQuantile", &[one(1, "quantile", "quantile", Kind::Double), one(2, "value", "value", Kind::Double)]);

static EXEMPLAR: Message = message(
    "Exemplar",
    &[
        one(2, "timeUnixNano", "time_unix_nano", Kind::Fixed64),
        one(3, "asDouble", "as_double", Kind::Double),
        one(4, "spanId", "span_id", Kind::Id),
        one(5, "traceId", "trace_id", Kind::Id),
        one(6, "asInt", "as_int", Kind::Sfixed64),
        many(7, "filteredAttributes", "filtered_attributes", Kind::Message(&KEY_VALUE)),
    ],
);

static RESOURCE: Message = message(
    "Resource",
    &[
        many(1, "attributes", "attributes", Kind::Message(&KEY_VALUE)),
        one(2, "droppedAttributesCount", "dropped_attributes_count", Kind::Uint32),
        many(3, "entityRefs", "entity_refs", Kind::Message(&ENTITY_REF)),
    ],
);

static ENTITY_REF: Message = message(
    "EntityRef",
    &[
        one(1, "schemaUrl", "schema_url", Kind::Text),
        one(2, "type", "type", Kind::Text),
        many(3, "idKeys", "id_keys", Kind::Text),
        many(4, "descriptionKeys", "description_keys", Kind::Text),
    ],
);

static INSTRUMENTATION_SCOPE: Message = message(
    "InstrumentationScope",
    &[
        one(1, "name", "name", Kind::Text),
        one(2, "version", "version", Kind::Text),
        many(3, "attributes", "attributes", Kind::Message(&KEY_VALUE)),
        one(4, "droppedAttributesCount", "dropped_attributes_count", Kind::Uint32),
    ],
);

static KEY_VALUE: Message = message(
    "KeyValue",
    &[
        one(1, "key", "key", Kind::Text),
        one(2, "value", "value", Kind::Message(&ANY_VALUE)),
        one(3, "keyStrindex", "key_strindex", Kind::Int32),
    ],
);

static ANY_VALUE: Message = message(
    "AnyValue",
    &[
        one(1, "stringValue", "string_value", Kind::Text),
        one(2, "boolValue", "bool_value", Kind::Bool),
        one(3, "intValue", "int_value", Kind::Int64),
        one(4, "doubleValue", "double_value", Kind::Double),
        one(5, "arrayValue", "array_value", Kind::Message(&ARRAY_VALUE)),
        one(6, "kvlistValue", "kvlist_value", Kind::Message(&KEY_VALUE_LIST)),
        one(7, "bytesValue", "bytes_value", Kind::Bytes),
        one(8, "stringValueStrindex", "string_value_strindex", Kind::Int32),
    ],
);

static ARRAY_VALUE: Message = message("ArrayValue", &[many(1, "values", "values", Kind::Message(&ANY_VALUE))]);

static KEY_VALUE_LIST: Message = message("KeyValueList", &[many(1, "values", "values", Kind::Message(&KEY_VALUE))]);

const SEVERITY_NUMBERS: &[(&str, i32)] = &[
    ("SEVERITY_NUMBER_UNSPECIFIED", 0),
    ("SEVERITY_NUMBER_TRACE", 1),
    ("SEVERITY_NUMBER_TRACE2", 2),
    ("SEVERITY_NUMBER_TRACE3", 3),
    ("SEVERITY_NUMBER_TRACE4", 4),
    ("SEVERITY_NUMBER_DEBUG", 5),
    ("SEVERITY_NUMBER_DEBUG2", 6),
    ("SEVERITY_NUMBER_DEBUG3", 7),
    ("SEVERITY_NUMBER_DEBUG4", 8),
    ("SEVERITY_NUMBER_INFO", 9),
    ("SEVERITY_NUMBER_INFO2", 10),
    ("SEVERITY_NUMBER_INFO3", 11),
    ("SEVERITY_NUMBER_INFO4", 12),
    ("SEVERITY_NUMBER_WARN", 13),
    ("SEVERITY_NUMBER_WARN2", 14),
    ("SEVERITY_NUMBER_WARN3", 15),
    ("SEVERITY_NUMBER_WARN4", 16),
    ("SEVERITY_NUMBER_ERROR", 17),
    ("SEVERITY_NUMBER_ERROR2", 18),
    ("SEVERITY_NUMBER_ERROR3", 19),
    ("SEVERITY_NUMBER_ERROR4", 20),
    ("SEVERITY_NUMBER_FATAL", 21),
    ("SEVERITY_NUMBER_FATAL2", 22),
    ("SEVERITY_NUMBER_FATAL3", 23),
    ("SEVERITY_NUMBER_FATAL4", 24),
];

const SPAN_KINDS: &[(&str, i32)] = &[
    ("SPAN_KIND_UNSPECIFIED", 0),
    ("SPAN_KIND_INTERNAL", 1),
    ("SPAN_KIND_SERVER", 2),
    ("SPAN_KIND_CLIENT", 3),
    ("SPAN_KIND_PRODUCER", 4),
    ("SPAN_KIND_CONSUMER", 5),
];

const STATUS_CODES: &[(&str, i32)] = &[("STATUS_CODE_UNSET", 0), ("STATUS_CODE_OK", 1), ("STATUS_CODE_ERROR", 2)];

const TEMPORALITIES: &[(&str, i32)] = &[
    ("AGGREGATION_TEMPORALITY_UNSPECIFIED", 0),
    ("AGGREGATION_TEMPORALITY_DELTA", 1),
    ("AGGREGATION_TEMPORALITY_CUMULATIVE", 2),
];

#[cfg(test)]
mod tests;
