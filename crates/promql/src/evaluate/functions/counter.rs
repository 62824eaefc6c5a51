//! Functions of consecutive samples, of either kind: how often a counter was reset, how often a value changed, and the
//! difference of the last two.

use std::sync::Arc;

use super::start_time::{Stamp, is_reset};
use super::{Parameters, Sample, Worth};
use crate::evaluate::remarks::{Remark, Remarks};
use crate::evaluate::window::{Samples, Window};
use crate::{CounterReset, Extension, Histogram};

/// A sample of either kind.
#[derive(Clone, Copy)]
struct Point<'s> {
    stamp: Stamp,
    value: Either<'s>,
}

#[derive(Clone, Copy)]
enum Either<'s> {
    Float(f64),
    Histogram(&'s Arc<Histogram>),
}

/// Samples of both kinds in order of time.
fn points<'s>(floats: Samples<'s, f64>, histograms: Samples<'s, Arc<Histogram>>) -> impl Iterator<Item = Point<'s>> {
    let (mut float, mut histogram) = (0, 0);
    std::iter::from_fn(move || {
        let is_float = match (floats.times.get(float), histograms.times.get(histogram)) {
            (None, None) => return None,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(one), Some(other)) => one <= other,
        };
        let (stamp, value) = if is_float {
            float += 1;
            let number = float - 1;
            let stamp = Stamp { start: floats.start(number), time: floats.times[number] };
            (stamp, Either::Float(floats.values[number]))
        } else {
            histogram += 1;
            let number = histogram - 1;
            let stamp = Stamp { start: histograms.start(number), time: histograms.times[number] };
            (stamp, Either::Histogram(&histograms.values[number]))
        };
        Some(Point { stamp, value })
    })
}

/// Samples to compare with one another. Of an anchored window, the last one at or before its beginning and those behind
/// it; `None` where nothing lies behind it.
fn compared<'s>(window: &Window<'s>) -> Option<(Samples<'s, f64>, Samples<'s, Arc<Histogram>>)> {
    let Window { floats, histograms, start, .. } = *window;
    if window.extension != Some(Extension::Anchored) {
        return Some((floats, histograms));
    }
    let float = floats.times.partition_point(|time| *time <= start);
    let histogram = histograms.times.partition_point(|time| *time <= start);
    if float == floats.len() && histogram == histograms.len() {
        return None;
    }
    let last = |times: &[i64], behind: usize| behind.checked_sub(1).map(|at| times[at]);
    Some(match (last(floats.times, float), last(histograms.times, histogram)) {
        (None, None) => (floats, histograms),
        (Some(one), other) if other.is_none_or(|other| one >= other) => {
            (floats.from(float - 1), histograms.from(histogram))
        }
        _ => (floats.from(float), histograms.from(histogram - 1)),
    })
}

fn count_pairs(window: &Window<'_>, differ: impl Fn(Point<'_>, Point<'_>) -> bool) -> Worth {
    let Some((floats, histograms)) = compared(window) else { return Ok(None) };
    let mut count = 0_u32;
    let mut before: Option<Point<'_>> = None;
    for point in points(floats, histograms) {
        if before.is_some_and(|before| differ(before, point)) {
            count += 1;
        }
        before = Some(point);
    }
    Ok(Some(Sample::Float(f64::from(count))))
}

pub(in crate::evaluate) fn resets(window: &Window<'_>, _: Parameters<'_>, _: &Remarks) -> Worth {
    count_pairs(window, |before, point| match (before.value, point.value) {
        (Either::Float(one), Either::Float(other)) => other < one || is_reset(before.stamp, point.stamp),
        (Either::Histogram(one), Either::Histogram(other)) => {
            is_reset(before.stamp, point.stamp) || other.detects_reset(one)
        }
        _ => true,
    })
}

