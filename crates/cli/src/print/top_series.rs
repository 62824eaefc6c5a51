//! How many series there are, and what makes them many.

use std::io::{self, Write};

use protocol::{NamedCount, PromAnswer, TsdbStatus};
use serde_json::json;

use super::colour::Tone;
use super::csv;
use super::json;
use super::line::Line;
use super::output::RowsOutput;
use super::quantity::{bytes, count};
use super::screen::Screen;
use super::table::{Column, Table};

/// The column that has sizes instead of counts.
const BYTES: &str = "BYTES";

/// Writes the answer in the form asked for.
pub(crate) fn write(
    out: &mut dyn Write,
    screen: Screen,
    output: RowsOutput,
    answer: &PromAnswer<TsdbStatus>,
) -> io::Result<()> {
    match output {
        RowsOutput::Table => write_tables(out, screen, &answer.data),
        RowsOutput::Json => json::write_document(out, answer),
        RowsOutput::Ndjson => lists(&answer.data).iter().try_for_each(|(by, list)| {
            list.iter().try_for_each(|NamedCount { name, value }| {
                json::write_line(out, &json!({"by": by, "name": name, "value": value}))
            })
        }),
        RowsOutput::Csv => {
            csv::write_header(out, ["by", "name", "value"])?;
            lists(&answer.data).iter().try_for_each(|(by, list)| {
                list.iter().try_for_each(|NamedCount { name, value }| {
                    csv::write_row(out, [csv::Cell::Text(by), csv::Cell::Text(name), (*value).into()])
                })
            })
        }
    }
}

fn lists(status: &TsdbStatus) -> [(&'static str, &[NamedCount]); 4] {
    [
        ("series_by_metric", &status.series_count_by_metric_name),
        ("values_by_label", &status.label_value_count_by_label_name),
        ("bytes_by_label", &status.memory_in_bytes_by_label_name),
        ("series_by_pair", &status.series_count_by_label_value_pair),
    ]
}

fn write_tables(out: &mut dyn Write, screen: Screen, status: &TsdbStatus) -> io::Result<()> {
    let totals = &status.head_stats;
    let mut line = Line::default();
    // `series` is its own plural.
    let pairs = count(totals.num_label_pairs, "pair");
    line.push(Tone::Plain, &format!("{} series, {pairs} of labels and values", totals.num_series));
    line.write(out, screen.paint)?;
    writeln!(out)?;
    let tables = [
        ("METRIC", "SERIES", &status.series_count_by_metric_name),
        ("LABEL", "VALUES", &status.label_value_count_by_label_name),
        ("LABEL", BYTES, &status.memory_in_bytes_by_label_name),
        ("PAIR", "SERIES", &status.series_count_by_label_value_pair),
    ];
    for (name, value, list) in tables.into_iter().filter(|(_, _, list)| !list.is_empty()) {
        writeln!(out)?;
        let mut table = Table::named([(name, Column::Text("")), (value, Column::Number(""))]);
        for entry in list {
            let size = if value == BYTES { bytes(entry.value) } else { entry.value.to_string() };
            table.row(vec![entry.name.as_str().into(), size.into()]);
        }
        table.write(out, screen)?;
    }
    Ok(())
}
