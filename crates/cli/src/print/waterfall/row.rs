//! One span as one row: guides, service, name, marks, error sign, duration, bar.

use std::io::{self, Write};

use protocol::Span;

use super::super::colour::Tone;
use super::super::line::Line;
use super::super::quantity;
use super::bar::Bar;
use super::layout::Layout;
use super::path::{PATH_BAR, PATH_BAR_PHANTOM, PathRow};

/// Says that a span ended with status `error`; a sign, because colour alone would not reach everybody.
pub(crate) const ERROR_SIGN: &str = "✗";

const BAR: &str = "━";
/// A span that never arrived is drawn dashed.
const BAR_PHANTOM: &str = "╌";

/// One row to be written.
pub(crate) struct Row<'a> {
    /// The span.
    pub(crate) span: &'a Span,
    /// What stands before its label.
    pub(crate) guides: &'a str,
    /// What it has of the critical path; `None` off the path.
    pub(crate) path: Option<&'a PathRow<'a>>,
    /// The time the bars' room stands for.
    pub(crate) window_ns: i64,
}

impl Row<'_> {
    /// Writes the row and its line break.
    pub(crate) fn write(&self, out: &mut dyn Write, layout: &Layout) -> io::Result<()> {
        let Self { span, guides, path, .. } = self;
        let phantom = is_phantom(span);

        let mut label = Line::default();
        label.push(Tone::Faint, guides);
        push_label(&mut label, span);
        label.write_padded(out, layout.paint, layout.label, layout.overflow)?;

        let mut rest = Line::default();
        rest.push(Tone::Plain, " ");
        if is_error(span) {
            rest.push(Tone::Bad, ERROR_SIGN);
        } else {
            rest.push(Tone::Plain, " ");
        }
        let approximate = if phantom { "~" } else { "" };
        let duration = format!("{approximate}{}", quantity::duration(span.duration_ns));
        rest.push(Tone::Plain, &format!(" {duration:>cells$}", cells = layout.duration));
        if layout.self_time > 0 {
            let self_time = path.map(PathRow::self_time).unwrap_or_default();
            rest.push(Tone::Plain, &format!("{self_time:>cells$}", cells = layout.self_time));
        }
        if layout.bar > 0 {
            self.push_bar(&mut rest, layout.bar);
        }
        rest.write(out, layout.paint)?;
        writeln!(out)
    }

    /// The bar, with other signs where the critical path goes through the span.
    fn push_bar(&self, line: &mut Line, room: usize) {
        let Self { span, path, window_ns, .. } = self;
        let (plain, on_path) = if is_phantom(span) { (BAR_PHANTOM, PATH_BAR_PHANTOM) } else { (BAR, PATH_BAR) };
        let bar = Bar::of(span.start_offset_ns, span.duration_ns, *window_ns, room);
        line.push(Tone::Plain, &format!("  {:lead$}", "", lead = bar.lead));
        let text: String = match path {
            None => plain.repeat(bar.cells),
            Some(path) => {
                let cells = path.cells(*window_ns, room).into_iter().skip(bar.lead).take(bar.cells);
                cells.map(|is_on_path| if is_on_path { on_path } else { plain }).collect()
            }
        };
        line.push(Tone::of_service(&span.service), &text);
    }
}

/// Cells the label takes without its guides.
pub(crate) fn label_width(span: &Span) -> usize {
    let mut label = Line::default();
    push_label(&mut label, span);
    label.width()
}

/// Whether stitching made this span to stand for one that has not arrived.
pub(crate) fn is_phantom(span: &Span) -> bool {
    span.marks.iter().any(|mark| mark == "phantom")
}

/// Whether the span ended with status `error`.
pub(crate) fn is_error(span: &Span) -> bool {
    span.status.code == "error"
}

fn push_label(label: &mut Line, span: &Span) {
    label.push(Tone::of_service(&span.service), if span.service.is_empty() { "unknown" } else { &span.service });
    // Before the name, which is what is cut first. That a span is the root is seen from its place.
    for mark in span.marks.iter().filter(|mark| *mark != "root") {
        label.push(Tone::Warn, &format!(" [{}]", mark.replace('_', " ")));
    }
    label.push(Tone::Plain, " ");
    label.push(if is_phantom(span) { Tone::Faint } else { Tone::Plain }, &span.name);
}
