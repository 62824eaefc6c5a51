//! Series, names of labels and their values, as they are asked for.

use std::sync::Arc;

use model::{TenantId, TimeRange};
use promql::{Labels, Matcher};

use crate::engine::Engine;
use crate::error::{QueryError, QueryErrorKind};

/// Which series.
#[derive(Clone, Debug)]
pub struct SeriesQuestion {
    /// A series must match all matchers of any of these; with none of them, all series do.
    pub matchers: Vec<Vec<Matcher>>,
    /// Only series that were there at about this time, to the hour.
    pub range: TimeRange,
    /// At most so many answers; `None` for all.
    pub limit: Option<usize>,
}

/// The series that match.
#[derive(Clone, Debug, Default)]
pub struct SeriesAnswer {
    /// Each once, by their labels.
    pub series: Vec<Labels>,
    /// Whether the limit cut the answer.
    pub is_cut: bool,
    /// Why some may be missing.
    pub warnings: Vec<String>,
}

/// Names of labels, or values of one label.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelAnswer {
    /// Each once, sorted bytewise.
    pub texts: Vec<Arc<str>>,
    /// Whether the limit cut the answer.
    pub is_cut: bool,
    /// Why some may be missing.
    pub warnings: Vec<String>,
}

impl Engine {
    /// The series that match.
    pub async fn series(&self, _tenant: &TenantId, _question: SeriesQuestion) -> Result<SeriesAnswer, QueryError> {
        Ok(SeriesAnswer::default())
    }

    /// The names of the labels that series which match have.
    pub async fn label_names(&self, _tenant: &TenantId, _question: SeriesQuestion) -> Result<LabelAnswer, QueryError> {
        Ok(LabelAnswer::default())
    }

    /// The values that a label has of series which match.
    pub async fn label_values(
        &self,
        _tenant: &TenantId,
        _name: &str,
        _question: SeriesQuestion,
    ) -> Result<LabelAnswer, QueryError> {
        Ok(LabelAnswer::default())
    }
}

/// Runs what blocks its thread.
pub(super) async fn on_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, QueryError> + Send + 'static,
) -> Result<T, QueryError> {
    let failed = |error| QueryError::new(QueryErrorKind::Internal, format!("the series index failed: {error}"), "");
    tokio::task::spawn_blocking(work).await.map_err(failed)?
}
