//! `nunchi traces`: one line per trace that matches.

use clap::{Args, ValueEnum};
use protocol::TracesAnswer;

use crate::connection::{Connection, ConnectionArguments, Query};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::output::RowsOutput;
use crate::print::traces;
use crate::session::Session;
use crate::time_range::{self, DefaultRange, TimeRangeArguments};

/// What to do when the limit cut the answer.
const MORE: &str = "use --limit or a narrower time range";

/// Find traces by selector, text, duration and status.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Examples:
  nunchi traces --service checkout --status error
  nunchi traces -l 'squad=payments' --min-duration 500ms --since 15m
  nunchi traces --repair missing_parent --service cart
  nunchi traces 'http.route:\"/pay\"' -o ndjson | jq -r .trace_id

{}", exit::HELP))]
pub struct TracesArguments {
    /// Words, "phrases", pre*, field:value, joined by AND, OR, NOT and ( )
    query: Option<String>,

    /// Kubernetes label selector; || between selectors means or
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// Only with a span of this service
    #[arg(long, value_name = "NAME")]
    service: Option<String>,

    /// Only where something of this kind was repaired, such as missing_parent; --service is then the one that is the cause or
    /// is touched
    #[arg(long, value_name = "KIND")]
    repair: Option<String>,

    /// Only with a span of this name
    #[arg(long, value_name = "NAME")]
    operation: Option<String>,

    /// Only with a matching span at least this long, such as 200ms
    #[arg(long, value_name = "DURATION", value_parser = time_range::duration)]
    min_duration: Option<String>,

    /// Only with a matching span at most this long
    #[arg(long, value_name = "DURATION", value_parser = time_range::duration)]
    max_duration: Option<String>,

    /// Only with a matching span that ended so
    #[arg(long, value_enum)]
    status: Option<SpanStatusFilter>,

    /// Traces at most
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,

    /// The form of the output
    #[arg(short = 'o', long, value_name = "FORM", value_enum, default_value_t)]
    output: RowsOutput,

    /// Exit with 1 when nothing matched
    #[arg(long)]
    exit_status: bool,

    #[command(flatten)]
    pub(super) colour: ColourArguments,
    #[command(flatten)]
    range: TimeRangeArguments,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// How a span ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SpanStatusFilter {
    /// The sender says it went well.
    Ok,
    /// The sender says it failed.
    Error,
    /// The sender says nothing.
    Unset,
}

impl SpanStatusFilter {
    fn parameter(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Unset => "unset",
        }
    }
}

/// Asks and prints.
pub(super) async fn run(arguments: TracesArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    let connection = Connection::open(&arguments.connection, session)?;
    let bounds = arguments.range.bounds(DefaultRange::LastHour);
    let question = Query::default()
        .with("q", arguments.query)
        .with("selector", arguments.selector)
        .with("service", arguments.service)
        .with("repair", arguments.repair)
        .with("operation", arguments.operation)
        .with("min_duration", arguments.min_duration)
        .with("max_duration", arguments.max_duration)
        .with("status", arguments.status.map(SpanStatusFilter::parameter))
        .with("from", bounds.from)
        .with("to", bounds.to)
        .with("limit", Some(arguments.limit));
    let answer: TracesAnswer = connection.get(&["traces"], &question).await?;
    traces::write(session.out, session.screen, arguments.output, &answer)?;
    session.tell_coverage(&answer.coverage, MORE)?;
    let nothing = answer.traces.is_empty() && arguments.exit_status;
    Ok(if nothing { Exit::NothingMatched } else { Exit::Done })
}
