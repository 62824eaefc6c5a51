//! What metrics mean: kind, help, unit.

use std::collections::BTreeMap;

use model::{TenantId, TimeRange};

use crate::engine::Engine;
use crate::error::QueryError;

/// Of which metrics, and how much.
#[derive(Clone, Debug)]
pub struct MetadataQuestion {
    /// Only of this metric, by its name in Prometheus without `_bucket`, `_sum` and `_count`.
    pub metric: Option<String>,
    /// Only what was said at about this time, to the hour.
    pub range: TimeRange,
    /// At most so many metrics; `None` for all.
    pub limit: Option<usize>,
    /// At most so many descriptions of each; `None` for all.
    pub limit_per_metric: Option<usize>,
}

/// One description of a metric. Services may disagree.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MetricMetadata {
    /// What kind of metric it is.
    pub kind: MetricKind,
    /// What it measures, in words; may be empty.
    pub help: String,
    /// In which unit, as Prometheus writes it; may be empty.
    pub unit: String,
}

/// A kind of metric, as Prometheus tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MetricKind {
    /// Counts up.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by buckets.
    Histogram,
    /// Buckets that go up and down.
    GaugeHistogram,
    /// Quantiles.
    Summary,
    /// Labels alone.
    Info,
    /// Not told, or none of these: a sum of deltas, say.
    Unknown,
}

impl MetricKind {
    const ALL: [Self; 7] =
        [Self::Counter, Self::Gauge, Self::Histogram, Self::GaugeHistogram, Self::Summary, Self::Info, Self::Unknown];

    /// By [`Self::text`]; `None` for another word.
    pub(super) fn of_text(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.text() == text)
    }

    /// As Prometheus writes it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::GaugeHistogram => "gaugehistogram",
            Self::Summary => "summary",
            Self::Info => "info",
            Self::Unknown => "unknown",
        }
    }
}

impl Engine {
    /// What metrics mean, by name; of each the newest description first.
    pub async fn metric_metadata(
        &self,
        tenant: &TenantId,
        question: MetadataQuestion,
    ) -> Result<BTreeMap<String, Vec<MetricMetadata>>, QueryError> {
        self.ask_index(tenant, question.range, move |described| {
            let series = described.index.find(&described.scope, &[]);
            let mut said = described.index.metadata_of(question.metric.as_deref(), &series);
            if let Some(last) = question.limit.and_then(|limit| said.keys().nth(limit).cloned()) {
                said.split_off(&last);
            }
            if let Some(limit) = question.limit_per_metric {
                said.values_mut().for_each(|said| said.truncate(limit));
            }
            said
        })
        .await
    }
}
