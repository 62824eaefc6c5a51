//! `GET /api/v1/traces` and `GET /api/v1/traces/{trace_id}`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Attributes, Coverage, CriticalPath, LogRecord, Scope};

/// Traces that match, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TracesAnswer {
    /// One line per trace.
    pub traces: Vec<TraceSummary>,
    /// How much of the truth this rests on.
    pub coverage: Coverage,
}

/// One trace in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TraceSummary {
    /// 32 hex digits.
    pub trace_id: String,
    /// Service of the root span; absent when no root has arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_service: Option<String>,
    /// Name of the root span; absent when no root has arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_name: Option<String>,
    /// Start of the earliest span, RFC 3339.
    pub start_time: String,
    /// From the earliest start to the latest end, nanoseconds.
    pub duration_ns: i64,
    /// Spans that have arrived, each span id counted once.
    pub span_count: u64,
    /// Spans with status `error`.
    pub error_count: u64,
    /// Spans of this trace that matched the search.
    pub matched_spans: u64,
    /// The services on the way, most spans first.
    pub services: Vec<TraceService>,
    /// What stitching repaired, by kind; absent where nothing was, or the trace was not stitched for the list.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub repairs: BTreeMap<String, u64>,
}

/// One service's share of a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TraceService {
    /// `service.name`.
    pub service: String,
    /// The squad that owns it, where the telemetry says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub squad: Option<String>,
    /// Its spans in the trace.
    pub span_count: u64,
    /// Its spans with status `error`.
    pub error_count: u64,
    /// Its log records in the trace; absent in a list of traces, which looks at spans alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_count: Option<u64>,
}

/// One trace as a story: every span in its place, what was repaired to get there, and the log records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TraceAnswer {
    /// 32 hex digits.
    pub trace_id: String,
    /// `repaired` or `raw`.
    pub view: String,
    /// Start of the earliest span, RFC 3339.
    pub start_time: String,
    /// From the earliest start to the latest end, nanoseconds.
    pub duration_ns: i64,
    /// The spans depth-first, children by start time: the rows of a waterfall from top to bottom.
    pub spans: Vec<Span>,
    /// What stitching changed or added, with its evidence. Empty for `view=raw` and for a clean trace.
    pub repairs: Vec<Repair>,
    /// What stitching noticed and left as it arrived, because the evidence for a change is not enough. Empty for
    /// `view=raw` and for a clean trace.
    pub remarks: Vec<Remark>,
    /// By how much hosts were moved whose clocks are off: one for each repair of kind `clock_skew`, in the same order.
    pub shifts: Vec<HostShift>,
    /// What the main tree waited for at each instant: the tree of the earliest root or, where no root has arrived, the
    /// earliest tree. Absent for `view=raw`, and where no span has arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub critical_path: Option<CriticalPath>,
    /// Log records with this trace id, by the time at which they are shown: `shown_time`, else `time`.
    pub logs: Vec<LogRecord>,
    /// The services that took part, including those that only logged.
    pub services: Vec<TraceService>,
    /// How much of the truth this rests on.
    pub coverage: Coverage,
}

