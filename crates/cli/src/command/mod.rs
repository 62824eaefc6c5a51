//! The verbs, one file each: arguments, the question they become, and what is done with the answer.
//!
//! | file | verb |
//! |---|---|
//! | `logs.rs` | `nunchi logs [QUERY]` |
//! | `traces.rs` | `nunchi traces [QUERY]` |
//! | `trace.rs` | `nunchi trace ID` |
//! | `profile.rs` | `nunchi profile SERVICE OPERATION` |
//! | `exemplars.rs` | `nunchi exemplars METRIC` |
//! | `journey.rs` | `nunchi journey TRACE_ID` |
//! | `services.rs` | `nunchi services` |
//! | `repairs.rs` `clocks.rs` | `nunchi repairs`, `nunchi clocks` |
//! | `service.rs` | `nunchi service NAME` |
//! | `graph.rs` | `nunchi graph` |
//! | `diff.rs` | `nunchi diff` |
//! | `pin.rs` `pins.rs` `unpin.rs` | `nunchi pin`, `nunchi pins`, `nunchi unpin ID` |
//! | `promql.rs` | `nunchi promql EXPRESSION` |
//! | `labels.rs` | `nunchi labels [NAME]` |
//! | `top.rs` | `nunchi top series` |
//! | `sql.rs` | `nunchi sql [STATEMENT]` |
//! | `status.rs` | `nunchi status` |
//! | `completions.rs` | `nunchi completions SHELL` |

mod clocks;
mod completions;
mod diff;
mod exemplars;
mod graph;
mod journey;
mod labels;
mod logs;
mod pin;
mod pins;
mod profile;
mod promql;
mod repairs;
mod service;
mod services;
mod sql;
mod status;
mod top;
mod trace;
mod traces;
mod unpin;

use std::io::{self, BufWriter, IsTerminal};
use std::process::ExitCode;

use clap::Subcommand;
use model::UnixNanos;

pub use self::clocks::ClocksArguments;
pub use self::completions::CompletionsArguments;
pub use self::diff::DiffArguments;
pub use self::exemplars::ExemplarsArguments;
pub use self::graph::GraphArguments;
pub use self::journey::JourneyArguments;
pub use self::labels::LabelsArguments;
pub use self::logs::{LogsArguments, Order};
pub use self::pin::PinArguments;
pub use self::pins::PinsArguments;
pub use self::profile::ProfileArguments;
pub use self::promql::PromqlArguments;
pub use self::repairs::RepairsArguments;
pub use self::service::ServiceArguments;
pub use self::services::ServicesArguments;
pub use self::sql::SqlArguments;
pub use self::status::StatusArguments;
pub use self::top::TopArguments;
pub use self::trace::{TraceArguments, TraceView};
pub use self::traces::{SpanStatusFilter, TracesArguments};
pub use self::unpin::UnpinArguments;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::{Interrupt, Interruptible};
use crate::print::colour::{ColourChoice, ColourEnvironment, Sink};
use crate::print::screen::Screen;
use crate::progress::Progress;
use crate::session::Session;

/// Output is handed to the system in pieces of this size, and whenever the next piece has to be waited for.
const OUTPUT_BUFFER_BYTES: usize = 64 * 1024;

/// The verbs that ask a server.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Find log records by selector and text
    Logs(LogsArguments),
    /// Find traces by selector, text, duration and status
    Traces(TracesArguments),
    /// Draw one trace as a waterfall, with its log lines in place
    Trace(TraceArguments),
    /// Show where the time of an operation goes, and what sets its slow and failing traces apart
    Profile(ProfileArguments),
    /// Find the traces that a metric names
    Exemplars(ExemplarsArguments),
    /// List the traces before and after one trace, across links and queues
    Journey(JourneyArguments),
    /// List the services heard from, with their squads, errors and durations
    Services(ServicesArguments),
    /// Count what was repaired in traces: which services lose spans, whose clocks are off
    Repairs(RepairsArguments),
    /// Show how far the clocks of hosts are apart
    Clocks(ClocksArguments),
    /// Show all that is known of a service: owner, versions, deploys, operations, callers and callees
    Service(ServiceArguments),
    /// Show who calls whom, how often, how it goes, and how long it takes
    Graph(GraphArguments),
    /// Show what is new, gone or changed between services
    Diff(DiffArguments),
    /// Evaluate PromQL at an instant, or over a range
    Promql(PromqlArguments),
    /// List the labels of metrics, or the values of one label
    Labels(LabelsArguments),
    /// Show what there are many of
    Top(TopArguments),
    /// Run a read-only SQL query
    Sql(SqlArguments),
    /// Show what is stored and how the server is doing
    Status(StatusArguments),
    /// Keep a range of time past its retention
    Pin(PinArguments),
    /// List the ranges of time that retention leaves alone
    Pins(PinsArguments),
    /// Take a pin away
    Unpin(UnpinArguments),
    /// Print a completion script for a shell
    Completions(CompletionsArguments),
}

