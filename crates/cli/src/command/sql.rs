//! `nunchi sql`: a read-only SQL query, from the command line, a file, or standard input.

use std::io::{self, Read};
use std::path::PathBuf;

use clap::Args;
use protocol::{SqlAnswer, SqlRequest};

use crate::connection::{Connection, ConnectionArguments};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::{ColourArguments, Sink};
use crate::print::output::RowsOutput;
use crate::print::rows;
use crate::session::Session;
use crate::time_range::{DefaultRange, TimeRangeArguments};

/// A longer statement is a mistake, such as a data file given as one.
const STATEMENT_BYTES_MAX: usize = 1024 * 1024;

/// What to do when a limit cut the answer.
const MORE: &str = "add a LIMIT or aggregate";

/// Run a read-only SQL query over logs, spans, the metric tables and services.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Examples:
  nunchi sql 'SELECT service_name, count(*) FROM spans GROUP BY 1 ORDER BY 2 DESC'
  nunchi sql --since 1h -o csv -f slow.sql > slow.csv
  echo 'SHOW TABLES' | nunchi sql

{}", exit::HELP))]
pub struct SqlArguments {
    /// One statement; - or nothing reads it from standard input
    #[arg(allow_hyphen_values = true)]
    statement: Option<String>,

    /// Read the statement from a file
    #[arg(short = 'f', long, value_name = "FILE", conflicts_with = "statement")]
    file: Option<PathBuf>,

    /// The form of the output
    #[arg(short = 'o', long, value_name = "FORM", value_enum, default_value_t)]
    output: RowsOutput,

    /// Exit with 1 when no row came back
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
pub(super) async fn run(arguments: SqlArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    // Before the connection is opened: while standard input is awaited, Ctrl-C should simply end the process.
    let query = statement(&arguments, session)?;
    let connection = Connection::open(&arguments.connection, session)?;
    let bounds = arguments.range.bounds(DefaultRange::Unbounded);
    let request = SqlRequest { query, from: bounds.from, to: bounds.to };
    let answer: SqlAnswer = connection.post(&["sql"], &request).await?;
    rows::write(session.out, session.screen, arguments.output, &answer)?;
    session.tell_coverage(&answer.coverage, MORE)?;
    let nothing = answer.rows.is_empty() && arguments.exit_status;
    Ok(if nothing { Exit::NothingMatched } else { Exit::Done })
}

fn statement(arguments: &SqlArguments, session: &mut Session<'_>) -> Result<String, Failure> {
    let statement = match (&arguments.file, arguments.statement.as_deref()) {
        (Some(path), _) => {
            let shown = path.display();
            std::fs::File::open(path)
                .and_then(|mut file| read(&mut file))
                .map_err(|error| Failure::usage(format!("cannot read {shown}: {error}")))?
        }
        (None, None) if session.input_end == Sink::Terminal => {
            return Err(Failure::usage("no statement was given").with_hint("try nunchi sql 'SHOW TABLES'"));
        }
        (None, None | Some("-")) => {
            read(session.input).map_err(|error| Failure::usage(format!("cannot read standard input: {error}")))?
        }
        (None, Some(statement)) => statement.to_owned(),
    };
    if statement.trim().is_empty() {
        return Err(Failure::usage("the statement is empty").with_hint("try nunchi sql 'SHOW TABLES'"));
    }
    Ok(statement)
}

fn read(input: &mut dyn Read) -> io::Result<String> {
    let mut statement = String::new();
    input.take(STATEMENT_BYTES_MAX as u64 + 1).read_to_string(&mut statement)?;
    if statement.len() > STATEMENT_BYTES_MAX {
        let mib = STATEMENT_BYTES_MAX / 1024 / 1024;
        return Err(io::Error::other(format!("longer than {mib} MiB, which is no statement")));
    }
    Ok(statement)
}
