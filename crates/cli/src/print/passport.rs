//! All that is known of a service.

use std::io::{self, Write};

use protocol::{Deploy, Fact, Neighbour, PassportAnswer, Red};

use super::colour::Tone;
use super::csv;
use super::graph::{label_cell, red_cells};
use super::json;
use super::line::Line;
use super::output::RowsOutput;
use super::quantity::{amount, count, duration, instant, rate, share};
use super::screen::Screen;
use super::table::{Cell, Column, Table};

/// Cells of the left column of the summary.
const NAME_CELLS: usize = 13;

/// Lines of each kind in the summary, and rows of each table: all are in the JSON.
const SHOWN_MAX: usize = 10;

/// Writes the answer in the form asked for; as CSV one row per figure, named as in the JSON.
pub(crate) fn write(
    out: &mut dyn Write,
    screen: Screen,
    output: RowsOutput,
    answer: &PassportAnswer,
) -> io::Result<()> {
    match output {
        RowsOutput::Table => {
            write_summary(out, screen, answer)?;
            write_operations(out, screen, answer)?;
            write_neighbours(out, screen, "CALLER", &answer.callers)?;
            write_neighbours(out, screen, "CALLEE", &answer.callees)
        }
        RowsOutput::Json => json::write_document(out, answer),
        RowsOutput::Ndjson => json::write_line(out, answer),
        RowsOutput::Csv => {
            csv::write_header(out, ["name", "value"])?;
            csv::write_figures(out, serde_json::to_value(answer)?)
        }
    }
}

/// One line of the summary: what it is about, what is said, and in faint what stands behind it.
type SummaryLine = (&'static str, Tone, String, String);

fn write_summary(out: &mut dyn Write, screen: Screen, answer: &PassportAnswer) -> io::Result<()> {
    let window = format!("from {} to {}", instant(&answer.window.from), instant(&answer.window.to));
    let mut lines: Vec<SummaryLine> =
        vec![("service", Tone::Strong, answer.service.clone(), format!("as of {}", instant(&answer.range.to)))];
    lines.extend(fact_lines(answer));
    lines.extend(
        answer
            .labels
            .iter()
            .take(SHOWN_MAX)
            .map(|(name, value)| ("label", Tone::Plain, format!("{name}: {value}"), String::new())),
    );
    lines.push(("now", Tone::Plain, said(&answer.red_now, &rate(answer.red_now.calls_per_second)), window));
    // A rate of a day says little of a service that began an hour ago.
    let calls = format!("{} calls", amount(answer.red.calls));
    lines.push(("looking back", Tone::Plain, said(&answer.red, &calls), format!("to {}", instant(&answer.range.from))));
    lines.extend(presence_lines(answer));
    for (name, tone, text, behind) in lines {
        let mut line = Line::default();
        line.push(Tone::Faint, &format!("{name:<NAME_CELLS$}")).push(tone, &text);
        if !behind.is_empty() {
            line.push(Tone::Faint, &format!("  ({behind})"));
        }
        line.write(out, screen.paint)?;
        writeln!(out)?;
    }
    Ok(())
}

fn fact_lines(answer: &PassportAnswer) -> Vec<SummaryLine> {
    let PassportAnswer { owner, runbook, repository, contact, description, .. } = answer;
    let facts = [
        ("owner", owner),
        ("runbook", runbook),
        ("repository", repository),
        ("contact", contact),
        ("description", description),
    ];
    let line = |(name, fact): (&'static str, &Option<Fact>)| {
        let Fact { value, source } = fact.clone()?;
        Some((name, Tone::Plain, value, source))
    };
    facts.into_iter().filter_map(line).collect()
}

fn presence_lines(answer: &PassportAnswer) -> Vec<SummaryLine> {
    let mut lines = Vec::new();
    for place in answer.places.iter().take(SHOWN_MAX) {
        let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "-".to_owned());
        let text = format!("namespace {}, environment {}", name(&place.namespace), name(&place.environment));
        lines.push(("place", Tone::Plain, text, seen(&place.since, &place.last_seen)));
    }
    for version in answer.versions.iter().take(SHOWN_MAX) {
        let text = format!("{}, {}", version.version, count(version.instances, "pod"));
        lines.push(("version", Tone::Plain, text, seen(&version.since, &version.last_seen)));
    }
    for Deploy { time, version, previous, environment, .. } in answer.deploys.iter().take(SHOWN_MAX) {
        let place = environment.as_ref().map(|environment| format!(" in {environment}")).unwrap_or_default();
        lines.push(("deploy", Tone::Warn, format!("{} {previous} → {version}{place}", instant(time)), String::new()));
    }
    for pod in answer.instances.iter().take(SHOWN_MAX) {
        let node = pod.node.as_ref().map(|node| format!(" on {node}")).unwrap_or_default();
        lines.push(("pod", Tone::Plain, format!("{}{node}", pod.instance), seen(&pod.since, &pod.last_seen)));
    }
    let more = answer.instances.len().saturating_sub(SHOWN_MAX);
    if more > 0 {
        lines.push(("", Tone::Faint, format!("and {more} more; -o json has them"), String::new()));
    }
    lines
}

