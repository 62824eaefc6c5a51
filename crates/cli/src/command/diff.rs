//! `nunchi diff`: what has changed between services since another time.

use clap::Args;
use protocol::GraphDiffAnswer;

use crate::connection::{Connection, ConnectionArguments, Query};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::diff;
use crate::print::graph::GraphList;
use crate::print::output::RowsOutput;
use crate::session::Session;
use crate::time_range::{self, DefaultRange, TimeRangeArguments};

/// What to do when a limit cut the answer.
const MORE: &str = "use a selector, --environment or a narrower time range";

/// Show what is new, gone or changed between services, the largest change first.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Without a time, the last five minutes against the five before them. What is as it was is not in the table.

Examples:
  nunchi diff --since 15m
  nunchi diff --since 15m --before 1d
  nunchi diff --nodes -l squad=payments

{}", exit::HELP))]
pub struct DiffArguments {
    /// Against the same time so much earlier, such as 1d [default: right before]
    #[arg(long, value_name = "DURATION", value_parser = time_range::duration, conflicts_with_all = ["before_from", "before_to"])]
    before: Option<String>,

    /// Against what began at or after this time
    #[arg(long, value_name = "TIME", value_parser = time_range::time, allow_hyphen_values = true)]
    before_from: Option<String>,

    /// Against what began before this time
    #[arg(long, value_name = "TIME", value_parser = time_range::time, allow_hyphen_values = true)]
    before_to: Option<String>,

    /// Kubernetes label selector: services that match, and their neighbours; || between selectors means or
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// Only calls in this environment
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,

    /// List everyone who calls or is called, instead of the calls between them
    #[arg(long)]
    nodes: bool,

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
pub(super) async fn run(arguments: DiffArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    let connection = Connection::open(&arguments.connection, session)?;
    // Without any, the server's own window holds.
    let bounds = arguments.range.bounds(DefaultRange::Unbounded);
    let question = Query::default()
        .with("selector", arguments.selector)
        .with("environment", arguments.environment)
        .with("from", bounds.from)
        .with("to", bounds.to)
        .with("before_from", arguments.before_from)
        .with("before_to", arguments.before_to)
        .with("before", arguments.before);
    let answer: GraphDiffAnswer = connection.get(&["service-graph", "diff"], &question).await?;
    let list = if arguments.nodes { GraphList::Nodes } else { GraphList::Edges };
    diff::write(session.out, session.screen, arguments.output, list, &answer)?;
    session.tell_coverage(&answer.coverage, MORE)?;
    let nothing = answer.nodes.is_empty() && arguments.exit_status;
    Ok(if nothing { Exit::NothingMatched } else { Exit::Done })
}
