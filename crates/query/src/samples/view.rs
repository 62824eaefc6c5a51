//! What Prometheus sees of rows.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use model::Table;
use promql::{CounterReset, Histogram, Points, STALE, Series};

use super::column_cache::ColumnCache;
use super::columns::Upper;
use super::merge::{PieceTimes, in_order};
use super::place::{Stretch, Unread};
use super::target_info;
use crate::series::{SelectedSeries, SeriesView, Temporality};

/// Which samples are wanted, unix milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted {
    /// Exclusive.
    pub(super) after: i64,
    /// Inclusive.
    pub(super) until: i64,
    /// Whether it matters since when values accumulate.
    pub(super) starts: bool,
}

/// How long before the first wanted sample the one before it is looked for, milliseconds: as long as a sample is taken to
/// hold.
const BEFORE_MILLIS: i64 = 5 * 60 * 1_000;

impl Wanted {
    /// Whether a place with rows between these times, both inclusive, may have wanted ones, or the one before them.
    pub(super) fn may_have(&self, first: i64, last: i64) -> bool {
        first <= self.until && last > self.after.saturating_sub(BEFORE_MILLIS)
    }
}

/// Some rows of a stored series that are wanted.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) stretch: Arc<Stretch>,
    /// Rows of the stretch. There may be none, which then tell what was before.
    pub(super) rows: Range<usize>,
    /// The time of the row of the series before these, if the stretch has it.
    pub(super) before: Option<i64>,
    /// Which of the stored series that are one to Prometheus.
    pub(super) member: usize,
}

impl Piece {
    fn times(&self) -> PieceTimes<'_> {
        let runs = &self.stretch.runs;
        PieceTimes { times: &runs.times()[self.rows.clone()], may_tie: runs.has_ties() }
    }
}

/// One series of Prometheus: what it sees of stored series with the same labels.
#[derive(Debug)]
pub(super) struct Seen<'s> {
    members: &'s [SelectedSeries],
    cache: &'s ColumnCache,
    wanted: Wanted,
    floats: Points<f64>,
    histograms: Points<Arc<Histogram>>,
    has_starts: bool,
    /// The time of the row before the next, whatever was seen of it; `None` where there is none.
    previous: Option<i64>,
}

impl<'s> Seen<'s> {
    /// Nothing yet of these, of which there is at least one.
    pub(super) fn new(members: &'s [SelectedSeries], wanted: Wanted, cache: &'s ColumnCache) -> Self {
        // A change since the point before cannot be added up without.
        let has_delta = members.iter().any(|member| member.stored.temporality == Temporality::Delta);
        let has_starts = wanted.starts || has_delta;
        let (floats, histograms) = (Points::new(), Points::new());
        Self { members, cache, wanted, floats, histograms, has_starts, previous: None }
    }

    /// All samples in the pieces. `None` where there are none.
    pub(super) fn read(mut self, pieces: &[Piece]) -> Result<Option<Series>, Unread> {
        let times: Vec<PieceTimes<'_>> = pieces.iter().map(Piece::times).collect();
        self.previous = pieces.iter().filter_map(|piece| piece.before).max();
        for take in in_order(&times) {
            let piece = &pieces[take.piece];
            let rows = piece.rows.start + take.rows.start..piece.rows.start + take.rows.end;
            self.take(&piece.stretch, rows, &self.members[piece.member])?;
        }
        self.add_target_info();
        Ok(self.finish())
    }

    fn finish(mut self) -> Option<Series> {
        for starts in [&mut self.floats.starts, &mut self.histograms.starts] {
            if starts.iter().all(|start| *start == 0) {
                *starts = Vec::new();
            }
        }
        let is_empty = self.floats.is_empty() && self.histograms.is_empty();
        let labels = self.members[0].labels.clone();
        (!is_empty).then_some(Series { labels, floats: self.floats, histograms: self.histograms })
    }