fn seen(since: &str, last: &str) -> String {
    format!("since {}, last {}", instant(since), instant(last))
}

fn said(red: &Red, how_many: &str) -> String {
    let Some((p50, p99)) = red.p50_ns.zip(red.p99_ns) else { return "no calls".to_owned() };
    let time = |nanos| duration(i64::try_from(nanos).unwrap_or(i64::MAX));
    format!(
        "{how_many}, {} failed, {} errors began here, p50 {}, p99 {}",
        share(red.error_share),
        amount(red.errors_begun),
        time(p50),
        time(p99)
    )
}

/// Rates are of now, all else of the time that is looked back on.
const RED_COLUMNS: [Column; 6] = [
    Column::Number("CALLS"),
    Column::Number("NOW"),
    Column::Number("ERRORS"),
    Column::Number("BEGUN"),
    Column::Number("P50"),
    Column::Number("P99"),
];

fn both_cells(red: &Red, red_now: &Red) -> Vec<Cell> {
    let mut cells = red_cells(red);
    cells[0] = rate(red_now.calls_per_second).into();
    cells.insert(0, amount(red.calls).into());
    cells
}

fn write_operations(out: &mut dyn Write, screen: Screen, answer: &PassportAnswer) -> io::Result<()> {
    if answer.operations.is_empty() {
        return Ok(());
    }
    let names = [Column::Text("OPERATION"), Column::Text("CHANGE")];
    let mut table = Table::new(&names.into_iter().chain(RED_COLUMNS).collect::<Vec<_>>());
    // What is new or gone is shown, however seldom it is asked for.
    let (changed, same): (Vec<_>, Vec<_>) = answer.operations.iter().partition(|of| of.change.is_some());
    for operation in same.into_iter().take(SHOWN_MAX).chain(changed.into_iter().take(SHOWN_MAX)) {
        let change = operation.change.as_deref();
        let names = vec![
            operation.operation.as_str().into(),
            change.map_or_else(|| Cell::optional(None), |change| Cell::new(Tone::Warn, change)),
        ];
        table.row(names.into_iter().chain(both_cells(&operation.red, &operation.red_now)).collect());
    }
    writeln!(out)?;
    table.write(out, screen)
}

fn write_neighbours(
    out: &mut dyn Write,
    screen: Screen,
    name: &'static str,
    neighbours: &[Neighbour],
) -> io::Result<()> {
    if neighbours.is_empty() {
        return Ok(());
    }
    let names = [Column::Text(name), Column::Text("KIND")];
    let mut table = Table::new(&names.into_iter().chain(RED_COLUMNS).collect::<Vec<_>>());
    for neighbour in neighbours.iter().take(SHOWN_MAX) {
        let names = vec![label_cell(&neighbour.node), neighbour.node.kind.as_str().into()];
        table.row(names.into_iter().chain(both_cells(&neighbour.red, &neighbour.red_now)).collect());
    }
    writeln!(out)?;
    table.write(out, screen)
}
