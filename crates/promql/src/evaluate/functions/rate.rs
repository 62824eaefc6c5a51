//! `rate`, `increase` and `delta`: how much a series changed in each window, extrapolated to the window's edges.

use std::sync::Arc;

use super::histogram_rate::{HistogramJumps, of_histograms};
use super::start_time::{Stamp, is_reset, overlaps};
use crate::evaluate::remarks::{Remark, Remarks};
use crate::evaluate::window::{Cursor, Samples, Windows};
use crate::{EvaluateError, Points, Series, StepSeries};

/// Which of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::evaluate) enum Change {
    /// Of a counter, per second.
    Rate,
    /// Of a counter.
    Increase,
    /// Of a gauge.
    Delta,
}

impl Change {
    /// Whether a value that falls is a counter that began anew.
    pub(in crate::evaluate) fn is_of_counter(self) -> bool {
        self != Self::Delta
    }

    /// What a change within a window of so many milliseconds is divided by, if it is.
    pub(in crate::evaluate) fn divisor(self, range: i64) -> Option<f64> {
        (self == Self::Rate).then_some(range as f64 / 1000.0)
    }
}

/// The change in each window, without an extension. Resets are looked for once per series, as almost every sample is in
/// many windows; so a window of floats takes as long as it has resets.
pub(in crate::evaluate) fn changes(
    series: &Series,
    windows: &Windows,
    change: Change,
    remarks: &Remarks,
) -> Result<StepSeries, EvaluateError> {
    let mut column = StepSeries::absent(series.labels.clone(), windows.steps.count());
    let jumps = Jumps::of(&series.floats, change);
    let histogram_jumps = HistogramJumps::of(&series.histograms, change);
    let (mut floats, mut histograms) = (Cursor::default(), Cursor::default());
    let mut resets = Cursor::default();
    for step in 0..windows.steps.count() {
        let end = windows.end(step);
        let edges = Edges { start: end.saturating_sub(windows.range), end, range: windows.range };
        floats.slide(&series.floats.times, edges.start, end);
        histograms.slide(&series.histograms.times, edges.start, end);
        match (floats.low < floats.high, histograms.low < histograms.high) {
            (false, false) => {}
            (true, true) => remarks.add(Remark::MixedKinds),
            (false, true) => {
                let jumps = histogram_jumps.within(histograms);
                let samples = Samples::of(&series.histograms, histograms);
                if let Some(histogram) = of_histograms(samples, jumps, edges, change, remarks)? {
                    column.set_histogram(step, Arc::new(histogram));
                }
            }
            (true, false) => {
                let points = &series.floats;
                let first = points.values[floats.low];
                let mut difference = points.values[floats.high - 1] - first;
                for reset in jumps.resets_in(floats, &mut resets) {
                    difference += points.values[reset - 1];
                }
                if jumps.overlaps_in(floats) {
                    remarks.add_overlap();
                }
                let stretch = Stretch {
                    first: Stamp { start: jumps.start(floats.low), time: points.times[floats.low] },
                    last: points.times[floats.high - 1],
                    samples: floats.high - floats.low,
                };
                if let Some(outcome) = stretch.extrapolated(&edges, change, first, difference) {
                    let counted = if outcome.counts_first { difference + first } else { difference };
                    column.floats[step] = counted * outcome.factor;
                }
            }
        }
    }
    Ok(column)
}

/// The edges of a window, milliseconds.
#[derive(Clone, Copy, Debug)]
pub(in crate::evaluate) struct Edges {
    /// Exclusive.
    pub start: i64,
    /// Inclusive.
    pub end: i64,
    /// From one to the other.
    pub range: i64,
}

/// What of a window has samples.
#[derive(Clone, Copy, Debug)]
pub(in crate::evaluate) struct Stretch {
    /// The first sample. Its start is 0 where it does not count.
    pub first: Stamp,
    /// When the last sample was taken.
    pub last: i64,
    /// How many samples there are, at least one.
    pub samples: usize,
}

/// How to get from what the samples tell to what the whole window has.
#[derive(Clone, Copy, Debug)]
pub(in crate::evaluate) struct Extrapolation {
    /// Times this.
    pub factor: f64,
    /// Whether the counter began at zero within the window, so that all of the first sample counts.
    pub counts_first: bool,
}

