//! `ingest`: what it costs to take records, until all of them are in blocks.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use benches::{RECORDS_PER_REQUEST, Transport};
use clap::Args;
use model::{Signal, UnixNanos};

use crate::disk::bytes_under;
use crate::load::{Load, LoadArguments, Sent};
use crate::report::{Report, grouped, mebibytes, milliseconds};
use crate::server::{Server, ServerArguments};
use crate::settled::{SETTLE_SOON, blocks_when_settled};

/// How often it is looked how large the write-ahead log is.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What to send.
#[derive(Debug, Args)]
pub(crate) struct IngestArguments {
    /// logs, traces or metrics
    #[arg(long, value_parser = parse_signal)]
    signal: Signal,
    /// Records in all, a thousand a request
    #[arg(long, default_value_t = 2_000_000, value_name = "COUNT")]
    records: u64,
    /// Wait until all blocks are merged before the server is stopped
    #[arg(long)]
    settle: bool,
    #[command(flatten)]
    load: LoadArguments,
    #[command(flatten)]
    server: ServerArguments,
}

impl IngestArguments {
    /// How long ago the records begin: where blocks are to be merged for good, in an hour that is over.
    pub(crate) fn hours_ago(&self) -> u64 {
        if self.settle { 3 } else { 1 }
    }
}

/// The table that most rows of the signal go into.
fn table_of(signal: Signal) -> &'static str {
    match signal {
        Signal::Traces => "spans",
        Signal::Logs => "logs",
        Signal::Metrics => "metric_numbers",
    }
}

fn parse_signal(name: &str) -> Result<Signal, String> {
    let signal = Signal::ALL.into_iter().find(|signal| [signal.name(), signal.records()].contains(&name));
    signal.ok_or_else(|| "must be logs, traces or metrics".to_owned())
}

/// Sends the records to a fresh server, stops it, and reports what it used from when it was ready to its end.
pub(crate) fn run(arguments: &IngestArguments, start: UnixNanos) -> Result<Report> {
    let LoadArguments { connections, rate, .. } = arguments.load;
    ensure!(arguments.records > 0 && connections > 0 && rate != Some(0), "nothing to send");
    let signal = arguments.signal;
    let load = Arc::new(Load::prepare(signal, start, arguments.records, &arguments.load)?);
    let options: &[&str] = if arguments.settle { &SETTLE_SOON } else { &[] };
    let server = Server::start(&arguments.server, options)?;
    let before = server.usage()?.cpu;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let (sent, wal_peak) = runtime.block_on(send_and_watch(&load, &server, &arguments.load))?;
    let blocks = if arguments.settle {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let settled = blocks_when_settled(&client, &server, table_of(signal), load.records());
        Some(runtime.block_on(settled)?)
    } else {
        None
    };
    let remains = server.stop()?;

    let records = load.records();
    // Series are rows, too.
    ensure!(remains.rows >= records, "only {} rows of {records} records are in blocks", remains.rows);
    let each = |bytes: u64| format!("{:.1} B", bytes as f64 / records as f64);
    let cpu = (remains.cpu - before).as_secs_f64();
    let transport = match arguments.load.transport {
        Transport::Http => "http",
        Transport::Grpc => "grpc",
    };
    let mut report = Report::default();
    report.add("signal", signal.records());
    report.add("wire", format!("{transport} {}", arguments.load.compression.word()));
    report.add("durability", arguments.server.durability.as_str());
    report.add("records", grouped(records));
    report.add("per core-second", grouped((records as f64 / cpu) as u64));
    report.add("CPU s per million", format!("{:.2}", cpu * 1e6 / records as f64));
    report.add("peak RSS", mebibytes(remains.peak_memory));
    report.add("protobuf each", each(load.clear_bytes));
    report.add("wire each", each(load.wire_bytes()));
    report.add("blocks", blocks.map_or_else(|| "not merged".to_owned(), grouped));
    report.add("blocks each", each(remains.block_bytes));
    report.add("WAL peak", mebibytes(wal_peak));
    report.add("wall records/s", grouped((records as f64 / sent.elapsed.as_secs_f64()) as u64));
    report.add("ack p50", milliseconds(sent.latencies.percentile(50)));
    report.add("ack p99", milliseconds(sent.latencies.percentile(99)));
    report.add("told to come back", format!("{} of {}", sent.retries, records / RECORDS_PER_REQUEST));
    Ok(report)
}

/// Sends all, and says how large the write-ahead log was at most.
async fn send_and_watch(load: &Arc<Load>, server: &Server, arguments: &LoadArguments) -> Result<(Sent, u64)> {
    let sending = Arc::clone(load).send(server.addresses(), arguments);
    tokio::pin!(sending);
    let mut peak = 0;
    loop {
        tokio::select! {
            sent = &mut sending => return Ok((sent?, peak)),
            () = tokio::time::sleep(LOOK_EVERY) => {
                peak = peak.max(bytes_under(&server.wal_folder()).context("cannot look at the write-ahead log")?);
            }
        }
    }
}
