//! Who is out there.

use std::io::{self, Write};

use protocol::{ServiceSummary, ServicesAnswer};

use super::colour::Tone;
use super::csv;
use super::json;
use super::output::RowsOutput;
use super::quantity::{duration, instant};
use super::screen::Screen;
use super::table::{Cell, Column, Table};

const CSV_COLUMNS: [&str; 14] = [
    "service",
    "namespace",
    "environment",
    "squad",
    "instances",
    "requests",
    "errors",
    "duration_p50_ns",
    "duration_p99_ns",
    "spans",
    "logs",
    "error_logs",
    "series",
    "last_seen",
];

/// Writes the answer in the form asked for.
pub(crate) fn write(
    out: &mut dyn Write,
    screen: Screen,
    output: RowsOutput,
    answer: &ServicesAnswer,
) -> io::Result<()> {
    match output {
        RowsOutput::Table if answer.services.is_empty() => Ok(()),
        RowsOutput::Table if screen.is_wide() => wide_table(&answer.services).write(out, screen),
        RowsOutput::Table => narrow_table(&answer.services).write(out, screen),
        RowsOutput::Json => json::write_document(out, answer),
        RowsOutput::Ndjson => answer.services.iter().try_for_each(|service| json::write_line(out, service)),
        RowsOutput::Csv => {
            csv::write_header(out, CSV_COLUMNS)?;
            answer.services.iter().try_for_each(|service| write_csv(out, service))
        }
    }
}

fn wide_table(services: &[ServiceSummary]) -> Table {
    let mut table = Table::new(&[
        Column::Text("SERVICE"),
        Column::Text("NAMESPACE"),
        Column::Text("ENVIRONMENT"),
        Column::Text("SQUAD"),
        Column::Number("PODS"),
        Column::Number("REQUESTS"),
        Column::Number("ERRORS"),
        Column::Number("P50"),
        Column::Number("P99"),
        Column::Number("LOGS"),
        Column::Number("BAD LOGS"),
        Column::Whole("LAST SEEN"),
    ]);
    for service in services {
        table.row(vec![
            name(service),
            Cell::optional(service.namespace.as_deref()),
            Cell::optional(service.environment.as_deref()),
            Cell::optional(service.squad.as_deref()),
            service.instances.into(),
            service.requests.into(),
            Cell::bad_count(service.errors),
            optional_duration(service.duration_p50_ns),
            optional_duration(service.duration_p99_ns),
            service.logs.into(),
            Cell::bad_count(service.error_logs),
            instant(&service.last_seen).into(),
        ]);
    }
    table
}

/// What an operator needs first, where there is no room for all.
fn narrow_table(services: &[ServiceSummary]) -> Table {
    let mut table = Table::new(&[
        Column::Text("SERVICE"),
        Column::Text("SQUAD"),
        Column::Number("REQUESTS"),
        Column::Number("ERRORS"),
        Column::Number("P99"),
        Column::Number("LOGS"),
        Column::Number("BAD LOGS"),
    ]);
    for service in services {
        table.row(vec![
            name(service),
            Cell::optional(service.squad.as_deref()),
            service.requests.into(),
            Cell::bad_count(service.errors),
            optional_duration(service.duration_p99_ns),
            service.logs.into(),
            Cell::bad_count(service.error_logs),
        ]);
    }
    table
}

fn name(service: &ServiceSummary) -> Cell {
    Cell::new(Tone::of_service(&service.service), &service.service)
}

fn optional_duration(nanos: Option<i64>) -> Cell {
    Cell::optional(nanos.map(duration).as_deref())
}

fn write_csv(out: &mut dyn Write, service: &ServiceSummary) -> io::Result<()> {
    let optional_number = |number: Option<i64>| number.map_or(csv::Cell::Empty, csv::Cell::from);
    csv::write_row(
        out,
        [
            csv::Cell::Text(&service.service),
            csv::Cell::optional(service.namespace.as_deref()),
            csv::Cell::optional(service.environment.as_deref()),
            csv::Cell::optional(service.squad.as_deref()),
            service.instances.into(),
            service.requests.into(),
            service.errors.into(),
            optional_number(service.duration_p50_ns),
            optional_number(service.duration_p99_ns),
            service.spans.into(),
            service.logs.into(),
            service.error_logs.into(),
            service.series.into(),
            csv::Cell::Text(&service.last_seen),
        ],
    )
}
