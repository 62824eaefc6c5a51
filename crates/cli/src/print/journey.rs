//! The traces of one piece of work, and how long it waited between them.

use std::io::{self, Write};

use protocol::{JourneyAnswer, JourneyHop, JourneyTrace};
use serde_json::Value;

use super::colour::Tone;
use super::csv;
use super::json;
use super::output::RowsOutput;
use super::quantity::{duration, instant, instant_short};
use super::screen::Screen;
use super::table::{Cell, Column, Table};

const CSV_COLUMNS: [&str; 11] = [
    "trace_id",
    "depth",
    "distance",
    "start_time",
    "duration_ns",
    "root_service",
    "root_name",
    "span_count",
    "error_count",
    "repair_count",
    "services",
];

/// Traces are indented no deeper: on a terminal there would be no room for their names.
const INDENT_MAX: u32 = 12;

const WIDE: [Column; 7] = [
    Column::Whole("START"),
    Column::Number("DURATION"),
    Column::Number("SPANS"),
    Column::Number("ERRORS"),
    Column::Number("REPAIRS"),
    Column::Whole("TRACE"),
    Column::Text("WORK"),
];

/// The trace id, which has to be whole, leaves no room for counts: `nunchi trace` has them.
const NARROW: [Column; 4] =
    [Column::Whole("START"), Column::Number("DURATION"), Column::Whole("TRACE"), Column::Text("WORK")];

/// Writes the answer in the form asked for. The table and the lines of NDJSON tell hops, too; CSV has rows of one kind,
/// which are traces.
pub(crate) fn write(out: &mut dyn Write, screen: Screen, output: RowsOutput, answer: &JourneyAnswer) -> io::Result<()> {
    match output {
        RowsOutput::Table => table(screen, answer).write(out, screen),
        RowsOutput::Json => json::write_document(out, answer),
        RowsOutput::Ndjson => {
            answer.traces.iter().try_for_each(|trace| json::write_tagged(out, "trace", trace))?;
            answer.hops.iter().try_for_each(|hop| json::write_tagged(out, "hop", hop))?;
            answer.missing.iter().try_for_each(|trace| json::write_tagged(out, "missing", trace))?;
            answer.not_followed.iter().try_for_each(|trace| json::write_tagged(out, "not_followed", trace))
        }
        RowsOutput::Csv => {
            csv::write_header(out, CSV_COLUMNS)?;
            answer.traces.iter().try_for_each(|trace| write_csv(out, trace))
        }
    }
}

/// By time, each trace below what leads to it, and indented by how many hops that is from where the work began.
fn table(screen: Screen, answer: &JourneyAnswer) -> Table {
    let mut table = Table::new(if screen.is_wide() { &WIDE } else { &NARROW });
    for trace in &answer.traces {
        let (before, within): (Vec<_>, Vec<_>) = answer
            .hops
            .iter()
            .filter(|hop| hop.to.trace_id == trace.trace_id)
            .partition(|hop| hop.from.trace_id != trace.trace_id);
        let indent = "  ".repeat(trace.depth.min(INDENT_MAX) as usize);
        waits(&before).iter().for_each(|wait| table.row(wait.row(screen, &indent)));
        table.row(trace_row(screen, trace, &indent));
        waits(&within).iter().for_each(|wait| table.row(wait.row(screen, &format!("{indent}  "))));
    }
    let beyond = [(&answer.missing, "(not stored)"), (&answer.not_followed, "(not followed)")];
    for (traces, what) in beyond {
        for trace in traces {
            table.row(row(screen, ["", "", &trace.trace_id].map(Cell::from), None, Cell::new(Tone::Warn, what)));
        }
    }
    table
}

fn trace_row(screen: Screen, trace: &JourneyTrace, indent: &str) -> Vec<Cell> {
    let work = match (&trace.root_service, &trace.root_name) {
        (Some(service), name) => {
            let name = name.as_deref().unwrap_or_default();
            Cell::new(Tone::of_service(service), &format!("{indent}{service} {name}"))
        }
        (None, _) => Cell::new(Tone::Warn, &format!("{indent}(no root has arrived)")),
    };
    let start = if screen.is_wide() { instant(&trace.start_time) } else { to_the_second(&trace.start_time) };
    let counts = [trace.span_count.into(), Cell::bad_count(trace.error_count), trace.repair_count.into()];
    row(screen, [start.into(), duration(trace.duration_ns).into(), trace.trace_id.as_str().into()], Some(counts), work)
}

