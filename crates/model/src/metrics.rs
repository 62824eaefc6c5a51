//! The columns of the metric tables: points of each kind, their exemplars, and what each series is.
//!
//! Every point names its metric, its `resource_id` as logs and spans do, and its `series_id`: xxh3-64 over
//! everything that tells one series from another (metric name, kind, temporality, monotonicity, unit,
//! resource, scope and the point's attributes). What a series is stands in `series`; join on `series_id`.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};

use crate::columns::{
    attributes, list, optional_time, required_text, resource_and_scope, span_id, text, time, trace_id,
};

/// The scope of metrics that came by Prometheus' remote write: their names and labels are as Prometheus has them.
pub const REMOTE_WRITE_SCOPE: &str = "nunchi.remote_write";

/// - `time`: of the point; where the sender gave none, the time of receipt (then marked).
/// - `start_time`: since when the value accumulates; null where unset.
/// - `value`: as a double; `int_value`: exact, where the sender sent an integer; both null for "no recorded value".
/// - `flags`: OTLP's data point flags.
pub(crate) fn numbers_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        point_schema([Field::new("value", DataType::Float64, true), Field::new("int_value", DataType::Int64, true)])
    });
    Arc::clone(&SCHEMA)
}

/// - `bounds`: upper bounds of all buckets but the last, ascending; bucket `i` covers `(bounds[i-1], bounds[i]]`.
/// - `bucket_counts`: one more than bounds, not cumulative; empty where the sender sent no buckets.
/// - `sum`, `min`, `max`: null where not sent.
pub(crate) fn histograms_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        point_schema([
            Field::new("count", DataType::UInt64, false),
            Field::new("sum", DataType::Float64, true),
            Field::new("min", DataType::Float64, true),
            Field::new("max", DataType::Float64, true),
            list("bounds", DataType::Float64),
            list("bucket_counts", DataType::UInt64),
        ])
    });
    Arc::clone(&SCHEMA)
}

/// - `scale`, `zero_count`, `zero_threshold`, `positive_*`, `negative_*`: as OTLP defines exponential histograms;
///   bucket `i` of `positive_counts` covers `(base^(positive_offset+i), base^(positive_offset+i+1)]`, base = 2^(2^-scale).
/// - `sum`, `min`, `max`: null where not sent.
pub(crate) fn exp_histograms_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        point_schema([
            Field::new("count", DataType::UInt64, false),
            Field::new("sum", DataType::Float64, true),
            Field::new("min", DataType::Float64, true),
            Field::new("max", DataType::Float64, true),
            Field::new("scale", DataType::Int32, false),
            Field::new("zero_count", DataType::UInt64, false),
            Field::new("zero_threshold", DataType::Float64, false),
            Field::new("positive_offset", DataType::Int32, false),
            list("positive_counts", DataType::UInt64),
            Field::new("negative_offset", DataType::Int32, false),
            list("negative_counts", DataType::UInt64),
        ])
    });
    Arc::clone(&SCHEMA)
}

/// - `quantiles`: pairs of `quantile` (0 to 1 inclusive) and `value`, as sent.
pub(crate) fn summaries_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        point_schema([
            Field::new("count", DataType::UInt64, false),
            Field::new("sum", DataType::Float64, false),
            list("quantiles", DataType::Struct(quantile_fields())),
        ])
    });
    Arc::clone(&SCHEMA)
}

/// The fields of one of a summary's `quantiles`.
pub fn quantile_fields() -> Fields {
    vec![Field::new("quantile", DataType::Float64, false), Field::new("value", DataType::Float64, false)].into()
}

/// - `time`: of the exemplar, else of its point. `point_time`: of the point it was sent with.
/// - `value` / `int_value`, `trace_id`, `span_id`: as sent; null where absent.
/// - `attributes`: OTLP's filtered attributes.
pub(crate) fn exemplars_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        Arc::new(Schema::new(vec![
            required_text("metric_name"),
            Field::new("resource_id", DataType::UInt64, false),
            Field::new("series_id", DataType::UInt64, false),
            time("time"),
            time("point_time"),
            Field::new("value", DataType::Float64, true),
            Field::new("int_value", DataType::Int64, true),
            trace_id(),
            span_id("span_id"),
            attributes("attributes"),
        ]))
    });
    Arc::clone(&SCHEMA)
}

/// A series has a row for each hour that its points of a flush are of, and for each set of bounds that they have. Questions
/// about some hours rely on it.
///
/// - `time`: of the first point in this hour and with these bounds.
/// - `kind`: `gauge`, `sum`, `histogram`, `exponential_histogram` or `summary`.
/// - `temporality`: `delta`, `cumulative` or `unspecified`; null for gauges and summaries.
/// - `is_monotonic`: of a sum; null for the rest.
/// - `unit`, `description`, `metadata`: of the metric. `attributes`: of the points.
/// - `bounds`: of a classic histogram, the upper bounds of its buckets but the last; of a summary, its quantiles; of others
///   empty.
/// - the resource and scope columns.
pub(crate) fn series_schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        let mut fields = vec![
            required_text("metric_name"),
            Field::new("series_id", DataType::UInt64, false),
            time("time"),
            required_text("kind"),
            text("temporality"),
            Field::new("is_monotonic", DataType::Boolean, true),
            text("unit"),
            text("description"),
            attributes("metadata"),
            attributes("attributes"),
            list("bounds", DataType::Float64),
        ];
        fields.extend(resource_and_scope());
        Arc::new(Schema::new(fields))
    });
    Arc::clone(&SCHEMA)
}

fn point_schema(values: impl IntoIterator<Item = Field>) -> SchemaRef {
    let mut fields = vec![
        required_text("metric_name"),
        Field::new("resource_id", DataType::UInt64, false),
        Field::new("series_id", DataType::UInt64, false),
        time("time"),
        optional_time("start_time"),
    ];
    fields.extend(values);
    fields.push(Field::new("flags", DataType::UInt32, false));
    fields.push(text("marks"));
    Arc::new(Schema::new(fields))
}