impl Stretch {
    /// `first` is the value of the first sample, `difference` by how much the samples differ. `None` where that cannot be
    /// told of one sample alone.
    ///
    /// As in Prometheus: samples are taken to go on to an edge that is not further away than a sample and a tenth, and
    /// else to end half a sample behind the last; and no counter begins below zero.
    #[inline]
    pub(in crate::evaluate) fn extrapolated(
        &self,
        edges: &Edges,
        change: Change,
        first: f64,
        difference: f64,
    ) -> Option<Extrapolation> {
        let seconds = |from: i64, to: i64| to.saturating_sub(from) as f64 / 1000.0;
        let mut to_start = seconds(edges.start, self.first.time);
        let mut to_end = seconds(self.last, edges.end);
        let mut sampled = seconds(self.first.time, self.last);
        let between = if self.samples > 1 { sampled / (self.samples - 1) as f64 } else { 0.0 };
        let threshold = between * 1.1;
        let begun = self.first.start;
        let counts_first = begun != 0 && begun > edges.start && begun < self.first.time;
        if counts_first {
            to_start = 0.0;
            sampled = seconds(begun, self.last);
        } else if self.samples == 1 {
            return None;
        } else {
            if to_start >= threshold {
                to_start = between / 2.0;
            }
            if change.is_of_counter() && difference > 0.0 && first >= 0.0 {
                to_start = to_start.min(sampled * (first / difference));
            }
        }
        if to_end >= threshold {
            to_end = between / 2.0;
        }
        let mut factor = if sampled == 0.0 { 1.0 } else { (sampled + to_start + to_end) / sampled };
        if let Some(divisor) = change.divisor(edges.range) {
            factor /= divisor;
        }
        Some(Extrapolation { factor, counts_first })
    }
}

/// Where a counter of floats began anew.
struct Jumps<'s> {
    /// Numbers of samples that count from anew, ascending.
    resets: Vec<usize>,
    /// Numbers of samples that begin before the one before them was taken, ascending.
    overlaps: Vec<usize>,
    /// Start times, if they count.
    starts: &'s [i64],
}

impl<'s> Jumps<'s> {
    fn of(points: &'s Points<f64>, change: Change) -> Self {
        if !change.is_of_counter() {
            return Self { resets: Vec::new(), overlaps: Vec::new(), starts: &[] };
        }
        let falls = |pair: (usize, &[f64])| (pair.1[1] < pair.1[0]).then_some(pair.0 + 1);
        if points.starts.is_empty() {
            let resets = points.values.windows(2).enumerate().filter_map(falls).collect();
            return Self { resets, overlaps: Vec::new(), starts: &[] };
        }
        let stamp = |number: usize| Stamp { start: points.starts[number], time: points.times[number] };
        let begins_anew = |number: &usize| {
            points.values[*number] < points.values[number - 1] || is_reset(stamp(number - 1), stamp(*number))
        };
        let overlaps_before = |number: &usize| overlaps(stamp(number - 1), stamp(*number));
        Self {
            resets: (1..points.len()).filter(begins_anew).collect(),
            overlaps: (1..points.len()).filter(overlaps_before).collect(),
            starts: &points.starts,
        }
    }

    fn start(&self, number: usize) -> i64 {
        self.starts.get(number).copied().unwrap_or(0)
    }

    /// Resets between samples of a window. The cursor is over resets and moves along with the window.
    #[inline]
    fn resets_in(&self, window: Cursor, cursor: &mut Cursor) -> &[usize] {
        if self.resets.is_empty() {
            return &[];
        }
        while self.resets.get(cursor.high).is_some_and(|reset| *reset < window.high) {
            cursor.high += 1;
        }
        // The first sample of a window is not compared with what lies before it.
        while cursor.low < cursor.high && self.resets[cursor.low] <= window.low {
            cursor.low += 1;
        }
        &self.resets[cursor.low..cursor.high]
    }

    fn overlaps_in(&self, window: Cursor) -> bool {
        let behind = self.overlaps.partition_point(|number| *number <= window.low);
        self.overlaps.get(behind).is_some_and(|number| *number < window.high)
    }
}
