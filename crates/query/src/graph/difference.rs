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
    /// `new`, `gone`, `changed` or `same`.
    pub fn word(&self) -> &'static str {
        match (self.before, self.after) {
            (None, Some(_)) => "new",
            (Some(_), None) => "gone",
            _ if self.weight() >= CHANGED_MIN => "changed",
            _ => "same",
        }
    }

    /// How much there is to look at: more errors begun weigh most, then more failed calls, then longer durations and rates
    /// of another size; what is new or gone goes before what is as it was. Of few calls little can be said, so that they
    /// weigh less.
    fn weight(&self) -> f64 {
        let (Some(before), Some(after)) = (self.before, self.after) else {
            let share = self.after.or(self.before).map_or(0.0, |red| share_of(&red, red.errors_begun));
            return CAME_OR_WENT + BEGUN * share;
        };
        let fewer = before.calls.min(after.calls);
        let told_by = fewer / (fewer + CALLS_HALF_TOLD);
        let begun = (share_of(&after, after.errors_begun) - share_of(&before, before.errors_begun)).abs();
        let failed = (after.error_share - before.error_share).abs();
        let p99 = |red: Red| red.quantiles.map_or(0.0, |of| of.p99_ns as f64);
        let slower = ratio(p99(before), p99(after));
        let busier = ratio(before.calls_per_second, after.calls_per_second);
        BEGUN * begun * told_by + FAILED * failed * told_by + slower * told_by + RATE * busier * told_by
    }
}

/// By so many calls half of what they seem to say is taken for true.
const CALLS_HALF_TOLD: f64 = 10.0;

/// What weighs less did not change: 22 % longer durations of many calls, a rate half as high again, two in a hundred more
/// failed calls.
const CHANGED_MIN: f64 = 0.2;

/// What each weighs beside longer durations, as the logarithm of their ratio.
const BEGUN: f64 = 100.0;
const FAILED: f64 = 10.0;
const RATE: f64 = 0.5;
const CAME_OR_WENT: f64 = 1.0;

fn share_of(red: &Red, number: f64) -> f64 {
    if red.calls > 0.0 { number / red.calls } else { 0.0 }
}

/// How far two numbers are apart, as the logarithm of their ratio; 0 where one of them is not there.
fn ratio(before: f64, after: f64) -> f64 {
    if before > 0.0 && after > 0.0 { (after / before).ln().abs() } else { 0.0 }
}

impl Engine {
    /// How the graph of the question's time differs from that of `before`.
    pub async fn graph_difference(
        &self,
        tenant: &TenantId,
        question: GraphQuestion,
        before: TimeRange,
    ) -> Result<GraphDifference, QueryError> {
        let (range, within) = whole_minutes(question.range, question.now);
        let (range_before, within_before) = whole_minutes(before, question.now);
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
    coverage.rows_returned = (nodes.len() + edges.len()) as u64;
    GraphDifference { before: before.range, after: after.range, nodes, edges, coverage }
}
