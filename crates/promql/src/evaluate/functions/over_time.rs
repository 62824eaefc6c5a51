//! Functions that sum up the samples of a window: sums, means, extremes, spread, the first and the last.

use std::sync::Arc;

use super::{Parameters, Sample, Worth};
use crate::evaluate::remarks::{Remark, Remarks};
use crate::evaluate::window::{Samples, Window};
use crate::histogram::Compensated;
use crate::operators::quantile as quantile_of_values;
use crate::{Histogram, HistogramMean, HistogramSum};

/// Floats or histograms of a window; `None`, and a remark, where it has both.
enum Uniform<'s> {
    Floats(&'s [f64]),
    Histograms(&'s [Arc<Histogram>]),
}

fn uniform<'s>(window: &Window<'s>, remarks: &Remarks) -> Option<Uniform<'s>> {
    match (window.floats.is_empty(), window.histograms.is_empty()) {
        (false, false) => {
            remarks.add(Remark::MixedKinds);
            None
        }
        (false, true) => Some(Uniform::Floats(window.floats.values)),
        (true, false) => Some(Uniform::Histograms(window.histograms.values)),
        (true, true) => None,
    }
}

/// Floats of a window; `None` where it has none, and a remark where it has histograms besides.
pub(in crate::evaluate) fn floats<'s>(window: &Window<'s>, remarks: &Remarks) -> Option<Samples<'s, f64>> {
    if window.floats.is_empty() {
        return None;
    }
    if !window.histograms.is_empty() {
        remarks.add(Remark::HistogramsIgnored);
    }
    Some(window.floats)
}

pub(in crate::evaluate) fn sum(window: &Window<'_>, _: Parameters<'_>, remarks: &Remarks) -> Worth {
    let histograms = match uniform(window, remarks) {
        None => return Ok(None),
        Some(Uniform::Histograms(histograms)) => histograms,
        Some(Uniform::Floats(values)) => {
            let mut sum = Compensated::default();
            values.iter().for_each(|value| sum.add_value(*value));
            return Ok(Some(Sample::Float(sum.total())));
        }
    };
    let mut sum = HistogramSum::new(&histograms[0]);
    for histogram in &histograms[1..] {
        if sum.add(histogram).is_err() {
            remarks.add(Remark::MixedBuckets);
            return Ok(None);
        }
    }
    Ok(Some(aggregated(sum.finish(), remarks)))
}

pub(in crate::evaluate) fn avg(window: &Window<'_>, _: Parameters<'_>, remarks: &Remarks) -> Worth {
    let histograms = match uniform(window, remarks) {
        None => return Ok(None),
        Some(Uniform::Histograms(histograms)) => histograms,
        Some(Uniform::Floats(values)) => return Ok(Some(Sample::Float(mean(values)))),
    };
    let mut mean = HistogramMean::new(&histograms[0]);
    for histogram in &histograms[1..] {
        if mean.add(histogram).is_err() {
            remarks.add(Remark::MixedBuckets);
            return Ok(None);
        }
    }
    Ok(Some(aggregated(mean.finish(), remarks)))
}

fn aggregated(aggregated: crate::Aggregated, remarks: &Remarks) -> Sample {
    if aggregated.conflicting_resets {
        remarks.add(Remark::ResetsConflict);
    }
    if aggregated.bounds_reconciled {
        remarks.add(Remark::ReconciledByAggregation);
    }
    Sample::Histogram(Arc::new(aggregated.histogram))
}

/// The sum over the number, or, once a sum would be infinite, a running mean.
fn mean(values: &[f64]) -> f64 {
    let mut sum = Compensated::of(values[0]);
    for (number, value) in values.iter().enumerate().skip(1) {
        let before = sum;
        sum.add_value(*value);
        if sum.is_infinite() {
            return running_mean(before.divided(number as f64), number, &values[number..]);
        }
    }
    let mean = sum.divided(values.len() as f64);
    mean.total()
}

fn running_mean(mut mean: Compensated, before: usize, values: &[f64]) -> f64 {
    let mut count = before as f64;
    for value in values {
        let share = count / (count + 1.0);
        count += 1.0;
        mean = mean.scaled(share);
        mean.add_value(value / count);
    }
    mean.total()
}

pub(in crate::evaluate) fn count(window: &Window<'_>, _: Parameters<'_>, _: &Remarks) -> Worth {
    let count = window.floats.len() + window.histograms.len();
    Ok((count > 0).then_some(Sample::Float(count as f64)))
}

/// Also of `absent_over_time`, which turns around what all series have together.
pub(in crate::evaluate) fn present(window: &Window<'_>, _: Parameters<'_>, _: &Remarks) -> Worth {
    let is_present = !(window.floats.is_empty() && window.histograms.is_empty());
    Ok(is_present.then_some(Sample::Float(1.0)))
}

pub(in crate::evaluate) fn max(window: &Window<'_>, _: Parameters<'_>, remarks: &Remarks) -> Worth {
    extreme(window, remarks, |value, best| value > best, |_, value| value)
}

