//! `nunchi top series`: what there are many of.

use clap::{Args, Subcommand};
use protocol::{PromAnswer, TsdbStatus};

use crate::connection::{Connection, ConnectionArguments, Query};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::output::RowsOutput;
use crate::print::top_series;
use crate::session::Session;

/// Show what there are many of.
#[derive(Clone, Debug, Args)]
#[command(after_help = exit::HELP)]
pub struct TopArguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Clone, Debug, Subcommand)]
enum What {
    /// Count series by metric and label: what makes them many
    Series(TopSeriesArguments),
}

/// Count series by metric and label: what makes them many.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Examples:
  nunchi top series
  nunchi top series -n 50 -o csv

{}", exit::HELP))]
struct TopSeriesArguments {
    /// Entries of each list at most
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,

    /// The form of the output
    #[arg(short = 'o', long, value_name = "FORM", value_enum, default_value_t)]
    output: RowsOutput,

    #[command(flatten)]
    colour: ColourArguments,
    #[command(flatten)]
    connection: ConnectionArguments,
}

impl TopArguments {
    /// Whether to use colour.
    pub(super) fn colour(&self) -> ColourArguments {
        let What::Series(arguments) = &self.what;
        arguments.colour
    }
}

/// Asks and prints.
pub(super) async fn run(arguments: TopArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    let What::Series(arguments) = arguments.what;
    let connection = Connection::open(&arguments.connection, session)?;
    let question = Query::default().with("limit", Some(arguments.limit));
    let answer: PromAnswer<TsdbStatus> = connection.get_prometheus(&["status", "tsdb"], &question).await?;
    top_series::write(session.out, session.screen, arguments.output, &answer)?;
    session.tell_said(&answer.warnings, &answer.infos)?;
    Ok(Exit::Done)
}
