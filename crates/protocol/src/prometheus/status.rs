//! `status/…`: what the server is, and how many series it has.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `status/buildinfo`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct BuildInfo {
    /// The version of Prometheus whose API and language are spoken: clients choose by it what they ask.
    pub version: String,
    /// The version of Nunchi.
    pub revision: String,
    /// Always `nunchi`.
    pub branch: String,
    /// Empty.
    pub build_user: String,
    /// Empty.
    pub build_date: String,
    /// Empty: nothing here is Go.
    pub go_version: String,
}

/// `status/runtimeinfo`: what of it there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RuntimeInfo {
    /// When the server started, RFC 3339.
    pub start_time: String,
    /// Empty: where its files are is nobody's business.
    #[serde(rename = "CWD")]
    pub working_directory: String,
    /// Empty.
    pub hostname: String,
    /// Now, RFC 3339.
    pub server_time: String,
    /// Always true: configuration is read at the start.
    pub reload_config_success: bool,
    /// When the server started, RFC 3339.
    pub last_config_time: String,
    /// Always 0: damage is in the native status.
    pub corruption_count: u64,
    /// Always 0.
    pub goroutine_count: u64,
    /// Cores.
    #[serde(rename = "GOMAXPROCS")]
    pub cores: u64,
    /// Always 0.
    #[serde(rename = "GOMEMLIMIT")]
    pub go_memory_limit: u64,
    /// Empty.
    #[serde(rename = "GOGC")]
    pub go_gc: String,
    /// Empty.
    #[serde(rename = "GODEBUG")]
    pub go_debug: String,
    /// Empty: rules of retention are by selector.
    pub storage_retention: String,
}

/// `status/config`: a configuration as Prometheus has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConfigText {
    /// YAML.
    pub yaml: String,
}

/// `status/walreplay`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReplayStatus {
    /// First piece of the log.
    pub min: u64,
    /// Last piece of the log.
    pub max: u64,
    /// The one that is being read.
    pub current: u64,
}

/// `status/tsdb`: how many series there are, and what makes them many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TsdbStatus {
    /// Totals.
    pub head_stats: HeadStats,
    /// Metrics with the most series, most first. So are the others.
    pub series_count_by_metric_name: Vec<NamedCount>,
    /// Labels with the most values.
    pub label_value_count_by_label_name: Vec<NamedCount>,
    /// Labels of which the values take the most bytes.
    pub memory_in_bytes_by_label_name: Vec<NamedCount>,
    /// `name=value` of the most series.
    pub series_count_by_label_value_pair: Vec<NamedCount>,
}

/// Totals of all series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeadStats {
    /// Series.
    pub num_series: u64,
    /// Distinct pairs of a label's name and value.
    pub num_label_pairs: u64,
    /// Always 0.
    pub chunk_count: i64,
    /// The first time, unix milliseconds.
    pub min_time: i64,
    /// The last time, unix milliseconds.
    pub max_time: i64,
}

/// A name, and how many.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NamedCount {
    /// Of what.
    pub name: String,
    /// How many.
    pub value: u64,
}
