//! Metrics of every kind in a line or two. Times are seconds after the requests are received.

use model::Signal;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::summary_data_point::ValueAtQuantile;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint, Metric,
    NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, Summary, SummaryDataPoint, exemplar, number_data_point,
};
use prost::Message;

use crate::telemetry::{RECEIVED, Sent, at, attribute, resource};

/// What each point covers, as OTLP numbers it.
pub(crate) const DELTA: i32 = 1;
pub(crate) const CUMULATIVE: i32 = 2;

/// Of a point: nothing was recorded.
const NO_RECORDED_VALUE: u32 = 1;

/// Since when a value accumulates, if it is said, when it was measured, and the value, if any was recorded.
pub(crate) type Timed<T> = (Option<i64>, i64, Option<T>);

fn nanos(seconds: i64) -> u64 {
    at(seconds).get() as u64
}

fn start(seconds: Option<i64>) -> u64 {
    seconds.map_or(0, nanos)
}

fn flags<T>(value: Option<T>) -> u32 {
    if value.is_none() { NO_RECORDED_VALUE } else { 0 }
}

/// Points with attributes from `key=value` words.
fn numbers(attributes: &str, points: &[Timed<f64>]) -> Vec<NumberDataPoint> {
    let point = |(since, seconds, value): &Timed<f64>| NumberDataPoint {
        attributes: resource(attributes).attributes,
        start_time_unix_nano: start(*since),
        time_unix_nano: nanos(*seconds),
        flags: flags(*value),
        value: value.map(number_data_point::Value::AsDouble),
        ..Default::default()
    };
    points.iter().map(point).collect()
}

/// A monotonic sum.
pub(crate) fn sum(from: &str, name: &str, temporality: i32, attributes: &str, points: &[Timed<f64>]) -> Sent {
    let data_points = numbers(attributes, points);
    request(from, name, "", Data::Sum(Sum { data_points, aggregation_temporality: temporality, is_monotonic: true }))
}

/// A gauge.
pub(crate) fn gauge(from: &str, name: &str, attributes: &str, points: &[(i64, Option<f64>)]) -> Sent {
    let points: Vec<Timed<f64>> = points.iter().map(|(seconds, value)| (None, *seconds, *value)).collect();
    request(from, name, "", Data::Gauge(Gauge { data_points: numbers(attributes, &points) }))
}

/// Classic histograms in seconds: counts by bucket, each less its sum.
pub(crate) fn histogram(
    from: &str,
    name: &str,
    temporality: i32,
    bounds: &[f64],
    points: &[Timed<(&[u64], Option<f64>)>],
) -> Sent {
    let point = |(since, seconds, value): &Timed<(&[u64], Option<f64>)>| {
        let (counts, sum) = value.unwrap_or_default();
        HistogramDataPoint {
            start_time_unix_nano: start(*since),
            time_unix_nano: nanos(*seconds),
            count: counts.iter().sum(),
            sum,
            bucket_counts: counts.to_vec(),
            explicit_bounds: if counts.is_empty() { Vec::new() } else { bounds.to_vec() },
            flags: flags(*value),
            ..Default::default()
        }
    };
    let data_points = points.iter().map(point).collect();
    request(from, name, "s", Data::Histogram(Histogram { data_points, aggregation_temporality: temporality }))
}

/// Exponential histograms of scale 0 in seconds: counts from the bucket of (1, 2] on, with a sum of 10.
pub(crate) fn exponential(from: &str, name: &str, temporality: i32, points: &[Timed<&[u64]>]) -> Sent {
    let point = |(since, seconds, value): &Timed<&[u64]>| {
        let counts = value.unwrap_or_default();
        ExponentialHistogramDataPoint {
            start_time_unix_nano: start(*since),
            time_unix_nano: nanos(*seconds),
            count: counts.iter().sum(),
            sum: Some(10.0),
            positive: Some(Buckets { offset: 0, bucket_counts: counts.to_vec() }),
            flags: flags(*value),
            ..Default::default()
        }
    };
    let data_points = points.iter().map(point).collect();
    let data = Data::ExponentialHistogram(ExponentialHistogram { data_points, aggregation_temporality: temporality });
    request(from, name, "s", data)
}

/// One summary with quantiles and their values.
pub(crate) fn summary(from: &str, name: &str, seconds: i64, quantiles: &[(f64, f64)]) -> Sent {
    let point = SummaryDataPoint {
        time_unix_nano: nanos(seconds),
        count: 4,
        sum: 6.0,
        quantile_values: quantiles
            .iter()
            .map(|(quantile, value)| ValueAtQuantile { quantile: *quantile, value: *value })
            .collect(),
        ..Default::default()
    };
    request(from, name, "s", Data::Summary(Summary { data_points: vec![point] }))
}

/// A classic histogram with bounds 1 and 2 and one exemplar for each of these values, of traces by their numbers.
pub(crate) fn histogram_with_exemplars(from: &str, name: &str, seconds: i64, exemplars: &[(f64, u8)]) -> Sent {
    let exemplar = |(value, trace): &(f64, u8)| Exemplar {
        time_unix_nano: nanos(seconds),
        trace_id: vec![*trace; 16],
        span_id: vec![*trace; 8],
        value: Some(exemplar::Value::AsDouble(*value)),
        filtered_attributes: vec![attribute("user", "kim")],
    };
    let point = HistogramDataPoint {
        time_unix_nano: nanos(seconds),
        count: 3,
        bucket_counts: vec![1, 1, 1],
        explicit_bounds: vec![1.0, 2.0],
        exemplars: exemplars.iter().map(exemplar).collect(),
        ..Default::default()
    };
    let data = Data::Histogram(Histogram { data_points: vec![point], aggregation_temporality: CUMULATIVE });
    request(from, name, "s", data)
}

fn request(from: &str, name: &str, unit: &str, data: Data) -> Sent {
    let metric = Metric { name: name.to_owned(), unit: unit.to_owned(), data: Some(data), ..Default::default() };
    let scope_metrics = vec![ScopeMetrics { metrics: vec![metric], ..Default::default() }];
    let resource_metrics =
        vec![ResourceMetrics { resource: Some(resource(from)), scope_metrics, ..Default::default() }];
    let body = ExportMetricsServiceRequest { resource_metrics }.encode_to_vec();
    Sent { signal: Signal::Metrics, received: RECEIVED, body }
}
