//! One trace, drawn: who called whom, when, for how long, and what they said.
//!
//! ```text
//! trace 4bf92f3577b34da6a3ce929d0e0e4736          heading.rs
//! start … duration …
//! 9 spans  4 errors  7 logs  1 repair
//!   web  squad storefront  …
//!
//!                                 self  0ns                1.20s  layout.rs: the axis
//! web GET /checkout      1.20s   388ms  ███━━━━━━━━━████   row.rs: guides, service, name, marks, duration, bar
//! │ 06:00:00.100 INFO  cart has 3 items                    moment.rs: log records and events in place
//! └╴checkout POST /pay ✗ 812ms   812ms     ██████████      tree.rs: which guides; bar.rs: where the bar lies;
//!                                                          path.rs: what of it the critical path goes through
//! logs without a span                                      moment.rs
//! repairs                                                  ../ledger.rs: what stitching changed, and why
//! ```
//!
//! Rows are written as they are made, nothing recurses, and how far a row is indented is capped visibly, so
//! that 100 000 spans or 10 000 levels are ordinary input.

mod bar;
mod heading;
mod layout;
mod moment;
mod path;
mod row;
mod tree;

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};

use protocol::{LogRecord, TraceAnswer};

use self::layout::Layout;
pub(crate) use self::moment::Moment;
use self::path::Path;
use self::row::Row;
use self::tree::Tree;
use super::colour::Tone;
use super::ledger;
use super::screen::Screen;

/// Draws the trace.
pub(crate) fn write(out: &mut dyn Write, screen: Screen, trace: &TraceAnswer) -> io::Result<()> {
    let tree = Tree::of(trace.spans.iter().map(|span| span.depth));
    let path = Path::of(trace.critical_path.as_ref());
    let layout = Layout::of(screen, trace, &tree);
    let mut logs = Placed::of(trace);

    heading::write(out, screen, trace)?;
    if !trace.spans.is_empty() {
        writeln!(out)?;
        layout.write_axis(out, trace.duration_ns)?;
    }
    let mut guides = tree.guides(layout.depth_max);
    for (at, span) in trace.spans.iter().enumerate() {
        let prefixes = guides.next_row(at);
        Row { span, guides: &prefixes.row, path: path.row(at), window_ns: trace.duration_ns }.write(out, &layout)?;
        moment::write_failure(out, screen, &prefixes.below, span)?;
        for moment in Moment::of_span(span, logs.take(&span.span_id)) {
            moment.write(out, screen, &prefixes.below)?;
        }
    }
    if !logs.without_span.is_empty() {
        writeln!(out)?;
        screen.paint.write(out, Tone::Strong, "logs without a span")?;
        writeln!(out)?;
        for log in logs.without_span {
            Moment::Log(log).write_with_service(out, screen)?;
        }
    }
    ledger::write_below(out, screen, trace)
}

/// The trace's log records by the span they are shown under.
struct Placed<'a> {
    by_span: HashMap<&'a str, Vec<&'a LogRecord>>,
    without_span: Vec<&'a LogRecord>,
}

impl<'a> Placed<'a> {
    fn of(trace: &'a TraceAnswer) -> Self {
        let spans: HashSet<&str> = trace.spans.iter().map(|span| span.span_id.as_str()).collect();
        let mut placed = Self { by_span: HashMap::new(), without_span: Vec::new() };
        for log in &trace.logs {
            match log.span_id.as_deref().filter(|id| spans.contains(id)) {
                Some(id) => placed.by_span.entry(id).or_default().push(log),
                None => placed.without_span.push(log),
            }
        }
        placed
    }

    /// The records of a span; a second span with the same id gets none, so that each is shown once.
    fn take(&mut self, span_id: &str) -> Vec<&'a LogRecord> {
        self.by_span.remove(span_id).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
