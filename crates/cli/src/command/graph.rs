//! `nunchi graph`: who calls whom, now or at a past time.

use clap::Args;
use protocol::ServiceGraphAnswer;

use crate::connection::{Connection, ConnectionArguments, Query};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::graph::{self, GraphList};
use crate::print::output::GraphOutput;
use crate::session::Session;
use crate::time_range::{self, DefaultRange, TimeRangeArguments};

/// What to do when a limit cut the answer.
const MORE: &str = "use a selector, --environment or a narrower time range";

/// Show who calls whom, how often, how it goes, and how long it takes.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Without a time, the last five minutes. BEGUN counts errors where they began: each error once.

Examples:
  nunchi graph
  nunchi graph --at now-1d --window 10m
  nunchi graph -l squad=payments --since 1h --nodes
  nunchi graph -o dot | dot -Tsvg > graph.svg

{}", exit::HELP))]
pub struct GraphArguments {
    /// The graph of the window before this time: RFC 3339, unix seconds, or now-1h
    #[arg(long, value_name = "TIME", value_parser = time_range::time, allow_hyphen_values = true, conflicts_with_all = ["since", "from", "to"])]
    at: Option<String>,

    /// How long the window is [default: 5m]
    #[arg(long, value_name = "DURATION", value_parser = time_range::duration, conflicts_with_all = ["since", "from"])]
    window: Option<String>,

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
    output: GraphOutput,

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
pub(super) async fn run(arguments: GraphArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    let connection = Connection::open(&arguments.connection, session)?;
    // Without any, the server's own window holds.
    let bounds = arguments.range.bounds(DefaultRange::Unbounded);
    let question = Query::default()
        .with("selector", arguments.selector)
        .with("environment", arguments.environment)
        .with("from", bounds.from)
        .with("to", bounds.to)
        .with("at", arguments.at)
        .with("window", arguments.window);
    let answer: ServiceGraphAnswer = connection.get(&["service-graph"], &question).await?;
    let list = if arguments.nodes { GraphList::Nodes } else { GraphList::Edges };
    graph::write(session.out, session.screen, arguments.output, list, &answer)?;
    session.tell_coverage(&answer.coverage, MORE)?;
    let nothing = answer.nodes.is_empty() && arguments.exit_status;
    Ok(if nothing { Exit::NothingMatched } else { Exit::Done })
}
