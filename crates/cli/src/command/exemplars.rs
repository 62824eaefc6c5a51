//! `nunchi exemplars`: from a metric to traces.

use clap::Args;
use protocol::ExemplarsAnswer;

use crate::connection::{Connection, ConnectionArguments, Query};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::exemplars;
use crate::print::output::RowsOutput;
use crate::session::Session;
use crate::time_range::{DefaultRange, TimeRangeArguments};

/// What to do when the limit cut the answer.
const MORE: &str = "use --limit or a narrower time range";

/// Find the traces that a metric names: its exemplars, the newest first.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Examples:
  nunchi exemplars http.server.request.duration --since 15m
  nunchi exemplars queue.wait -l squad=orders -o ndjson | jq -r .trace_id

{}", exit::HELP))]
pub struct ExemplarsArguments {
    /// The metric's name
    #[arg(value_name = "METRIC")]
    metric: String,

    /// Kubernetes label selector; || between selectors means or
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// Exemplars at most
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
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

/// Asks and prints.
pub(super) async fn run(arguments: ExemplarsArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    let connection = Connection::open(&arguments.connection, session)?;
    let bounds = arguments.range.bounds(DefaultRange::LastHour);
    let question = Query::default()
        .with("metric", Some(arguments.metric))
        .with("selector", arguments.selector)
        .with("from", bounds.from)
        .with("to", bounds.to)
        .with("limit", Some(arguments.limit));
    let answer: ExemplarsAnswer = connection.get(&["exemplars"], &question).await?;
    exemplars::write(session.out, session.screen, arguments.output, &answer)?;
    session.tell_coverage(&answer.coverage, MORE)?;
    let nothing = answer.exemplars.is_empty() && arguments.exit_status;
    Ok(if nothing { Exit::NothingMatched } else { Exit::Done })
}
