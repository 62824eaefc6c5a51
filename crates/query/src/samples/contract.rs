//! The contract of `SeriesSource`, held by series that came by remote write, wherever their points lie.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use ingest::{Encoding, Request, decode};
use model::{Signal, TenantId, TimeRange, UnixNanos};
use promql::{Buckets, CounterReset, Histogram, Points, Series};
use promqltest::check_source;
use prost::Message;
use store::{Incoming, Store, Telemetry};
use tokio::runtime::{Handle, Runtime};

use super::source::StoredSource;
use crate::config::Config;
use crate::engine::Engine;

const RECEIVED: UnixNanos = UnixNanos::new(1_795_500_000_000_000_000);

/// Where points lie.
#[derive(Clone, Copy, Debug)]
enum Layout {
    Memory,
    Blocks,
    /// Every other series in a block of its own, the rest in memory.
    Both,
    Merged,
}

/// `io.prometheus.write.v2.Request`
#[derive(Message)]
struct WriteRequest {
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
    #[prost(message, optional, tag = "5")]
    metadata: Option<Metadata>,
}

#[derive(Message)]
struct Metadata {
    #[prost(int32, tag = "1")]
    kind: i32,
}

#[derive(Message)]
struct Sample {
    /// Also where it is negative zero.
    #[prost(double, optional, tag = "1")]
    value: Option<f64>,
    #[prost(int64, tag = "2")]
    timestamp: i64,
    #[prost(int64, tag = "3")]
    start_timestamp: i64,
}

#[derive(Message)]
struct NativeHistogram {
    #[prost(double, optional, tag = "2")]
    count: Option<f64>,
    #[prost(double, tag = "3")]
    sum: f64,
    #[prost(sint32, tag = "4")]
    schema: i32,
    #[prost(double, tag = "5")]
    zero_threshold: f64,
    #[prost(double, optional, tag = "7")]
    zero_count: Option<f64>,
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

fn body(series: &Series) -> Vec<u8> {
    let (mut symbols, mut known) = (vec![String::new()], HashMap::new());
    let labels_refs = series.labels.iter().flat_map(|(name, value)| [name, value]).map(|symbol| {
        *known.entry(Arc::clone(symbol)).or_insert_with(|| {
            symbols.push(symbol.to_string());
            symbols.len() as u32 - 1
        })
    });
    let labels_refs = labels_refs.collect();
    let Points { times, starts, values } = &series.floats;
    let starts = starts.iter().copied().chain(std::iter::repeat(0));
    let samples = times.iter().zip(values).zip(starts);
    let samples = samples.map(|((time, value), start_timestamp)| Sample {
        value: Some(*value),
        timestamp: *time,
        start_timestamp,
    });
    let samples = samples.collect();
    let of_gauge = |histogram: &Arc<Histogram>| histogram.counter_reset() == CounterReset::Gauge;
    let kind = match series.histograms.values.first() {
        Some(first) if of_gauge(first) => 4,
        Some(_) => 3,
        None => 0,
    };
    let histograms = series.histograms.times.iter().zip(&series.histograms.values);
    let histograms = histograms.map(|(time, histogram)| native(histogram, *time)).collect();
    let timeseries = vec![TimeSeries { labels_refs, samples, histograms, metadata: Some(Metadata { kind }) }];
    WriteRequest { symbols, timeseries }.encode_to_vec()
}

fn native(histogram: &Histogram, timestamp: i64) -> NativeHistogram {
    let (negative_spans, negative_counts) = spans(histogram.negative());
    let (positive_spans, positive_counts) = spans(histogram.positive());
    NativeHistogram {
        count: Some(histogram.count()),
        sum: histogram.sum(),
        schema: histogram.schema(),
        zero_threshold: histogram.zero_threshold(),
        zero_count: Some(histogram.zero_count()),
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

async fn fill(store: &Store, layout: Layout, series: &[Series]) {
    let (flushed, live): (Vec<_>, Vec<_>) = series.iter().enumerate().partition(|(number, _)| match layout {
        Layout::Memory => false,
        Layout::Blocks | Layout::Merged => true,
        Layout::Both => number % 2 == 0,
    });
    for (_, one) in flushed {
        send(store, one).await;
        store.flush().await.unwrap();
    }
    for (_, one) in live {
        send(store, one).await;
    }
    let later = RECEIVED.plus(Duration::from_secs(86_400));
    while matches!(layout, Layout::Merged) && store.compact(later).await.unwrap().is_some() {}
}

async fn send(store: &Store, series: &Series) {
    let (body, signal) = (body(series), Signal::Metrics);
    let request = Request { signal, encoding: Encoding::RemoteWrite2, body: &body, received: RECEIVED };
    let decoded = decode(&request).unwrap();
    assert_eq!(decoded.rejections, None, "{:?}", series.labels);
    let (tenant, batches) = (TenantId::default_tenant(), decoded.batches);
    let incoming = Incoming { tenant, signal, codec: 0, received: RECEIVED, body: Bytes::new(), batches };
    store.append(incoming).await.unwrap();
}

fn check(layout: Layout) {
    let (runtime, folder) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
    let (engine, view, interrupt) = (OnceCell::new(), OnceCell::new(), AtomicBool::new(false));
    check_source(RECEIVED.get() / 1_000_000, |series| {
        runtime.block_on(async {
            let decode = Arc::new(|_: &wal::Frame| Err("what is in memory is not kept".to_owned()));
            let store =
                Store::open(folder.path(), store::Config::default(), Telemetry::decoding(decode)).await.unwrap();
            fill(&store, layout, series).await;
            engine.get_or_init(|| Engine::new(Arc::new(store), Config::default(), Handle::current()).unwrap());
        });
        let engine: &Engine = engine.get().unwrap();
        let view = view.get_or_init(|| engine.view(&TenantId::default_tenant(), TimeRange::ALL));
        StoredSource::new(engine, view, 3, &interrupt)
    });
}

#[test]
fn series_in_memory_keep_the_contract() {
    check(Layout::Memory);
}

#[test]
fn series_in_blocks_keep_the_contract() {
    check(Layout::Blocks);
}

#[test]
fn series_in_blocks_and_in_memory_keep_the_contract() {
    check(Layout::Both);
}

#[test]
fn series_in_merged_blocks_keep_the_contract() {
    check(Layout::Merged);
}
