//! `GET /api/v1/journeys/{trace_id}`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Coverage, TraceService};

/// All traces that belong to one piece of work, across links and queues. Independent of any time range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JourneyAnswer {
    /// The trace asked for, 32 hex digits.
    pub trace_id: String,
    /// Start of the earliest span, RFC 3339.
    pub start_time: String,
    /// From the earliest start to the latest end, nanoseconds.
    pub duration_ns: i64,
    /// Its traces by start, the one asked for among them. At most 64.
    pub traces: Vec<JourneyTrace>,
    /// Where work goes from one span to another, by when it went on. At most 10000.
    pub hops: Vec<JourneyHop>,
    /// Traces that links lead to and of which nothing is stored. At most 1000 are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<TraceBeyond>,
    /// Traces where the journey goes on beyond a limit: ask for one of them. At most 1000 are named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_followed: Vec<TraceBeyond>,
    /// How much of the truth this rests on.
    pub coverage: Coverage,
}

/// One trace of a journey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JourneyTrace {
    /// 32 hex digits.
    pub trace_id: String,
    /// Hops, of either direction, from the trace asked for.
    pub distance: u32,
    /// Hops from where the work began.
    pub depth: u32,
    /// Service of the root span; absent when no root has arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_service: Option<String>,
    /// Name of the root span; absent when no root has arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_name: Option<String>,
    /// Start of the earliest span or, without spans, log record; RFC 3339.
    pub start_time: String,
    /// From the earliest start to the latest end, nanoseconds.
    pub duration_ns: i64,
    /// Spans that have arrived, each span id counted once.
    pub span_count: u64,
    /// Spans with status `error`.
    pub error_count: u64,
    /// Repairs that its story has.
    pub repair_count: u64,
    /// The services on the way, most spans first.
    pub services: Vec<TraceService>,
}

/// Work that goes from one span to another, through a queue or along a link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JourneyHop {
    /// By what it is known: `parent` (within one trace, a consumer below a producer), `link`, or `message` (both spans
    /// name the same message of the same queue).
    pub kind: String,
    /// Where the work was before.
    pub from: HopEnd,
    /// Where it goes on: of a message, the span that processes it where that is known.
    pub to: HopEnd,
    /// The span that took the message from the queue for `to` to process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<HopEnd>,
    /// The queue in between; absent for a link that is not about a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<HopQueue>,
    /// When the work left `from`: its end or, where it went on after `to` had begun, its start. Absent where `from` has
    /// not arrived. RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<String>,
    /// When `to` began; absent where it has not arrived. RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<String>,
    /// From the one to the other, nanoseconds; negative where the clocks of the two are apart by more than the wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_ns: Option<i64>,
    /// The facts it rests on.
    pub evidence: Vec<String>,
    /// How sure it is that the work took this way, 0 to 1 inclusive.
    pub confidence: f64,
}

/// One end of a hop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HopEnd {
    /// 32 hex digits.
    pub trace_id: String,
    /// 16 hex digits.
    pub span_id: String,
    /// `service.name`; absent where the span has not arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

/// What a message waits in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HopQueue {
    /// `messaging.system`; absent where not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// `messaging.destination.name`; absent where not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
}

/// A trace of a journey that is named and not told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TraceBeyond {
    /// 32 hex digits.
    pub trace_id: String,
    /// Hops, of either direction, from the trace asked for.
    pub distance: u32,
}