/// A row of the columns that there is room for; only traces have counts.
fn row(screen: Screen, [start, duration, trace]: [Cell; 3], counts: Option<[Cell; 3]>, work: Cell) -> Vec<Cell> {
    let counts = counts.unwrap_or_else(|| [""; 3].map(Cell::from));
    let counts = if screen.is_wide() { counts.to_vec() } else { Vec::new() };
    [vec![start, duration], counts, vec![trace, work]].concat()
}

/// Hops of one kind through one queue from one trace: a batch is one line.
struct Wait<'a> {
    first: &'a JourneyHop,
    hops: usize,
    /// The shortest and the longest, nanoseconds.
    waiting_ns: Option<(i64, i64)>,
    confidence: f64,
}

impl Wait<'_> {
    fn row(&self, screen: Screen, indent: &str) -> Vec<Cell> {
        let what = match self.first.queue.as_ref().map(|queue| (&queue.destination, &queue.system)) {
            None => "linked".to_owned(),
            Some((Some(destination), _)) => format!("queue {destination}"),
            Some((None, Some(system))) => format!("queue of {system}"),
            Some((None, None)) => "queue".to_owned(),
        };
        let times = if self.hops > 1 { format!(" ×{}", self.hops) } else { String::new() };
        // What neither a parent nor a link says may be wrong.
        let doubt = if self.first.kind == "message" {
            format!(" ({:.0}% sure)", self.confidence * 100.0)
        } else {
            String::new()
        };
        let (waiting, tone) = match self.waiting_ns {
            None => ("?".to_owned(), Tone::Faint),
            Some((least, most)) => {
                let tone = if least < 0 { Tone::Warn } else { Tone::Faint };
                (if least == most { duration(most) } else { format!("{}..{}", duration(least), duration(most)) }, tone)
            }
        };
        let work = Cell::new(tone, &format!("{indent}↳ {what}{times}{doubt}"));
        row(screen, ["", &waiting, ""].map(Cell::from), None, work)
    }
}

fn waits<'a>(hops: &[&'a JourneyHop]) -> Vec<Wait<'a>> {
    let mut waits: Vec<Wait<'a>> = Vec::new();
    for hop in hops {
        let is_alike = |wait: &&mut Wait<'_>| {
            (&wait.first.from.trace_id, &wait.first.kind, &wait.first.queue)
                == (&hop.from.trace_id, &hop.kind, &hop.queue)
        };
        let own = hop.waiting_ns.map(|waiting| (waiting, waiting));
        match waits.iter_mut().find(is_alike) {
            Some(wait) => {
                wait.hops += 1;
                wait.confidence = wait.confidence.min(hop.confidence);
                wait.waiting_ns = match (wait.waiting_ns, own) {
                    (Some((least, most)), Some((other, _))) => Some((least.min(other), most.max(other))),
                    (known, other) => known.or(other),
                };
            }
            None => waits.push(Wait { first: hop, hops: 1, waiting_ns: own, confidence: hop.confidence }),
        }
    }
    waits
}

fn to_the_second(time: &str) -> String {
    let short = instant_short(time);
    short.split_once('.').map_or_else(|| short.clone(), |(seconds, _)| seconds.to_owned())
}

fn write_csv(out: &mut dyn Write, trace: &JourneyTrace) -> io::Result<()> {
    let services: Value = trace.services.iter().map(|service| service.service.as_str()).collect();
    csv::write_row(
        out,
        [
            csv::Cell::Text(&trace.trace_id),
            u64::from(trace.depth).into(),
            u64::from(trace.distance).into(),
            csv::Cell::Text(&trace.start_time),
            trace.duration_ns.into(),
            csv::Cell::optional(trace.root_service.as_deref()),
            csv::Cell::optional(trace.root_name.as_deref()),
            trace.span_count.into(),
            trace.error_count.into(),
            trace.repair_count.into(),
            csv::Cell::Json(&services),
        ],
    )
}
