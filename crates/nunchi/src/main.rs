//! The one binary: `nunchi server`, `nunchi demo`, the verbs that ask a server, and those that look after a data folder.

mod allocator;
mod store_command;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use server::ServerOptions;
use tokio::signal::unix::{SignalKind, signal};

/// Senses what goes on among scattered services: takes OpenTelemetry, keeps it, and answers
/// which component began it, whose it is, and what the proof is.
#[derive(Debug, Parser)]
#[command(name = "nunchi", version, propagate_version = true, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Take OTLP, keep it, answer questions
    ///
    /// Every option is also a variable and a key of the YAML file: --store-retention, NUNCHI_STORE_RETENTION
    /// and `store: {retention: …}`. Flags win over variables, variables over the file.
    Server(Box<ServerOptions>),
    /// Run a small shop of instrumented services that send to a server
    Demo(Box<demo::DemoArgs>),
    /// Look after a data folder that no server has open
    #[command(subcommand)]
    Store(store_command::StoreCommand),
    #[command(flatten)]
    Ask(Box<cli::Command>),
}

fn main() -> ExitCode {
    use_small_pages();
    let verb = Arguments::parse().verb;
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&anyhow::anyhow!("cannot start the runtime: {error}")),
    };
    runtime.block_on(async {
        match verb {
            Verb::Server(options) => outcome(serve(&options).await),
            Verb::Demo(arguments) => outcome(demo::run(*arguments).await),
            Verb::Store(command) => store_command::run(command).await,
            Verb::Ask(command) => cli::run(*command, Arguments::command()).await,
        }
    })
}

/// Buffers come and go by the thousand. With huge pages the kernel clears two mebibytes for the first byte of each: a sixth
/// of all work, and a fifth more memory. Before there are threads.
fn use_small_pages() {
    #[cfg(target_os = "linux")]
    // Where it is forbidden it only takes longer.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

async fn serve(options: &ServerOptions) -> anyhow::Result<()> {
    let variables = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let settings = server::settings(options, variables)?;
    let stop = tokio_util::sync::CancellationToken::new();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let on_signal = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        on_signal.cancel();
    });
    server::run(settings, stop, |_| {}, allocator::let_go).await
}

fn outcome(result: anyhow::Result<()>) -> ExitCode {
    result.map_or_else(|error| fail(&error), |()| ExitCode::SUCCESS)
}

#[expect(clippy::print_stderr, reason = "the last word of a program that could not start")]
fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("nunchi: {error:#}");
    ExitCode::FAILURE
}
