//! The load program: starts a server of its own, sends prepared bodies, and says what that cost the server.
//!
//! | verb | measures |
//! |---|---|
//! | `ingest` | CPU seconds per million records, peak memory, bytes on disk, from a thousand-record request to a block |
//! | `search` | how long finding, counting and grouping log records takes |
//! | `replay` | how long a server that was killed takes until it is ready again |
//! | `trace-by-id` | how long `GET /api/v1/traces/{id}` takes, for ids that are there and ids that are not |
//!
//! | file | what |
//! |---|---|
//! | `server.rs` | a server as a child process |
//! | `process.rs` | what a process has used, by `/proc` |
//! | `disk.rs` | how much a folder takes |
//! | `load.rs` | prepared bodies, and sending them over a few connections |
//! | `settled.rs` | waiting until a server has nothing left to do |
//! | `ingest.rs`, `replay.rs`, `search.rs`, `trace_by_id.rs` | the verbs |
//! | `latencies.rs`, `report.rs` | figures for people |
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the figures are what it is for")]

mod disk;
mod ingest;
mod latencies;
mod load;
mod process;
mod replay;
mod report;
mod search;
mod server;
mod settled;
mod trace_by_id;

use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Parser, Subcommand};
use model::UnixNanos;

/// Sends prepared telemetry to a server of its own and says what that cost.
#[derive(Debug, Parser)]
#[command(name = "benches")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// What it costs to take records, until all of them are in blocks
    Ingest(ingest::IngestArguments),
    /// How long it takes to come back after being killed
    Replay(replay::ReplayArguments),
    /// How long it takes to find, count and group log records
    Search(search::SearchArguments),
    /// How long it takes to find a trace by its id
    TraceById(trace_by_id::TraceByIdArguments),
}

fn main() -> ExitCode {
    // Nothing goes over TLS here, but the client asks for it. It fails when there is one already, which will do as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let outcome = match Arguments::parse().verb {
        Verb::Ingest(arguments) => ingest::run(&arguments, hours_ago(arguments.hours_ago())),
        Verb::Replay(arguments) => replay::run(&arguments, hours_ago(1)),
        Verb::Search(arguments) => search::run(&arguments, hours_ago(3)),
        Verb::TraceById(arguments) => trace_by_id::run(&arguments, hours_ago(3)),
    };
    match outcome {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The start of an hour so many before this one. One hour ago is recent, and blocks of it are merged only when there are
/// many; three hours ago is over, and once nothing more comes its blocks are merged into few.
#[expect(clippy::disallowed_methods, reason = "the one place of the program that reads the wall clock")]
fn hours_ago(hours: u64) -> UnixNanos {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = UnixNanos::new(i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX));
    now.minus(std::time::Duration::from_secs(hours * 3_600)).hour()
}