pub(in crate::evaluate) fn changes(window: &Window<'_>, _: Parameters<'_>, _: &Remarks) -> Worth {
    count_pairs(window, |before, point| match (before.value, point.value) {
        (Either::Float(one), Either::Float(other)) => one != other && !(one.is_nan() && other.is_nan()),
        (Either::Histogram(one), Either::Histogram(other)) => one != other,
        _ => true,
    })
}

pub(in crate::evaluate) fn irate(window: &Window<'_>, _: Parameters<'_>, remarks: &Remarks) -> Worth {
    let Some((before, last)) = last_two(window) else { return Ok(None) };
    let seconds = last.stamp.time.saturating_sub(before.stamp.time) as f64 / 1000.0;
    let is_reset = is_reset(before.stamp, last.stamp);
    Ok(match (before.value, last.value) {
        (Either::Float(one), Either::Float(other)) => {
            let increase = if other < one || is_reset { other } else { other - one };
            Some(Sample::Float(increase / seconds))
        }
        (Either::Histogram(one), Either::Histogram(other)) => {
            if [one, other].iter().any(|histogram| histogram.counter_reset() == CounterReset::Gauge) {
                remarks.add(Remark::NotCounter);
            }
            let mut increase = Histogram::clone(other);
            let begins_anew = is_reset || other.detects_reset(one);
            if !begins_anew && !subtract(&mut increase, one, remarks) {
                return Ok(None);
            }
            increase.set_counter_reset(CounterReset::Gauge);
            increase.compact();
            increase.divide(seconds);
            Some(Sample::Histogram(Arc::new(increase)))
        }
        _ => {
            remarks.add(Remark::MixedKinds);
            None
        }
    })
}

pub(in crate::evaluate) fn idelta(window: &Window<'_>, _: Parameters<'_>, remarks: &Remarks) -> Worth {
    let Some((before, last)) = last_two(window) else { return Ok(None) };
    Ok(match (before.value, last.value) {
        (Either::Float(one), Either::Float(other)) => Some(Sample::Float(other - one)),
        (Either::Histogram(one), Either::Histogram(other)) => {
            if [one, other].iter().any(|histogram| histogram.counter_reset() != CounterReset::Gauge) {
                remarks.add(Remark::NotGauge);
            }
            let mut difference = Histogram::clone(other);
            if !subtract(&mut difference, one, remarks) {
                return Ok(None);
            }
            difference.set_counter_reset(CounterReset::Gauge);
            difference.compact();
            Some(Sample::Histogram(Arc::new(difference)))
        }
        _ => {
            remarks.add(Remark::MixedKinds);
            None
        }
    })
}

/// The last two samples of a window, unless they are of the same time.
fn last_two<'s>(window: &Window<'s>) -> Option<(Point<'s>, Point<'s>)> {
    let last = |length: usize| length.saturating_sub(2);
    let mut before = None;
    let mut newest: Option<Point<'s>> = None;
    let (floats, histograms) = (window.floats, window.histograms);
    for point in points(floats.from(last(floats.len())), histograms.from(last(histograms.len()))) {
        before = newest.replace(point);
    }
    let pair = (before?, newest?);
    (pair.0.stamp.time != pair.1.stamp.time).then_some(pair)
}

/// Whether one could be subtracted from the other; a remark where it could not, or bounds had to be brought together.
pub(in crate::evaluate) fn subtract(from: &mut Histogram, other: &Histogram, remarks: &Remarks) -> bool {
    match from.subtract(other) {
        Ok(combined) => remarks.add_if(combined, Remark::ReconciledBySubtraction),
        Err(_) => {
            remarks.add(Remark::MixedBuckets);
            return false;
        }
    }
    true
}

/// Likewise, added.
pub(in crate::evaluate) fn add(to: &mut Histogram, other: &Histogram, remarks: &Remarks) -> bool {
    match to.add(other) {
        Ok(combined) => remarks.add_if(combined, Remark::ReconciledByAddition),
        Err(_) => {
            remarks.add(Remark::MixedBuckets);
            return false;
        }
    }
    true
}
