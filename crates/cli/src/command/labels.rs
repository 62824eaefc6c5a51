//! `nunchi labels`: names of labels, or values of one.

use clap::Args;
use protocol::PromAnswer;

use crate::connection::{Connection, ConnectionArguments, Query};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::labels;
use crate::print::output::RowsOutput;
use crate::session::Session;
use crate::time_range::{DefaultRange, TimeRangeArguments};

/// List the labels of metrics, or the values of one label.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Examples:
  nunchi labels
  nunchi labels __name__
  nunchi labels http_route --match 'http_server_request_duration_seconds_count{{job=\"web\"}}'

{}", exit::HELP))]
pub struct LabelsArguments {
    /// The values of this label; __name__ has the names of metrics
    #[arg(value_name = "NAME")]
    name: Option<String>,

    /// Only of series that match one of these selectors, such as up{job="a"}
    #[arg(long = "match", value_name = "SELECTOR")]
    matches: Vec<String>,

    /// Texts at most
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,

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
pub(super) async fn run(arguments: LabelsArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    let connection = Connection::open(&arguments.connection, session)?;
    let (from, to) = arguments.range.times(DefaultRange::LastHour, session.now);
    let matches =
        arguments.matches.iter().fold(Query::default(), |query, selector| query.with("match[]", Some(selector)));
    let question = matches.with("start", from).with("end", to).with("limit", arguments.limit);
    let answer: PromAnswer<Vec<String>> = match &arguments.name {
        None => connection.get_prometheus(&["labels"], &question).await?,
        Some(name) => connection.get_prometheus(&["label", name, "values"], &question).await?,
    };
    labels::write(session.out, session.screen, arguments.output, &answer)?;
    session.tell_said(&answer.warnings, &answer.infos)?;
    let nothing = answer.data.is_empty() && arguments.exit_status;
    Ok(if nothing { Exit::NothingMatched } else { Exit::Done })
}
