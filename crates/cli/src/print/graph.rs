//! Who called whom, as edges or as nodes.

use std::io::{self, Write};

use protocol::{GraphEdge, GraphNode, NodeName, Red, ServiceGraphAnswer};

use super::colour::Tone;
use super::csv;
use super::dot;
use super::json;
use super::output::GraphOutput;
use super::quantity::{amount, rate, share};
use super::red;
use super::screen::Screen;
use super::table::{Cell, Column, Table};

/// What of a graph is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GraphList {
    /// Who called whom.
    Edges,
    /// Everyone.
    Nodes,
}

/// Writes the answer in the form asked for.
pub(crate) fn write(
    out: &mut dyn Write,
    screen: Screen,
    output: GraphOutput,
    list: GraphList,
    answer: &ServiceGraphAnswer,
) -> io::Result<()> {
    let ServiceGraphAnswer { nodes, edges, .. } = answer;
    match (output, list) {
        (GraphOutput::Table, _) if nodes.is_empty() => Ok(()),
        (GraphOutput::Table, GraphList::Edges) => edge_table(answer).write(out, screen),
        (GraphOutput::Table, GraphList::Nodes) => node_table(nodes).write(out, screen),
        (GraphOutput::Json, _) => json::write_document(out, answer),
        (GraphOutput::Ndjson, GraphList::Edges) => edges.iter().try_for_each(|edge| json::write_line(out, edge)),
        (GraphOutput::Ndjson, GraphList::Nodes) => nodes.iter().try_for_each(|node| json::write_line(out, node)),
        (GraphOutput::Csv, GraphList::Edges) => {
            let columns = ["caller_kind", "caller_system", "caller", "callee_kind", "callee_system", "callee"];
            let sides = ["seen_by_both", "seen_by_client", "seen_by_server"];
            csv::write_header(out, columns.into_iter().chain(red::CSV_COLUMNS).chain(sides))?;
            edges.iter().try_for_each(|edge| write_edge(out, edge))
        }
        (GraphOutput::Csv, GraphList::Nodes) => {
            csv::write_header(out, ["kind", "system", "name", "squad"].into_iter().chain(red::CSV_COLUMNS))?;
            nodes.iter().try_for_each(|node| write_node(out, node))
        }
        (GraphOutput::Dot, _) => dot::write(out, answer),
    }
}

/// A node as people name it: `web`, `postgresql/shop`, `peer api.bank.example`.
pub(crate) fn label(node: &NodeName) -> String {
    match (node.kind.as_str(), node.system.as_deref()) {
        ("service", _) => node.name.clone(),
        (_, Some(system)) if system == node.name => node.name.clone(),
        (_, Some(system)) => format!("{system}/{}", node.name),
        (kind, None) => format!("{kind} {}", node.name),
    }
}

/// The same in the tone of its kind.
pub(super) fn label_cell(node: &NodeName) -> Cell {
    let tone = if node.kind == "service" { Tone::of_service(&node.name) } else { Tone::Plain };
    Cell::new(tone, &label(node))
}

/// Rate, share of errors, errors begun, median and 99th percentile.
pub(super) fn red_cells(red: &Red) -> Vec<Cell> {
    vec![
        rate(red.calls_per_second).into(),
        Cell::new(if red.errors > 0.0 { Tone::Bad } else { Tone::Plain }, &share(red.error_share)),
        Cell::new(if red.errors_begun > 0.0 { Tone::Bad } else { Tone::Plain }, &amount(red.errors_begun)),
        red::duration_cell(red.p50_ns),
        red::duration_cell(red.p99_ns),
    ]
}

const RED_COLUMNS: [Column; 5] = [
    Column::Number("RATE"),
    Column::Number("ERRORS"),
    Column::Number("BEGUN"),
    Column::Number("P50"),
    Column::Number("P99"),
];

fn edge_table(answer: &ServiceGraphAnswer) -> Table {
    let columns: Vec<Column> =
        [Column::Text("CALLER"), Column::Text("CALLEE")].into_iter().chain(RED_COLUMNS).collect();
    let mut table = Table::new(&columns);
    // What comes from outside is an edge of the same drawing, from nobody.
    for node in answer.nodes.iter().filter(|node| node.entries.seen > 0) {
        let names = vec![Cell::optional(None), label_cell(&node.node)];
        table.row(names.into_iter().chain(red_cells(&node.entries)).collect());
    }
    for edge in &answer.edges {
        let names = vec![label_cell(&edge.caller), label_cell(&edge.callee)];
        table.row(names.into_iter().chain(red_cells(&edge.red)).collect());
    }
    table
}

fn node_table(nodes: &[GraphNode]) -> Table {
    let names = [Column::Text("NODE"), Column::Text("KIND"), Column::Text("SQUAD")];
    let columns: Vec<Column> = names.into_iter().chain(RED_COLUMNS).collect();
    let mut table = Table::new(&columns);
    for node in nodes {
        let names = vec![label_cell(&node.node), node.node.kind.as_str().into(), Cell::optional(node.squad.as_deref())];
        table.row(names.into_iter().chain(red_cells(&node.red)).collect());
    }
    table
}

fn name_cells(node: &NodeName) -> [csv::Cell<'_>; 3] {
    [csv::Cell::Text(&node.kind), csv::Cell::optional(node.system.as_deref()), csv::Cell::Text(&node.name)]
}

fn write_edge(out: &mut dyn Write, edge: &GraphEdge) -> io::Result<()> {
    let names = name_cells(&edge.caller).into_iter().chain(name_cells(&edge.callee));
    let sides = [edge.seen_by.both, edge.seen_by.client, edge.seen_by.server].map(csv::Cell::from);
    csv::write_row(out, names.chain(red::csv_cells(&edge.red)).chain(sides))
}

fn write_node(out: &mut dyn Write, node: &GraphNode) -> io::Result<()> {
    let names = name_cells(&node.node).into_iter().chain([csv::Cell::optional(node.squad.as_deref())]);
    csv::write_row(out, names.chain(red::csv_cells(&node.red)))
}
