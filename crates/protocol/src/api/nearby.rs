//! `GET /api/v1/traces/{trace_id}/nearby`: what lies around a trace; `GET /api/v1/exemplars`: from a metric to traces.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Attributes, Coverage, LogRecord};

/// What lies around a trace and is not part of it: what its pods logged without a trace id and what was measured of them at
/// its time, and exemplars that name it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NearbyAnswer {
    /// 32 hex digits.
    pub trace_id: String,
    /// The pods that its spans ran in, most spans first, at most 20. Empty where no span has arrived.
    pub pods: Vec<NearbyPod>,
    /// Exemplars that name the trace, by time, at most 1 000.
    pub exemplars: Vec<Exemplar>,
    /// How much of the truth this rests on.
    pub coverage: Coverage,
}

/// One pod at the time of the trace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NearbyPod {
    /// `service.name` of its spans; empty where they do not say.
    pub service: String,
    /// `k8s.pod.name`. Where its resource does not say, what that very resource sent is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod: Option<String>,
    /// Start of its first span in the trace, RFC 3339, by its own clock: not moved, even where the story moves it.
    pub from: String,
    /// End of its last span in the trace, by its own clock.
    pub to: String,
    /// Log records of the pod without a trace id, from 1 s before `from` to 1 s after `to`, by time: the first 200.
    pub logs: Vec<LogRecord>,
    /// True when there are more.
    pub logs_cut: bool,
    /// Metrics of the pod with points from 60 s before `from` to 60 s after `to`, by name: the first 200.
    pub metrics: Vec<NearbyMetric>,
    /// True when there are more.
    pub metrics_cut: bool,
}

/// One metric of a pod at the time of the trace.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NearbyMetric {
    /// Its name.
    pub name: String,
    /// Its unit; empty where not said.
    pub unit: String,
    /// `gauge`, `sum`, `histogram`, `exponential_histogram` or `summary`.
    pub kind: String,
    /// Series with points at that time.
    pub series: u64,
    /// Points at that time.
    pub points: u64,
    /// Of gauges and sums: the least value, over all series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Of gauges and sums: the greatest value, over all series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Of gauges and sums: the value of the newest point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<f64>,
}

/// Exemplars of a metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExemplarsAnswer {
    /// Those with a trace id, newest first.
    pub exemplars: Vec<Exemplar>,
    /// How much of the truth this rests on.
    pub coverage: Coverage,
}

/// A single measurement, and the trace in which it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Exemplar {
    /// When it was measured, RFC 3339.
    pub time: String,
    /// The metric.
    pub metric: String,
    /// Its unit; empty where not known.
    pub unit: String,
    /// `service.name` of who measured; empty where not known.
    pub service: String,
    /// What was measured: a number, or `NaN`, `Infinity` or `-Infinity` as text; absent where the sender gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub value: Option<serde_json::Value>,
    /// The trace, 32 hex digits; absent where the sender gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The span, 16 hex digits; absent where the sender gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span_id: Option<String>,
    /// The labels of its series.
    #[schema(value_type = Object)]
    pub labels: Attributes,
    /// What else the sender keeps of the measurement.
    #[schema(value_type = Object)]
    pub attributes: Attributes,
}
