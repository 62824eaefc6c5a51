//! Two time ranges held against each other: what is new, what is gone, what has changed.

use std::collections::BTreeMap;

use model::{TenantId, TimeRange};

use super::service_graph::whole_graph;
use super::tally::whole_minutes;
use super::{EDGES_MAX, EdgeCalls, GraphNode, GraphQuestion, NODES_MAX, NodeCalls, Red, ServiceGraph};
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
    /// Every node of either, those first that have changed most; at most [`NODES_MAX`] of them.
    pub nodes: Vec<NodeDifference>,
    /// Every edge of either, in the same order; at most [`EDGES_MAX`] of them.
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
                let earlier = whole_graph(&engine, earlier, &question, within_before).await?;
                let later = whole_graph(&engine, view, &question, within).await?;
                Ok(difference(earlier, later))
            }
        })
        .await
    }
}

/// Of whole graphs: of what is cut from one alone, nobody could tell whether it is new or gone.
fn difference(before: ServiceGraph, after: ServiceGraph) -> GraphDifference {
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
    // Both rest on the same rows and blocks.
    let mut coverage = after.coverage;
    let is_partial = coverage.truncated || before.coverage.truncated;
    for note in before.coverage.notes {
        if !coverage.notes.contains(&note) {
            coverage.notes.push(note);
        }
    }
    if is_partial {
        coverage.cut("not all calls of both times were counted: what seems new or gone may have been there");
    }
    let hint = "those that have changed most: name a selector or an environment";
    if nodes.len() > NODES_MAX {
        nodes.truncate(NODES_MAX);
        coverage.cut(format!("cut at {NODES_MAX} nodes, {hint}"));
    }
    if edges.len() > EDGES_MAX {
        edges.truncate(EDGES_MAX);
        coverage.cut(format!("cut at {EDGES_MAX} edges, {hint}"));
    }
    coverage.rows_returned = (nodes.len() + edges.len()) as u64;
    GraphDifference { before: before.range, after: after.range, nodes, edges, coverage }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One service that asks others, the one of each number so often.
    fn graph(calls: impl Iterator<Item = usize>) -> ServiceGraph {
        let service = |number: usize| GraphNode::service(&format!("{number:05}"));
        let asked = |calls: usize| Red { calls: calls as f64, calls_per_second: calls as f64, ..Red::default() };
        let edge = |(number, calls): (usize, usize)| EdgeCalls {
            caller: service(0),
            callee: service(number + 1),
            red: asked(calls),
            seen_by: [0; 3],
        };
        let edges: Vec<EdgeCalls> = calls.enumerate().map(edge).collect();
        let node = |edge: &EdgeCalls| NodeCalls {
            node: edge.callee.clone(),
            squad: None,
            red: edge.red,
            entries: Red::default(),
        };
        let nodes = edges.iter().map(node).collect();
        ServiceGraph { range: TimeRange::ALL, nodes, edges, coverage: Coverage::default() }
    }

    #[test]
    fn what_lies_behind_the_cut_at_one_time_is_not_new() {
        let last = EDGES_MAX + 9;
        // The last edge has the fewest calls before, and the most after.
        let before = graph((0..=last).map(|number| if number == last { 10 } else { 1_000 }));
        let after = graph((0..=last).map(|number| if number == last { 10_000 } else { 1_000 }));
        let found = difference(before, after);
        assert_eq!((found.nodes.len(), found.edges.len()), (NODES_MAX, EDGES_MAX));
        assert_eq!(found.edges[0].callee.name, format!("{:05}", last + 1));
        let words: Vec<&str> = found.edges.iter().map(|edge| edge.red.word()).collect();
        assert_eq!(words.iter().filter(|word| **word != "same").collect::<Vec<_>>(), [&"changed"]);
        assert!(found.coverage.truncated);
        assert_eq!((found.coverage.notes.len(), found.coverage.rows_returned), (2, 10_000));
    }
}
