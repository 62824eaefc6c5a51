//! What was said while a span ran: its log records, its events, and why it failed.

use std::io::{self, Write};

use protocol::{LogRecord, Span, SpanEvent};

use super::super::body::body_text;
use super::super::colour::Tone;
use super::super::json;
use super::super::line::Line;
use super::super::quantity;
use super::super::screen::Screen;
use super::row::{ERROR_SIGN, is_error};

/// Attributes that say what an event is about, in the order they are shown.
const TELLING_ATTRIBUTES: [&str; 2] = ["exception.type", "exception.message"];

/// Something said at one instant.
#[derive(Clone, Copy)]
pub(crate) enum Moment<'a> {
    /// A log record.
    Log(&'a LogRecord),
    /// An event of the span.
    Event(&'a SpanEvent),
}

impl<'a> Moment<'a> {
    /// A span's events and log records in time order.
    pub(crate) fn of_span(span: &'a Span, logs: Vec<&'a LogRecord>) -> Vec<Self> {
        let mut moments: Vec<Self> =
            span.events.iter().map(Self::Event).chain(logs.into_iter().map(Self::Log)).collect();
        // Times are RFC 3339 in UTC with nine decimals, so the order of the text is the order of time.
        moments.sort_by_key(|moment| moment.time());
        moments
    }

    /// Writes one line behind `guides`.
    pub(crate) fn write(self, out: &mut dyn Write, screen: Screen, guides: &str) -> io::Result<()> {
        let mut line = Line::default();
        line.push(Tone::Faint, guides).push(Tone::Faint, &quantity::time_of_day(self.time())).push(Tone::Plain, " ");
        match self {
            Self::Log(log) => push_log(&mut line, log),
            Self::Event(event) => push_event(&mut line, event),
        };
        write_line(out, screen, &line)
    }

    /// Writes one line that names the service, for a record that stands under no span.
    pub(crate) fn write_with_service(self, out: &mut dyn Write, screen: Screen) -> io::Result<()> {
        let mut line = Line::default();
        line.push(Tone::Faint, "│ ").push(Tone::Faint, &quantity::time_of_day(self.time())).push(Tone::Plain, " ");
        match self {
            Self::Log(log) => {
                line.push(Tone::of_service(&log.service), &log.service).push(Tone::Plain, " ");
                push_log(&mut line, log);
            }
            Self::Event(event) => push_event(&mut line, event),
        }
        write_line(out, screen, &line)
    }

    fn time(&self) -> &'a str {
        match self {
            Self::Log(log) => log.shown_time.as_deref().unwrap_or(&log.time),
            Self::Event(event) => &event.time,
        }
    }
}

/// Writes the sender's words for why the span failed, where there are any.
pub(crate) fn write_failure(out: &mut dyn Write, screen: Screen, guides: &str, span: &Span) -> io::Result<()> {
    if !is_error(span) || span.status.message.is_empty() {
        return Ok(());
    }
    let mut line = Line::default();
    line.push(Tone::Faint, guides).push(Tone::Bad, ERROR_SIGN).push(Tone::Plain, " ");
    line.push(Tone::Plain, &span.status.message);
    write_line(out, screen, &line)
}

fn push_log(line: &mut Line, log: &LogRecord) {
    line.push(Tone::of_severity(&log.severity), &format!("{:<5}", log.severity));
    line.push(Tone::Plain, " ").push(Tone::Plain, &body_text(log));
}

fn push_event(line: &mut Line, event: &SpanEvent) {
    line.push(Tone::Faint, "event ").push(Tone::Plain, &event.name);
    for value in TELLING_ATTRIBUTES.iter().filter_map(|key| event.attributes.get(*key)) {
        let text = value.as_str().map_or_else(|| json::compact(value), str::to_owned);
        line.push(Tone::Plain, ": ").push(Tone::Plain, &text);
    }
}

fn write_line(out: &mut dyn Write, screen: Screen, line: &Line) -> io::Result<()> {
    match screen.width {
        Some(width) => {
            line.write_cut(out, screen.paint, width)?;
        }
        None => line.write(out, screen.paint)?,
    }
    writeln!(out)
}
