//! How far the clocks of hosts are apart.

use std::io::{self, Write};

use protocol::{ClockPair, ClocksAnswer};

use super::csv;
use super::json;
use super::output::RowsOutput;
use super::quantity::duration;
use super::screen::Screen;
use super::table::{Column, Table};

const CSV_COLUMNS: [&str; 8] =
    ["host", "other_host", "time", "offset_ns", "error_ns", "calls", "confidence", "is_apart"];

/// Writes the answer in the form asked for. The table has the newest point of each pair, the others all.
pub(crate) fn write(out: &mut dyn Write, screen: Screen, output: RowsOutput, answer: &ClocksAnswer) -> io::Result<()> {
    match output {
        RowsOutput::Table if answer.pairs.is_empty() => Ok(()),
        RowsOutput::Table => table(&answer.pairs).write(out, screen),
        RowsOutput::Json => json::write_document(out, answer),
        RowsOutput::Ndjson => answer.pairs.iter().try_for_each(|pair| json::write_line(out, pair)),
        RowsOutput::Csv => {
            csv::write_header(out, CSV_COLUMNS)?;
            answer.pairs.iter().try_for_each(|pair| write_csv(out, pair))
        }
    }
}

fn table(pairs: &[ClockPair]) -> Table {
    let mut table = Table::new(&[
        Column::Text("HOST"),
        Column::Text("OTHER HOST"),
        Column::Text("OTHER IS"),
        Column::Number("BY"),
        Column::Number("ERROR"),
        Column::Number("CALLS"),
        Column::Number("SURE"),
    ]);
    for pair in pairs {
        let Some(point) = pair.points.last() else { continue };
        let word = match (point.is_apart, point.offset_ns > 0) {
            (false, _) => "in step",
            (true, true) => "ahead",
            (true, false) => "behind",
        };
        table.row(vec![
            pair.host.as_str().into(),
            pair.other_host.as_str().into(),
            word.into(),
            duration(point.offset_ns.saturating_abs()).as_str().into(),
            duration(point.error_ns).as_str().into(),
            point.calls.into(),
            format!("{:.0}%", 100.0 * point.confidence).as_str().into(),
        ]);
    }
    table
}

fn write_csv(out: &mut dyn Write, pair: &ClockPair) -> io::Result<()> {
    pair.points.iter().try_for_each(|point| {
        csv::write_row(
            out,
            [
                csv::Cell::Text(&pair.host),
                csv::Cell::Text(&pair.other_host),
                csv::Cell::Text(&point.time),
                point.offset_ns.into(),
                point.error_ns.into(),
                point.calls.into(),
                csv::Cell::Text(&point.confidence.to_string()),
                csv::Cell::Text(if point.is_apart { "true" } else { "false" }),
            ],
        )
    })
}
