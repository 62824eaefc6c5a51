//! What there are many of: series by metric and by label, values by label.

use model::{TenantId, TimeRange, UnixNanos};

use crate::engine::Engine;
use crate::error::QueryError;

/// When, and how much of it.
#[derive(Clone, Copy, Debug)]
pub struct CardinalityQuestion {
    /// Series that were there at about this time, to the hour.
    pub range: TimeRange,
    /// At most so many entries of each list.
    pub limit: usize,
}

/// How many series there are, and what makes them many.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cardinality {
    /// Series.
    pub series: u64,
    /// Distinct pairs of a label and a value.
    pub label_pairs: u64,
    /// The earliest and the latest description of a series in the range, inclusive; `None` without series.
    pub times: Option<(UnixNanos, UnixNanos)>,
    /// Metrics with the most series.
    pub series_by_metric: Vec<Counted>,
    /// Labels with the most values.
    pub values_by_label: Vec<Counted>,
    /// Labels whose values take the most bytes: of each series the value's length.
    pub bytes_by_label: Vec<Counted>,
    /// Pairs, written `name=value`, with the most series.
    pub series_by_pair: Vec<Counted>,
    /// Why some may be missing.
    pub warnings: Vec<String>,
}

/// So many of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Of what.
    pub name: String,
    /// How many.
    pub count: u64,
}

impl Engine {
    /// What there are many of.
    pub async fn cardinality(
        &self,
        tenant: &TenantId,
        question: CardinalityQuestion,
    ) -> Result<Cardinality, QueryError> {
        self.ask_index(tenant, question.range, move |described| {
            let series = described.index.find(&described.scope, &[]);
            let counted = described.index.count(&series, question.limit);
            Cardinality { times: described.times, warnings: described.warnings, ..counted }
        })
        .await
    }
}
