//! `GET /api/v1/service-graph` and `GET /api/v1/service-graph/diff`: who called whom.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Coverage;

/// Nodes and edges of a time range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServiceGraphAnswer {
    /// What is covered: the time asked for, in whole minutes.
    pub range: Range,
    /// Everyone who called or was called, by kind and name.
    pub nodes: Vec<GraphNode>,
    /// Who called whom, by these.
    pub edges: Vec<GraphEdge>,
    /// How much of the truth this rests on.
    pub coverage: Coverage,
}

/// A time, RFC 3339: `from` inclusive, `to` exclusive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Range {
    /// First instant inside.
    pub from: String,
    /// First instant after.
    pub to: String,
}

/// Who calls and is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NodeName {
    /// `service`, `database`, `queue` or `peer`: something that was called and of which nothing arrives.
    pub kind: String,
    /// Of a database or queue, of what kind, such as `postgresql`; absent where not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Its name.
    pub name: String,
}

/// A node, and what was asked of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GraphNode {
    /// Who.
    #[serde(flatten)]
    pub node: NodeName,
    /// The squad that owns it, by the services file or the telemetry; absent where neither says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub squad: Option<String>,
    /// All that it was asked; with a selector, of a neighbour of those that it means only what these asked.
    pub red: Red,
    /// Of that, what nobody is known to have asked: requests from outside, and work that it began by itself.
    pub entries: Red,
}

/// An edge, and what went over it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GraphEdge {
    /// Who asked.
    pub caller: NodeName,
    /// Who was asked.
    pub callee: NodeName,
    /// What was asked.
    pub red: Red,
    /// Which sides told of these calls.
    pub seen_by: SeenBy,
}

/// Calls by the sides that told of them. Numbers of calls of which spans arrived, without regard to sampling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeenBy {
    /// Both.
    pub both: u64,
    /// The caller alone: databases, peers without instrumentation, servers whose spans were lost.
    pub client: u64,
    /// The callee alone.
    pub server: u64,
}

/// Rate, errors, duration. Where senders sample and say so in `tracestate`, numbers are of what the samples stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Red {
    /// How many calls.
    pub calls: f64,
    /// The same by second.
    pub calls_per_second: f64,
    /// Calls that failed.
    pub errors: f64,
    /// The share of calls that failed, 0 to 1; 0 without calls.
    pub error_share: f64,
    /// Errors that began in what was asked for, and not at something that it called: each error is in one of these.
    pub errors_begun: f64,
    /// The mean of the durations, nanoseconds; 0 without calls.
    pub mean_ns: u64,
    /// The duration that half of the calls did not exceed, nanoseconds, within 2.2 %; absent without calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p50_ns: Option<u64>,
    /// That 9 of 10 did not exceed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p90_ns: Option<u64>,
    /// That 99 of 100 did not exceed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p99_ns: Option<u64>,
    /// Calls of which spans arrived.
    pub seen: u64,
}

/// How the graph of one time differs from that of another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct GraphDiffAnswer {
    /// The time that is the measure, in whole minutes.
    pub before: Range,
    /// The time that is asked about, in whole minutes.
    pub after: Range,
    /// Every node of either, the one that has changed most first.
    pub nodes: Vec<NodeDiff>,
    /// Every edge of either, the one that has changed most first.
    pub edges: Vec<EdgeDiff>,
    /// How much of the truth this rests on.
    pub coverage: Coverage,
}

/// A node at both times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NodeDiff {
    /// Who.
    #[serde(flatten)]
    pub node: NodeName,
    /// The squad that owns it; absent where nobody says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub squad: Option<String>,
    /// `new`, `gone`, `changed` or `same`.
    pub change: String,
    /// What it was asked before; absent where it was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Red>,
    /// What it was asked after; absent where it was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Red>,
}

/// An edge at both times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EdgeDiff {
    /// Who asks.
    pub caller: NodeName,
    /// Who is asked.
    pub callee: NodeName,
    /// `new`, `gone`, `changed` or `same`.
    pub change: String,
    /// What was asked before; absent where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Red>,
    /// What was asked after; absent where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Red>,
}
