//! A graph in the language of Graphviz: `nunchi graph -o dot | dot -Tsvg`.

use std::io::{self, Write};

use protocol::{NodeName, ServiceGraphAnswer};

use super::escape::visible;
use super::graph::label;
use super::quantity::{rate, share};

/// Writes nodes and edges; databases are cylinders, queues stand on their side, and what failed is red.
pub(super) fn write(out: &mut dyn Write, answer: &ServiceGraphAnswer) -> io::Result<()> {
    writeln!(out, "digraph services {{\n  rankdir=LR;\n  node [shape=box];")?;
    for node in &answer.nodes {
        let shape = match node.node.kind.as_str() {
            "service" => "box",
            "database" => "cylinder",
            "queue" => "cds",
            _ => "ellipse",
        };
        writeln!(out, "  {} [label={}, shape={shape}];", id(&node.node), quoted(&label(&node.node)))?;
    }
    for edge in &answer.edges {
        let failed =
            if edge.red.errors > 0.0 { format!(", {} failed", share(edge.red.error_share)) } else { String::new() };
        let colour = if edge.red.errors > 0.0 { ", color=red" } else { "" };
        let label = quoted(&format!("{}{failed}", rate(edge.red.calls_per_second)));
        writeln!(out, "  {} -> {} [label={label}{colour}];", id(&edge.caller), id(&edge.callee))?;
    }
    writeln!(out, "}}")
}

fn id(node: &NodeName) -> String {
    quoted(&format!("{} {} {}", node.kind, node.system.as_deref().unwrap_or_default(), node.name))
}

/// A string as Graphviz reads it. A backslash would begin an escape of its own there, a quote end the string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", visible(text).replace('\\', "\\\\").replace('"', "\\\""))
}
