//! `metadata` and `query_exemplars`: what metrics are about, and single measurements of them.

use serde::{Deserialize, Serialize};
use serde_json::Number;
use utoipa::ToSchema;

use super::PromLabels;

/// What one sender says of a metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MetricMetadata {
    /// `counter`, `gauge`, `histogram`, `gaugehistogram`, `summary`, `info` or `unknown`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it measures, in words.
    pub help: String,
    /// In what unit.
    pub unit: String,
}

/// Exemplars of one series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SeriesExemplars {
    /// Who it is.
    #[serde(rename = "seriesLabels")]
    pub series_labels: PromLabels,
    /// Its exemplars, ascending in time.
    pub exemplars: Vec<PromExemplar>,
}

/// One measurement, with the trace it was made in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PromExemplar {
    /// `trace_id`, `span_id`, and what else was said.
    pub labels: PromLabels,
    /// What was measured.
    pub value: String,
    /// When: unix seconds with at most three decimals.
    #[schema(value_type = f64)]
    pub timestamp: Number,
}
