//! A series as it is stored, and what Prometheus sees of it.

use std::sync::Arc;

use model::{Table, UnixNanos};

/// One series as it is stored, of which Prometheus may see several.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredSeries {
    /// The id that its points carry. Of `target_info`, which has no points, 0.
    pub(crate) series_id: u64,
    /// The metric's name as it was sent, by which blocks of points are sorted first.
    pub(crate) metric_name: Arc<str>,
    /// Who sent it; by this blocks of points are sorted next.
    pub(crate) resource_id: u64,
    /// Where its points are. Of `target_info` [`Table::Sightings`].
    pub(crate) table: Table,
    /// What each point covers.
    pub(crate) temporality: Temporality,
    /// Whether it counts up: a monotonic sum.
    pub(crate) is_monotonic: bool,
}

/// What a point covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Temporality {
    /// Nothing but its instant: gauges, summaries, and what does not say.
    None,
    /// What came since the point before.
    Delta,
    /// Everything since the start.
    Cumulative,
}

/// What Prometheus sees of a stored series.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SeriesView {
    /// The value of a number.
    Value,
    /// `_count` of a classic histogram or summary.
    Count,
    /// `_sum` of a classic histogram or summary. Points without a sum have no sample.
    Sum,
    /// `_bucket` of a classic histogram: what is at or below the bound; +Inf is what is counted at all. Points without
    /// this bound have no sample.
    Bucket {
        /// `le`, inclusive.
        upper: f64,
    },
    /// One quantile of a summary. Points without it have no sample.
    Quantile {
        /// From 0 to 1.
        quantile: f64,
    },
    /// A native histogram: of an exponential one, or with custom buckets of a classic one, as the table says.
    Native,
    /// 1 while the resource was heard from.
    TargetInfo {
        /// When it was, ascending and apart.
        stays: Arc<[Stay]>,
    },
}

/// A time in which a resource was heard from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stay {
    /// Its first record, inclusive.
    pub(crate) first: UnixNanos,
    /// Its last record, inclusive.
    pub(crate) last: UnixNanos,
}
