//! `nunchi status`: what is stored and how the server is doing.

use clap::Args;
use protocol::StatusAnswer;

use crate::connection::{Connection, ConnectionArguments, Query};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::output::RowsOutput;
use crate::print::status;
use crate::session::Session;

/// Show what is stored and how the server is doing.
#[derive(Clone, Debug, Args)]
#[command(after_help = exit::HELP)]
pub struct StatusArguments {
    /// The form of the output
    #[arg(short = 'o', long, value_name = "FORM", value_enum, default_value_t)]
    output: RowsOutput,

    #[command(flatten)]
    pub(super) colour: ColourArguments,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Asks and prints.
pub(super) async fn run(arguments: StatusArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    let connection = Connection::open(&arguments.connection, session)?;
    let answer: StatusAnswer = connection.get(&["status"], &Query::default()).await?;
    status::write(session.out, session.screen, arguments.output, &answer)?;
    Ok(Exit::Done)
}
