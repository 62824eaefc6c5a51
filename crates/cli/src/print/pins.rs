//! What retention leaves alone.

use std::io::{self, Write};

use protocol::{Pin, PinsAnswer};

use super::csv;
use super::json;
use super::output::RowsOutput;
use super::quantity::instant;
use super::screen::Screen;
use super::table::{Cell, Column, Table};

const CSV_COLUMNS: [&str; 6] = ["id", "from", "to", "expires", "created", "reason"];

/// Writes the pins in the form asked for.
pub(crate) fn write(out: &mut dyn Write, screen: Screen, output: RowsOutput, answer: &PinsAnswer) -> io::Result<()> {
    match output {
        RowsOutput::Table if answer.pins.is_empty() => Ok(()),
        RowsOutput::Table => table(&answer.pins).write(out, screen),
        RowsOutput::Json => json::write_document(out, answer),
        RowsOutput::Ndjson => answer.pins.iter().try_for_each(|pin| json::write_line(out, pin)),
        RowsOutput::Csv => {
            csv::write_header(out, CSV_COLUMNS)?;
            answer.pins.iter().try_for_each(|pin| write_csv(out, pin))
        }
    }
}

fn table(pins: &[Pin]) -> Table {
    let mut table = Table::new(&[
        Column::Number("ID"),
        Column::Whole("FROM"),
        Column::Whole("TO"),
        Column::Whole("EXPIRES"),
        Column::Text("REASON"),
    ]);
    for pin in pins {
        table.row(vec![
            pin.id.into(),
            instant(&pin.from).into(),
            instant(&pin.to).into(),
            Cell::optional(pin.expires.as_deref().map(instant).as_deref()),
            pin.reason.as_str().into(),
        ]);
    }
    table
}

fn write_csv(out: &mut dyn Write, pin: &Pin) -> io::Result<()> {
    csv::write_row(
        out,
        [
            pin.id.into(),
            csv::Cell::Text(&pin.from),
            csv::Cell::Text(&pin.to),
            csv::Cell::optional(pin.expires.as_deref()),
            csv::Cell::Text(&pin.created),
            csv::Cell::Text(&pin.reason),
        ],
    )
}
