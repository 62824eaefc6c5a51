//! The critical path of a trace: part of `GET /api/v1/traces/{trace_id}`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the top of a tree waited for, at each instant of its time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CriticalPath {
    /// How long it is, nanoseconds: as long as the top of its tree.
    pub duration_ns: u64,
    /// Earliest first. They cover the time of the top without a gap and without overlap; empty if it has no length.
    pub sections: Vec<PathSection>,
    /// Every span that the path goes through, from top to bottom.
    pub spans: Vec<PathSpan>,
}

/// A stretch of time in which everything waited for one span, and that span for none of its children.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PathSection {
    /// The span, 16 hex digits.
    pub span_id: String,
    /// Its place in `spans` of the answer, from 0: an id alone does not tell the two sides of a call apart that share one.
    pub row: u64,
    /// Where it begins, relative to the trace's start, nanoseconds.
    pub start_offset_ns: i64,
    /// How long it is, nanoseconds; never 0.
    pub duration_ns: u64,
}

/// One span that the path goes through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PathSpan {
    /// The span, 16 hex digits.
    pub span_id: String,
    /// Its place in `spans` of the answer, from 0.
    pub row: u64,
    /// Its self time: the sum of its sections, nanoseconds. 0 if its children have all of its time.
    pub self_ns: u64,
    /// What share of the path that is, 0 to 1 inclusive.
    pub share: f64,
}
