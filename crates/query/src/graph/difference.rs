//! Two time ranges held against each other: what is new, what is gone, what has changed.

use std::collections::BTreeMap;

use model::{TenantId, TimeRange};

use super::service_graph::graph;
use super::tally::whole_minutes;
use super::{EdgeCalls, GraphNode, GraphQuestion, NodeCalls, Red};
use crate::coverage::Coverage;
use crate::engine::Engine;
use crate::error::QueryError;

/// How the graph of one time differs from that of another.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphDifference {
    /// The earlier time, or whatever is the measure.
    pub before: TimeRange,
    /// The time that is asked about.
    pub after: TimeRange,
    /// Every node of either, those first that have changed most.
    pub nodes: Vec<NodeDifference>,
    /// Every edge of either, in the same order.
    pub edges: Vec<EdgeDifference>,
    /// What both graphs rest on.
    pub coverage: Coverage,
}

/// A node at both times.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeDifference {
    /// Who.
    pub node: GraphNode,
    /// Who owns it, where the telemetry says.
    pub squad: Option<String>,
    /// What it was asked before, and after; `None` where it was not there.
    pub red: Change,
}

/// An edge at both times.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeDifference {
    /// Who asks.
    pub caller: GraphNode,
    /// Who is asked.
    pub callee: GraphNode,
    /// What was asked before, and after; `None` where nothing was.
    pub red: Change,
}

/// Before and after; at least one is there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Change {
    /// At the time that is the measure.
    pub before: Option<Red>,
    /// At the time that is asked about.
    pub after: Option<Red>,
}

impl Change {
    /// `new`, `gone` or `changed`.
    pub fn word(&self) -> &'static str {
        match (self.before, self.after) {
            (None, Some(_)) => "new",
            (Some(_), None) => "gone",
            _ => "changed",
        }
    }

    /// How much there is to look at: more errors begun weigh most, then more failed calls, then slower ones; what is new or
    /// gone goes before what is as it was.
    fn weight(&self) -> f64 {
        let rate = |red: Option<Red>, part: fn(&Red) -> f64| {
            red.filter(|red| red.calls > 0.0).map_or(0.0, |red| part(&red) / red.calls)
        };
        let more = |part: fn(&Red) -> f64| rate(self.after, part) - rate(self.before, part);
        let p99 = |red: Option<Red>| red.and_then(|red| red.quantiles).map_or(0.0, |of| of.p99_ns as f64);
        let slower = match (p99(self.before), p99(self.after)) {
            (before, after) if before > 0.0 && after > 0.0 => (after / before).ln().abs(),
            _ => 0.0,
        };
        let came_or_went = f64::from(u8::from(self.before.is_none() || self.after.is_none()));
        100.0 * more(|red| red.errors_begun).abs() + 10.0 * more(|red| red.errors).abs() + came_or_went + slower
    }
}

impl Engine {
    /// How the graph of the question's time differs from that of `before`.
    pub async fn graph_difference(
        &self,
        tenant: &TenantId,
        question: GraphQuestion,
        before: TimeRange,
    ) -> Result<GraphDifference, QueryError> {
        let (range, within) = whole_minutes(question.range);
        let (range_before, within_before) = whole_minutes(before);
        let view = self.view(tenant, range);
        self.ask(view, move |engine, view| {
            let question = question.clone();
            async move {
                let earlier = crate::session::View { range: range_before, ..view.clone() };
                let earlier = graph(&engine, earlier, &question, within_before).await?;
                let later = graph(&engine, view, &question, within).await?;
                Ok(difference(earlier, later))
            }
        })
        .await
    }
}

fn difference(before: super::ServiceGraph, after: super::ServiceGraph) -> GraphDifference {
    let mut nodes: BTreeMap<GraphNode, (Option<String>, Change)> = BTreeMap::new();
    for NodeCalls { node, squad, red, .. } in before.nodes {
        nodes.insert(node, (squad, Change { before: Some(red), after: None }));
    }
    for NodeCalls { node, squad, red, .. } in after.nodes {
        let (owner, change) = nodes.entry(node).or_default();
        (*owner, change.after) = (squad.or(owner.take()), Some(red));
    }
    let mut edges: BTreeMap<(GraphNode, GraphNode), Change> = BTreeMap::new();
    for EdgeCalls { caller, callee, red, .. } in before.edges {
        edges.insert((caller, callee), Change { before: Some(red), after: None });
    }
    for EdgeCalls { caller, callee, red, .. } in after.edges {
        edges.entry((caller, callee)).or_default().after = Some(red);
    }
    let mut nodes: Vec<_> = nodes.into_iter().map(|(node, (squad, red))| NodeDifference { node, squad, red }).collect();
    nodes.sort_by(|a, b| b.red.weight().total_cmp(&a.red.weight()));
    let mut edges: Vec<_> =
        edges.into_iter().map(|((caller, callee), red)| EdgeDifference { caller, callee, red }).collect();
    edges.sort_by(|a, b| b.red.weight().total_cmp(&a.red.weight()));
    // Both rest on the same rows and blocks; what was cut in either is cut in the answer.
    let mut coverage = after.coverage;
    coverage.truncated |= before.coverage.truncated;
    coverage.notes.extend(before.coverage.notes);
    coverage.notes.dedup();
    GraphDifference { before: before.range, after: after.range, nodes, edges, coverage }
}