pub(in crate::evaluate) fn min(window: &Window<'_>, _: Parameters<'_>, remarks: &Remarks) -> Worth {
    extreme(window, remarks, |value, best| value < best, |_, value| value)
}

pub(in crate::evaluate) fn time_of_max(window: &Window<'_>, _: Parameters<'_>, remarks: &Remarks) -> Worth {
    extreme(window, remarks, |value, best| value >= best, |time, _| time as f64 / 1000.0)
}

pub(in crate::evaluate) fn time_of_min(window: &Window<'_>, _: Parameters<'_>, remarks: &Remarks) -> Worth {
    extreme(window, remarks, |value, best| value <= best, |time, _| time as f64 / 1000.0)
}

/// Whatever is a number is better than what is not.
fn extreme(
    window: &Window<'_>,
    remarks: &Remarks,
    is_better: impl Fn(f64, f64) -> bool,
    give: impl Fn(i64, f64) -> f64,
) -> Worth {
    let Some(floats) = floats(window, remarks) else { return Ok(None) };
    let (mut time, mut best) = (floats.times[0], floats.values[0]);
    for (at, value) in floats.times.iter().zip(floats.values) {
        if is_better(*value, best) || best.is_nan() {
            (time, best) = (*at, *value);
        }
    }
    Ok(Some(Sample::Float(give(time, best))))
}

pub(in crate::evaluate) fn stddev(window: &Window<'_>, _: Parameters<'_>, remarks: &Remarks) -> Worth {
    Ok(floats(window, remarks).map(|floats| Sample::Float(variance(floats.values).sqrt())))
}

pub(in crate::evaluate) fn stdvar(window: &Window<'_>, _: Parameters<'_>, remarks: &Remarks) -> Worth {
    Ok(floats(window, remarks).map(|floats| Sample::Float(variance(floats.values))))
}

/// By Welford's method.
fn variance(values: &[f64]) -> f64 {
    let (mut mean, mut squares) = (Compensated::default(), Compensated::default());
    for (number, value) in values.iter().enumerate() {
        let delta = value - mean.total();
        mean.add_value(delta / (number + 1) as f64);
        squares.add_value(delta * (value - mean.total()));
    }
    squares.total() / values.len() as f64
}

pub(in crate::evaluate) fn first(window: &Window<'_>, _: Parameters<'_>, _: &Remarks) -> Worth {
    let Window { floats, histograms, .. } = window;
    Ok(match (floats.times.first(), histograms.times.first()) {
        (None, None) => None,
        (Some(float), Some(histogram)) if histogram <= float => Some(sample_of(&histograms.values[0])),
        (Some(_), _) => Some(Sample::Float(floats.values[0])),
        (None, Some(_)) => Some(sample_of(&histograms.values[0])),
    })
}

pub(in crate::evaluate) fn last(window: &Window<'_>, _: Parameters<'_>, _: &Remarks) -> Worth {
    let Window { floats, histograms, .. } = window;
    Ok(match (floats.values.last(), histograms.values.last()) {
        (None, None) => None,
        (Some(float), None) => Some(Sample::Float(*float)),
        (Some(float), Some(_)) if histograms.times.last() < floats.times.last() => Some(Sample::Float(*float)),
        (_, Some(histogram)) => Some(sample_of(histogram)),
    })
}

fn sample_of(histogram: &Arc<Histogram>) -> Sample {
    Sample::Histogram(Arc::clone(histogram))
}

pub(in crate::evaluate) fn time_of_first(window: &Window<'_>, _: Parameters<'_>, _: &Remarks) -> Worth {
    let firsts = [window.floats.times.first(), window.histograms.times.first()];
    Ok(firsts.into_iter().flatten().min().map(|time| Sample::Float(*time as f64 / 1000.0)))
}

pub(in crate::evaluate) fn time_of_last(window: &Window<'_>, _: Parameters<'_>, _: &Remarks) -> Worth {
    let lasts = [window.floats.times.last(), window.histograms.times.last()];
    Ok(lasts.into_iter().flatten().max().map(|time| Sample::Float(*time as f64 / 1000.0)))
}

/// The parameter is the quantile.
pub(in crate::evaluate) fn quantile(window: &Window<'_>, parameters: Parameters<'_>, remarks: &Remarks) -> Worth {
    let Some(floats) = floats(window, remarks) else { return Ok(None) };
    let q = parameters.get(0);
    if !(0.0..=1.0).contains(&q) {
        remarks.add_wrong(q);
    }
    Ok(Some(Sample::Float(quantile_of_values(q, &mut floats.values.to_vec()))))
}

/// The median of how far values are from their median.
pub(in crate::evaluate) fn median_deviation(window: &Window<'_>, _: Parameters<'_>, remarks: &Remarks) -> Worth {
    let Some(floats) = floats(window, remarks) else { return Ok(None) };
    if floats.values.iter().any(|value| value.is_nan()) {
        return Ok(Some(Sample::Float(f64::NAN)));
    }
    let mut values = floats.values.to_vec();
    let median = quantile_of_values(0.5, &mut values);
    values.iter_mut().for_each(|value| *value = (*value - median).abs());
    Ok(Some(Sample::Float(quantile_of_values(0.5, &mut values))))
}
