//! `nunchi pins`: what retention leaves alone.

use clap::Args;
use protocol::PinsAnswer;

use crate::connection::{Connection, ConnectionArguments, Query};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::output::RowsOutput;
use crate::print::pins;
use crate::session::Session;

/// List the ranges of time that retention leaves alone.
#[derive(Clone, Debug, Args)]
#[command(after_help = exit::HELP)]
pub struct PinsArguments {
    /// The form of the output
    #[arg(short = 'o', long, value_name = "FORM", value_enum, default_value_t)]
    output: RowsOutput,

    /// Exit with 1 when there are none
    #[arg(long)]
    exit_status: bool,

    #[command(flatten)]
    pub(super) colour: ColourArguments,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Asks and prints.
pub(super) async fn run(arguments: PinsArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    let connection = Connection::open(&arguments.connection, session)?;
    let answer: PinsAnswer = connection.get(&["pins"], &Query::default()).await?;
    pins::write(session.out, session.screen, arguments.output, &answer)?;
    let nothing = answer.pins.is_empty() && arguments.exit_status;
    Ok(if nothing { Exit::NothingMatched } else { Exit::Done })
}
