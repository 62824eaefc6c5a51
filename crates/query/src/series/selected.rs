//! Series to read points of.

use std::collections::HashSet;
use std::sync::Arc;

use model::TimeRange;
use promql::{Labels, Matcher, SourceError};

use super::index::{Source, ViewKind};
use super::stays::Stays;
use super::stored::{SeriesView, Stay, StoredSeries};
use crate::aside::aside;
use crate::engine::Engine;
use crate::error::{QueryError, QueryErrorKind};
use crate::session::View;

/// What Prometheus sees of one stored series.
#[derive(Clone, Debug)]
pub(crate) struct SelectedSeries {
    /// Who it is to Prometheus. Two stored series may have the same labels; to Prometheus they are one.
    pub(crate) labels: Labels,
    /// Where its points are.
    pub(crate) stored: Arc<StoredSeries>,
    /// What of them.
    pub(crate) view: SeriesView,
}

/// What a selector selects.
#[derive(Clone, Debug, Default)]
pub(crate) struct SeriesSelected {
    /// Series that may have points in the range, those with equal labels together.
    pub(crate) series: Vec<SelectedSeries>,
    /// Why some may be missing, each with what could not be read.
    pub(crate) warnings: Vec<String>,
}

/// Why nothing was selected.
#[derive(Debug)]
pub(crate) enum SelectError {
    /// More series match than a selector may.
    TooManySeries { max: usize },
    /// Any other reason.
    Query(QueryError),
}

impl From<QueryError> for SelectError {
    fn from(error: QueryError) -> Self {
        Self::Query(error)
    }
}

impl From<SelectError> for SourceError {
    fn from(error: SelectError) -> Self {
        match error {
            SelectError::TooManySeries { max } => Self::TooManySeries { max },
            SelectError::Query(error) => Self::Other(Box::new(error)),
        }
    }
}

impl From<SelectError> for QueryError {
    fn from(error: SelectError) -> Self {
        match error {
            SelectError::TooManySeries { max } => {
                let hint = "ask more narrowly, or raise query.selected_series_max";
                Self::new(QueryErrorKind::LimitExceeded, SourceError::TooManySeries { max }.to_string(), hint)
            }
            SelectError::Query(error) => error,
        }
    }
}

impl Engine {
    /// The series of the view's tenant that match all of these and that may have points in the range. Reads descriptions
    /// that were not read before.
    ///
    /// Kind `LimitExceeded` where the range has more series than may be held, or more match than may be selected.
    pub(crate) async fn select_series(
        &self,
        view: &View,
        matchers: &[Matcher],
        range: TimeRange,
    ) -> Result<SeriesSelected, QueryError> {
        let (engine, view, matchers) = (self.clone(), view.clone(), matchers.to_vec());
        Ok(aside(move |_| engine.select_series_here(&view, &matchers, range)).await??)
    }

    /// The same on the calling thread, which it blocks.
    pub(crate) fn select_series_here(
        &self,
        view: &View,
        matchers: &[Matcher],
        range: TimeRange,
    ) -> Result<SeriesSelected, SelectError> {
        let max = self.config.selected_series_max;
        let mut selected = self.series.ask(view, range, |described| {
            let index = described.index;
            let found = index.find(&described.scope, matchers);
            // Before anything is made of each.
            if found.len() > max as u64 {
                return Err(SelectError::TooManySeries { max });
            }
            let mut series = Vec::with_capacity(found.len() as usize);
            for (ordinal, labels) in found.iter().zip(index.labels_of(&found)) {
                series.extend(index.sources(ordinal).map(|Source { stored, view }| SelectedSeries {
                    labels: labels.clone(),
                    stored: Arc::clone(stored),
                    view: (*view).into(),
                }));
            }
            Ok(SeriesSelected { series, warnings: described.warnings })
        })??;
        let resources: HashSet<u64> = selected.target_infos().map(|(id, _)| id).collect();
        if !resources.is_empty() {
            let (stays, warnings) = Stays::read(view, &resources, range);
            selected.warnings.extend(warnings);
            selected.target_infos().for_each(|(id, known)| *known = stays.of(id));
            // Described in these hours, and not heard from in this range.
            selected
                .series
                .retain(|series| !matches!(&series.view, SeriesView::TargetInfo { stays } if stays.is_empty()));
        }
        Ok(selected)
    }
}

impl SeriesSelected {
    /// The resources whose `target_info` is selected, and where their stays go.
    fn target_infos(&mut self) -> impl Iterator<Item = (u64, &mut Arc<[Stay]>)> {
        self.series.iter_mut().filter_map(|series| match &mut series.view {
            SeriesView::TargetInfo { stays } => Some((series.stored.resource_id, stays)),
            _ => None,
        })
    }
}

impl From<ViewKind> for SeriesView {
    fn from(kind: ViewKind) -> Self {
        match kind {
            ViewKind::Value => Self::Value,
            ViewKind::Count => Self::Count,
            ViewKind::Sum => Self::Sum,
            ViewKind::Bucket(upper) => Self::Bucket { upper },
            ViewKind::Quantile(quantile) => Self::Quantile { quantile },
            ViewKind::Native => Self::Native,
            ViewKind::TargetInfo => Self::TargetInfo { stays: Arc::from([]) },
        }
    }
}
