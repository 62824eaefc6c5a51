//! Log records, page by page: what was printed is not kept.

use std::io::{self, Write};

use protocol::{Coverage, LogRecord};
use serde_json::Value;

use super::body::body_text;
use super::colour::Tone;
use super::csv::{self, Cell};
use super::escape::visible;
use super::json;
use super::line::{Line, Overflow, width, wrapped};
use super::output::LogsOutput;
use super::quantity::{instant, instant_short};
use super::screen::Screen;

const TIME_CELLS: usize = "2026-11-24T06:00:00.000Z".len();
const TIME_CELLS_NARROW: usize = "11-24 06:00:00.000".len();
const SEVERITY_CELLS: usize = "ERROR".len();
const TRACE_CELLS: usize = 32;
const GAP: &str = "  ";

/// The service column grows with what comes, up to here.
const SERVICE_CELLS_MAX: usize = 24;

/// A body on a terminal is cut after this many lines; `-o raw`, `ndjson` or a pipe has it whole.
const BODY_LINES_MAX: usize = 4;

/// With less room than this a body is not wrapped but left to the terminal.
const BODY_CELLS_MIN: usize = 20;

const CSV_COLUMNS: [&str; 14] = [
    "time",
    "observed_time",
    "severity",
    "severity_number",
    "severity_text",
    "service",
    "body",
    "event_name",
    "trace_id",
    "span_id",
    "attributes",
    "resource",
    "scope_name",
    "scope_version",
];

/// Prints log records as they come.
#[derive(Debug)]
pub(crate) struct LogsPrinter {
    output: LogsOutput,
    screen: Screen,
    /// Records printed.
    records: u64,
    service_cells: usize,
}

impl LogsPrinter {
    /// Prints nothing yet.
    pub(crate) fn new(output: LogsOutput, screen: Screen) -> Self {
        Self { output, screen, records: 0, service_cells: "SERVICE".len() }
    }

    /// Prints one page. The first one brings the header, so that a question refused prints nothing.
    pub(crate) fn write_page(&mut self, out: &mut dyn Write, page: &[LogRecord]) -> io::Result<()> {
        if self.output == LogsOutput::Table {
            let services = page.iter().map(|log| width(&visible(&log.service))).max().unwrap_or(0);
            self.service_cells = self.service_cells.max(services.min(SERVICE_CELLS_MAX));
        }
        if self.records == 0 {
            match self.output {
                // A table without rows would be a heading over nothing.
                LogsOutput::Table if !page.is_empty() => self.write_heading(out)?,
                LogsOutput::Csv => csv::write_header(out, CSV_COLUMNS)?,
                LogsOutput::Json => out.write_all(b"{\n\"logs\": [")?,
                LogsOutput::Table | LogsOutput::Ndjson | LogsOutput::Raw => {}
            }
        }
        for log in page {
            self.write_record(out, log)?;
            self.records += 1;
        }
        Ok(())
    }

    /// Ends the output; `coverage` is that of all pages together.
    pub(crate) fn write_end(&self, out: &mut dyn Write, coverage: &Coverage) -> io::Result<()> {
        if self.output == LogsOutput::Json {
            out.write_all(b"\n],\n\"coverage\": ")?;
            json::write_compact(out, coverage)?;
            out.write_all(b"\n}\n")?;
        }
        Ok(())
    }

    /// Records printed so far.
    pub(crate) fn records(&self) -> u64 {
        self.records
    }

    fn write_record(&self, out: &mut dyn Write, log: &LogRecord) -> io::Result<()> {
        match self.output {
            LogsOutput::Table => self.write_line(out, log),
            LogsOutput::Raw => writeln!(out, "{}", visible(&body_text(log))),
            LogsOutput::Ndjson => json::write_line(out, log),
            LogsOutput::Csv => write_csv(out, log),
            LogsOutput::Json => {
                out.write_all(if self.records == 0 { b"\n" } else { b",\n" })?;
                json::write_compact(out, log)
            }
        }
    }

    fn time_cells(&self) -> usize {
        if self.screen.is_wide() { TIME_CELLS } else { TIME_CELLS_NARROW }
    }

    fn write_heading(&self, out: &mut dyn Write) -> io::Result<()> {
        let time = self.time_cells();
        let service = format!("{:<cells$}", "SERVICE", cells = self.service_cells);
        let trace = if self.screen.is_wide() { format!("{:<TRACE_CELLS$}{GAP}", "TRACE") } else { String::new() };
        let heading = format!("{:<time$}{GAP}{:<SEVERITY_CELLS$}{GAP}{service}{GAP}{trace}BODY", "TIME", "LEVEL");
        self.screen.paint.write(out, Tone::Strong, &heading)?;
        writeln!(out)
    }

    fn write_line(&self, out: &mut dyn Write, log: &LogRecord) -> io::Result<()> {
        let paint = self.screen.paint;
        let overflow = if self.screen.width.is_some() { Overflow::Cut } else { Overflow::Keep };
        let mut lead = self.time_cells() + SEVERITY_CELLS + self.service_cells + 3 * GAP.len();
        let cell = |out: &mut dyn Write, tone, text: &str, cells| {
            let mut line = Line::default();
            line.push(tone, text).write_padded(out, paint, cells, overflow)?;
            out.write_all(GAP.as_bytes())
        };
        let time = if self.screen.is_wide() { instant(&log.time) } else { instant_short(&log.time) };
        cell(out, Tone::Faint, &time, self.time_cells())?;
        cell(out, Tone::of_severity(&log.severity), &log.severity, SEVERITY_CELLS)?;
        cell(out, Tone::of_service(&log.service), &log.service, self.service_cells)?;
        if self.screen.is_wide() {
            cell(out, Tone::Faint, log.trace_id.as_deref().unwrap_or("-"), TRACE_CELLS)?;
            lead += TRACE_CELLS + GAP.len();
        }
        let body = body_text(log);
        let body = visible(&body);
        match self.screen.width.map(|width| width.saturating_sub(lead)) {
            Some(room) if room >= BODY_CELLS_MIN => {
                for (at, text) in wrapped(&body, room, BODY_LINES_MAX).iter().enumerate() {
                    let indent = if at == 0 { 0 } else { lead };
                    writeln!(out, "{:indent$}{text}", "")?;
                }
                Ok(())
            }
            _ => writeln!(out, "{body}"),
        }
    }
}

fn write_csv(out: &mut dyn Write, log: &LogRecord) -> io::Result<()> {
    let (attributes, resource) = (Value::Object(log.attributes.clone()), Value::Object(log.resource.clone()));
    csv::write_row(
        out,
        [
            Cell::Text(&log.time),
            Cell::optional(log.observed_time.as_deref()),
            Cell::Text(&log.severity),
            i64::from(log.severity_number).into(),
            Cell::optional(log.severity_text.as_deref()),
            Cell::Text(&log.service),
            Cell::Json(&log.body),
            Cell::optional(log.event_name.as_deref()),
            Cell::optional(log.trace_id.as_deref()),
            Cell::optional(log.span_id.as_deref()),
            Cell::Json(&attributes),
            Cell::Json(&resource),
            Cell::Text(&log.scope.name),
            Cell::Text(&log.scope.version),
        ],
    )
}