    /// The next rows.
    fn take(&mut self, stretch: &Stretch, rows: Range<usize>, member: &SelectedSeries) -> Result<(), Unread> {
        let temporality = member.stored.temporality;
        let starts = self.starts_of(stretch, rows.clone(), temporality)?;
        let times = &stretch.runs.times()[rows.clone()];
        self.previous = times.last().copied().or(self.previous);
        let cache = self.cache;
        match (&member.view, member.stored.table) {
            (SeriesView::Value, _) => {
                self.floats.values.extend_from_slice(&stretch.numbers(cache)?.values()[rows]);
                self.floats.times.extend_from_slice(times);
                self.floats.starts.extend_from_slice(&starts);
            }
            (SeriesView::Native, table) => {
                let histograms = match table {
                    Table::MetricExpHistograms => stretch.exponential(cache)?.histograms(),
                    _ => stretch.explicit(cache)?.histograms(),
                };
                let seen = histograms[rows].iter().map(|histogram| Some(as_said(histogram.as_ref()?, temporality)));
                add(&mut self.histograms, times, &starts, seen);
            }
            (view, Table::MetricSummaries) => {
                let quantiles = stretch.quantiles(cache)?;
                let value = |row: usize| match view {
                    _ if quantiles.is_stale(row) => Some(STALE),
                    SeriesView::Count => Some(quantiles.count(row)),
                    SeriesView::Sum => Some(quantiles.sum(row)),
                    SeriesView::Quantile { quantile } => quantiles.value(row, *quantile),
                    _ => None,
                };
                add(&mut self.floats, times, &starts, rows.map(value));
            }
            (view, _) => {
                let buckets = stretch.buckets(cache)?;
                let mut upper = Upper::new(if let SeriesView::Bucket { upper } = view { *upper } else { f64::NAN });
                let value = |row: usize| match view {
                    _ if buckets.is_stale(row) => Some(STALE),
                    SeriesView::Count => Some(buckets.count(row)),
                    SeriesView::Sum => buckets.sum(row),
                    SeriesView::Bucket { .. } => buckets.at_or_below(row, &mut upper),
                    _ => None,
                };
                add(&mut self.floats, times, &starts, rows.map(value));
            }
        }
        Ok(())
    }

    /// Since when the values of these rows accumulate, as many as rows, or none where it does not matter. A delta that does
    /// not say is of the time since the row before.
    fn starts_of<'t>(
        &self,
        stretch: &'t Stretch,
        rows: Range<usize>,
        temporality: Temporality,
    ) -> Result<Cow<'t, [i64]>, Unread> {
        if !self.has_starts {
            return Ok(Cow::Borrowed(&[]));
        }
        let mut starts = Cow::Borrowed(&stretch.starts(self.cache)?.millis()[rows.clone()]);
        if temporality == Temporality::Delta && starts.contains(&0) {
            let times = &stretch.runs.times()[rows];
            let before = std::iter::once(self.previous).chain(times.iter().copied().map(Some));
            for ((start, time), before) in starts.to_mut().iter_mut().zip(times).zip(before) {
                if *start == 0 {
                    // The first of all: it counts whenever it is asked about, so it begins just before.
                    *start = before.unwrap_or_else(|| time.saturating_sub(1));
                }
            }
        }
        Ok(starts)
    }

    fn add_target_info(&mut self) {
        let stays = self.members.iter().filter_map(|member| match &member.view {
            SeriesView::TargetInfo { stays } => Some(stays.iter()),
            _ => None,
        });
        let times = target_info::times_of(stays.flatten(), self.wanted.after, self.wanted.until);
        if !times.is_empty() {
            self.floats = Points { starts: Vec::new(), values: vec![1.0; times.len()], times };
        }
    }
}

/// A histogram that accumulates nothing goes up and down.
fn as_said(histogram: &Arc<Histogram>, temporality: Temporality) -> Arc<Histogram> {
    match temporality {
        Temporality::None => {
            let mut gauge = Histogram::clone(histogram);
            gauge.set_counter_reset(CounterReset::Gauge);
            Arc::new(gauge)
        }
        Temporality::Delta | Temporality::Cumulative => Arc::clone(histogram),
    }
}

/// Adds those that there are.
fn add<T>(points: &mut Points<T>, times: &[i64], starts: &[i64], values: impl Iterator<Item = Option<T>>) {
    for (at, value) in values.enumerate() {
        let (Some(value), Some(time)) = (value, times.get(at)) else { continue };
        points.values.push(value);
        points.times.push(*time);
        points.starts.extend(starts.get(at));
    }
}
