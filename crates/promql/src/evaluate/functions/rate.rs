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
    let mut known: Option<(Placement, Option<Extrapolation>)> = None;
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
                let stamp = Stamp { start: jumps.start(floats.low), time: points.times[floats.low] };
                let placement = Placement::of(&edges, stamp, points.times[floats.high - 1], floats.high - floats.low);
                if known.is_none_or(|(known, _)| known != placement) {
                    known = Some((placement, Extrapolation::of(placement, &edges, change)));
                }
                if let Some((_, Some(extrapolation))) = &known {
                    let counted = if extrapolation.counts_first { difference + first } else { difference };
                    column.floats[step] = counted * extrapolation.factor(first, difference);
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

/// Where in a window its samples lie, milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::evaluate) struct Placement {
    /// From the window's beginning to the first sample.
    before: i64,
    /// From when the counter began, if it did so within the window, to the first sample.
    begun_before: Option<i64>,
    /// From the first to the last sample.
    sampled: i64,
    /// From the last sample to the window's end.
    after: i64,
    /// How many samples there are, at least one.
    samples: usize,
}

impl Placement {
    /// Of the first sample, whose start is 0 where it does not count, the time of the last, and how many there are.
    pub(in crate::evaluate) fn of(edges: &Edges, first: Stamp, last: i64, samples: usize) -> Self {
        let has_begun = first.start != 0 && first.start > edges.start && first.start < first.time;
        Self {
            before: first.time.saturating_sub(edges.start),
            begun_before: has_begun.then(|| first.time.saturating_sub(first.start)),
            sampled: last.saturating_sub(first.time),
            after: edges.end.saturating_sub(last),
            samples,
        }
    }
}

/// How to get from what samples tell to what the whole window has. Of most windows of a series it is the same.
///
/// As in Prometheus: samples are taken to go on to an edge that is not further away than a sample and a tenth, and else
/// to end half a sample behind the last; and no counter begins below zero.
#[derive(Clone, Copy, Debug)]
pub(in crate::evaluate) struct Extrapolation {
    is_of_counter: bool,
    /// Whether the counter began at zero within the window, so that all of the first sample counts.
    pub counts_first: bool,
    /// Seconds that are added before what is sampled.
    to_start: f64,
    sampled: f64,
    to_end: f64,
    divisor: Option<f64>,
    factor: f64,
}

impl Extrapolation {
    /// `None` where nothing can be told, of one sample alone.
    pub(in crate::evaluate) fn of(placement: Placement, edges: &Edges, change: Change) -> Option<Self> {
        let seconds = |milliseconds: i64| milliseconds as f64 / 1000.0;
        let mut sampled = seconds(placement.sampled);
        let between = if placement.samples > 1 { sampled / (placement.samples - 1) as f64 } else { 0.0 };
        let within_reach = |gap: f64| if gap >= between * 1.1 { between / 2.0 } else { gap };
        let mut to_start = within_reach(seconds(placement.before));
        match placement.begun_before {
            Some(begun_before) => {
                to_start = 0.0;
                sampled = seconds(placement.sampled.saturating_add(begun_before));
            }
            None if placement.samples == 1 => return None,
            None => {}
        }
        let mut extrapolation = Self {
            is_of_counter: change.is_of_counter(),
            counts_first: placement.begun_before.is_some(),
            to_start,
            sampled,
            to_end: within_reach(seconds(placement.after)),
            divisor: change.divisor(edges.range),
            factor: 1.0,
        };
        extrapolation.factor = extrapolation.with_start(to_start);
        Some(extrapolation)
    }

    /// What a change is multiplied by; `first` is the value of the first sample, `difference` by how much they differ.
    #[inline]
    pub(in crate::evaluate) fn factor(&self, first: f64, difference: f64) -> f64 {
        if self.is_of_counter && !self.counts_first && difference > 0.0 && first >= 0.0 {
            let to_zero = self.sampled * (first / difference);
            if to_zero < self.to_start {
                return self.with_start(to_zero);
            }
        }
        self.factor
    }

    fn with_start(&self, to_start: f64) -> f64 {
        let sampled = self.sampled;
        let factor = if sampled == 0.0 { 1.0 } else { (sampled + to_start + self.to_end) / sampled };
        self.divisor.map_or(factor, |divisor| factor / divisor)
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
        // A source that gives fewer starts than samples gives none that can be told apart.
        if points.starts.len() < points.len() {
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
