//! Names of labels, or values of one.

use std::io::{self, Write};

use protocol::PromAnswer;

use super::colour::Tone;
use super::csv;
use super::json;
use super::line::Line;
use super::output::RowsOutput;
use super::screen::Screen;

/// Writes the answer in the form asked for: as a table one a line, as they are.
pub(crate) fn write(
    out: &mut dyn Write,
    screen: Screen,
    output: RowsOutput,
    answer: &PromAnswer<Vec<String>>,
) -> io::Result<()> {
    match output {
        RowsOutput::Table => answer.data.iter().try_for_each(|text| {
            let mut line = Line::default();
            line.push(Tone::Plain, text).write(out, screen.paint)?;
            writeln!(out)
        }),
        RowsOutput::Json => json::write_document(out, answer),
        RowsOutput::Ndjson => answer.data.iter().try_for_each(|text| json::write_line(out, text)),
        RowsOutput::Csv => {
            csv::write_header(out, ["label"])?;
            answer.data.iter().try_for_each(|text| csv::write_row(out, [csv::Cell::Text(text)]))
        }
    }
}
