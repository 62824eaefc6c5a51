//! `nunchi logs`: log records that match, page by page.

use clap::{Args, ValueEnum};
use protocol::{Coverage, LogsAnswer};

use crate::connection::{Connection, ConnectionArguments, Query};
use crate::exit::{self, Exit};
use crate::failure::Failure;
use crate::print::colour::ColourArguments;
use crate::print::logs::LogsPrinter;
use crate::print::output::LogsOutput;
use crate::session::Session;
use crate::time_range::{DefaultRange, TimeRangeArguments};

/// Records per page with `--all`: enough to be quick, few enough to stay far below the largest answer.
const PAGE_RECORDS: u32 = 1_000;

/// What to do when the limit cut the answer.
const MORE: &str = "use --limit, --all, or a narrower time range";

/// Find log records by selector and text.
#[derive(Clone, Debug, Args)]
#[command(after_help = format!("\
Examples:
  nunchi logs -l 'app=checkout,tier in (web,api)' 'timeout OR refused'
  nunchi logs --since 15m 'severity:ERROR NOT healthz' -o ndjson | jq .body
  nunchi logs --all --from 2026-11-24T06:00:00Z --to 2026-11-24T07:00:00Z -o csv > hour.csv

{}", exit::HELP))]
pub struct LogsArguments {
    /// Words, "phrases", pre*, field:value, joined by AND, OR, NOT and ( )
    query: Option<String>,

    /// Kubernetes label selector; || between selectors means or
    #[arg(short = 'l', long, value_name = "SELECTOR")]
    selector: Option<String>,

    /// Records at most
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,

    /// Everything that matches, fetched page by page
    #[arg(long, conflicts_with = "limit")]
    all: bool,

    /// Which end to begin at
    #[arg(long, value_enum, default_value_t)]
    order: Order,

    /// The form of the output
    #[arg(short = 'o', long, value_name = "FORM", value_enum, default_value_t)]
    output: LogsOutput,

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

/// Which end of the time range to begin at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Order {
    /// Newest record first.
    #[default]
    Newest,
    /// Oldest record first.
    Oldest,
}

impl Order {
    fn parameter(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Oldest => "oldest",
        }
    }
}

/// Asks and prints.
pub(super) async fn run(arguments: LogsArguments, session: &mut Session<'_>) -> Result<Exit, Failure> {
    let connection = Connection::open(&arguments.connection, session)?;
    let bounds = arguments.range.bounds(DefaultRange::LastHour);
    let question = Query::default()
        .with("q", arguments.query.as_ref())
        .with("selector", arguments.selector.as_ref())
        .with("from", bounds.from)
        .with("to", bounds.to)
        .with("order", Some(arguments.order.parameter()))
        .with("limit", Some(if arguments.all { PAGE_RECORDS } else { arguments.limit }));

    let mut printer = LogsPrinter::new(arguments.output, session.screen);
    let mut whole = Coverage { complete: true, ..Coverage::default() };
    let mut cursor: Option<String> = None;
    loop {
        let page: LogsAnswer = connection.get(&["logs"], &question.clone().with("cursor", cursor.as_ref())).await?;
        printer.write_page(session.out, &page.logs)?;
        let next = page.next_cursor.filter(|_| arguments.all);
        let last = next.is_none();
        whole = joined(whole, page.coverage, if last { Page::Last } else { Page::Earlier });
        if last {
            break;
        }
        // A reader at the other end of a pipe sees each page while the next one is fetched.
        session.out.flush()?;
        if next == cursor || page.logs.is_empty() {
            return Err(Failure::new(Exit::Server, "the server gave a page that leads nowhere"));
        }
        cursor = next;
    }
    whole.rows_returned = printer.records();
    printer.write_end(session.out, &whole)?;
    session.tell_coverage(&whole, MORE)?;
    let nothing = printer.records() == 0 && arguments.exit_status;
    Ok(if nothing { Exit::NothingMatched } else { Exit::Done })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    Earlier,
    Last,
}

/// What is known of all pages so far. That an earlier page was cut is no news: the next one follows it.
fn joined(so_far: Coverage, page: Coverage, place: Page) -> Coverage {
    let cut_only = place == Page::Earlier && page.truncated && page.blocks_failed == 0;
    let mut joined = Coverage {
        complete: so_far.complete && (page.complete || cut_only),
        truncated: so_far.truncated || page.truncated && place == Page::Last,
        blocks_failed: so_far.blocks_failed.max(page.blocks_failed),
        notes: so_far.notes,
        ..page
    };
    // A page is one of many, and each may say the same: keep what is new.
    joined.notes.extend(page.notes.into_iter().filter(|_| !cut_only));
    joined.notes.dedup();
    joined
}