impl Command {
    fn colour(&self) -> ColourChoice {
        match self {
            Self::Logs(arguments) => arguments.colour.colour,
            Self::Traces(arguments) => arguments.colour.colour,
            Self::Trace(arguments) => arguments.colour.colour,
            Self::Profile(arguments) => arguments.colour.colour,
            Self::Exemplars(arguments) => arguments.colour.colour,
            Self::Journey(arguments) => arguments.colour.colour,
            Self::Services(arguments) => arguments.colour.colour,
            Self::Repairs(arguments) => arguments.colour.colour,
            Self::Clocks(arguments) => arguments.colour.colour,
            Self::Service(arguments) => arguments.colour.colour,
            Self::Graph(arguments) => arguments.colour.colour,
            Self::Diff(arguments) => arguments.colour.colour,
            Self::Promql(arguments) => arguments.colour.colour,
            Self::Labels(arguments) => arguments.colour.colour,
            Self::Top(arguments) => arguments.colour().colour,
            Self::Sql(arguments) => arguments.colour.colour,
            Self::Status(arguments) => arguments.colour.colour,
            Self::Pin(arguments) => arguments.colour.colour,
            Self::Pins(arguments) => arguments.colour.colour,
            Self::Unpin(arguments) => arguments.colour.colour,
            Self::Completions(_) => ColourChoice::Auto,
        }
    }
}

/// Runs one verb on this process's streams, to its end, and says how it ended.
///
/// `root` is the whole program's command, which completions are made from. Needs a multi-threaded tokio
/// runtime with I/O and time. Reads `NO_COLOR`, `CLICOLOR_FORCE` and `TERM`, and catches Ctrl-C once a server
/// is asked. Never panics; every failure is told on standard error, and the code is one of those in the
/// crate's documentation.
pub async fn run(command: Command, root: clap::Command) -> ExitCode {
    let interrupt = Interrupt::new();
    let (screen, err_screen) = (Screen::of_stdout(command.colour()), Screen::of_stderr(command.colour()));
    let quiet = err_screen.width.is_none() || ColourEnvironment::of_process().is_dumb();
    let out = Interruptible::new(io::stdout(), interrupt.clone());
    let mut session = Session {
        out: &mut BufWriter::with_capacity(OUTPUT_BUFFER_BYTES, out),
        screen,
        err: &mut io::stderr(),
        err_screen,
        input: &mut io::stdin(),
        input_end: if io::stdin().is_terminal() { Sink::Terminal } else { Sink::Pipe },
        interrupt,
        now: wall_clock(),
        progress: if quiet { Progress::Silent } else { Progress::Spinner },
    };
    execute(command, root, &mut session).await.into()
}

#[expect(clippy::disallowed_methods, reason = "the one place of the crate that reads the wall clock")]
fn wall_clock() -> UnixNanos {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    UnixNanos::new(i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX))
}

/// Runs one verb and tells its failure.
async fn execute(command: Command, root: clap::Command, session: &mut Session<'_>) -> Exit {
    let result = perform(command, root, session).await;
    // What was printed before a failure is data all the same.
    let flushed = session.out.flush().map_err(Failure::from);
    match result.and_then(|exit| flushed.map(|()| exit)) {
        Ok(exit) => exit,
        Err(failure) => {
            // When even standard error is gone, the exit code is all that is left to say.
            let _ = session.tell_failure(&failure);
            failure.exit()
        }
    }
}

async fn perform(command: Command, root: clap::Command, session: &mut Session<'_>) -> Result<Exit, Failure> {
    match command {
        Command::Logs(arguments) => logs::run(arguments, session).await,
        Command::Traces(arguments) => traces::run(arguments, session).await,
        Command::Trace(arguments) => trace::run(arguments, session).await,
        Command::Profile(arguments) => profile::run(arguments, session).await,
        Command::Exemplars(arguments) => exemplars::run(arguments, session).await,
        Command::Journey(arguments) => journey::run(arguments, session).await,
        Command::Services(arguments) => services::run(arguments, session).await,
        Command::Repairs(arguments) => repairs::run(arguments, session).await,
        Command::Clocks(arguments) => clocks::run(arguments, session).await,
        Command::Service(arguments) => service::run(arguments, session).await,
        Command::Graph(arguments) => graph::run(arguments, session).await,
        Command::Diff(arguments) => diff::run(arguments, session).await,
        Command::Promql(arguments) => promql::run(arguments, session).await,
        Command::Labels(arguments) => labels::run(arguments, session).await,
        Command::Top(arguments) => top::run(arguments, session).await,
        Command::Sql(arguments) => sql::run(arguments, session).await,
        Command::Status(arguments) => status::run(arguments, session).await,
        Command::Pin(arguments) => pin::run(arguments, session).await,
        Command::Pins(arguments) => pins::run(arguments, session).await,
        Command::Unpin(arguments) => unpin::run(arguments, session).await,
        Command::Completions(arguments) => completions::run(&arguments, root, session),
    }
}

#[cfg(test)]
mod tests;
