//! Where the time of one operation goes, and what sets its slow and failing traces apart.

use std::io::{self, Write};

use protocol::{Contrast, DurationBand, OperationShare, ProfileAnswer, ProfileExamples};

use super::colour::Tone;
use super::csv;
use super::json;
use super::line::Line;
use super::output::RowsOutput;
use super::quantity::{count, duration};
use super::screen::Screen;
use super::table::{Cell, Column, Table};

const CSV_COLUMNS: [&str; 6] = ["service", "operation", "p50_self_ns", "p50_share", "p99_self_ns", "p99_share"];

/// Writes the answer in the form asked for. CSV has the operations alone.
pub(crate) fn write(out: &mut dyn Write, screen: Screen, output: RowsOutput, answer: &ProfileAnswer) -> io::Result<()> {
    match output {
        RowsOutput::Table if answer.traces == 0 => Ok(()),
        RowsOutput::Table => write_text(out, screen, answer),
        RowsOutput::Json => json::write_document(out, answer),
        RowsOutput::Ndjson => write_lines(out, answer),
        RowsOutput::Csv => {
            csv::write_header(out, CSV_COLUMNS)?;
            answer.operations.iter().try_for_each(|share| write_csv(out, share))
        }
    }
}

fn write_text(out: &mut dyn Write, screen: Screen, answer: &ProfileAnswer) -> io::Result<()> {
    let mut title = Line::default();
    title.push(Tone::of_service(&answer.service), &answer.service).push(Tone::Strong, " ");
    title.push(Tone::Strong, &answer.operation).push(Tone::Plain, &format!("  {}", count(answer.traces, "trace")));
    write_line(out, screen, &title)?;
    write_band(out, screen, "p50", &answer.p50)?;
    write_band(out, screen, "p99", &answer.p99)?;

    writeln!(out)?;
    screen.paint.write(out, Tone::Strong, "where the time goes: mean self time on the critical path")?;
    writeln!(out)?;
    operations(&answer.operations).write(out, screen)?;
    if answer.operations_left_out > 0 {
        writeln!(out, "and {} with less time", count(answer.operations_left_out, "operation"))?;
    }
    write_contrast(out, screen, ("slow", "took longer than p90"), &answer.slow)?;
    write_contrast(out, screen, ("failed", "ended with status error"), &answer.failed)?;
    write_examples(out, screen, &answer.examples)
}

fn write_band(out: &mut dyn Write, screen: Screen, name: &str, band: &DurationBand) -> io::Result<()> {
    let (least, most, mean) = (nanos(band.duration_ns_min), nanos(band.duration_ns_max), nanos(band.duration_ns_mean));
    let mut line = Line::default();
    line.push(Tone::Faint, name).push(Tone::Plain, &format!("  {least} to {most}, mean {mean}"));
    line.push(Tone::Faint, &format!("  {}", count(band.traces, "trace")));
    write_line(out, screen, &line)
}

fn operations(shares: &[OperationShare]) -> Table {
    let mut table = Table::new(&[
        Column::Text("SERVICE"),
        Column::Text("OPERATION"),
        Column::Number("P50 SELF"),
        Column::Number("SHARE"),
        Column::Number("P99 SELF"),
        Column::Number("SHARE"),
    ]);
    for share in shares {
        table.row(vec![
            Cell::service(&share.service),
            Cell::optional(Some(&share.operation)),
            nanos(share.p50_self_ns).into(),
            percent(share.p50_share).into(),
            nanos(share.p99_self_ns).into(),
            percent(share.p99_share).into(),
        ]);
    }
    table
}

fn write_contrast(
    out: &mut dyn Write,
    screen: Screen,
    (name, meaning): (&str, &str),
    contrast: &Contrast,
) -> io::Result<()> {
    let Contrast { suspects, others, differences, differences_left_out, keys_of_many_values, keys_left_out } = contrast;
    writeln!(out)?;
    let mut title = Line::default();
    title.push(Tone::Strong, &format!("what sets {name} traces apart"));
    title.push(Tone::Faint, &format!("  {suspects} of {} {meaning}", suspects.saturating_add(*others)));
    write_line(out, screen, &title)?;
    if differences.is_empty() {
        writeln!(out, "no attribute value that is more than chance")?;
    } else {
        let mut table = Table::new(&[
            Column::Text("ATTRIBUTE"),
            Column::Text("VALUE"),
            Column::Number("IN THESE"),
            Column::Number("IN OTHERS"),
            Column::Number("EFFECT"),
            Column::Number("AT LEAST"),
        ]);
        for difference in differences {
            table.row(vec![
                difference.key.as_str().into(),
                difference.value.as_str().into(),
                format!("{} of {suspects}", difference.suspects).into(),
                format!("{} of {others}", difference.others).into(),
                percent(difference.effect).into(),
                percent(difference.effect_min).into(),
            ]);
        }
        table.write(out, screen)?;
    }
    if *differences_left_out > 0 {
        writeln!(out, "and {differences_left_out} of less effect")?;
    }
    if !keys_of_many_values.is_empty() {
        let mut line = Line::default();
        line.push(Tone::Faint, "not compared, as no two traces share them: ");
        line.push(Tone::Faint, &keys_of_many_values.join(", "));
        write_line(out, screen, &line)?;
    }
    if *keys_left_out { writeln!(out, "there are more attributes than were compared") } else { Ok(()) }
}

fn write_examples(out: &mut dyn Write, screen: Screen, examples: &ProfileExamples) -> io::Result<()> {
    let ProfileExamples { typical, slow, failed } = examples;
    writeln!(out)?;
    let mut table = Table::new(&[Column::Text("EXAMPLE"), Column::Whole("TRACE"), Column::Number("DURATION")]);
    for (name, example) in [("typical", typical), ("slow", slow), ("failed", failed)] {
        if let Some(example) = example {
            table.row(vec![name.into(), example.trace_id.as_str().into(), nanos(example.duration_ns).into()]);
        }
    }
    table.write(out, screen)
}

fn write_lines(out: &mut dyn Write, answer: &ProfileAnswer) -> io::Result<()> {
    answer.operations.iter().try_for_each(|share| json::write_tagged(out, "operation", share))?;
    for (name, contrast) in [("slow", &answer.slow), ("failed", &answer.failed)] {
        contrast.differences.iter().try_for_each(|difference| json::write_tagged(out, name, difference))?;
    }
    json::write_tagged(out, "examples", &answer.examples)
}

fn write_csv(out: &mut dyn Write, share: &OperationShare) -> io::Result<()> {
    let number = |number: f64| serde_json::Value::from(number);
    let (p50_share, p99_share) = (number(share.p50_share), number(share.p99_share));
    csv::write_row(
        out,
        [
            csv::Cell::Text(&share.service),
            csv::Cell::Text(&share.operation),
            share.p50_self_ns.into(),
            csv::Cell::Json(&p50_share),
            share.p99_self_ns.into(),
            csv::Cell::Json(&p99_share),
        ],
    )
}

fn nanos(nanos: u64) -> String {
    duration(i64::try_from(nanos).unwrap_or(i64::MAX))
}

fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}

fn write_line(out: &mut dyn Write, screen: Screen, line: &Line) -> io::Result<()> {
    line.write(out, screen.paint)?;
    writeln!(out)
}
