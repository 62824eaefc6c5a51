//! `nunchi trace`: one trace, found by its id without a time range.

use clap::{Args, ValueEnum};
use model::TraceId;
use protocol::{NearbyAnswer, TraceAnswer};

use crate::connection::{Connection, ConnectionArguments, Query};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::output::TraceOutput;
use crate::print::{ledger, nearby, trace};
use crate::session::Session;

/// What to do when a limit cut the answer.
const MORE: &str = "nunchi sql reaches every span";

/// The same of what lies around it.
const MORE_NEARBY: &str = "nunchi logs reaches every record, nunchi sql every point";

/// Draw one trace as a waterfall, with its log lines in place.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Examples:
  nunchi trace 4bf92f3577b34da6a3ce929d0e0e4736
  nunchi trace 4bf92f3577b34da6a3ce929d0e0e4736 --view raw -o json
  nunchi trace 4bf92f3577b34da6a3ce929d0e0e4736 --repairs
  nunchi trace 4bf92f3577b34da6a3ce929d0e0e4736 --nearby

{}", exit::HELP))]
pub struct TraceArguments {
    /// The trace id: 32 hex digits
    #[arg(value_name = "ID", value_parser = |text: &str| text.parse::<TraceId>())]
    id: TraceId,

    /// With what stitching repaired, or as it arrived
    #[arg(long, value_enum, default_value_t)]
    view: TraceView,

    /// Only what was repaired, and what looks wrong and was left: before, after, evidence, confidence
    #[arg(long, conflicts_with = "view")]
    repairs: bool,

    /// Instead of the trace, what its pods logged without a trace id and measured at its time, and exemplars that name it
    #[arg(long, conflicts_with_all = ["view", "repairs"])]
    nearby: bool,

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
    let id = arguments.id.to_string();
    if arguments.nearby {
        let answer: NearbyAnswer = connection.get(&["traces", &id, "nearby"], &Query::default()).await?;
        nearby::write(session.out, session.screen, arguments.output, &answer)?;
        session.tell_coverage(&answer.coverage, MORE_NEARBY)?;
        return Ok(Exit::Done);
    }
    let question = Query::default().with("view", Some(arguments.view.parameter()));
    let answer: TraceAnswer = connection.get(&["traces", &id], &question).await?;
    let write = if arguments.repairs { ledger::write } else { trace::write };
    write(session.out, session.screen, arguments.output, &answer)?;
    session.tell_coverage(&answer.coverage, MORE)?;
    Ok(Exit::Done)
}