/// One span in its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Span {
    /// 16 hex digits. A phantom span has the id its children name as their parent.
    pub span_id: String,
    /// The parent as sent; absent on a root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_span_id: Option<String>,
    /// Distance from the top of its tree, 0 for a root.
    pub depth: u32,
    /// What is noteworthy: `root`, `orphan` (its parent has not arrived), `phantom` (made by stitching to stand for a
    /// span that has not arrived), `duplicate` (the id arrived more than once), `shared_span_id` (client and server
    /// use one id), `cycle`, `negative_duration`, `late_root` (it began after what is below it, and is shown from
    /// there), `logged` (a service of which only log records arrived); and what was changed on arrival, such as `cut_attribute`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
    /// The operation.
    pub name: String,
    /// `internal`, `server`, `client`, `producer`, `consumer` or `unspecified`.
    pub kind: String,
    /// `service.name`; `unknown` on a phantom without evidence.
    pub service: String,
    /// Start, RFC 3339.
    pub start_time: String,
    /// Start relative to the trace's start, nanoseconds.
    pub start_offset_ns: i64,
    /// Duration in nanoseconds, negative where the sender's clock went backwards.
    pub duration_ns: i64,
    /// Status code and message.
    pub status: SpanStatus,
    /// W3C trace state as sent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub trace_state: String,
    /// W3C trace flags and OpenTelemetry's own, as sent.
    pub flags: u32,
    /// The span's attributes.
    #[schema(value_type = Object)]
    pub attributes: Attributes,
    /// The resource's attributes: who sent it.
    #[schema(value_type = Object)]
    pub resource: Attributes,
    /// The instrumentation scope.
    pub scope: Scope,
    /// Things that happened during the span.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<SpanEvent>,
    /// Other spans this one belongs to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<SpanLink>,
    /// Attributes that the sender, or our limits, left out.
    pub dropped_attributes_count: u32,
    /// Events that the sender left out.
    pub dropped_events_count: u32,
    /// Links that the sender left out.
    pub dropped_links_count: u32,
}

/// How a span ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SpanStatus {
    /// `unset`, `ok` or `error`.
    pub code: String,
    /// The sender's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
}

/// Something that happened during a span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SpanEvent {
    /// When, RFC 3339.
    pub time: String,
    /// Relative to the trace's start, nanoseconds.
    pub offset_ns: i64,
    /// What.
    pub name: String,
    /// Its attributes.
    #[schema(value_type = Object)]
    pub attributes: Attributes,
    /// Attributes that the sender left out.
    pub dropped_attributes_count: u32,
}

/// A pointer to a span elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SpanLink {
    /// 32 hex digits.
    pub trace_id: String,
    /// 16 hex digits.
    pub span_id: String,
    /// W3C trace state as sent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub trace_state: String,
    /// Flags as sent.
    pub flags: u32,
    /// Its attributes.
    #[schema(value_type = Object)]
    pub attributes: Attributes,
    /// Attributes that the sender left out.
    pub dropped_attributes_count: u32,
}

/// One change that stitching made, with its evidence. Nothing stored is changed; `view=raw` shows what arrived.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Repair {
    /// `missing_parent`, `duplicate_span`, `parent_cycle`, `negative_duration`, ….
    pub kind: String,
    /// The spans it touches, 16 hex digits each.
    pub span_ids: Vec<String>,
    /// What arrived, in words.
    pub before: String,
    /// What is shown instead, in words.
    pub after: String,
    /// How the change was found.
    pub method: String,
    /// The facts it rests on.
    pub evidence: Vec<String>,
    /// How sure stitching is, 0 to 1 inclusive.
    pub confidence: f64,
}

/// Something that looks wrong and was left as it arrived, because the evidence for a repair is not enough.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Remark {
    /// The kind of repair that was not made, such as `clock_skew`.
    pub kind: String,
    /// The spans that look wrong, 16 hex digits each.
    pub span_ids: Vec<String>,
    /// What was noticed, in words.
    pub noticed: String,
    /// Why nothing was changed: `unknown_host`, `too_little_evidence`, `contradiction`, `beyond_limit` or `not_waited_for`.
    pub reason: String,
    /// The facts behind the reason.
    pub evidence: Vec<String>,
}

/// One host whose clock is off, and by how much everything of it is moved: spans, their events, log records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HostShift {
    /// The host whose clock is off.
    pub host: String,
    /// The host by whose clock the story is told: the root's.
    pub reference: String,
    /// Added to every time of the host, nanoseconds: positive where its clock is behind.
    pub shift_ns: i64,
    /// The shift is at most this far off, either way, nanoseconds. Absent where only the least shift is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_ns: Option<i64>,
    /// How many calls between the two hosts it rests on.
    pub pairs: u64,
    /// `many_traces`, of about that time, or `one_trace`, this one alone.
    pub source: String,
}
