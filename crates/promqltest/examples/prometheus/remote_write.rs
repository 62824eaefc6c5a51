//! Remote write 2.0, as a sender speaks it.

use std::collections::HashMap;

use promql::{Buckets, CounterReset, Histogram, Points, Series};
use prost::Message;
use reqwest::Method;
use testkit::Api;

/// Samples of so much time go into one request, milliseconds: Prometheus wants them in the order of time, roughly.
const REQUEST_SPAN: i64 = 600_000;

#[derive(Message)]
struct Request {
    #[prost(string, repeated, tag = "4")]
    symbols: Vec<String>,
    #[prost(message, repeated, tag = "5")]
    timeseries: Vec<TimeSeries>,
}

#[derive(Message)]
struct TimeSeries {
    #[prost(uint32, repeated, tag = "1")]
    labels_refs: Vec<u32>,
    #[prost(message, repeated, tag = "2")]
    samples: Vec<Sample>,
    #[prost(message, repeated, tag = "3")]
    histograms: Vec<NativeHistogram>,
}

#[derive(Message)]
struct Sample {
    #[prost(double, tag = "1")]
    value: f64,
    #[prost(int64, tag = "2")]
    timestamp: i64,
}

#[derive(Message)]
struct NativeHistogram {
    #[prost(double, optional, tag = "2")]
    count_float: Option<f64>,
    #[prost(double, tag = "3")]
    sum: f64,
    #[prost(sint32, tag = "4")]
    schema: i32,
    #[prost(double, tag = "5")]
    zero_threshold: f64,
    #[prost(double, optional, tag = "7")]
    zero_count_float: Option<f64>,
    #[prost(message, repeated, tag = "8")]
    negative_spans: Vec<Span>,
    #[prost(double, repeated, tag = "10")]
    negative_counts: Vec<f64>,
    #[prost(message, repeated, tag = "11")]
    positive_spans: Vec<Span>,
    #[prost(double, repeated, tag = "13")]
    positive_counts: Vec<f64>,
    /// 0: not known, 3: a gauge.
    #[prost(int32, tag = "14")]
    reset_hint: i32,
    #[prost(int64, tag = "15")]
    timestamp: i64,
    #[prost(double, repeated, tag = "16")]
    custom_values: Vec<f64>,
}

#[derive(Message)]
struct Span {
    #[prost(sint32, tag = "1")]
    offset: i32,
    #[prost(uint32, tag = "2")]
    length: u32,
}

/// Sends all of it. Panics where anything is refused.
pub(crate) async fn send(api: &Api, path: &str, series: &[Series]) {
    let times = || series.iter().flat_map(|one| one.floats.times.iter().chain(&one.histograms.times));
    let (Some(first), Some(last)) = (times().min(), times().max()) else { return };
    for from in (*first..=*last).step_by(REQUEST_SPAN as usize) {
        let body = snappy(&request(series, from, from + REQUEST_SPAN).encode_to_vec());
        let headers = [
            ("content-type", "application/x-protobuf;proto=io.prometheus.write.v2.Request"),
            ("content-encoding", "snappy"),
            ("x-prometheus-remote-write-version", "2.0.0"),
        ];
        let request = api.request(Method::POST, path).body(body);
        let reply =
            api.send(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))).await;
        assert!(reply.status.is_success(), "{path}: {} {}", reply.status, reply.text);
    }
}

/// Samples from an instant, inclusive, to another, exclusive.
fn request(series: &[Series], from: i64, to: i64) -> Request {
    let mut symbols = vec![String::new()];
    let mut known = HashMap::new();
    let mut timeseries = Vec::new();
    for one in series {
        let labels_refs = one.labels.iter().flat_map(|(name, value)| [name, value]).map(|symbol| {
            *known.entry(symbol.to_string()).or_insert_with(|| {
                symbols.push(symbol.to_string());
                symbols.len() as u32 - 1
            })
        });
        let labels_refs = labels_refs.collect();
        let samples = within(&one.floats, from, to).map(|(timestamp, value)| Sample { value: *value, timestamp });
        let samples: Vec<Sample> = samples.collect();
        let histograms = within(&one.histograms, from, to).map(|(timestamp, histogram)| native(histogram, timestamp));
        let histograms: Vec<NativeHistogram> = histograms.collect();
        if !samples.is_empty() || !histograms.is_empty() {
            timeseries.push(TimeSeries { labels_refs, samples, histograms });
        }
    }
    Request { symbols, timeseries }
}

fn within<T>(points: &Points<T>, from: i64, to: i64) -> impl Iterator<Item = (i64, &T)> {
    points.times.iter().copied().zip(&points.values).filter(move |(time, _)| (from..to).contains(time))
}

fn native(histogram: &Histogram, timestamp: i64) -> NativeHistogram {
    let ((negative_spans, negative_counts), (positive_spans, positive_counts)) =
        (spans(histogram.negative()), spans(histogram.positive()));
    NativeHistogram {
        count_float: Some(histogram.count()),
        sum: histogram.sum(),
        schema: histogram.schema(),
        zero_threshold: histogram.zero_threshold(),
        zero_count_float: Some(histogram.zero_count()),
        negative_spans,
        negative_counts,
        positive_spans,
        positive_counts,
        reset_hint: if histogram.counter_reset() == CounterReset::Gauge { 3 } else { 0 },
        timestamp,
        custom_values: histogram.custom_bounds().to_vec(),
    }
}

/// Runs of successive buckets, each with its distance to the end of the one before.
fn spans(buckets: &Buckets) -> (Vec<Span>, Vec<f64>) {
    let (mut spans, mut end): (Vec<Span>, i32) = (Vec::new(), 0);
    for (index, _) in buckets.iter() {
        match spans.last_mut() {
            Some(span) if index == end => span.length += 1,
            _ => spans.push(Span { offset: index - end, length: 1 }),
        }
        end = index + 1;
    }
    (spans, buckets.counts().to_vec())
}

/// Snappy's block format without any compression: the length, then literals.
fn snappy(bytes: &[u8]) -> Vec<u8> {
    const LITERAL_MAX: usize = 1 << 16;
    let mut block = Vec::with_capacity(bytes.len() + bytes.len() / 1_000 + 16);
    prost::encoding::encode_varint(bytes.len() as u64, &mut block);
    for literal in bytes.chunks(LITERAL_MAX) {
        // The tag says that two bytes of length follow, less one.
        block.push(61 << 2);
        block.extend(((literal.len() - 1) as u16).to_le_bytes());
        block.extend(literal);
    }
    block
}
