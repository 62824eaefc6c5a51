//! `nunchi journey`: all traces that belong to one piece of work, across links and queues.

use clap::Args;
use model::TraceId;
use protocol::JourneyAnswer;

use crate::connection::{Connection, ConnectionArguments, Query};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::journey;
use crate::print::output::RowsOutput;
use crate::session::Session;

/// What to do when a limit cut the answer.
const MORE: &str = "ask for the journey of a trace that was not followed";

/// List the traces before and after one trace, across links and queues.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Examples:
  nunchi journey 4bf92f3577b34da6a3ce929d0e0e4736
  nunchi journey 4bf92f3577b34da6a3ce929d0e0e4736 -o ndjson | jq 'select(.hop) | .hop.waiting_ns'

{}", exit::HELP))]
pub struct JourneyArguments {
    /// The id of any of its traces: 32 hex digits
    #[arg(value_name = "TRACE_ID", value_parser = |text: &str| text.parse::<TraceId>())]
    id: TraceId,

    /// The form of the output
    #[arg(short = 'o', long, value_name = "FORM", value_enum, default_value_t)]
    output: RowsOutput,

    #[command(flatten)]
    pub(super) colour: ColourArguments,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Asks and prints.
pub(super) async fn run(arguments: JourneyArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    let connection = Connection::open(&arguments.connection, session)?;
    let answer: JourneyAnswer = connection.get(&["journeys", &arguments.id.to_string()], &Query::default()).await?;
    journey::write(session.out, session.screen, arguments.output, &answer)?;
    session.tell_coverage(&answer.coverage, MORE)?;
    Ok(Exit::Done)
}
