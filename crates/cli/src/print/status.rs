//! What is stored and how the server is doing.

use std::io::{self, Write};

use protocol::{SeriesStatus, StatusAnswer};

use super::colour::Tone;
use super::csv;
use super::json;
use super::line::Line;
use super::output::RowsOutput;
use super::quantity::{bytes, count, instant};
use super::screen::Screen;
use super::table::{Cell, Column, Table};

/// Cells of the left column of the summary.
const NAME_CELLS: usize = 10;

/// Writes the answer in the form asked for; as CSV one row per figure, named as in the JSON.
pub(crate) fn write(out: &mut dyn Write, screen: Screen, output: RowsOutput, answer: &StatusAnswer) -> io::Result<()> {
    match output {
        RowsOutput::Table => {
            write_summary(out, screen, answer)?;
            writeln!(out)?;
            tables(screen, answer).write(out, screen)?;
            writeln!(out)?;
            signals(answer).write(out, screen)
        }
        RowsOutput::Json => json::write_document(out, answer),
        RowsOutput::Ndjson => json::write_line(out, answer),
        RowsOutput::Csv => {
            csv::write_header(out, ["name", "value"])?;
            let figures = serde_json::to_value(answer)?;
            csv::write_figures(out, figures)
        }
    }
}

/// How many series a tenant has and, where there were more, that points were refused.
fn series_lines(series: &SeriesStatus) -> Vec<(&'static str, Tone, String)> {
    let SeriesStatus { tenant, live, series_max, points_refused } = series;
    let mut lines = vec![("series", Tone::Plain, format!("{live} live, {series_max} at most ({tenant})"))];
    if *points_refused > 0 {
        let points = count(*points_refused, "point");
        lines.push(("warning", Tone::Warn, format!("{points} of series beyond them were refused ({tenant})")));
    }
    lines
}

fn write_summary(out: &mut dyn Write, screen: Screen, answer: &StatusAnswer) -> io::Result<()> {
    let StatusAnswer { wal, disk, memtable, .. } = answer;
    let state = if answer.state == "ready" { Tone::Plain } else { Tone::Warn };
    let started = format!("{} since {}", answer.state, instant(&answer.started));
    let log = format!(
        "{}, {}; durable to {}, in blocks to {}",
        count(wal.files, "file"),
        bytes(wal.bytes),
        wal.durable_lsn,
        wal.floor_lsn,
    );
    let memtable = format!("{}, {}", count(memtable.rows, "row"), bytes(memtable.bytes));
    let mut lines = vec![
        ("server", Tone::Plain, format!("nunchi {}", answer.version)),
        ("state", state, started),
        ("data", Tone::Plain, format!("{} (durability {})", answer.data_dir, answer.durability)),
        ("catalog", Tone::Plain, format!("sequence {}", answer.catalog_seq)),
        ("wal", Tone::Plain, log),
        ("memtable", Tone::Plain, memtable),
    ];
    lines.extend(answer.series.iter().flat_map(series_lines));
    if answer.memory_rss_bytes > 0 {
        lines.push(("memory", Tone::Plain, format!("{} resident", bytes(answer.memory_rss_bytes))));
    }
    if disk.total_bytes > 0 {
        let free = format!("{} free of {}", bytes(disk.free_bytes), bytes(disk.total_bytes));
        lines.push(("disk", Tone::Plain, format!("{free}, {} in reserve", bytes(disk.reserve_bytes))));
    }
    if disk.full {
        let full = "the disk is full; ingest answers 503 until there is room";
        lines.push(("warning", Tone::Bad, full.to_owned()));
    }
    if disk.read_only {
        let read_only = "the disk is read-only; ingest answers 503 until it can be written";
        lines.push(("warning", Tone::Bad, read_only.to_owned()));
    }
    if wal.damaged_frames > 0 {
        let damaged = format!("{} of the wal, kept under quarantine/", count(wal.damaged_frames, "damaged frame"));
        lines.push(("warning", Tone::Warn, damaged));
    }
    if wal.poisoned {
        let poisoned = "the wal failed to write or sync; ingest answers 503 until a restart";
        lines.push(("warning", Tone::Bad, poisoned.to_owned()));
    }
    for (name, tone, text) in lines {
        let mut line = Line::default();
        line.push(Tone::Faint, &format!("{name:<NAME_CELLS$}")).push(tone, &text);
        line.write(out, screen.paint)?;
        writeln!(out)?;
    }
    Ok(())
}

fn tables(screen: Screen, answer: &StatusAnswer) -> Table {
    let times: &[Column] = &[Column::Whole("OLDEST"), Column::Whole("NEWEST")];
    let mut columns = vec![
        Column::Whole("TABLE"),
        Column::Number("BLOCKS"),
        Column::Number("ROWS"),
        Column::Number("SIZE"),
        Column::Number("LIVE ROWS"),
    ];
    if screen.is_wide() {
        columns.extend(times);
    }
    let mut table = Table::new(&columns);
    for held in &answer.tables {
        let mut row: Vec<Cell> = vec![
            held.table.as_str().into(),
            held.blocks.into(),
            held.block_rows.into(),
            bytes(held.block_bytes).into(),
            held.live_rows.into(),
        ];
        if screen.is_wide() {
            row.extend(
                [&held.oldest, &held.newest].map(|time| Cell::optional(time.as_deref().map(instant).as_deref())),
            );
        }
        table.row(row);
    }
    table
}

fn signals(answer: &StatusAnswer) -> Table {
    let mut table = Table::new(&[
        Column::Whole("SIGNAL"),
        Column::Number("REQUESTS"),
        Column::Number("RECORDS"),
        Column::Number("REJECTED"),
        Column::Number("MARKED"),
        Column::Text("NEWEST RECORD"),
    ]);
    for signal in &answer.signals {
        table.row(vec![
            signal.signal.as_str().into(),
            signal.requests.into(),
            signal.records.into(),
            Cell::bad_count(signal.rejected),
            signal.marked.into(),
            Cell::optional(signal.newest_record.as_deref().map(instant).as_deref()),
        ]);
    }
    table
}
