//! The ledger of a trace: what stitching changed or added to draw it, what it noticed and left, and what both rest on.

use std::io::{self, Write};

use protocol::{Coverage, HostShift, Remark, Repair, TraceAnswer};
use serde::Serialize;

use super::colour::Tone;
use super::json;
use super::line::Line;
use super::output::TraceOutput;
use super::quantity::{count, duration};
use super::screen::Screen;

/// Span ids that are named per entry; the rest are counted (`-o json` has them all).
const SPAN_IDS_SHOWN_MAX: usize = 4;

/// The ledger alone, as a document.
#[derive(Serialize)]
struct Ledger<'a> {
    trace_id: &'a str,
    repairs: &'a [Repair],
    remarks: &'a [Remark],
    shifts: &'a [HostShift],
    coverage: &'a Coverage,
}

/// Writes the ledger of a trace without its waterfall, in the form asked for.
pub(crate) fn write(out: &mut dyn Write, screen: Screen, output: TraceOutput, trace: &TraceAnswer) -> io::Result<()> {
    let TraceAnswer { trace_id, repairs, remarks, shifts, coverage, .. } = trace;
    match output {
        TraceOutput::Waterfall => {
            let mut title = Line::default();
            title.push(Tone::Strong, "ledger of trace ").push(Tone::Strong, trace_id);
            write_indented(out, screen, "", &title)?;
            if repairs.is_empty() && remarks.is_empty() {
                return writeln!(out, "nothing was repaired, and nothing looks wrong");
            }
            write_below(out, screen, trace)
        }
        TraceOutput::Json => json::write_document(out, &Ledger { trace_id, repairs, remarks, shifts, coverage }),
        TraceOutput::Ndjson => write_lines(out, trace),
    }
}

/// Writes one JSON object per entry, such as `{"repair":…}`.
pub(crate) fn write_lines(out: &mut dyn Write, trace: &TraceAnswer) -> io::Result<()> {
    trace.repairs.iter().try_for_each(|repair| json::write_tagged(out, "repair", repair))?;
    trace.remarks.iter().try_for_each(|remark| json::write_tagged(out, "remark", remark))?;
    trace.shifts.iter().try_for_each(|shift| json::write_tagged(out, "shift", shift))
}

/// Writes the ledger below something else, a blank line before each kind of entry; nothing for a clean trace.
pub(crate) fn write_below(out: &mut dyn Write, screen: Screen, trace: &TraceAnswer) -> io::Result<()> {
    write_title(out, screen, "repairs", trace.repairs.is_empty())?;
    trace.repairs.iter().try_for_each(|repair| write_repair(out, screen, repair))?;
    write_title(out, screen, "noticed and left as it arrived", trace.remarks.is_empty())?;
    trace.remarks.iter().try_for_each(|remark| write_remark(out, screen, remark))?;
    write_title(out, screen, "clocks that are off", trace.shifts.is_empty())?;
    trace.shifts.iter().try_for_each(|shift| write_shift(out, screen, shift))
}

fn write_title(out: &mut dyn Write, screen: Screen, title: &str, is_empty: bool) -> io::Result<()> {
    if is_empty {
        return Ok(());
    }
    writeln!(out)?;
    screen.paint.write(out, Tone::Strong, title)?;
    writeln!(out)
}

fn write_repair(out: &mut dyn Write, screen: Screen, repair: &Repair) -> io::Result<()> {
    let mut title = Line::default();
    title.push(Tone::Warn, &repair.kind.replace('_', " "));
    // Anything outside 0 to 1 would be the server's mistake; NaN shows as 0.
    title.push(Tone::Plain, &format!("  confidence {:.0}%", repair.confidence.clamp(0.0, 1.0).max(0.0) * 100.0));
    push_span_ids(&mut title, &repair.span_ids);
    write_indented(out, screen, "  ", &title)?;
    let facts = [("arrived", &repair.before), ("shown", &repair.after), ("method", &repair.method)];
    write_facts(out, screen, &facts, &repair.evidence)
}

fn write_remark(out: &mut dyn Write, screen: Screen, remark: &Remark) -> io::Result<()> {
    let mut title = Line::default();
    title.push(Tone::Warn, &remark.kind.replace('_', " ")).push(Tone::Plain, "  not repaired");
    push_span_ids(&mut title, &remark.span_ids);
    write_indented(out, screen, "  ", &title)?;
    let reason = remark.reason.replace('_', " ");
    write_facts(out, screen, &[("noticed", &remark.noticed), ("reason", &reason)], &remark.evidence)
}

fn write_shift(out: &mut dyn Write, screen: Screen, shift: &HostShift) -> io::Result<()> {
    let (way, sign) = if shift.shift_ns < 0 { ("ahead of", "-") } else { ("behind", "+") };
    let size = |nanos: i64| duration(nanos.saturating_abs());
    let mut line = Line::default();
    line.push(Tone::Warn, &shift.host).push(Tone::Plain, &format!(" is {way} ")).push(Tone::Plain, &shift.reference);
    line.push(Tone::Plain, &format!(": shown {sign}{}", size(shift.shift_ns)));
    match shift.error_ns {
        Some(error_ns) => line.push(Tone::Plain, &format!(" ± {}", size(error_ns))),
        None => line.push(Tone::Plain, " or more"),
    };
    let source = shift.source.replace('_', " ");
    line.push(Tone::Faint, &format!("  by {} of {source}", count(shift.pairs, "call")));
    write_indented(out, screen, "  ", &line)
}

fn push_span_ids(title: &mut Line, ids: &[String]) {
    let shown = ids.iter().take(SPAN_IDS_SHOWN_MAX).map(String::as_str).collect::<Vec<_>>().join(" ");
    title.push(Tone::Faint, &format!("  {} {shown}", count(ids.len() as u64, "span")));
    if ids.len() > SPAN_IDS_SHOWN_MAX {
        title.push(Tone::Faint, &format!(" and {} more", ids.len() - SPAN_IDS_SHOWN_MAX));
    }
}

fn write_facts(out: &mut dyn Write, screen: Screen, facts: &[(&str, &String)], evidence: &[String]) -> io::Result<()> {
    let evidence = evidence.iter().map(|evidence| ("evidence", evidence));
    for (name, text) in facts.iter().copied().chain(evidence).filter(|(_, text)| !text.is_empty()) {
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
