//! What stands above the waterfall: the trace in figures, and who took part.

use std::io::{self, Write};

use protocol::TraceAnswer;

use super::super::colour::Tone;
use super::super::line::{Line, Overflow, width};
use super::super::quantity::{self, count};
use super::super::screen::Screen;
use super::path::PATH_BAR;
use super::row::{is_error, is_phantom};

/// Service and squad names are padded up to here; a longer one pushes what follows.
const NAME_CELLS_MAX: usize = 32;

/// Writes the heading.
pub(crate) fn write(out: &mut dyn Write, screen: Screen, trace: &TraceAnswer) -> io::Result<()> {
    let mut title = Line::default();
    title.push(Tone::Strong, "trace ").push(Tone::Strong, &trace.trace_id);
    if trace.view == "raw" {
        title.push(Tone::Warn, " [raw: as it arrived, nothing repaired]");
    }
    title.write(out, screen.paint)?;
    writeln!(out)?;
    write_figures(out, screen, trace)?;
    write_services(out, screen, trace)
}

fn write_figures(out: &mut dyn Write, screen: Screen, trace: &TraceAnswer) -> io::Result<()> {
    let phantoms = trace.spans.iter().filter(|span| is_phantom(span)).count();
    let errors = trace.spans.iter().filter(|span| is_error(span)).count() as u64;
    let mut times = Line::default();
    times.push(Tone::Faint, "start ").push(Tone::Plain, &quantity::instant(&trace.start_time));
    times.push(Tone::Faint, "  duration ").push(Tone::Plain, &quantity::duration(trace.duration_ns));
    times.write(out, screen.paint)?;
    writeln!(out)?;

    let repairs = trace.repairs.len() as u64;
    let mut figures = Line::default();
    figures.push(Tone::Plain, &count((trace.spans.len() - phantoms) as u64, "span"));
    figures.push(if errors > 0 { Tone::Bad } else { Tone::Plain }, &format!("  {}", count(errors, "error")));
    figures.push(Tone::Plain, &format!("  {}", count(trace.logs.len() as u64, "log")));
    figures.push(if repairs > 0 { Tone::Warn } else { Tone::Plain }, &format!("  {}", count(repairs, "repair")));
    let remarks = trace.remarks.len() as u64;
    if remarks > 0 {
        figures.push(Tone::Warn, &format!("  {}", count(remarks, "remark")));
    }
    if let Some(path) = &trace.critical_path {
        let spans = count(path.spans.len() as u64, "span");
        figures.push(Tone::Plain, &format!("  critical path {PATH_BAR} {spans}"));
    }
    figures.write(out, screen.paint)?;
    writeln!(out)
}

fn write_services(out: &mut dyn Write, screen: Screen, trace: &TraceAnswer) -> io::Result<()> {
    let widest = |cells: &mut dyn Iterator<Item = usize>| cells.max().unwrap_or(0).min(NAME_CELLS_MAX);
    let squad = |squad: Option<&str>| squad.map_or_else(|| "no squad".to_owned(), |squad| format!("squad {squad}"));
    let services = widest(&mut trace.services.iter().map(|service| width(&service.service)));
    let squads = widest(&mut trace.services.iter().map(|service| width(&squad(service.squad.as_deref()))));
    for service in &trace.services {
        let mut name = Line::default();
        name.push(Tone::Plain, "  ").push(Tone::of_service(&service.service), &service.service);
        name.write_padded(out, screen.paint, services + 2, Overflow::Keep)?;

        let mut owner = Line::default();
        owner.push(Tone::Plain, "  ");
        owner.push(if service.squad.is_some() { Tone::Plain } else { Tone::Faint }, &squad(service.squad.as_deref()));
        owner.write_padded(out, screen.paint, squads + 2, Overflow::Keep)?;

        let mut figures = Line::default();
        figures.push(Tone::Plain, &format!("  {}", count(service.span_count, "span")));
        if service.error_count > 0 {
            figures.push(Tone::Bad, &format!("  {}", count(service.error_count, "error")));
        }
        if let Some(logs) = service.log_count.filter(|logs| *logs > 0) {
            figures.push(Tone::Plain, &format!("  {}", count(logs, "log")));
        }
        figures.write(out, screen.paint)?;
        writeln!(out)?;
    }
    Ok(())
}
