//! Nodes and edges of a time range.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use model::{Selectors, TenantId, TimeRange, UnixNanos};

use super::tally::{Edge, Tallied, edge_of, in_environment, whole_minutes};
use super::{GraphNode, Owners, Red};
use crate::coverage::Coverage;
use crate::digest::CallCounts;
use crate::engine::Engine;
use crate::error::QueryError;
use crate::session::View;

/// Edges of one answer: more can neither be drawn nor read. Those with the most calls are kept, and the answer says so.
pub const EDGES_MAX: usize = 5_000;

/// Nodes of one answer, as many as edges. Those with the most calls, asked of them or by them, are kept with the edges
/// between them, and the answer says so.
pub const NODES_MAX: usize = 5_000;

/// Which graph.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphQuestion {
    /// Only services of which a resource matches, and their neighbours; `None` for all.
    pub selectors: Option<Selectors>,
    /// Only calls in this `deployment.environment.name`; `None` for all.
    pub environment: Option<String>,
    /// Only calls that began in this time. Calls are counted by the minute: the first and the last are taken whole.
    pub range: TimeRange,
    /// Nothing that begins later has come: rates are by the time until then.
    pub now: UnixNanos,
}

/// Who called whom.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceGraph {
    /// The time that is covered: the range asked for in whole minutes.
    pub range: TimeRange,
    /// Everyone who called or was called, by kind and name; at most [`NODES_MAX`].
    pub nodes: Vec<NodeCalls>,
    /// Who called whom, by these; at most [`EDGES_MAX`].
    pub edges: Vec<EdgeCalls>,
    /// What the answer rests on.
    pub coverage: Coverage,
}

/// A node, and what was asked of it.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeCalls {
    /// Who.
    pub node: GraphNode,
    /// Who owns it, where the telemetry says.
    pub squad: Option<String>,
    /// All that it was asked, by anyone. With a selector, of a neighbour only what services asked that are meant.
    pub red: Red,
    /// Of that, what nobody is known to have asked: requests from outside, and work that it began by itself.
    pub entries: Red,
}

/// An edge, and what went over it.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeCalls {
    /// Who asked.
    pub caller: GraphNode,
    /// Who was asked.
    pub callee: GraphNode,
    /// What was asked.
    pub red: Red,
    /// Of these, the calls that both sides told of, the caller alone, and the callee alone.
    pub seen_by: [u64; 3],
}

impl Engine {
    /// Who called whom in a time range.
    pub async fn service_graph(&self, tenant: &TenantId, question: GraphQuestion) -> Result<ServiceGraph, QueryError> {
        let (range, within) = whole_minutes(question.range, question.now);
        let view = self.view(tenant, range);
        self.ask(view, move |engine, view| {
            let question = question.clone();
            async move { whole_graph(&engine, view, &question, within).await.map(cut) }
        })
        .await
    }
}

/// What tells rows apart: an edge, and who tells of it.
type SeenEdge = (Edge, String);

/// All nodes and edges, however many; nothing is counted as returned yet.
pub(super) async fn whole_graph(
    engine: &Engine,
    view: View,
    question: &GraphQuestion,
    within: Duration,
) -> Result<ServiceGraph, QueryError> {
    let view = engine.digested(view).await?;
    let owners = Owners::of(engine, &view, question.selectors.as_ref()).await?;
    let key = |cells: &crate::cells::Cells<'_>, row: usize| -> Option<SeenEdge> {
        Some((edge_of(cells, row)?, cells.text("seen_by", row)?.to_owned()))
    };
    let tallied = Tallied::of(engine, &view, question.environment.as_deref().map(in_environment), key).await?;
    let mut coverage = view.tally.coverage(0);
    if tallied.is_cut {
        coverage
            .cut("there are more callers and callees than can be told apart: narrow the time range or the environment");
    }
    let (nodes, edges) = sum(tallied.counts, &owners, within);
    Ok(ServiceGraph { range: view.range, nodes, edges, coverage })
}

/// Keeps what an answer may have.
fn cut(graph: ServiceGraph) -> ServiceGraph {
    let ServiceGraph { range, mut nodes, mut edges, mut coverage } = graph;
    if nodes.len() > NODES_MAX {
        keep_busiest(&mut nodes, &edges);
        let kept: HashSet<&GraphNode> = nodes.iter().map(|of| &of.node).collect();
        edges.retain(|edge| kept.contains(&edge.caller) && kept.contains(&edge.callee));
        coverage.cut(format!("cut at {NODES_MAX} nodes, those with the most calls: name a selector or an environment"));
    }
    if edges.len() > EDGES_MAX {
        edges.sort_by(|a, b| b.red.calls.total_cmp(&a.red.calls));
        edges.truncate(EDGES_MAX);
        edges.sort_by(|a, b| (&a.caller, &a.callee).cmp(&(&b.caller, &b.callee)));
        coverage.cut(format!("cut at {EDGES_MAX} edges, those with the most calls: name a selector or an environment"));
    }
    coverage.rows_returned = (nodes.len() + edges.len()) as u64;
    ServiceGraph { range, nodes, edges, coverage }
}

