//! `rate`, `increase` and `delta` of native histograms.

use std::sync::Arc;

use super::counter;
use super::rate::{Change, Edges, Extrapolation, Placement};
use super::start_time::{Stamp, is_reset, overlaps};
use crate::evaluate::remarks::{Remark, Remarks};
use crate::evaluate::window::{Cursor, Samples};
use crate::{CounterReset, EvaluateError, Histogram, HistogramError, HistogramParts, Points};

/// Which histograms of a series count from anew, by number; found once, as a sample is in many windows.
pub(in crate::evaluate) struct HistogramJumps {
    resets: Vec<bool>,
    overlaps: Vec<bool>,
}

/// Those of a window.
#[derive(Clone, Copy)]
pub(in crate::evaluate) struct JumpsWithin<'j> {
    resets: &'j [bool],
    overlaps: &'j [bool],
}

impl HistogramJumps {
    /// Of a series. Of a gauge there are none.
    pub(in crate::evaluate) fn of(points: &Points<Arc<Histogram>>, change: Change) -> Self {
        let count = if change.is_of_counter() { points.len() } else { 0 };
        let stamp = |number: usize| Stamp {
            start: points.starts.get(number).copied().unwrap_or(0),
            time: points.times[number],
        };
        let is_reset = |number: usize| {
            number > 0
                && (is_reset(stamp(number - 1), stamp(number))
                    || points.values[number].detects_reset(&points.values[number - 1]))
        };
        let overlaps = |number: usize| number > 0 && overlaps(stamp(number - 1), stamp(number));
        Self { resets: (0..count).map(is_reset).collect(), overlaps: (0..count).map(overlaps).collect() }
    }

    /// Those of a window.
    pub(in crate::evaluate) fn within(&self, window: Cursor) -> JumpsWithin<'_> {
        JumpsWithin {
            resets: self.resets.get(window.low..window.high).unwrap_or_default(),
            overlaps: self.overlaps.get(window.low..window.high).unwrap_or_default(),
        }
    }
}

/// The change of histograms in a window, which has one at least. `None` where they do not go together or one alone does
/// not tell; remarks say why. Errors: a histogram contradicts itself.
pub(in crate::evaluate) fn of_histograms(
    samples: Samples<'_, Arc<Histogram>>,
    jumps: JumpsWithin<'_>,
    edges: Edges,
    change: Change,
    remarks: &Remarks,
) -> Result<Option<Histogram>, EvaluateError> {
    let first = &samples.values[0];
    let mut difference = None;
    if samples.len() > 1 {
        difference = self::difference(samples.values, jumps, change, remarks)?;
        if difference.is_none() {
            return Ok(None);
        }
    }
    let start = if change.is_of_counter() { samples.start(0) } else { 0 };
    let stamp = Stamp { start, time: samples.times[0] };
    let placement = Placement::of(&edges, stamp, samples.times[samples.len() - 1], samples.len());
    let Some(extrapolation) = Extrapolation::of(placement, &edges, change) else { return Ok(None) };
    let count = difference.as_ref().map_or(0.0, Histogram::count);
    let factor = extrapolation.factor(first.count(), count);
    let mut counted = match difference {
        Some(mut difference) => {
            if extrapolation.counts_first && !counter::add(&mut difference, first, remarks) {
                return Ok(None);
            }
            difference
        }
        None => Histogram::clone(first),
    };
    counted.scale(factor);
    Ok(Some(counted))
}

/// The last less the first, and, of a counter, with what was lost at resets.
fn difference(
    histograms: &[Arc<Histogram>],
    jumps: JumpsWithin<'_>,
    change: Change,
    remarks: &Remarks,
) -> Result<Option<Histogram>, EvaluateError> {
    let [first, second, ..] = histograms else { return Ok(None) };
    let last = &histograms[histograms.len() - 1];
    let is_gauge = |histogram: &Arc<Histogram>| histogram.counter_reset() == CounterReset::Gauge;
    if !change.is_of_counter() {
        let mut difference = Histogram::clone(last);
        if !counter::subtract(&mut difference, first, remarks) {
            return Ok(None);
        }
        if !is_gauge(first) || !is_gauge(last) {
            remarks.add(Remark::NotGauge);
        }
        return Ok(Some(as_gauge(difference)));
    }
    if histograms.iter().any(is_gauge) {
        remarks.add(Remark::NotCounter);
    }
    // A first sample from before a reset says nothing: neither do its buckets have to fit.
    let begins_anew = jumps.resets.get(1).copied().unwrap_or(false);
    let base =
        if begins_anew { Arc::new(without_observations(second).map_err(contradiction)?) } else { Arc::clone(first) };
    let others = &histograms[1..];
    if others.iter().any(|histogram| histogram.has_custom_bounds() != base.has_custom_bounds()) {
        remarks.add(Remark::MixedBuckets);
        return Ok(None);
    }
    let mut difference = Histogram::clone(last);
    let schema = others.iter().chain([&base]).map(|histogram| histogram.schema()).min().unwrap_or(base.schema());
    if schema < difference.schema() {
        difference.reduce_resolution(schema).map_err(contradiction)?;
    }
    if !counter::subtract(&mut difference, &base, remarks) {
        return Ok(None);
    }
    if jumps.overlaps.iter().skip(1).any(|overlaps| *overlaps) {
        remarks.add_overlap();
    }
    // What comes first stands for zero if the second counts from anew, so there nothing was lost.
    for number in 2..histograms.len() {
        if jumps.resets[number] && !counter::add(&mut difference, &histograms[number - 1], remarks) {
            return Ok(None);
        }
    }
    Ok(Some(as_gauge(difference)))
}

fn as_gauge(mut histogram: Histogram) -> Histogram {
    histogram.set_counter_reset(CounterReset::Gauge);
    histogram.compact();
    histogram
}

/// An empty one with the buckets of another.
fn without_observations(like: &Histogram) -> Result<Histogram, HistogramError> {
    Histogram::new(HistogramParts {
        schema: like.schema(),
        custom_bounds: like.custom_bounds().into(),
        ..HistogramParts::default()
    })
}

fn contradiction(error: HistogramError) -> EvaluateError {
    EvaluateError::Execution(error.to_string())
}
