//! `nunchi profile`: where the time of an operation goes.

use clap::Args;
use protocol::ProfileAnswer;

use crate::connection::{Connection, ConnectionArguments, Query};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::output::RowsOutput;
use crate::print::profile;
use crate::session::Session;
use crate::time_range::{DefaultRange, TimeRangeArguments};

/// What to do when a limit cut the answer.
const MORE: &str = "use --limit or a narrower time range";

/// Show where the time of an operation goes, and what sets its slow and failing traces apart.
///
/// The newest traces are looked at one by one. Times are means of self time on the critical path, in typical traces and in
/// slow ones. That an attribute goes with slow traces does not say that it is the cause.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Examples:
  nunchi profile checkout 'POST /orders' --since 15m
  nunchi profile checkout 'POST /orders' -l tier=web -n 1000 -o csv > profile.csv

{}", exit::HELP))]
pub struct ProfileArguments {
    /// The service
    #[arg(value_name = "SERVICE")]
    service: String,

    /// The operation: the name of its spans
    #[arg(value_name = "OPERATION")]
    operation: String,

    /// Only spans that match: words, "phrases", pre*, field:value, joined by AND, OR, NOT and ( )
    query: Option<String>,

    /// Kubernetes label selector; || between selectors means or
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// Traces at most, the newest ones
    #[arg(short = 'n', long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,

    /// The form of the output
    #[arg(short = 'o', long, value_name = "FORM", value_enum, default_value_t)]
    output: RowsOutput,

    /// Exit with 1 when nothing matched
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
pub(super) async fn run(arguments: ProfileArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    let connection = Connection::open(&arguments.connection, session)?;
    let bounds = arguments.range.bounds(DefaultRange::LastHour);
    let question = Query::default()
        .with("service", Some(arguments.service))
        .with("operation", Some(arguments.operation))
        .with("q", arguments.query)
        .with("selector", arguments.selector)
        .with("from", bounds.from)
        .with("to", bounds.to)
        .with("limit", Some(arguments.limit));
    let answer: ProfileAnswer = connection.get(&["traces", "profile"], &question).await?;
    profile::write(session.out, session.screen, arguments.output, &answer)?;
    session.tell_coverage(&answer.coverage, MORE)?;
    let nothing = answer.traces == 0 && arguments.exit_status;
    Ok(if nothing { Exit::NothingMatched } else { Exit::Done })
}
