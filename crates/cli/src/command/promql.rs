//! `nunchi promql`: an expression, at an instant or over a range.

use clap::Args;
use model::UnixNanos;
use protocol::{PromAnswer, QueryResult};

use crate::connection::{Connection, ConnectionArguments, Query};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::output::PromqlOutput;
use crate::print::promql;
use crate::session::Session;
use crate::time_range::{duration, time};

/// Steps of a range where no step is given, at most: an hour then has one every 15 s.
const STEPS_DEFAULT: u64 = 240;

/// Evaluate PromQL at an instant, or over a range.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Examples:
  nunchi promql 'sum by (job) (rate(http_server_request_duration_seconds_count[5m]))'
  nunchi promql 'topk(3, rate(orders_total[5m]))' --range 1h -o graph
  nunchi promql 'up' --at 2026-11-24T06:00:00Z -o json

{}", exit::HELP))]
pub struct PromqlArguments {
    /// The expression
    #[arg(value_name = "EXPRESSION", allow_hyphen_values = true)]
    expression: String,

    /// The instant, or the end of the range: RFC 3339, unix seconds, or now-1h [default: now]
    #[arg(long, value_name = "TIME", value_parser = time, allow_hyphen_values = true)]
    at: Option<String>,

    /// As far back from there, such as 15m, 1h30m or 2d
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    range: Option<String>,

    /// From one value to the next [default: so that there are 240 at most]
    #[arg(long, value_name = "DURATION", value_parser = duration, requires = "range")]
    step: Option<String>,

    /// The form of the output
    #[arg(short = 'o', long, value_name = "FORM", value_enum, default_value_t)]
    output: PromqlOutput,

    /// Exit with 1 when nothing came back
    #[arg(long)]
    exit_status: bool,

    #[command(flatten)]
    pub(super) colour: ColourArguments,
    #[command(flatten)]
    connection: ConnectionArguments,
}

/// Asks and prints.
pub(super) async fn run(arguments: PromqlArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    if arguments.output == PromqlOutput::Graph && arguments.range.is_none() {
        return Err(Failure::usage("a graph is of a range").with_hint("add --range 1h"));
    }
    let connection = Connection::open(&arguments.connection, session)?;
    let question = Query::default().with("query", Some(&arguments.expression));
    let (endpoint, question) = times(&arguments, session.now, question)?;
    let answer: PromAnswer<QueryResult> = connection.post_prometheus(&[endpoint], &question).await?;
    promql::write(session.out, session.screen, arguments.output, &answer)?;
    session.tell_said(&answer.warnings, &answer.infos)?;
    let nothing = promql::series_count(&answer.data) == 0 && arguments.exit_status;
    Ok(if nothing { Exit::NothingMatched } else { Exit::Done })
}

/// The endpoint, and the question with its times. The server takes no words such as `now-1h` here.
fn times(arguments: &PromqlArguments, now: UnixNanos, question: Query) -> Result<(&'static str, Query), Failure> {
    let wrong = |error: &dyn std::fmt::Display| Failure::usage(error.to_string());
    let at = arguments.at.as_deref().map(|at| UnixNanos::parse(at, now)).transpose().map_err(|error| wrong(&error))?;
    let Some(range) = &arguments.range else {
        return Ok(("query", question.with("time", at)));
    };
    let range = model::parse_duration(range).map_err(|error| wrong(&error))?;
    let step = match &arguments.step {
        Some(step) => model::parse_duration(step).map_err(|error| wrong(&error))?.as_secs_f64(),
        // Whole seconds, as people choose them.
        None => range.as_secs().div_ceil(STEPS_DEFAULT).max(1) as f64,
    };
    let end = at.unwrap_or(now);
    let question = question.with("start", Some(end.minus(range))).with("end", Some(end)).with("step", Some(step));
    Ok(("query_range", question))
}
