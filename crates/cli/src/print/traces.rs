//! The list of traces that match.

use std::io::{self, Write};

use protocol::{TraceSummary, TracesAnswer};
use serde_json::Value;

use super::colour::Tone;
use super::csv;
use super::json;
use super::output::RowsOutput;
use super::quantity::{duration, instant, instant_short};
use super::screen::Screen;
use super::table::{Cell, Column, Table};

const CSV_COLUMNS: [&str; 9] = [
    "trace_id",
    "start_time",
    "duration_ns",
    "root_service",
    "root_name",
    "span_count",
    "error_count",
    "matched_spans",
    "services",
];

/// Writes the answer in the form asked for.
pub(crate) fn write(out: &mut dyn Write, screen: Screen, output: RowsOutput, answer: &TracesAnswer) -> io::Result<()> {
    match output {
        RowsOutput::Table if answer.traces.is_empty() => Ok(()),
        RowsOutput::Table => table(screen, &answer.traces).write(out, screen),
        RowsOutput::Json => json::write_document(out, answer),
        RowsOutput::Ndjson => answer.traces.iter().try_for_each(|trace| json::write_line(out, trace)),
        RowsOutput::Csv => {
            csv::write_header(out, CSV_COLUMNS)?;
            answer.traces.iter().try_for_each(|trace| write_csv(out, trace))
        }
    }
}

fn table(screen: Screen, traces: &[TraceSummary]) -> Table {
    // On a narrow screen the trace id, which has to be whole, leaves no room for dates and words.
    let wide = screen.is_wide();
    let mut table = Table::new(&[
        Column::Whole("START"),
        Column::Number("DURATION"),
        Column::Number("SPANS"),
        Column::Number(if wide { "ERRORS" } else { "✗" }),
        Column::Whole("TRACE"),
        Column::Text("ROOT"),
    ]);
    for trace in traces {
        let root = match (&trace.root_service, &trace.root_name) {
            (Some(service), name) => {
                Cell::new(Tone::of_service(service), &format!("{service} {}", name.as_deref().unwrap_or_default()))
            }
            (None, Some(name)) => name.as_str().into(),
            (None, None) => Cell::new(Tone::Warn, "(no root has arrived)"),
        };
        table.row(vec![
            if wide { instant(&trace.start_time) } else { to_the_second(&trace.start_time) }.into(),
            duration(trace.duration_ns).into(),
            trace.span_count.into(),
            Cell::bad_count(trace.error_count),
            trace.trace_id.as_str().into(),
            root,
        ]);
    }
    table
}

fn to_the_second(time: &str) -> String {
    let short = instant_short(time);
    short.split_once('.').map_or_else(|| short.clone(), |(seconds, _)| seconds.to_owned())
}

fn write_csv(out: &mut dyn Write, trace: &TraceSummary) -> io::Result<()> {
    let services: Value = trace.services.iter().map(|service| service.service.as_str()).collect();
    csv::write_row(
        out,
        [
            csv::Cell::Text(&trace.trace_id),
            csv::Cell::Text(&trace.start_time),
            trace.duration_ns.into(),
            csv::Cell::optional(trace.root_service.as_deref()),
            csv::Cell::optional(trace.root_name.as_deref()),
            trace.span_count.into(),
            trace.error_count.into(),
            trace.matched_spans.into(),
            csv::Cell::Json(&services),
        ],
    )
}
