//! `nunchi unpin`: let retention have what a pin held.

use clap::Args;
use protocol::{Pin, PinsAnswer};

use crate::connection::{Connection, ConnectionArguments};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::output::RowsOutput;
use crate::print::pins;
use crate::session::Session;

/// Take a pin away: what only it held is deleted within a minute or so.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Examples:
  nunchi pins
  nunchi unpin 17

{}", exit::HELP))]
pub struct UnpinArguments {
    /// The pin's id, as nunchi pins shows it
    #[arg(value_name = "ID")]
    id: u64,

    /// The form of the output
    #[arg(short = 'o', long, value_name = "FORM", value_enum, default_value_t)]
    output: RowsOutput,

    #[command(flatten)]
    pub(super) colour: ColourArguments,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Asks and prints the pin that was taken away.
pub(super) async fn run(arguments: UnpinArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    let connection = Connection::open(&arguments.connection, session)?;
    let pin: Pin = connection.delete(&["pins", &arguments.id.to_string()]).await?;
    pins::write(session.out, session.screen, arguments.output, &PinsAnswer { pins: vec![pin] })?;
    Ok(Exit::Done)
}
