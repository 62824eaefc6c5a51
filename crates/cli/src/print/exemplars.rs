//! Exemplars: measurements that name a trace.

use std::io::{self, Write};

use protocol::{Exemplar, ExemplarsAnswer};
use serde_json::Value;

use super::csv;
use super::json;
use super::output::RowsOutput;
use super::quantity::instant;
use super::screen::Screen;
use super::table::{Cell, Column, Table};

const CSV_COLUMNS: [&str; 9] =
    ["time", "metric", "unit", "service", "value", "trace_id", "span_id", "labels", "attributes"];

/// Writes the answer in the form asked for.
pub(crate) fn write(
    out: &mut dyn Write,
    screen: Screen,
    output: RowsOutput,
    answer: &ExemplarsAnswer,
) -> io::Result<()> {
    match output {
        RowsOutput::Table if answer.exemplars.is_empty() => Ok(()),
        RowsOutput::Table => table(&answer.exemplars).write(out, screen),
        RowsOutput::Json => json::write_document(out, answer),
        RowsOutput::Ndjson => answer.exemplars.iter().try_for_each(|exemplar| json::write_line(out, exemplar)),
        RowsOutput::Csv => {
            csv::write_header(out, CSV_COLUMNS)?;
            answer.exemplars.iter().try_for_each(|exemplar| write_csv(out, exemplar))
        }
    }
}

/// The exemplars as a table.
pub(crate) fn table(exemplars: &[Exemplar]) -> Table {
    let mut table = Table::new(&[
        Column::Whole("TIME"),
        Column::Text("METRIC"),
        Column::Number("VALUE"),
        Column::Text("UNIT"),
        Column::Text("SERVICE"),
        Column::Whole("TRACE"),
        Column::Whole("SPAN"),
    ]);
    for exemplar in exemplars {
        let value =
            exemplar.value.as_ref().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        table.row(vec![
            instant(&exemplar.time).into(),
            exemplar.metric.as_str().into(),
            Cell::optional(value.as_deref()),
            Cell::optional(Some(&exemplar.unit)),
            Cell::service(&exemplar.service),
            Cell::optional(exemplar.trace_id.as_deref()),
            Cell::optional(exemplar.span_id.as_deref()),
        ]);
    }
    table
}

fn write_csv(out: &mut dyn Write, exemplar: &Exemplar) -> io::Result<()> {
    let object = |attributes: &protocol::Attributes| Value::Object(attributes.clone());
    let (labels, attributes) = (object(&exemplar.labels), object(&exemplar.attributes));
    csv::write_row(
        out,
        [
            csv::Cell::Text(&exemplar.time),
            csv::Cell::Text(&exemplar.metric),
            csv::Cell::Text(&exemplar.unit),
            csv::Cell::Text(&exemplar.service),
            exemplar.value.as_ref().map_or(csv::Cell::Empty, csv::Cell::Json),
            csv::Cell::optional(exemplar.trace_id.as_deref()),
            csv::Cell::optional(exemplar.span_id.as_deref()),
            csv::Cell::Json(&labels),
            csv::Cell::Json(&attributes),
        ],
    )
}
