//! `GET /api/v1/services`: who is out there.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Coverage;

/// The services heard from in a time range, by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServicesAnswer {
    /// One entry per service name, namespace and environment.
    pub services: Vec<ServiceSummary>,
    /// How much of the truth this rests on.
    pub coverage: Coverage,
}

/// One service in a time range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ServiceSummary {
    /// `service.name`.
    pub service: String,
    /// `service.namespace`; absent where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// `deployment.environment.name`; absent where not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// The squad that owns it: the label or attribute `squad`, else `service.owner`; absent where the telemetry does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub squad: Option<String>,
    /// Distinct pods (or, without pods, instances) heard from.
    pub instances: u64,
    /// Requests served: spans of kind server or consumer.
    pub requests: u64,
    /// Requests that ended with status `error`.
    pub errors: u64,
    /// Median duration of the requests, nanoseconds; absent without requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_p50_ns: Option<i64>,
    /// 99th percentile of the requests' durations, nanoseconds; absent without requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_p99_ns: Option<i64>,
    /// Spans of any kind.
    pub spans: u64,
    /// Log records.
    pub logs: u64,
    /// Log records of severity ERROR or FATAL.
    pub error_logs: u64,
    /// Metric series.
    pub series: u64,
    /// Newest record of any signal, RFC 3339.
    pub last_seen: String,
}
