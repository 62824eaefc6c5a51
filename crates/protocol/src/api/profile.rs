//! `GET /api/v1/traces/profile`: where the time of one operation goes, and what sets its slow and failing traces apart.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Coverage;

/// What the newest traces of one operation say. All times are on the critical path of the operation's span (in a trace
/// that has several, of the first one), as if the trace began there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProfileAnswer {
    /// `service.name`, as asked.
    pub service: String,
    /// The name of the operation's spans, as asked.
    pub operation: String,
    /// How many traces were looked at.
    pub traces: u64,
    /// The typical traces: from the duration at p45 to the one at p55.
    pub p50: DurationBand,
    /// The slow traces: from the duration at p98 on.
    pub p99: DurationBand,
    /// Where the time goes, by operation: those with the most time at p99 first, at most 200.
    pub operations: Vec<OperationShare>,
    /// How many more operations there are, which have no more time.
    pub operations_left_out: u64,
    /// What sets the slow traces apart from the others: those that took longer than the one at p90.
    pub slow: Contrast,
    /// What sets the failed traces apart from the others: those in which the operation's span has status `error`.
    pub failed: Contrast,
    /// Traces to look at.
    pub examples: ProfileExamples,
    /// How much of the truth this rests on.
    pub coverage: Coverage,
}

/// The traces whose durations lie in a range.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DurationBand {
    /// How many there are.
    pub traces: u64,
    /// The shortest may take this long, nanoseconds, inclusive.
    pub duration_ns_min: u64,
    /// The longest may take this long, nanoseconds, inclusive.
    pub duration_ns_max: u64,
    /// Their mean duration, nanoseconds.
    pub duration_ns_mean: u64,
}

/// What one operation has of the time. Means over whole traces: each column adds up to its band's mean duration.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OperationShare {
    /// `service.name`; empty where nobody said.
    pub service: String,
    /// The name of its spans; empty where nobody said, as of a span that has not arrived.
    pub operation: String,
    /// Mean self time in the typical traces, nanoseconds.
    pub p50_self_ns: u64,
    /// Its share of all time in the typical traces, 0 to 1 inclusive.
    pub p50_share: f64,
    /// Mean self time in the slow traces, nanoseconds.
    pub p99_self_ns: u64,
    /// Its share of all time in the slow traces, 0 to 1 inclusive.
    pub p99_share: f64,
}

/// Suspect traces compared with all others, by the attributes of the operation's span and of its resource. That a value goes
/// with suspect traces does not say that it is the cause.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Contrast {
    /// How many traces are suspect.
    pub suspects: u64,
    /// How many are not.
    pub others: u64,
    /// Values that suspect traces have more often than chance explains: largest effect first, at most 50.
    pub differences: Vec<AttributeDifference>,
    /// How many more there are, of no larger effect.
    pub differences_left_out: u64,
    /// Keys that were not compared, because they have more than 1 000 values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys_of_many_values: Vec<String>,
    /// True when there were more than 256 keys. The first by name were compared.
    pub keys_left_out: bool,
}

/// One attribute value that suspect traces have more often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AttributeDifference {
    /// The attribute.
    pub key: String,
    /// Its value as text.
    pub value: String,
    /// Suspect traces that have it.
    pub suspects: u64,
    /// Others that have it.
    pub others: u64,
    /// Its share among suspects, less its share among the others; above 0, at most 1.
    pub effect: f64,
    /// The effect at the least, with a certainty of 99.9 %; above 0.
    pub effect_min: f64,
}

/// One trace of each sort.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProfileExamples {
    /// The trace of median duration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typical: Option<ProfileExample>,
    /// The slowest trace; absent if none took longer than the typical one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow: Option<ProfileExample>,
    /// The newest trace that failed; absent if none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<ProfileExample>,
}

/// One trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProfileExample {
    /// 32 hex digits.
    pub trace_id: String,
    /// The operation's span in it, 16 hex digits.
    pub span_id: String,
    /// When that began, RFC 3339.
    pub start_time: String,
    /// How long it took, nanoseconds.
    pub duration_ns: u64,
}
