//! `rate`, `increase` and `delta` of native histograms in `anchored` and `smoothed` windows.

use std::sync::Arc;

use super::counter;
use super::rate::Change;
use crate::evaluate::remarks::{Remark, Remarks};
use crate::evaluate::window::{Samples, Window};
use crate::{CounterReset, Extension, Histogram};

/// The change of histograms in a window. `None` where nothing lies in it, or they do not go together, which remarks say.
pub(in crate::evaluate) fn change(window: &Window<'_>, change: Change, remarks: &Remarks) -> Option<Histogram> {
    let Window { histograms, start, end, .. } = *window;
    let is_smoothed = window.extension == Some(Extension::Smoothed);
    let end_of_all = histograms.len().checked_sub(1)?;
    let but_last = &histograms.times[..end_of_all];
    let first = but_last.partition_point(|time| *time <= start).saturating_sub(1);
    let last = if is_smoothed { but_last.partition_point(|time| *time < end) } else { end_of_all };
    if histograms.times[last] <= start || (is_smoothed && histograms.times[first] > end) {
        return None;
    }
    let is_counter = change.is_of_counter();
    if !fit(&histograms.values[first..=last], is_counter, remarks) {
        return None;
    }
    let interpolates_left = is_smoothed && histograms.times[first] < start;
    let left = if interpolates_left {
        between(Pair::of(histograms, first), start, is_counter, remarks)?
    } else {
        Histogram::clone(&histograms.values[first])
    };
    let right = if is_smoothed && last > 0 && histograms.times[last] > end {
        between(Pair::of(histograms, last - 1), end, is_counter, remarks)?
    } else {
        Histogram::clone(&histograms.values[last])
    };
    if !is_counter && [&left, &right].iter().any(|edge| edge.counter_reset() != CounterReset::Gauge) {
        remarks.add(Remark::NotGauge);
    }
    let mut difference = right.clone();
    if !counter::subtract(&mut difference, &left, remarks) {
        return None;
    }
    if is_counter {
        // Interpolation over a reset has counted it already.
        let skips = interpolates_left && histograms.values[first + 1].detects_reset(&histograms.values[first]);
        let (before, inner) = if skips { (&*histograms.values[first + 1], first + 2) } else { (&left, first + 1) };
        if let Some(within) = histograms.values.get(inner..last)
            && let Some(lost) = lost(before, within, &right, remarks)?
            && !counter::add(&mut difference, &lost, remarks)
        {
            return None;
        }
    }
    if let Some(divisor) = change.divisor(window.range) {
        difference.divide(divisor);
    }
    difference.set_counter_reset(CounterReset::Gauge);
    difference.compact();
    Some(difference)
}

/// Whether histograms go together; remarks where they do not, and where one is no counter as it should be.
fn fit(histograms: &[Arc<Histogram>], is_counter: bool, remarks: &Remarks) -> bool {
    for histogram in histograms {
        if histogram.has_custom_bounds() != histograms[0].has_custom_bounds() {
            remarks.add(Remark::MixedBuckets);
            return false;
        }
        if is_counter && histogram.counter_reset() == CounterReset::Gauge {
            remarks.add(Remark::NotCounter);
        }
    }
    true
}

/// What a counter had reached at each reset from one edge to the other, if there was any. `None` in place of it where
/// histograms do not go together.
fn lost(
    left: &Histogram,
    within: &[Arc<Histogram>],
    right: &Histogram,
    remarks: &Remarks,
) -> Option<Option<Histogram>> {
    let mut lost: Option<Histogram> = None;
    let mut before = left;
    for histogram in within.iter().map(|histogram| &**histogram).chain([right]) {
        if histogram.detects_reset(before) {
            let Some(lost) = &mut lost else {
                lost = Some(before.clone());
                before = histogram;
                continue;
            };
            if !counter::add(lost, before, remarks) {
                return None;
            }
        }
        before = histogram;
    }
    Some(lost)
}

/// Two histograms and their times.
#[derive(Clone, Copy, Debug)]
pub(in crate::evaluate) struct Pair<'s> {
    before: (i64, &'s Histogram),
    after: (i64, &'s Histogram),
}

impl<'s> Pair<'s> {
    /// The one with this number and the one after it.
    pub(in crate::evaluate) fn of(samples: Samples<'s, Arc<Histogram>>, number: usize) -> Self {
        let at = |number: usize| (samples.times[number], &*samples.values[number]);
        Self { before: at(number), after: at(number + 1) }
    }
}

/// The histogram at a time between two, or, of a counter that began anew, between nothing and the later one. `None`
/// where the two do not go together, which a remark says.
pub(in crate::evaluate) fn between(
    pair: Pair<'_>,
    time: i64,
    is_counter: bool,
    remarks: &Remarks,
) -> Option<Histogram> {
    let ((from, before), (to, after)) = (pair.before, pair.after);
    if time == from {
        return Some(before.clone());
    }
    if time == to {
        return Some(after.clone());
    }
    let share = time.saturating_sub(from) as f64 / to.saturating_sub(from) as f64;
    let mut between = after.clone();
    if is_counter && after.detects_reset(before) {
        between.scale(share);
        return Some(between);
    }
    if !counter::subtract(&mut between, before, remarks) {
        return None;
    }
    between.scale(share);
    counter::add(&mut between, before, remarks).then_some(between)
}
