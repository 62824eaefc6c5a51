//! The bodies of `GET /api/v1/service-graph` and `GET /api/v1/service-graph/diff`.

use model::TimeRange;
use protocol::{Coverage, EdgeDiff, GraphDiffAnswer, GraphEdge, NodeDiff, NodeName, Range, SeenBy, ServiceGraphAnswer};
use query::{EdgeCalls, EdgeDifference, GraphDifference, GraphNode, NodeCalls, NodeDifference, Red, ServiceGraph};

use crate::config::StatedServices;

/// Nodes and edges. Whose a node is, is said by the services file before the telemetry.
pub(crate) fn service_graph_answer(
    graph: &ServiceGraph,
    stated: &StatedServices,
    coverage: Coverage,
) -> ServiceGraphAnswer {
    let node = |NodeCalls { node, squad, red, entries }: &NodeCalls| protocol::GraphNode {
        node: node_name(node),
        squad: owner(node, squad.as_deref(), stated),
        red: red_of(red),
        entries: red_of(entries),
    };
    let edge = |EdgeCalls { caller, callee, red, seen_by: [both, client, server] }: &EdgeCalls| GraphEdge {
        caller: node_name(caller),
        callee: node_name(callee),
        red: red_of(red),
        seen_by: SeenBy { both: *both, client: *client, server: *server },
    };
    ServiceGraphAnswer {
        range: range_of(graph.range),
        nodes: graph.nodes.iter().map(node).collect(),
        edges: graph.edges.iter().map(edge).collect(),
        coverage,
    }
}

/// Nodes and edges at two times.
pub(crate) fn graph_diff_answer(
    difference: &GraphDifference,
    stated: &StatedServices,
    coverage: Coverage,
) -> GraphDiffAnswer {
    let node = |NodeDifference { node, squad, red }: &NodeDifference| NodeDiff {
        node: node_name(node),
        squad: owner(node, squad.as_deref(), stated),
        change: red.word().to_owned(),
        before: red.before.as_ref().map(red_of),
        after: red.after.as_ref().map(red_of),
    };
    let edge = |EdgeDifference { caller, callee, red }: &EdgeDifference| EdgeDiff {
        caller: node_name(caller),
        callee: node_name(callee),
        change: red.word().to_owned(),
        before: red.before.as_ref().map(red_of),
        after: red.after.as_ref().map(red_of),
    };
    GraphDiffAnswer {
        before: range_of(difference.before),
        after: range_of(difference.after),
        nodes: difference.nodes.iter().map(node).collect(),
        edges: difference.edges.iter().map(edge).collect(),
        coverage,
    }
}

/// Who it is.
pub(super) fn node_name(node: &GraphNode) -> NodeName {
    let system = Some(node.system.clone()).filter(|system| !system.is_empty());
    NodeName { kind: node.kind.clone(), system, name: node.name.clone() }
}

/// Rate, errors, duration.
pub(super) fn red_of(red: &Red) -> protocol::Red {
    let Red { seen, calls, calls_per_second, errors, error_share, errors_begun, mean_ns, quantiles } = *red;
    protocol::Red {
        calls,
        calls_per_second,
        errors,
        error_share,
        errors_begun,
        mean_ns,
        p50_ns: quantiles.map(|of| of.p50_ns),
        p90_ns: quantiles.map(|of| of.p90_ns),
        p99_ns: quantiles.map(|of| of.p99_ns),
        seen,
    }
}

/// A time as text.
pub(super) fn range_of(range: TimeRange) -> Range {
    Range { from: range.from.to_string(), to: range.to.to_string() }
}

fn owner(node: &GraphNode, squad: Option<&str>, stated: &StatedServices) -> Option<String> {
    let facts = stated.get(&node.name).filter(|_| node.is_service());
    let owner = facts.and_then(|facts| facts.owner.as_deref()).filter(|owner| !owner.is_empty());
    owner.or(squad).map(str::to_owned)
}
