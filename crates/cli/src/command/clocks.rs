//! `nunchi clocks`: how far the clocks of hosts are apart.

use clap::Args;
use protocol::ClocksAnswer;

use crate::connection::{Connection, ConnectionArguments, Query};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::clocks;
use crate::print::colour::ColourArguments;
use crate::print::output::RowsOutput;
use crate::session::Session;
use crate::time_range::{DefaultRange, TimeRangeArguments};

/// What to do when a limit cut the answer.
const MORE: &str = "name a --host, or use a narrower time range";

/// Show how far the clocks of hosts are apart, by the calls between them.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Examples:
  nunchi clocks
  nunchi clocks --host node-7 --since 24h -o csv

{}", exit::HELP))]
pub struct ClocksArguments {
    /// Only pairs with this host
    #[arg(long, value_name = "NAME")]
    host: Option<String>,

    /// The form of the output
    #[arg(short = 'o', long, value_name = "FORM", value_enum, default_value_t)]
    output: RowsOutput,

    #[command(flatten)]
    pub(super) colour: ColourArguments,
    #[command(flatten)]
    range: TimeRangeArguments,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Asks and prints.
pub(super) async fn run(arguments: ClocksArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    let connection = Connection::open(&arguments.connection, session)?;
    let bounds = arguments.range.bounds(DefaultRange::LastHour);
    let question = Query::default().with("host", arguments.host).with("from", bounds.from).with("to", bounds.to);
    let answer: ClocksAnswer = connection.get(&["clocks"], &question).await?;
    clocks::write(session.out, session.screen, arguments.output, &answer)?;
    session.tell_coverage(&answer.coverage, MORE)?;
    Ok(Exit::Done)
}
