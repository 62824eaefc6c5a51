//! Remote write 2.0, as a sender speaks it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use promql::{Buckets, CounterReset, Histogram, Points, Series};
use reqwest::Method;
use testkit::Api;
use testkit::remote_write::{self as message, Sample, Series2, Span, WriteRequest2, snappy};

/// Samples of so much time go into one request, milliseconds: Prometheus wants them in the order of time, roughly.
const REQUEST_SPAN: i64 = 600_000;

/// What says that a histogram is no counter.
const RESET_HINT_GAUGE: i32 = 3;

/// Sends all samples to the server's `path`, in the order of time. Panics where anything is refused.
pub async fn send(api: &Api, path: &str, series: &[Series]) {
    let times = || series.iter().flat_map(|one| one.floats.times.iter().chain(&one.histograms.times));
    let (Some(first), Some(last)) = (times().min(), times().max()) else { return };
    for from in (*first..=*last).step_by(REQUEST_SPAN as usize) {
        let body = snappy(&request(series, from..from + REQUEST_SPAN));
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

/// The samples of a range of time.
fn request(series: &[Series], time: Range<i64>) -> WriteRequest2 {
    let mut symbols = vec![String::new()];
    let mut known = HashMap::new();
    let mut timeseries = Vec::new();
    for one in series {
        let labels = one.labels.iter().flat_map(|(name, value)| [name, value]).map(|symbol| {
            *known.entry(Arc::clone(symbol)).or_insert_with(|| {
                symbols.push(symbol.to_string());
                symbols.len() as u32 - 1
            })
        });
        let labels = labels.collect();
        let samples = within(&one.floats, &time).map(|(timestamp, start_timestamp, value)| Sample {
            value: *value,
            timestamp,
            start_timestamp,
        });
        let samples: Vec<Sample> = samples.collect();
        let histograms = within(&one.histograms, &time).map(|(timestamp, start_timestamp, histogram)| {
            message::Histogram { timestamp, start_timestamp, ..native(histogram) }
        });
        let histograms: Vec<message::Histogram> = histograms.collect();
        if !samples.is_empty() || !histograms.is_empty() {
            timeseries.push(Series2 { labels, samples, histograms, ..Series2::default() });
        }
    }
    WriteRequest2 { symbols, timeseries }
}

/// Time, start and value of each.
fn within<'p, T>(points: &'p Points<T>, time: &Range<i64>) -> impl Iterator<Item = (i64, i64, &'p T)> {
    let starts = points.starts.iter().copied().chain(std::iter::repeat(0));
    let points = points.times.iter().copied().zip(starts).zip(&points.values);
    points.filter(move |((at, _), _)| time.contains(at)).map(|((at, start), value)| (at, start, value))
}

fn native(histogram: &Histogram) -> message::Histogram {
    let ((negative_spans, negative_counts), (positive_spans, positive_counts)) =
        (spans(histogram.negative()), spans(histogram.positive()));
    message::Histogram {
        count_float: histogram.count(),
        sum: histogram.sum(),
        schema: histogram.schema(),
        zero_threshold: histogram.zero_threshold(),
        zero_count_float: histogram.zero_count(),
        negative_spans,
        negative_counts,
        positive_spans,
        positive_counts,
        reset_hint: if histogram.counter_reset() == CounterReset::Gauge { RESET_HINT_GAUGE } else { 0 },
        custom_values: histogram.custom_bounds().to_vec(),
        ..message::Histogram::default()
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
