//! `GET /api/v1/repairs` and `GET /api/v1/clocks`: the health of telemetry itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Coverage;

/// What was repaired in traces, over time: which services lose spans, whose clocks are off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RepairsAnswer {
    /// First time, inclusive, RFC 3339.
    pub from: String,
    /// Last time, exclusive, RFC 3339.
    pub to: String,
    /// How long one bucket of `by_bucket` is, nanoseconds.
    pub bucket_ns: i64,
    /// By kind, service and hosts; those with the most repairs first.
    pub series: Vec<RepairSeries>,
    /// How much of the truth this rests on.
    pub coverage: Coverage,
}

/// Repairs of one kind with one cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RepairSeries {
    /// The kind, as in a trace's ledger.
    pub kind: String,
    /// The service that lost spans, sent them twice, or runs on the host whose clock is off; absent where not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Of a clock: the host that was moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Of a clock: the host by whose clock it was moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_host: Option<String>,
    /// Repairs in the whole time.
    pub repairs: u64,
    /// Repairs in each bucket, the earliest first.
    pub by_bucket: Vec<u64>,
    /// Of a clock: by how much the host was moved on average, nanoseconds: positive where its clock is behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift_ns_mean: Option<i64>,
    /// The mean of the repairs' confidences, 0 to 1 inclusive.
    pub confidence_mean: f64,
}

/// How far the clocks of hosts were apart, over time, by the calls between them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClocksAnswer {
    /// By pair of hosts; those whose clocks are furthest apart first.
    pub pairs: Vec<ClockPair>,
    /// How much of the truth this rests on.
    pub coverage: Coverage,
}

/// The clocks of two hosts that called each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClockPair {
    /// One of them.
    pub host: String,
    /// The other.
    pub other_host: String,
    /// The offset at times of which it is known, the earliest first.
    pub points: Vec<ClockPoint>,
}

/// The offset of two clocks at one time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ClockPoint {
    /// When, RFC 3339.
    pub time: String,
    /// The clock of `other_host` less that of `host`, nanoseconds: positive where the other is ahead.
    pub offset_ns: i64,
    /// The true offset is at most so far from it, nanoseconds.
    pub error_ns: i64,
    /// Calls that it rests on.
    pub calls: u64,
    /// How sure that is, 0 to 1 inclusive.
    pub confidence: f64,
    /// Whether the clocks are certainly apart: zero is not within the error.
    pub is_apart: bool,
}
