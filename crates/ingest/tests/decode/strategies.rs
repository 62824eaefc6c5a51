//! Arbitrary OTLP requests, with odd ids, unset and far times, all types of values and all kinds of metrics.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{
    AnyValue, ArrayValue, EntityRef, InstrumentationScope, KeyValue, KeyValueList, any_value,
};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint, Metric,
    NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, Summary, SummaryDataPoint, exemplar,
    exponential_histogram_data_point::Buckets, metric, number_data_point, summary_data_point::ValueAtQuantile,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

pub(crate) fn logs() -> impl Strategy<Value = ExportLogsServiceRequest> {
    let scope = (option::of(scope()), vec(log(), 0..4), text())
        .prop_map(|(scope, log_records, schema_url)| ScopeLogs { scope, log_records, schema_url });
    let resource = (option::of(resource()), vec(scope, 0..3), text())
        .prop_map(|(resource, scope_logs, schema_url)| ResourceLogs { resource, scope_logs, schema_url });
    vec(resource, 0..3).prop_map(|resource_logs| ExportLogsServiceRequest { resource_logs })
}

pub(crate) fn traces() -> impl Strategy<Value = ExportTraceServiceRequest> {
    let scope = (option::of(scope()), vec(span(), 0..4), text()).prop_map(|(scope, spans, schema_url)| ScopeSpans {
        scope,
        spans,
        schema_url,
    });
    let resource = (option::of(resource()), vec(scope, 0..3), text())
        .prop_map(|(resource, scope_spans, schema_url)| ResourceSpans { resource, scope_spans, schema_url });
    vec(resource, 0..3).prop_map(|resource_spans| ExportTraceServiceRequest { resource_spans })
}

pub(crate) fn metrics() -> impl Strategy<Value = ExportMetricsServiceRequest> {
    let scope = (option::of(scope()), vec(metric(), 0..4), text())
        .prop_map(|(scope, metrics, schema_url)| ScopeMetrics { scope, metrics, schema_url });
    let resource = (option::of(resource()), vec(scope, 0..3), text())
        .prop_map(|(resource, scope_metrics, schema_url)| ResourceMetrics { resource, scope_metrics, schema_url });
    vec(resource, 0..3).prop_map(|resource_metrics| ExportMetricsServiceRequest { resource_metrics })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![2 => Just(String::new()), 3 => "[a-z.]{1,20}", 1 => ".{0,8}"]
}

fn bytes(length: usize) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => vec(1..255u8, length),
        1 => Just(Vec::new()),
        1 => Just(vec![0; length]),
        1 => vec(any::<u8>(), 0..20),
    ]
}

fn time() -> impl Strategy<Value = u64> {
    prop_oneof![1 => Just(0), 6 => 1_700_000_000_000_000_000..1_800_000_000_000_000_000u64, 1 => any::<u64>()]
}

fn double() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -1e9..1e9,
        1 => Just(0.0),
        1 => Just(f64::NAN),
        1 => Just(f64::INFINITY),
        1 => Just(f64::NEG_INFINITY),
        1 => Just(f64::MIN_POSITIVE / 3.0),
    ]
}

fn any_value() -> impl Strategy<Value = AnyValue> {
    let leaf = prop_oneof![
        1 => Just(None),
        4 => text().prop_map(|value| Some(any_value::Value::StringValue(value))),
        1 => any::<bool>().prop_map(|value| Some(any_value::Value::BoolValue(value))),
        2 => any::<i64>().prop_map(|value| Some(any_value::Value::IntValue(value))),
        1 => double().prop_map(|value| Some(any_value::Value::DoubleValue(value))),
        1 => any::<Vec<u8>>().prop_map(|value| Some(any_value::Value::BytesValue(value))),
    ];
    let value = leaf.prop_map(|value| AnyValue { value });
    value.prop_recursive(3, 12, 4, |inner| {
        let list = vec(inner.clone(), 0..4)
            .prop_map(|values| AnyValue { value: Some(any_value::Value::ArrayValue(ArrayValue { values })) });
        let map = vec((text(), option::of(inner)).prop_map(key_value), 0..4)
            .prop_map(|values| AnyValue { value: Some(any_value::Value::KvlistValue(KeyValueList { values })) });
        prop_oneof![list, map]
    })
}

fn key_value((key, value): (String, Option<AnyValue>)) -> KeyValue {
    KeyValue { key, value, key_strindex: 0 }
}

fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    let key = prop_oneof![text(), Just("exception.type".to_owned()), Just("service.name".to_owned())];
    vec((key, option::weighted(0.9, any_value())).prop_map(key_value), 0..5)
}

fn resource() -> impl Strategy<Value = Resource> {
    let key = prop_oneof![
        Just("service.name"),
        Just("service.namespace"),
        Just("deployment.environment"),
        Just("deployment.environment.name"),
        Just("host"),
    ]
    .prop_map(str::to_owned);
    let entity = (text(), text(), vec(text(), 0..3), vec(text(), 0..3)).prop_map(
        |(schema_url, r#type, id_keys, description_keys)| EntityRef { schema_url, r#type, id_keys, description_keys },
    );
    let attributes = vec((key, option::weighted(0.9, any_value())).prop_map(key_value), 0..5);
    (attributes, any::<u32>(), vec(entity, 0..3)).prop_map(|(attributes, dropped_attributes_count, entity_refs)| {
        Resource { attributes, dropped_attributes_count, entity_refs }
    })
}

fn scope() -> impl Strategy<Value = InstrumentationScope> {
    (text(), text(), attributes(), any::<u32>()).prop_map(|(name, version, attributes, dropped_attributes_count)| {
        InstrumentationScope { name, version, attributes, dropped_attributes_count }
    })
}

fn log() -> impl Strategy<Value = LogRecord> {
    let first = (time(), time(), any::<i32>(), text(), option::of(any_value()), attributes());
    let second = (any::<u32>(), any::<u32>(), bytes(16), bytes(8), text());
    (first, second).prop_map(|(first, second)| LogRecord {
        time_unix_nano: first.0,
        observed_time_unix_nano: first.1,
        severity_number: first.2,
        severity_text: first.3,
        body: first.4,
        attributes: first.5,
        dropped_attributes_count: second.0,
        flags: second.1,
        trace_id: second.2,
        span_id: second.3,
        event_name: second.4,
    })
}

fn span() -> impl Strategy<Value = Span> {
    let status = (text(), 0..4i32).prop_map(|(message, code)| Status { message, code });
    let ids = (bytes(16), bytes(8), bytes(8), text(), any::<u32>());
    let what = (text(), 0..7i32, time(), time(), attributes(), option::of(status));
    let more = (vec(event(), 0..3), vec(link(), 0..3), any::<[u32; 3]>());
    (ids, what, more).prop_map(|(ids, what, more)| Span {
        trace_id: ids.0,
        span_id: ids.1,
        parent_span_id: ids.2,
        trace_state: ids.3,
        flags: ids.4,
        name: what.0,
        kind: what.1,
        start_time_unix_nano: what.2,
        end_time_unix_nano: what.3,
        attributes: what.4,
        status: what.5,
        events: more.0,
        links: more.1,
        dropped_attributes_count: more.2[0],
        dropped_events_count: more.2[1],
        dropped_links_count: more.2[2],
    })
}

fn event() -> impl Strategy<Value = span::Event> {
    let name = prop_oneof![text(), Just("exception".to_owned())];
    (time(), name, attributes(), any::<u32>()).prop_map(|(time_unix_nano, name, attributes, dropped)| span::Event {
        time_unix_nano,
        name,
        attributes,
        dropped_attributes_count: dropped,
    })
}

fn link() -> impl Strategy<Value = span::Link> {
    (bytes(16), bytes(8), text(), attributes(), any::<[u32; 2]>()).prop_map(
        |(trace_id, span_id, trace_state, attributes, numbers)| span::Link {
            trace_id,
            span_id,
            trace_state,
            attributes,
            dropped_attributes_count: numbers[0],
            flags: numbers[1],
        },
    )
}

fn metric() -> impl Strategy<Value = Metric> {
    let name = prop_oneof![1 => Just(String::new()), 6 => "[a-z]{1,3}", 2 => "[a-z.]{13,20}"];
    (name, text(), text(), option::weighted(0.9, data()), attributes())
        .prop_map(|(name, description, unit, data, metadata)| Metric { name, description, unit, data, metadata })
}

fn data() -> impl Strategy<Value = metric::Data> {
    let temporality = 0..4i32;
    prop_oneof![
        vec(number_point(), 0..4).prop_map(|data_points| metric::Data::Gauge(Gauge { data_points })),
        (vec(number_point(), 0..4), temporality.clone(), any::<bool>()).prop_map(
            |(data_points, aggregation_temporality, is_monotonic)| {
                metric::Data::Sum(Sum { data_points, aggregation_temporality, is_monotonic })
            }
        ),
        (vec(histogram_point(), 0..4), temporality.clone()).prop_map(|(data_points, aggregation_temporality)| {
            metric::Data::Histogram(Histogram { data_points, aggregation_temporality })
        }),
        (vec(exp_histogram_point(), 0..4), temporality).prop_map(|(data_points, aggregation_temporality)| {
            metric::Data::ExponentialHistogram(ExponentialHistogram { data_points, aggregation_temporality })
        }),
        vec(summary_point(), 0..4).prop_map(|data_points| metric::Data::Summary(Summary { data_points })),
    ]
}

fn number_point() -> impl Strategy<Value = NumberDataPoint> {
    let value = prop_oneof![
        double().prop_map(number_data_point::Value::AsDouble),
        any::<i64>().prop_map(number_data_point::Value::AsInt),
    ];
    (attributes(), time(), time(), option::of(value), vec(exemplar(), 0..3), 0..3u32).prop_map(
        |(attributes, start_time_unix_nano, time_unix_nano, value, exemplars, flags)| NumberDataPoint {
            attributes,
            start_time_unix_nano,
            time_unix_nano,
            exemplars,
            flags,
            value,
        },
    )
}

fn exemplar() -> impl Strategy<Value = Exemplar> {
    let value =
        prop_oneof![double().prop_map(exemplar::Value::AsDouble), any::<i64>().prop_map(exemplar::Value::AsInt),];
    (attributes(), time(), bytes(8), bytes(16), option::of(value)).prop_map(
        |(filtered_attributes, time_unix_nano, span_id, trace_id, value)| Exemplar {
            filtered_attributes,
            time_unix_nano,
            span_id,
            trace_id,
            value,
        },
    )
}

fn histogram_point() -> impl Strategy<Value = HistogramDataPoint> {
    let ascending = vec(0.1..9.9f64, 0..4).prop_map(|mut bounds| {
        bounds.sort_by(f64::total_cmp);
        bounds.dedup();
        bounds
    });
    let buckets = prop_oneof![
        5 => ascending.prop_flat_map(|bounds| (vec(any::<u64>(), bounds.len() + 1), Just(bounds))),
        1 => (vec(any::<u64>(), 0..3), vec(double(), 0..3)),
    ];
    let totals = (any::<u64>(), option::of(double()), option::of(double()), option::of(double()));
    (attributes(), time(), time(), totals, buckets, vec(exemplar(), 0..2), 0..3u32).prop_map(
        |(attributes, start, time, (count, sum, min, max), buckets, exemplars, flags)| HistogramDataPoint {
            attributes,
            start_time_unix_nano: start,
            time_unix_nano: time,
            count,
            sum,
            bucket_counts: buckets.0,
            explicit_bounds: buckets.1,
            exemplars,
            flags,
            min,
            max,
        },
    )
}

fn exp_histogram_point() -> impl Strategy<Value = ExponentialHistogramDataPoint> {
    let buckets = || {
        option::of((any::<i32>(), vec(any::<u64>(), 0..5)))
            .prop_map(|buckets| buckets.map(|(offset, bucket_counts)| Buckets { offset, bucket_counts }))
    };
    let totals = (any::<u64>(), option::of(double()), option::of(double()), option::of(double()));
    let zero = (any::<i32>(), any::<u64>(), double());
    let point = (attributes(), time(), time(), vec(exemplar(), 0..2), 0..3u32);
    (point, totals, zero, buckets(), buckets()).prop_map(|(point, totals, zero, positive, negative)| {
        ExponentialHistogramDataPoint {
            attributes: point.0,
            start_time_unix_nano: point.1,
            time_unix_nano: point.2,
            exemplars: point.3,
            flags: point.4,
            count: totals.0,
            sum: totals.1,
            min: totals.2,
            max: totals.3,
            scale: zero.0,
            zero_count: zero.1,
            zero_threshold: zero.2,
            positive,
            negative,
        }
    })
}

fn summary_point() -> impl Strategy<Value = SummaryDataPoint> {
    let quantile = (double(), double()).prop_map(|(quantile, value)| ValueAtQuantile { quantile, value });
    (attributes(), time(), time(), any::<u64>(), double(), vec(quantile, 0..4), 0..3u32).prop_map(
        |(attributes, start, time, count, sum, quantile_values, flags)| SummaryDataPoint {
            attributes,
            start_time_unix_nano: start,
            time_unix_nano: time,
            count,
            sum,
            quantile_values,
            flags,
        },
    )
}
