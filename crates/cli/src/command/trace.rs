//! `nunchi trace`: one trace, found by its id without a time range.

use clap::{Args, ValueEnum};
use model::TraceId;
use protocol::TraceAnswer;

use crate::connection::{Connection, ConnectionArguments, Query};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::output::TraceOutput;
use crate::print::trace;
use crate::session::Session;

/// What to do when a limit cut the answer.
const MORE: &str = "nunchi sql reaches every span";

/// Draw one trace as a waterfall, with its log lines in place.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Examples:
  nunchi trace 4bf92f3577b34da6a3ce929d0e0e4736
  nunchi trace 4bf92f3577b34da6a3ce929d0e0e4736 --view raw -o json

{}", exit::HELP))]
pub struct TraceArguments {
    /// The trace id: 32 hex digits
    #[arg(value_name = "ID", value_parser = |text: &str| text.parse::<TraceId>())]
    id: TraceId,

    /// With what stitching repaired, or as it arrived
    #[arg(long, value_enum, default_value_t)]
    view: TraceView,

    /// The form of the output
    #[arg(short = 'o', long, value_name = "FORM", value_enum, default_value_t)]
    output: TraceOutput,

    #[command(flatten)]
    pub(super) colour: ColourArguments,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Which story of a trace to tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TraceView {
    /// Missing parents, cycles and clocks repaired, with the evidence.
    #[default]
    Repaired,
    /// As it arrived.
    Raw,
}

impl TraceView {
    fn parameter(self) -> &'static str {
        match self {
            Self::Repaired => "repaired",
            Self::Raw => "raw",
        }
    }
}

/// Asks and prints.
pub(super) async fn run(arguments: TraceArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    let connection = Connection::open(&arguments.connection, session)?;
    let question = Query::default().with("view", Some(arguments.view.parameter()));
    let answer: TraceAnswer = connection.get(&["traces", &arguments.id.to_string()], &question).await?;
    trace::write(session.out, session.screen, arguments.output, &answer)?;
    session.tell_coverage(&answer.coverage, MORE)?;
    Ok(Exit::Done)
}
