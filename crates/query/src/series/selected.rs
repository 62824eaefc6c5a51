//! Series to read points of.

use std::sync::Arc;

use model::TimeRange;
use promql::{Labels, Matcher};

use super::stored::{SeriesView, StoredSeries};
use crate::engine::Engine;
use crate::error::QueryError;
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

impl Engine {
    /// The series of the view's tenant that match all of these and that may have points in the range. Reads descriptions
    /// that were not read before.
    ///
    /// Kind `LimitExceeded` where the range has more series than may be held.
    pub(crate) async fn select_series(
        &self,
        view: &View,
        matchers: &[Matcher],
        range: TimeRange,
    ) -> Result<SeriesSelected, QueryError> {
        let (engine, view, matchers) = (self.clone(), view.clone(), matchers.to_vec());
        super::question::on_blocking_thread(move || engine.select_series_here(&view, &matchers, range)).await
    }

    /// The same on the calling thread, which it blocks.
    pub(crate) fn select_series_here(
        &self,
        _view: &View,
        _matchers: &[Matcher],
        _range: TimeRange,
    ) -> Result<SeriesSelected, QueryError> {
        Ok(SeriesSelected::default())
    }
}
