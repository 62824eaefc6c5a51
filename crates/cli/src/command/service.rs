//! `nunchi service NAME`: the passport of a service.

use clap::Args;
use protocol::PassportAnswer;

use crate::connection::{Connection, ConnectionArguments, Query};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::output::RowsOutput;
use crate::print::passport;
use crate::session::Session;
use crate::time_range;

/// What to do when a limit cut the answer.
const MORE: &str = "use --environment, or look back less far with --since";

/// Show all that is known of a service: owner, runbook, versions, deploys, pods, operations, callers and callees.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Examples:
  nunchi service checkout
  nunchi service checkout --at now-2h --since 7d
  nunchi service checkout -o json | jq -r .owner.value

{}", exit::HELP))]
pub struct ServiceArguments {
    /// Its service.name
    name: String,

    /// As of this time: RFC 3339, unix seconds, or now-1h [default: now]
    #[arg(long, value_name = "TIME", value_parser = time_range::time, allow_hyphen_values = true)]
    at: Option<String>,

    /// Look back this far from now [default: 24h before --at]
    #[arg(long, value_name = "DURATION", value_parser = time_range::duration)]
    since: Option<String>,

    /// What counts as now: so long before --at [default: 5m]
    #[arg(long, value_name = "DURATION", value_parser = time_range::duration)]
    window: Option<String>,

    /// Only in this environment
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,

    /// The form of the output
    #[arg(short = 'o', long, value_name = "FORM", value_enum, default_value_t)]
    output: RowsOutput,

    #[command(flatten)]
    pub(super) colour: ColourArguments,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Asks and prints.
pub(super) async fn run(arguments: ServiceArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    let connection = Connection::open(&arguments.connection, session)?;
    let question = Query::default()
        .with("environment", arguments.environment)
        .with("at", arguments.at)
        .with("from", arguments.since.map(|since| format!("now-{since}")))
        .with("window", arguments.window);
    let answer: PassportAnswer = connection.get(&["services", &arguments.name], &question).await?;
    passport::write(session.out, session.screen, arguments.output, &answer)?;
    session.tell_coverage(&answer.coverage, MORE)?;
    Ok(Exit::Done)
}
