//! What has changed in the graph since another time.

use std::io::{self, Write};

use protocol::{EdgeDiff, GraphDiffAnswer, NodeDiff, Red};

use super::colour::Tone;
use super::csv;
use super::graph::{GraphList, label_cell};
use super::json;
use super::output::RowsOutput;
use super::quantity::{amount, duration, rate, share};
use super::red;
use super::screen::Screen;
use super::table::{Cell, Column, Table};

/// What did not change is told to programs and not to people.
const SAME: &str = "same";

/// Writes the answer in the form asked for.
pub(crate) fn write(
    out: &mut dyn Write,
    screen: Screen,
    output: RowsOutput,
    list: GraphList,
    answer: &GraphDiffAnswer,
) -> io::Result<()> {
    let GraphDiffAnswer { nodes, edges, .. } = answer;
    match (output, list) {
        (RowsOutput::Table, GraphList::Edges) => edge_table(edges).write(out, screen),
        (RowsOutput::Table, GraphList::Nodes) => node_table(nodes).write(out, screen),
        (RowsOutput::Json, _) => json::write_document(out, answer),
        (RowsOutput::Ndjson, GraphList::Edges) => edges.iter().try_for_each(|edge| json::write_line(out, edge)),
        (RowsOutput::Ndjson, GraphList::Nodes) => nodes.iter().try_for_each(|node| json::write_line(out, node)),
        (RowsOutput::Csv, GraphList::Edges) => {
            write_header(out, &["change", "caller_kind", "caller", "callee_kind", "callee"])?;
            edges.iter().try_for_each(|edge| {
                let EdgeDiff { caller, callee, change, before, after } = edge;
                let names = [change, &caller.kind, &caller.name, &callee.kind, &callee.name];
                write_csv(out, &names.map(String::as_str), before, after)
            })
        }
        (RowsOutput::Csv, GraphList::Nodes) => {
            write_header(out, &["change", "kind", "name", "squad"])?;
            nodes.iter().try_for_each(|node| {
                let NodeDiff { node, squad, change, before, after } = node;
                let names = [change, &node.kind, &node.name, squad.as_deref().unwrap_or_default()];
                write_csv(out, &names, before, after)
            })
        }
    }
}

const RED_COLUMNS: [Column; 4] =
    [Column::Number("RATE"), Column::Number("ERRORS"), Column::Number("BEGUN"), Column::Number("P99")];

fn edge_table(edges: &[EdgeDiff]) -> Table {
    let names = [Column::Whole("CHANGE"), Column::Text("CALLER"), Column::Text("CALLEE")];
    let mut table = Table::new(&names.into_iter().chain(RED_COLUMNS).collect::<Vec<_>>());
    for EdgeDiff { caller, callee, change, before, after } in edges.iter().filter(|edge| edge.change != SAME) {
        let names = vec![change_cell(change), label_cell(caller), label_cell(callee)];
        table.row(names.into_iter().chain(red_cells(before.as_ref(), after.as_ref())).collect());
    }
    table
}

fn node_table(nodes: &[NodeDiff]) -> Table {
    let names = [Column::Whole("CHANGE"), Column::Text("NODE"), Column::Text("SQUAD")];
    let mut table = Table::new(&names.into_iter().chain(RED_COLUMNS).collect::<Vec<_>>());
    for NodeDiff { node, squad, change, before, after } in nodes.iter().filter(|node| node.change != SAME) {
        let names = vec![change_cell(change), label_cell(node), Cell::optional(squad.as_deref())];
        table.row(names.into_iter().chain(red_cells(before.as_ref(), after.as_ref())).collect());
    }
    table
}

fn change_cell(change: &str) -> Cell {
    Cell::new(if change == "changed" { Tone::Plain } else { Tone::Warn }, change)
}

/// Before and after, or one of them where it is alone or they look the same.
fn red_cells(before: Option<&Red>, after: Option<&Red>) -> Vec<Cell> {
    let both = |text: fn(&Red) -> String, is_worse: fn(&Red) -> f64| {
        let texts = [before.map(text).unwrap_or_default(), after.map(text).unwrap_or_default()];
        let worse = after.map_or(0.0, is_worse) > before.map_or(0.0, is_worse);
        let text = match texts {
            [before, after] if before == after || before.is_empty() => after,
            [before, after] if after.is_empty() => before,
            [before, after] => format!("{before} → {after}"),
        };
        Cell::new(if worse { Tone::Bad } else { Tone::Plain }, &text)
    };
    let p99 = |red: &Red| red.p99_ns.map_or("-".to_owned(), |nanos| duration(i64::try_from(nanos).unwrap_or(i64::MAX)));
    vec![
        both(|red| rate(red.calls_per_second), |_| 0.0),
        both(|red| share(red.error_share), |red| red.error_share),
        both(|red| amount(red.errors_begun), |red| red.errors_begun),
        both(p99, |_| 0.0),
    ]
}

fn write_header(out: &mut dyn Write, names: &[&str]) -> io::Result<()> {
    let of = |time: &str| red::CSV_COLUMNS.map(|column| format!("{time}_{column}"));
    let (before, after) = (of("before"), of("after"));
    let reds = before.iter().chain(&after).map(String::as_str);
    csv::write_header(out, names.iter().copied().chain(reds))
}

fn write_csv(out: &mut dyn Write, names: &[&str], before: &Option<Red>, after: &Option<Red>) -> io::Result<()> {
    let names = names.iter().map(|name| if name.is_empty() { csv::Cell::Empty } else { csv::Cell::Text(name) });
    let reds = [before, after].map(|red| red.as_ref().map_or([const { csv::Cell::Empty }; 10], red::csv_cells));
    csv::write_row(out, names.chain(reds.into_iter().flatten()))
}
