//! Prepared bodies, and sending them over a few connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use benches::{Compression, Corpus, RECORDS_PER_REQUEST, Transport, WireForm};
use bytes::Bytes;
use clap::Args;
use http_body_util::BodyExt;
use model::{Signal, UnixNanos};
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, TE};
use reqwest::{Client, StatusCode};
use tokio::task::JoinSet;

use crate::latencies::Latencies;
use crate::server::Addresses;

/// How long a sender waits that was told to come back. A real one would wait longer.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

/// How records are sent.
#[derive(Debug, Args)]
pub(crate) struct LoadArguments {
    /// What carries the requests
    #[arg(long, value_enum, default_value = "http")]
    pub(crate) transport: Transport,
    /// How bodies are compressed
    #[arg(long, value_enum, default_value = "zstd")]
    pub(crate) compression: Compression,
    /// Requests on their way at once, each on a connection of its own
    #[arg(long, default_value_t = 4, value_name = "COUNT")]
    pub(crate) connections: usize,
    /// Records a second, all connections together [default: as fast as they are taken]
    #[arg(long, value_name = "COUNT")]
    pub(crate) rate: Option<u64>,
}

/// Requests that lie ready, each different from every other.
#[derive(Debug)]
pub(crate) struct Load {
    signal: Signal,
    form: WireForm,
    bodies: Vec<Bytes>,
    /// Bytes of protobuf in all.
    pub(crate) clear_bytes: u64,
}

/// What came of sending.
#[derive(Debug)]
pub(crate) struct Sent {
    /// From the first request to the last acknowledgement.
    pub(crate) elapsed: Duration,
    /// From each request to its acknowledgement, retries included.
    pub(crate) latencies: Latencies,
    /// Requests that were told to come back.
    pub(crate) retries: usize,
}

impl Load {
    /// Makes the bodies of that many records, rounded up to whole requests, on all cores.
    pub(crate) fn prepare(signal: Signal, start: UnixNanos, records: u64, arguments: &LoadArguments) -> Result<Self> {
        let form = WireForm { transport: arguments.transport, compression: arguments.compression };
        let requests = records.div_ceil(RECORDS_PER_REQUEST);
        let corpus = Corpus::new(signal, start);
        let makers = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
        let made: Vec<Vec<(u64, Bytes, usize)>> = thread::scope(|scope| {
            let make = |maker| {
                let corpus = &corpus;
                scope.spawn(move || {
                    let numbers = (maker..requests).step_by(makers as usize);
                    numbers.map(|number| prepare_one(corpus, form, number)).collect::<Result<Vec<_>>>()
                })
            };
            let threads: Vec<_> = (0..makers).map(make).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("making bodies does not panic"))
                .collect::<Result<_>>()
        })?;
        let mut made: Vec<_> = made.into_iter().flatten().collect();
        made.sort_unstable_by_key(|(number, ..)| *number);
        let clear_bytes = made.iter().map(|(_, _, clear)| *clear as u64).sum();
        Ok(Self { signal, form, bodies: made.into_iter().map(|(_, body, _)| body).collect(), clear_bytes })
    }

    /// Records in all.
    pub(crate) fn records(&self) -> u64 {
        self.bodies.len() as u64 * RECORDS_PER_REQUEST
    }

    /// Bytes that go over the wire in all, without headers.
    pub(crate) fn wire_bytes(&self) -> u64 {
        self.bodies.iter().map(|body| body.len() as u64).sum()
    }

    /// Sends every body once, and again when told to.
    pub(crate) async fn send(self: Arc<Self>, addresses: &Addresses, arguments: &LoadArguments) -> Result<Sent> {
        let per_second = arguments.rate.map(|rate| rate as f64 / RECORDS_PER_REQUEST as f64);
        let due = move |number: usize| per_second.map(|rate| Duration::from_secs_f64(number as f64 / rate));
        let next = Arc::new(AtomicUsize::new(0));
        let mut senders = JoinSet::new();
        let begun = Instant::now();
        for _ in 0..arguments.connections {
            let sender = Sender::new(&self, addresses)?;
            let (load, next) = (Arc::clone(&self), Arc::clone(&next));
            senders.spawn(async move {
                let (mut times, mut retries) = (Vec::new(), 0);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(body) = load.bodies.get(number) else { break };
                    if let Some(due) = due(number) {
                        tokio::time::sleep_until((begun + due).into()).await;
                    }
                    let begun = Instant::now();
                    while !sender.send(body.clone()).await? {
                        retries += 1;
                        tokio::time::sleep(RETRY_PAUSE).await;
                    }
                    times.push(begun.elapsed());
                }
                anyhow::Ok((times, retries))
            });
        }
        let (mut times, mut retries) = (Vec::new(), 0);
        while let Some(outcome) = senders.join_next().await {
            let (of_sender, retries_of_sender) = outcome.context("a sender was interrupted")??;
            times.extend(of_sender);
            retries += retries_of_sender;
        }
        Ok(Sent { elapsed: begun.elapsed(), latencies: Latencies::new(times), retries })
    }
}

