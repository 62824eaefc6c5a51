//! What lies around a trace, in every form. Whatever the form, it is titled so that nobody takes it for the trace's own.

use std::io::{self, Write};

use protocol::{NearbyAnswer, NearbyMetric, NearbyPod};

use super::colour::Tone;
use super::exemplars;
use super::json;
use super::line::Line;
use super::output::TraceOutput;
use super::quantity::{count, time_of_day};
use super::screen::Screen;
use super::table::{Cell, Column, Table};
use super::waterfall::Moment;

/// Writes the answer in the form asked for.
pub(crate) fn write(out: &mut dyn Write, screen: Screen, output: TraceOutput, answer: &NearbyAnswer) -> io::Result<()> {
    match output {
        TraceOutput::Waterfall => write_text(out, screen, answer),
        TraceOutput::Json => json::write_document(out, answer),
        TraceOutput::Ndjson => {
            answer.pods.iter().try_for_each(|pod| json::write_tagged(out, "pod", pod))?;
            answer.exemplars.iter().try_for_each(|exemplar| json::write_tagged(out, "exemplar", exemplar))
        }
    }
}

fn write_text(out: &mut dyn Write, screen: Screen, answer: &NearbyAnswer) -> io::Result<()> {
    let mut title = Line::default();
    title.push(Tone::Strong, "around trace ").push(Tone::Strong, &answer.trace_id);
    title.push(Tone::Plain, ", and not part of it");
    write_line(out, screen, &title)?;
    if answer.pods.is_empty() {
        writeln!(out, "no span of it has arrived, so where it ran is not known")?;
    }
    answer.pods.iter().try_for_each(|pod| write_pod(out, screen, pod))?;
    writeln!(out)?;
    if answer.exemplars.is_empty() {
        return writeln!(out, "no exemplar names the trace");
    }
    screen.paint.write(out, Tone::Strong, "exemplars that name the trace")?;
    writeln!(out)?;
    exemplars::table(&answer.exemplars).write(out, screen)
}

fn write_pod(out: &mut dyn Write, screen: Screen, pod: &NearbyPod) -> io::Result<()> {
    writeln!(out)?;
    let mut title = Line::default();
    title.push(Tone::of_service(&pod.service), if pod.service.is_empty() { "unknown" } else { &pod.service });
    if let Some(name) = &pod.pod {
        title.push(Tone::Plain, "  pod ").push(Tone::Plain, name);
    }
    let time = format!("  {} to {}", time_of_day(&pod.from), time_of_day(&pod.to));
    title.push(Tone::Faint, &time).push(Tone::Faint, " by its own clock");
    write_line(out, screen, &title)?;

    let more = |cut: bool| if cut { ", and there are more" } else { "" };
    let logs = count(pod.logs.len() as u64, "log record");
    writeln!(out, "  {logs} of about that time without a trace id{}", more(pod.logs_cut))?;
    for log in &pod.logs {
        Moment::Log(log).write(out, screen, "  │ ")?;
    }
    let metrics = count(pod.metrics.len() as u64, "metric");
    writeln!(out, "  {metrics} with points of about that time{}", more(pod.metrics_cut))?;
    if pod.metrics.is_empty() { Ok(()) } else { table(&pod.metrics).write(out, screen) }
}

fn table(metrics: &[NearbyMetric]) -> Table {
    let mut table = Table::new(&[
        Column::Text("METRIC"),
        Column::Text("UNIT"),
        Column::Text("KIND"),
        Column::Number("SERIES"),
        Column::Number("POINTS"),
        Column::Number("MIN"),
        Column::Number("MAX"),
        Column::Number("LAST"),
    ]);
    let value = |value: Option<f64>| Cell::optional(value.map(|value| value.to_string()).as_deref());
    for metric in metrics {
        table.row(vec![
            metric.name.as_str().into(),
            Cell::optional(Some(&metric.unit)),
            Cell::optional(Some(&metric.kind.replace('_', " "))),
            metric.series.into(),
            metric.points.into(),
            value(metric.min),
            value(metric.max),
            value(metric.last),
        ]);
    }
    table
}

fn write_line(out: &mut dyn Write, screen: Screen, line: &Line) -> io::Result<()> {
    line.write(out, screen.paint)?;
    writeln!(out)
}
