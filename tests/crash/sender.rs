//! Sends one signal by one transport, as long as there is a server.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{Histogram, HistogramDataPoint, Metric};
use prost::Message;
use serde::Serialize;
use testkit::request::{attribute, gauge, int_attribute, logs, metrics, point, record, span, spans};
use tokio::sync::watch;
use tonic::Code;

use super::ledger::{Ledgers, Outcome};
use crate::wire::{Answer, Compression, Connection, Request, Signal, Status, Transport};

/// Records of each table in a request: one that is stored in part shows.
pub(super) const ITEMS: u64 = 4;

/// What a sender sends, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wire {
    /// Also the `producer` of its records.
    pub(super) name: &'static str,
    pub(super) signal: Signal,
    transport: Transport,
    compression: Compression,
}

const fn wire(name: &'static str, signal: Signal, transport: Transport, compression: Compression) -> Wire {
    Wire { name, signal, transport, compression }
}

/// Every signal by every transport, and every compression by each.
pub(super) const SENDERS: &[Wire] = &[
    wire("logs-grpc", Signal::Logs, Transport::Grpc, Compression::Zstd),
    wire("logs-http", Signal::Logs, Transport::HttpProtobuf, Compression::Gzip),
    wire("logs-json", Signal::Logs, Transport::HttpJson, Compression::None),
    wire("spans-grpc", Signal::Traces, Transport::Grpc, Compression::Gzip),
    wire("spans-http", Signal::Traces, Transport::HttpProtobuf, Compression::None),
    wire("spans-json", Signal::Traces, Transport::HttpJson, Compression::Zstd),
    wire("points-grpc", Signal::Metrics, Transport::Grpc, Compression::None),
    wire("points-http", Signal::Metrics, Transport::HttpProtobuf, Compression::Zstd),
    wire("points-json", Signal::Metrics, Transport::HttpJson, Compression::Gzip),
];

/// Where the server is; `None` while there is none.
pub(super) type Target = watch::Sender<Option<Addresses>>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Addresses {
    pub(super) otlp_grpc: String,
    pub(super) otlp_http: String,
}

#[derive(Debug)]
pub(super) struct Sender {
    index: usize,
    wire: Wire,
    ledgers: Ledgers,
}

impl Sender {
    pub(super) fn new(index: usize, wire: Wire, ledgers: Ledgers) -> Self {
        Self { index, wire, ledgers }
    }

    /// Sends to each server that there is, one request after the other, until there will be none any more.
    pub(super) async fn run(self, mut target: watch::Receiver<Option<Addresses>>) {
        while target.changed().await.is_ok() {
            let Some(addresses) = target.borrow_and_update().clone() else { continue };
            let address = match self.wire.transport {
                Transport::Grpc => &addresses.otlp_grpc,
                Transport::HttpProtobuf | Transport::HttpJson => &addresses.otlp_http,
            };
            // A server that does not answer is gone; the next one is announced.
            if let Ok(mut connection) = Connection::open(address, self.wire.transport).await {
                while self.send(&mut connection).await.is_ok() {}
            }
        }
    }

    /// Sends one request and writes down how that ended. An error means that the server is gone or about to go.
    async fn send(&self, connection: &mut Connection) -> Result<(), ()> {
        let (sequence, time) = self.ledgers.begin_request(self.index);
        let answer = connection.call(&self.request(sequence, time)).await;
        let outcome = match &answer {
            Ok(answer) if answer.is_success() => Outcome::Acknowledged,
            _ => Outcome::Unknown,
        };
        self.ledgers.end_request(self.index, sequence, outcome);
        match answer {
            Ok(answer) if answer.is_success() => assert_eq!(answer.partial, None, "nothing was wrong with the request"),
            Ok(answer) => {
                assert!(says_come_back(&answer), "{} was told {answer:?}", self.wire.name);
                return Err(());
            }
            Err(_) => return Err(()),
        }
        Ok(())
    }

    fn request(&self, sequence: u64, time: u64) -> Request {
        let Wire { name, signal, compression, .. } = self.wire;
        let time = time + sequence * 1_000;
        let body = match signal {
            Signal::Logs => self.encode(&log_records(name, sequence, time)),
            Signal::Traces => self.encode(&trace(name, trace_id(self.index, sequence), sequence, time)),
            Signal::Metrics => self.encode(&points(name, sequence, time)),
        };
        Request::new(signal, &body, compression)
    }

    fn encode<M: Message + Serialize>(&self, message: &M) -> Vec<u8> {
        match self.wire.transport {
            Transport::HttpJson => serde_json::to_vec(message).expect("OTLP has a form in JSON"),
            Transport::Grpc | Transport::HttpProtobuf => message.encode_to_vec(),
        }
    }
}

fn says_come_back(answer: &Answer) -> bool {
    matches!(answer.status, Status::Http(503) | Status::Grpc(Code::Unavailable)) && answer.retry_after.is_some()
}

/// The trace of a request for spans.
pub(super) fn trace_id(sender: usize, sequence: u64) -> u128 {
    (sender as u128 + 1) << 64 | u128::from(sequence)
}

fn log_records(producer: &str, sequence: u64, time: u64) -> ExportLogsServiceRequest {
    let of_item = |item| {
        let mut record = record(time + item, format!("{producer} wrote {sequence}"));
        record.attributes = identity(producer, sequence, item);
        record
    };
    logs("crash", (0..ITEMS).map(of_item))
}

fn trace(producer: &str, trace_id: u128, sequence: u64, time: u64) -> ExportTraceServiceRequest {
    let of_item = |item| {
        let mut span = span(trace_id, item + 1, time + item);
        span.attributes = identity(producer, sequence, item);
        span
    };
    spans("crash", (0..ITEMS).map(of_item))
}

/// Two tables at once: gauges and histograms, each with a value that says which record it is.
fn points(producer: &str, sequence: u64, time: u64) -> ExportMetricsServiceRequest {
    let number = |item: u64| sequence * ITEMS + item;
    let numbers = (0..ITEMS).map(|item| point(time + item, i64::try_from(number(item)).expect("it is small")));
    let data_points = (0..ITEMS).map(|item| HistogramDataPoint {
        time_unix_nano: time + item,
        count: number(item),
        bucket_counts: vec![number(item)],
        ..HistogramDataPoint::default()
    });
    let histogram = Histogram { data_points: data_points.collect(), aggregation_temporality: 1 };
    let histogram = Metric { name: producer.to_owned(), data: Some(Data::Histogram(histogram)), ..Metric::default() };
    metrics("crash", [gauge(producer, numbers), histogram])
}

fn identity(producer: &str, sequence: u64, item: u64) -> Vec<opentelemetry_proto::tonic::common::v1::KeyValue> {
    let int = |number: u64| i64::try_from(number).expect("it is small");
    vec![attribute("producer", producer), int_attribute("sequence", int(sequence)), int_attribute("item", int(item))]
}
