//! `nunchi services`: who is out there.

use clap::Args;
use protocol::ServicesAnswer;

use crate::connection::{Connection, ConnectionArguments, Query};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::output::RowsOutput;
use crate::print::services;
use crate::session::Session;
use crate::time_range::{DefaultRange, TimeRangeArguments};

/// What to do when a limit cut the answer.
const MORE: &str = "use a selector or a narrower time range";

/// List the services heard from, with their squads, errors and durations.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Examples:
  nunchi services --since 15m
  nunchi services -l squad=payments -o json

{}", exit::HELP))]
pub struct ServicesArguments {
    /// Kubernetes label selector; || between selectors means or
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

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
pub(super) async fn run(arguments: ServicesArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    let connection = Connection::open(&arguments.connection, session)?;
    let bounds = arguments.range.bounds(DefaultRange::LastHour);
    let question =
        Query::default().with("selector", arguments.selector).with("from", bounds.from).with("to", bounds.to);
    let answer: ServicesAnswer = connection.get(&["services"], &question).await?;
    services::write(session.out, session.screen, arguments.output, &answer)?;
    session.tell_coverage(&answer.coverage, MORE)?;
    let nothing = answer.services.is_empty() && arguments.exit_status;
    Ok(if nothing { Exit::NothingMatched } else { Exit::Done })
}
