//! Series, names of labels and their values, as they are asked for.

use std::sync::Arc;

use model::{TenantId, TimeRange};
use promql::{Labels, Matcher};

use super::indexes::Described;
use crate::engine::Engine;
use crate::error::QueryError;

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
    /// Whether the limit cut the answer, or [`Config::selected_series_max`](crate::Config::selected_series_max).
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
    pub async fn series(&self, tenant: &TenantId, question: SeriesQuestion) -> Result<SeriesAnswer, QueryError> {
        let at_most = question.at_most().min(self.config.selected_series_max);
        self.ask_index(tenant, question.range, move |described| {
            let found = described.index.find_any(&described.scope, &question.matchers);
            let is_cut = found.len() > at_most as u64;
            let kept = if is_cut { found.iter().take(at_most).collect() } else { found };
            let mut series = described.index.labels_of(&kept);
            series.sort_unstable();
            SeriesAnswer { series, is_cut, warnings: described.warnings }
        })
        .await
    }

    /// The names of the labels that series which match have.
    pub async fn label_names(&self, tenant: &TenantId, question: SeriesQuestion) -> Result<LabelAnswer, QueryError> {
        self.ask_index(tenant, question.range, move |described| {
            let found = described.index.find_any(&described.scope, &question.matchers);
            question.cut(described.index.names_of(&found), described.warnings)
        })
        .await
    }

    /// The values that a label has of series which match.
    pub async fn label_values(
        &self,
        tenant: &TenantId,
        name: &str,
        question: SeriesQuestion,
    ) -> Result<LabelAnswer, QueryError> {
        let name = name.to_owned();
        self.ask_index(tenant, question.range, move |described| {
            let found = described.index.find_any(&described.scope, &question.matchers);
            let values = described.index.values_of(&name, &found, question.at_most().saturating_add(1));
            question.cut(values, described.warnings)
        })
        .await
    }

    /// Asks the tenant's index about a time, as all questions are asked.
    pub(super) async fn ask_index<T: Send + 'static>(
        &self,
        tenant: &TenantId,
        range: TimeRange,
        answer: impl FnOnce(Described<'_>) -> T + Send + 'static,
    ) -> Result<T, QueryError> {
        let (engine, view) = (self.clone(), self.view(tenant, range));
        self.work_aside(move |_| engine.series.ask(&view, range, answer)).await?
    }
}

impl SeriesQuestion {
    fn at_most(&self) -> usize {
        self.limit.unwrap_or(usize::MAX)
    }

    fn cut(&self, mut texts: Vec<Arc<str>>, warnings: Vec<String>) -> LabelAnswer {
        let is_cut = texts.len() > self.at_most();
        texts.truncate(self.at_most());
        LabelAnswer { texts, is_cut, warnings }
    }
}
