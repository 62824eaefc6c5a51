//! `nunchi repairs`: what was repaired in traces, over time.

use clap::Args;
use protocol::RepairsAnswer;

use crate::connection::{Connection, ConnectionArguments, Query};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::output::RowsOutput;
use crate::print::repairs;
use crate::session::Session;
use crate::time_range::{DefaultRange, TimeRangeArguments};

/// What to do when a limit cut the answer.
const MORE: &str = "use --kind, --service or a narrower time range";

/// Count what was repaired in traces: which services lose spans, whose clocks are off.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Examples:
  nunchi repairs --since 24h
  nunchi repairs --kind missing_parent --service cart
  nunchi traces --repair missing_parent --service cart     the traces themselves

{}", exit::HELP))]
pub struct RepairsArguments {
    /// Only repairs of this kind, such as missing_parent or clock_skew
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,

    /// Only repairs of which this service is the cause
    #[arg(long, value_name = "NAME")]
    service: Option<String>,

    /// The form of the output
    #[arg(short = 'o', long, value_name = "FORM", value_enum, default_value_t)]
    output: RowsOutput,

    /// Exit with 1 when nothing was repaired
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
pub(super) async fn run(arguments: RepairsArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    let connection = Connection::open(&arguments.connection, session)?;
    let bounds = arguments.range.bounds(DefaultRange::LastHour);
    let question = Query::default()
        .with("kind", arguments.kind)
        .with("service", arguments.service)
        .with("from", bounds.from)
        .with("to", bounds.to)
        .with("buckets", Some(repairs::BUCKETS));
    let answer: RepairsAnswer = connection.get(&["repairs"], &question).await?;
    repairs::write(session.out, session.screen, arguments.output, &answer)?;
    session.tell_coverage(&answer.coverage, MORE)?;
    let nothing = answer.series.is_empty() && arguments.exit_status;
    Ok(if nothing { Exit::NothingMatched } else { Exit::Done })
}
