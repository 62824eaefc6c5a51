//! What stitching changed or added to draw the trace, and what it rests on.

use std::io::{self, Write};

use protocol::Repair;

use super::super::colour::Tone;
use super::super::line::Line;
use super::super::quantity::count;
use super::super::screen::Screen;

/// Span ids that are named per repair; the rest are counted (`-o json` has them all).
const SPAN_IDS_SHOWN_MAX: usize = 4;

/// Writes the ledger; nothing for a clean trace.
pub(crate) fn write(out: &mut dyn Write, screen: Screen, repairs: &[Repair]) -> io::Result<()> {
    if repairs.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    screen.paint.write(out, Tone::Strong, "repairs")?;
    writeln!(out)?;
    repairs.iter().try_for_each(|repair| write_one(out, screen, repair))
}

fn write_one(out: &mut dyn Write, screen: Screen, repair: &Repair) -> io::Result<()> {
    let mut title = Line::default();
    title.push(Tone::Warn, &repair.kind.replace('_', " "));
    // Anything outside 0 to 1 would be the server's mistake; NaN shows as 0.
    title.push(Tone::Plain, &format!("  confidence {:.0}%", repair.confidence.clamp(0.0, 1.0).max(0.0) * 100.0));
    let shown = repair.span_ids.iter().take(SPAN_IDS_SHOWN_MAX).map(String::as_str).collect::<Vec<_>>().join(" ");
    title.push(Tone::Faint, &format!("  {} {shown}", count(repair.span_ids.len() as u64, "span")));
    if repair.span_ids.len() > SPAN_IDS_SHOWN_MAX {
        title.push(Tone::Faint, &format!(" and {} more", repair.span_ids.len() - SPAN_IDS_SHOWN_MAX));
    }
    write_indented(out, screen, "  ", &title)?;

    let facts = [("arrived", &repair.before), ("shown", &repair.after), ("method", &repair.method)];
    let evidence = repair.evidence.iter().map(|evidence| ("evidence", evidence));
    for (name, text) in facts.into_iter().chain(evidence).filter(|(_, text)| !text.is_empty()) {
        let mut line = Line::default();
        line.push(Tone::Faint, &format!("{name:<8} ")).push(Tone::Plain, text);
        write_indented(out, screen, "    ", &line)?;
    }
    Ok(())
}

fn write_indented(out: &mut dyn Write, screen: Screen, indent: &str, line: &Line) -> io::Result<()> {
    out.write_all(indent.as_bytes())?;
    line.write(out, screen.paint)?;
    writeln!(out)
}
