//! `nunchi pin`: keep a range of time past its retention.

use clap::Args;
use protocol::{Pin, PinRequest, PinsAnswer};

use crate::connection::{Connection, ConnectionArguments};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::output::RowsOutput;
use crate::print::pins;
use crate::session::Session;
use crate::time_range;

/// Keep a range of time past its retention.
///
/// Every block that has a row of the range stays, with all its rows, until the pin is taken away or expires.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Examples:
  nunchi pin --from now-2h --to now --reason 'the outage of the bank'
  nunchi pin --from 2026-11-24T06:00:00Z --to 2026-11-24T07:00:00Z --reason INC-17 --expires now+90d

{}", exit::HELP))]
pub struct PinArguments {
    /// At or after this time: RFC 3339, unix seconds, or now-1h
    #[arg(long, value_name = "TIME", value_parser = time_range::time, allow_hyphen_values = true)]
    from: String,

    /// Before this time, same forms
    #[arg(long, value_name = "TIME", value_parser = time_range::time, allow_hyphen_values = true)]
    to: String,

    /// Why, for whoever finds it later
    #[arg(long, value_name = "TEXT")]
    reason: String,

    /// The pin holds nothing from this time on, such as now+90d [default: never]
    #[arg(long, value_name = "TIME", value_parser = time_range::time, allow_hyphen_values = true)]
    expires: Option<String>,

    /// The form of the output
    #[arg(short = 'o', long, value_name = "FORM", value_enum, default_value_t)]
    output: RowsOutput,

    #[command(flatten)]
    pub(super) colour: ColourArguments,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Asks and prints the pin.
pub(super) async fn run(arguments: PinArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    let connection = Connection::open(&arguments.connection, session)?;
    let PinArguments { from, to, reason, expires, output, .. } = arguments;
    let pin: Pin = connection.post(&["pins"], &PinRequest { from, to, reason, expires }).await?;
    pins::write(session.out, session.screen, output, &PinsAnswer { pins: vec![pin] })?;
    Ok(Exit::Done)
}