fn keep_busiest(nodes: &mut Vec<NodeCalls>, edges: &[EdgeCalls]) {
    // Whoever only asks was asked nothing.
    let mut asked_by: HashMap<&GraphNode, f64> = HashMap::new();
    edges.iter().for_each(|edge| *asked_by.entry(&edge.caller).or_default() += edge.red.calls);
    let calls = |of: &NodeCalls| of.red.calls + asked_by.get(&of.node).copied().unwrap_or_default();
    nodes.sort_by(|a, b| calls(b).total_cmp(&calls(a)));
    nodes.truncate(NODES_MAX);
    nodes.sort_by(|a, b| a.node.cmp(&b.node));
}

#[derive(Default)]
struct NodeSum {
    all: CallCounts,
    entries: CallCounts,
}

#[derive(Default)]
struct EdgeSum {
    all: CallCounts,
    seen_by: [u64; 3],
}

fn sum(counts: HashMap<SeenEdge, CallCounts>, owners: &Owners, within: Duration) -> (Vec<NodeCalls>, Vec<EdgeCalls>) {
    let mut nodes: BTreeMap<GraphNode, NodeSum> = BTreeMap::new();
    let mut edges: BTreeMap<(GraphNode, GraphNode), EdgeSum> = BTreeMap::new();
    let is_meant = |node: &GraphNode| node.is_service() && owners.means(&node.name);
    for (((caller, callee), seen_by), counted) in counts {
        // What was taken back as a whole was never there.
        if counted.seen <= 0 || !(is_meant(&callee) || caller.as_ref().is_some_and(is_meant)) {
            continue;
        }
        let node = nodes.entry(callee.clone()).or_default();
        node.all.merge(&counted);
        let Some(caller) = caller else {
            node.entries.merge(&counted);
            continue;
        };
        nodes.entry(caller.clone()).or_default();
        let edge = edges.entry((caller, callee)).or_default();
        edge.all.merge(&counted);
        let side = ["both", "client", "server"].iter().position(|side| *side == seen_by).unwrap_or_default();
        edge.seen_by[side] += counted.seen.unsigned_abs();
    }
    let nodes = nodes.into_iter().map(|(node, sum)| NodeCalls {
        squad: owners.squad(&node.name).filter(|_| node.is_service()).cloned(),
        red: Red::of(&sum.all, within),
        entries: Red::of(&sum.entries, within),
        node,
    });
    let edges = edges.into_iter().map(|((caller, callee), sum)| EdgeCalls {
        caller,
        callee,
        red: Red::of(&sum.all, within),
        seen_by: sum.seen_by,
    });
    (nodes.collect(), edges.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(number: usize) -> GraphNode {
        GraphNode::service(&format!("{number:05}"))
    }

    fn asked(calls: usize) -> Red {
        Red { calls: calls as f64, ..Red::default() }
    }

    /// Services that were asked as often as their number says, and edges as `[caller, callee, calls]`.
    fn graph(services: usize, edges: impl Iterator<Item = [usize; 3]>) -> ServiceGraph {
        let node =
            |number| NodeCalls { node: service(number), squad: None, red: asked(number), entries: Red::default() };
        let edge = |[caller, callee, calls]: [usize; 3]| EdgeCalls {
            caller: service(caller),
            callee: service(callee),
            red: asked(calls),
            seen_by: [0; 3],
        };
        let nodes = (0..services).map(node).collect();
        ServiceGraph { range: TimeRange::ALL, nodes, edges: edges.map(edge).collect(), coverage: Coverage::default() }
    }

    #[test]
    fn nodes_with_the_most_calls_are_kept_and_edges_to_others_go_with_them() {
        let services = NODES_MAX + 10;
        // All are asked by the first, which nobody asks.
        let cut = cut(graph(services, (1..services).map(|number| [0, number, number])));
        assert_eq!((cut.nodes.len(), cut.edges.len()), (NODES_MAX, NODES_MAX - 1));
        assert_eq!([&cut.nodes[0].node, &cut.nodes[1].node], [&service(0), &service(11)]);
        assert_eq!(cut.edges[0].callee, service(11));
        assert!(cut.coverage.truncated && cut.coverage.notes[0].contains("5000 nodes"), "{:?}", cut.coverage);
        assert_eq!((cut.coverage.notes.len(), cut.coverage.rows_returned), (1, 9_999));
    }

    #[test]
    fn edges_with_the_most_calls_are_kept_in_their_order() {
        let edges = (0..EDGES_MAX + 1_400).map(|number| [number / 80, number % 80, number]);
        let cut = cut(graph(80, edges));
        assert_eq!((cut.nodes.len(), cut.edges.len()), (80, EDGES_MAX));
        assert_eq!((&cut.edges[0].caller, &cut.edges[0].callee), (&service(17), &service(40)));
        assert!(cut.coverage.truncated && cut.coverage.notes[0].contains("5000 edges"), "{:?}", cut.coverage);
    }

    #[test]
    fn what_an_answer_may_have_is_not_cut() {
        let cut = cut(graph(2, [[0, 1, 1]].into_iter()));
        assert_eq!((cut.nodes.len(), cut.edges.len()), (2, 1));
        assert_eq!((cut.coverage.is_complete(), cut.coverage.rows_returned), (true, 3));
    }
}