fn prepare_one(corpus: &Corpus, form: WireForm, number: u64) -> Result<(u64, Bytes, usize)> {
    let clear = corpus.body(number);
    let clear_bytes = clear.len();
    Ok((number, form.body(clear)?, clear_bytes))
}

/// One connection and what every request on it has in common.
#[derive(Debug)]
struct Sender {
    client: Client,
    url: String,
    headers: HeaderMap,
    transport: Transport,
}

impl Sender {
    fn new(load: &Load, addresses: &Addresses) -> Result<Self> {
        let WireForm { transport, compression } = load.form;
        let encoding = HeaderValue::from_static(compression.word());
        let builder = Client::builder().no_proxy();
        let (builder, url, headers) = match transport {
            Transport::Http => {
                let protobuf = HeaderValue::from_static("application/x-protobuf");
                let headers = HeaderMap::from_iter([(CONTENT_TYPE, protobuf), (CONTENT_ENCODING, encoding)]);
                (builder, format!("http://{}/v1/{}", addresses.otlp_http, load.signal), headers)
            }
            Transport::Grpc => {
                let mut headers = HeaderMap::from_iter([
                    (CONTENT_TYPE, HeaderValue::from_static("application/grpc")),
                    (TE, HeaderValue::from_static("trailers")),
                ]);
                headers.insert("grpc-encoding", encoding);
                let url = format!("http://{}/{}/Export", addresses.otlp_grpc, grpc_service(load.signal));
                (builder.http2_prior_knowledge(), url, headers)
            }
        };
        Ok(Self { client: builder.build()?, url, headers, transport })
    }

    /// Sends one body. `false` when told to come back; an error when it was not taken for any other reason.
    async fn send(&self, body: Bytes) -> Result<bool> {
        let answer = self.client.post(&self.url).headers(self.headers.clone()).body(body).send().await?;
        let status = answer.status();
        if self.transport == Transport::Http {
            let body = answer.bytes().await?;
            return match status {
                // A partial success would have a body.
                StatusCode::OK if body.is_empty() => Ok(true),
                StatusCode::SERVICE_UNAVAILABLE => Ok(false),
                _ => bail!("the server answered {status}: {}", String::from_utf8_lossy(&body)),
            };
        }
        ensure!(status == StatusCode::OK, "the server answered {status}");
        let (head, body) = http_parts(answer);
        let body = body.collect().await?;
        let trailers = body.trailers().cloned().unwrap_or_default();
        match head.get("grpc-status").or_else(|| trailers.get("grpc-status")).map(HeaderValue::as_bytes) {
            Some(b"0") => Ok(true),
            Some(b"14") => Ok(false),
            _ => bail!("the server answered {:?} {:?}", head.get("grpc-message"), trailers),
        }
    }
}

fn http_parts(answer: reqwest::Response) -> (HeaderMap, reqwest::Body) {
    let headers = answer.headers().clone();
    (headers, answer.into())
}

fn grpc_service(signal: Signal) -> &'static str {
    match signal {
        Signal::Traces => "opentelemetry.proto.collector.trace.v1.TraceService",
        Signal::Logs => "opentelemetry.proto.collector.logs.v1.LogsService",
        Signal::Metrics => "opentelemetry.proto.collector.metrics.v1.MetricsService",
    }
}
