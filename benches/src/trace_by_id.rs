//! `trace-by-id`: how long it takes to find a trace by its id, with no time range.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, ensure};
use benches::{RECORDS_PER_REQUEST, SPANS_PER_TRACE, trace_id};
use clap::Args;
use model::{Signal, UnixNanos, hex};
use reqwest::{Client, StatusCode};
use serde_json::Value;

use crate::latencies::Latencies;
use crate::load::{Load, LoadArguments};
use crate::report::{Report, grouped, milliseconds};
use crate::server::{Server, ServerArguments};
use crate::settled::{SETTLE_SOON, blocks_when_settled};

/// Rounds over all ids before it is measured: the files are in the page cache and footers in memory then.
const WARM_UP_ROUNDS: usize = 1;

/// How much to search.
#[derive(Debug, Args)]
pub(crate) struct TraceByIdArguments {
    /// Spans in all, ten a trace
    #[arg(long, default_value_t = 1_000_000, value_name = "COUNT")]
    spans: u64,
    /// Traces to ask for, and as many that are not there
    #[arg(long, default_value_t = 200, value_name = "COUNT")]
    ids: u64,
    #[command(flatten)]
    load: LoadArguments,
    #[command(flatten)]
    server: ServerArguments,
}

/// Fills a fresh server, waits until it has come to rest, and asks for traces one after the other.
pub(crate) fn run(arguments: &TraceByIdArguments, start: UnixNanos) -> Result<Report> {
    let load = Arc::new(Load::prepare(Signal::Traces, start, arguments.spans, &arguments.load)?);
    let spans = load.records();
    let server = Server::start(&arguments.server, &SETTLE_SOON)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        load.send(server.addresses(), &arguments.load).await?;
        let client = Client::builder().no_proxy().build()?;
        let blocks = blocks_when_settled(&client, &server, "spans", spans).await?;
        let traces = spans / SPANS_PER_TRACE;
        let ids = arguments.ids.clamp(1, traces);
        let stored = (0..ids).map(|number| trace_id(number * (traces / ids))).collect();
        let absent = (0..ids).map(|number| trace_id(traces + 1 + number)).collect();
        let asker = Asker { client, api: server.addresses().api.clone() };
        let found = asker.ask(stored, StatusCode::OK).await?;
        let not_there = asker.ask(absent, StatusCode::NOT_FOUND).await?;

        let mut report = Report::default();
        report.add("spans", grouped(spans));
        report.add("blocks", grouped(blocks));
        report.add("ids", grouped(ids));
        report.add("found p50", milliseconds(found.percentile(50)));
        report.add("found p99", milliseconds(found.percentile(99)));
        report.add("not there p50", milliseconds(not_there.percentile(50)));
        report.add("not there p99", milliseconds(not_there.percentile(99)));
        Ok(report)
    })
}

/// Asks for traces over one connection.
#[derive(Debug)]
struct Asker {
    client: Client,
    api: String,
}

impl Asker {
    /// Asks for each id in turn; every answer must have that status and, if found, all spans.
    async fn ask(&self, ids: Vec<[u8; 16]>, expected: StatusCode) -> Result<Latencies> {
        let mut times = Vec::with_capacity(ids.len());
        for round in 0..=WARM_UP_ROUNDS {
            for id in &ids {
                let url = format!("http://{}/api/v1/traces/{}", self.api, hex(id));
                let begun = Instant::now();
                let answer = self.client.get(&url).send().await?;
                let status = answer.status();
                let body = answer.bytes().await?;
                if round == WARM_UP_ROUNDS {
                    times.push(begun.elapsed());
                }
                ensure!(status == expected, "{url} answered {status}: {}", String::from_utf8_lossy(&body));
                if status == StatusCode::OK {
                    let spans = serde_json::from_slice::<Value>(&body)?["spans"].as_array().map_or(0, Vec::len);
                    ensure!(spans as u64 == SPANS_PER_TRACE, "{url} answered {spans} spans");
                }
            }
        }
        Ok(Latencies::new(times))
    }
}

const _: () = assert!(RECORDS_PER_REQUEST.is_multiple_of(SPANS_PER_TRACE), "a request carries whole traces");
