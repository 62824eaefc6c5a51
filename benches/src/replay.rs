//! `replay`: how long a server that was killed takes until it is ready again.

use std::sync::Arc;

use anyhow::{Result, ensure};
use benches::Compression;
use clap::Args;
use model::{Signal, UnixNanos};

use crate::disk::bytes_under;
use crate::load::{Load, LoadArguments};
use crate::report::{Report, grouped, mebibytes};
use crate::server::{Server, ServerArguments};

/// Keeps everything in the log until it is killed: nothing is flushed.
const HOLD_ALL: [&str; 6] = [
    "--memory-max=16GiB",
    "--store-flush-bytes=3900MiB",
    "--store-memtable-bytes-max=8000MiB",
    "--receive-in-flight-bytes-max=512MiB",
    "--query-memory-bytes-max=512MiB",
    "--store-flush-interval=1h",
];

/// How much to replay.
#[derive(Debug, Args)]
pub(crate) struct ReplayArguments {
    /// Log records in all, some 335 bytes of the log each; they are held in memory once, some 800 bytes each
    #[arg(long, default_value_t = 3_300_000, value_name = "COUNT")]
    records: u64,
    #[command(flatten)]
    server: ServerArguments,
}

/// Fills the write-ahead log with requests that are not compressed, kills the server, and starts it as it starts by itself.
pub(crate) fn run(arguments: &ReplayArguments, start: UnixNanos) -> Result<Report> {
    let sending = LoadArguments {
        transport: benches::Transport::Http,
        compression: Compression::None,
        connections: 4,
        rate: None,
    };
    let load = Arc::new(Load::prepare(Signal::Logs, start, arguments.records, &sending)?);
    let records = load.records();
    let mut server = Server::start(&arguments.server, &HOLD_ALL)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(load.send(server.addresses(), &sending))?;
    let log_bytes = bytes_under(&server.wal_folder())?;
    let ready = server.crash_and_restart(&arguments.server, &[])?;
    let cpu = server.usage()?.cpu;
    let remains = server.stop()?;
    ensure!(remains.rows >= records, "only {} rows of {records} records came back", remains.rows);

    let mut report = Report::default();
    report.add("records", grouped(records));
    report.add("WAL", mebibytes(log_bytes));
    report.add("ready after", format!("{:.2} s", ready.as_secs_f64()));
    report.add("CPU s", format!("{:.2}", cpu.as_secs_f64()));
    report.add("peak RSS", mebibytes(remains.peak_memory));
    Ok(report)
}
