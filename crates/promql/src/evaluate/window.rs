//! Windows: the samples of a series that a function of ranges sees at each step.

use std::sync::Arc;

use crate::{Extension, Histogram, Points, Series, Steps};

/// Where the windows of a range selector lie: one per step, each after the one before or at the same place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Windows {
    /// When they are asked about.
    pub steps: Steps,
    /// The instant that `@` fixes all of them to.
    pub at: Option<i64>,
    /// How far back all of them are moved, milliseconds.
    pub offset: i64,
    /// How long each is, milliseconds.
    pub range: i64,
    /// How samples around the edges count.
    pub extension: Option<Extension>,
    /// How far around its edges a window with an extension looks, milliseconds.
    pub lookback: i64,
}

impl Windows {
    /// The end of a window, inclusive.
    pub(super) fn end(&self, step: usize) -> i64 {
        self.at.unwrap_or_else(|| self.steps.at(step)).saturating_sub(self.offset)
    }

    /// Samples after this and up to the second instant are of use for a window that ends at `end`.
    pub(super) fn reach(&self, end: i64) -> (i64, i64) {
        let start = end.saturating_sub(self.range);
        match self.extension {
            None => (start, end),
            Some(Extension::Anchored) => (start.saturating_sub(self.lookback), end),
            Some(Extension::Smoothed) => (start.saturating_sub(self.lookback), end.saturating_add(self.lookback)),
        }
    }

    /// What all of them together reach: after the first, up to the second instant.
    pub(super) fn extent(&self) -> (i64, i64) {
        (self.reach(self.end(0)).0, self.reach(self.end(self.steps.count() - 1)).1)
    }

    /// The windows over a series, one per step.
    pub(super) fn over<'s>(&self, series: &'s Series) -> impl Iterator<Item = Window<'s>> + use<'s> {
        let windows = *self;
        let (mut floats, mut histograms) = (Cursor::default(), Cursor::default());
        (0..windows.steps.count()).map(move |step| {
            let end = windows.end(step);
            let (after, until) = windows.reach(end);
            floats.slide(&series.floats.times, after, until);
            histograms.slide(&series.histograms.times, after, until);
            Window {
                floats: Samples::of(&series.floats, floats),
                histograms: Samples::of(&series.histograms, histograms),
                start: end.saturating_sub(windows.range),
                end,
                range: windows.range,
                lookback: windows.lookback,
                extension: windows.extension,
                at: windows.steps.at(step),
                step,
            }
        })
    }
}

/// Two indexes that move forward together: from the first sample in a window to the one behind its last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cursor {
    /// The first in the window.
    pub low: usize,
    /// After the last in the window.
    pub high: usize,
}

impl Cursor {
    /// Moves on to the window after `after`, exclusive, up to `until`, inclusive. Neither lies before what it was.
    #[inline]
    pub(super) fn slide(&mut self, times: &[i64], after: i64, until: i64) {
        while self.high < times.len() && times[self.high] <= until {
            self.high += 1;
        }
        while self.low < self.high && times[self.low] <= after {
            self.low += 1;
        }
    }
}

/// What a function sees at one step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window<'s> {
    /// Floats in the window, with those around it where there is an extension.
    pub floats: Samples<'s, f64>,
    /// Histograms, likewise.
    pub histograms: Samples<'s, Arc<Histogram>>,
    /// The window's beginning, exclusive, without an extension.
    pub start: i64,
    /// Its end, inclusive.
    pub end: i64,
    /// Its length, milliseconds.
    pub range: i64,
    /// How far around it samples are looked for, milliseconds.
    pub lookback: i64,
    /// Why samples around it are there.
    pub extension: Option<Extension>,
    /// The instant of the step.
    pub at: i64,
    /// The number of the step.
    pub step: usize,
}

/// Samples of one kind, column by column.
#[derive(Debug)]
pub(super) struct Samples<'s, T> {
    /// When.
    pub times: &'s [i64],
    /// Since when; empty where no sample of the series says it.
    pub starts: &'s [i64],
    /// As many as times.
    pub values: &'s [T],
}

impl<T> Clone for Samples<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Samples<'_, T> {}

impl<'s, T> Samples<'s, T> {
    /// Those of a series that a cursor is at.
    pub(super) fn of(points: &'s Points<T>, Cursor { low, high }: Cursor) -> Self {
        Self {
            times: &points.times[low..high],
            starts: points.starts.get(low..high).unwrap_or_default(),
            values: &points.values[low..high],
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Since when a sample accumulates; 0 where that is not known.
    pub(super) fn start(&self, number: usize) -> i64 {
        self.starts.get(number).copied().unwrap_or(0)
    }

    /// From a sample on.
    pub(super) fn from(self, number: usize) -> Self {
        self.between(number, self.len())
    }

    /// Some of them: the first inclusive, the end exclusive; none where the end is not behind the first.
    pub(super) fn between(self, first: usize, end: usize) -> Self {
        let end = end.min(self.len());
        let first = first.min(end);
        Self {
            times: &self.times[first..end],
            starts: self.starts.get(first..end).unwrap_or_default(),
            values: &self.values[first..end],
        }
    }
}
