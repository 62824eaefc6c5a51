//! `sum` and `avg`, of floats and of histograms, compensated for what rounding loses.

use std::sync::Arc;

use super::{Accumulator, Identity, Task};
use crate::{
    ABSENT, AggregateOperator, Aggregated, EvaluateError, Histogram, HistogramMean, HistogramSum, Labels, StepSeries,
    is_absent,
};

/// Sums of one group. A step that has seen both floats and histograms has no value.
pub(super) struct Total {
    /// The sum of floats so far, or their mean where it is a running one; [`ABSENT`] where there are none.
    values: Vec<f64>,
    /// What rounding lost.
    compensations: Vec<f64>,
    /// How many samples; empty for `sum`.
    counts: Vec<f64>,
    /// Whether `values` has a running mean, as the sum would have been infinite. Empty while there are none.
    is_running: Vec<bool>,
    /// Empty while there are no histograms.
    histograms: Vec<Cell>,
    /// How many values the histograms count as.
    held: usize,
    /// The first series with histograms, which warnings name where nothing better is known.
    named: Option<Labels>,
}

/// The histograms of one step.
#[derive(Default)]
enum Cell {
    /// None.
    #[default]
    Empty,
    /// Their sum.
    Sum(Box<HistogramSum>),
    /// Their mean.
    Mean(Box<HistogramMean>),
    /// The sums or means of several threads, weighted by how many samples each had.
    Merged(Box<Aggregated>),
    /// Floats came before.
    Mixed,
    /// They cannot be added to each other; nothing more is looked at.
    Incompatible,
}

/// Adds a value to a sum and to what rounding has lost of it, as Neumaier does. Both as they were, and the value.
#[inline]
pub(crate) fn add_compensated(sum: f64, compensation: f64, value: f64) -> (f64, f64) {
    let total = sum + value;
    let lost = if sum.abs() >= value.abs() { (sum - total) + value } else { (value - total) + sum };
    (total, if total.is_infinite() { 0.0 } else { compensation + lost })
}

impl Accumulator for Total {
    fn new(task: &Task<'_>) -> Self {
        let is_mean = task.node.operator == AggregateOperator::Avg;
        Self {
            values: vec![ABSENT; task.steps],
            compensations: vec![0.0; task.steps],
            counts: vec![0.0; if is_mean { task.steps } else { 0 }],
            is_running: Vec::new(),
            histograms: Vec::new(),
            held: 0,
            named: None,
        }
    }

    fn add(&mut self, task: &Task<'_>, series: StepSeries) -> Result<(), EvaluateError> {
        if !self.histograms.is_empty() || !series.histograms.is_empty() {
            self.add_mixed(task, &series)?;
        } else if self.counts.is_empty() {
            self.add_to_sums(&series.floats);
        } else {
            self.add_to_means(&series.floats);
        }
        Ok(())
    }

    fn merge(&mut self, task: &Task<'_>, other: Self) -> Result<(), EvaluateError> {
        for step in 0..task.steps {
            self.merge_floats(step, &other);
        }
        if self.histograms.is_empty() {
            (self.histograms, self.held) = (other.histograms, other.held);
        } else {
            // Most of the other's are at steps at which this has some, and become one with them.
            task.evaluation.ledger().release_values(other.held);
            let name = self.named.as_ref().map_or("", Labels::metric_name).to_owned();
            for (step, cell) in other.histograms.into_iter().enumerate() {
                let weights = self.counts.get(step).zip(other.counts.get(step)).map(|(all, more)| (all - more, *more));
                let mine = std::mem::take(&mut self.histograms[step]);
                self.histograms[step] = mine.merged(cell, weights).unwrap_or_else(|| {
                    task.warn_of_incompatible(&name);
                    Cell::Incompatible
                });
            }
        }
        self.named = self.named.take().or(other.named);
        Ok(())
    }

    fn finish(mut self, task: &Task<'_>, identity: Identity) -> Vec<StepSeries> {
        if !self.counts.is_empty() {
            for step in 0..task.steps {
                if is_absent(self.values[step]) {
                    continue;
                }
                let divisor = if self.is_running(step) { 1.0 } else { self.counts[step] };
                self.values[step] = self.values[step] / divisor + self.compensations[step] / divisor;
            }
        } else {
            for (sum, compensation) in self.values.iter_mut().zip(&self.compensations) {
                *sum = if is_absent(*sum) { ABSENT } else { *sum + compensation };
            }
        }
        let cells = std::mem::take(&mut self.histograms);
        let mut series = identity.series(self.values);
        for (step, cell) in cells.into_iter().enumerate() {
            task.finish_cell(cell, &mut series, step);
        }
        vec![series]
    }
}

impl Total {
    fn add_to_sums(&mut self, floats: &[f64]) {
        for ((sum, compensation), value) in self.values.iter_mut().zip(&mut self.compensations).zip(floats) {
            // Selected rather than branched, so that several steps are added at once.
            let held = if is_absent(*sum) { 0.0 } else { *sum };
            let (total, lost) = add_compensated(held, *compensation, *value);
            *sum = if is_absent(*value) { *sum } else { total };
            *compensation = if is_absent(*value) { *compensation } else { lost };
        }
    }

    fn add_to_means(&mut self, floats: &[f64]) {
        let overflows =
            self.values.iter().zip(floats).fold(false, |any, (sum, value)| any | (sum + value).is_infinite());
        if overflows || !self.is_running.is_empty() {
            for (step, value) in floats.iter().enumerate().filter(|(_, value)| !is_absent(**value)) {
                self.add_to_mean(step, *value);
            }
            return;
        }
        self.add_to_sums(floats);
        for (count, value) in self.counts.iter_mut().zip(floats) {
            *count += f64::from(u8::from(!is_absent(*value)));
        }
    }

    /// The mean is the sum over the count as long as the sum is finite; from then on it is a running one.
    fn add_to_mean(&mut self, step: usize, value: f64) {
        self.counts[step] += 1.0;
        let count = self.counts[step];
        if is_absent(self.values[step]) {
            self.values[step] = value;
            return;
        }
        if !self.is_running(step) {
            let (sum, compensation) = add_compensated(self.values[step], self.compensations[step], value);
            if !sum.is_infinite() {
                (self.values[step], self.compensations[step]) = (sum, compensation);
                return;
            }
            self.run(step, count - 1.0);
        }
        let share = (count - 1.0) / count;
        let (mean, compensation) = (share * self.values[step], share * self.compensations[step]);
        (self.values[step], self.compensations[step]) = add_compensated(mean, compensation, value / count);
    }

    fn is_running(&self, step: usize) -> bool {
        self.is_running.get(step).copied().unwrap_or_default()
    }

    /// Makes the sum at a step a running mean.
    fn run(&mut self, step: usize, count: f64) {
        if self.is_running.is_empty() {
            self.is_running = vec![false; self.values.len()];
        }
        self.is_running[step] = true;
        self.values[step] /= count;
        self.compensations[step] /= count;
    }

    fn merge_floats(&mut self, step: usize, other: &Self) {
        let (value, lost) = (other.values[step], other.compensations[step]);
        let more = other.counts.get(step).copied().unwrap_or_default();
        let own = self.counts.get(step).copied().unwrap_or_default();
        if let Some(count) = self.counts.get_mut(step) {
            *count += more;
        }
        if is_absent(value) {
            return;
        }
        if is_absent(self.values[step]) {
            (self.values[step], self.compensations[step]) = (value, lost);
            if other.is_running(step) {
                self.run(step, 1.0);
            }
            return;
        }
        let is_running = self.is_running(step) || other.is_running(step);
        let (sum, compensation) = add_compensated(self.values[step], self.compensations[step] + lost, value);
        if self.counts.is_empty() || !is_running && !sum.is_infinite() {
            (self.values[step], self.compensations[step]) = (sum, compensation);
            return;
        }
        if !self.is_running(step) {
            self.run(step, own);
        }
        let divisor = if other.is_running(step) { 1.0 } else { more };
        let (share, other_share) = (own / (own + more), more / (own + more));
        let compensation = self.compensations[step] * share + lost / divisor * other_share;
        (self.values[step], self.compensations[step]) =
            add_compensated(self.values[step] * share, compensation, value / divisor * other_share);
    }

    /// Step by step, as at each of them the kinds of samples and their order decide.
    fn add_mixed(&mut self, task: &Task<'_>, series: &StepSeries) -> Result<(), EvaluateError> {
        if self.histograms.is_empty() {
            self.histograms.resize_with(task.steps, Cell::default);
        }
        let is_mean = !self.counts.is_empty();
        for (step, value) in series.floats.iter().enumerate() {
            if matches!(self.histograms[step], Cell::Incompatible) {
                continue;
            }
            if !is_absent(*value) {
                if is_mean {
                    self.add_to_mean(step, *value);
                } else {
                    let sum = if is_absent(self.values[step]) { 0.0 } else { self.values[step] };
                    (self.values[step], self.compensations[step]) =
                        add_compensated(sum, self.compensations[step], *value);
                }
                continue;
            }
            let Some(histogram) = series.histogram(step) else { continue };
            self.named.get_or_insert_with(|| series.labels.clone());
            if let Some(count) = self.counts.get_mut(step) {
                *count += 1.0;
            }
            let cell = std::mem::take(&mut self.histograms[step]);
            let has_floats = !is_absent(self.values[step]);
            if matches!(cell, Cell::Empty) && !has_floats {
                // Each count is held with what rounding lost of it.
                let values = 2 * histogram.samples();
                task.evaluation.ledger().hold_values(values)?;
                self.held += values;
            }
            self.histograms[step] = cell.with(histogram, is_mean, has_floats).unwrap_or_else(|| {
                task.warn_of_incompatible(series.labels.metric_name());
                Cell::Incompatible
            });
        }
        Ok(())
    }
}

impl Cell {
    /// With one more histogram; `None` where it cannot be added.
    fn with(self, histogram: &Histogram, is_mean: bool, has_floats: bool) -> Option<Self> {
        match self {
            Self::Empty if has_floats => Some(Self::Mixed),
            Self::Empty if is_mean => Some(Self::Mean(Box::new(HistogramMean::new(histogram)))),
            Self::Empty => Some(Self::Sum(Box::new(HistogramSum::new(histogram)))),
            Self::Sum(mut sum) => sum.add(histogram).is_ok().then_some(Self::Sum(sum)),
            Self::Mean(mut mean) => mean.add(histogram).is_ok().then_some(Self::Mean(mean)),
            other @ (Self::Merged(_) | Self::Mixed | Self::Incompatible) => Some(other),
        }
    }

    /// With what another thread has, weighted by counts for means; `None` where they cannot be added.
    fn merged(self, other: Self, weights: Option<(f64, f64)>) -> Option<Self> {
        let is_mixed = |cell: &Self| matches!(cell, Self::Mixed);
        if matches!(self, Self::Incompatible) || matches!(other, Self::Incompatible) {
            return Some(Self::Incompatible);
        }
        if is_mixed(&self) || is_mixed(&other) {
            return Some(Self::Mixed);
        }
        let (mut mine, theirs) = match (self.finish(), other.finish()) {
            (Some(mine), Some(theirs)) => (mine, theirs),
            (mine, theirs) => {
                return Some(mine.or(theirs).map_or(Self::Empty, |one| Self::Merged(Box::new(one))));
            }
        };
        let mut histogram = theirs.histogram;
        if let Some((own, more)) = weights {
            mine.histogram.scale(own / (own + more));
            histogram.scale(more / (own + more));
        }
        let combined = mine.histogram.add(&histogram).ok()?;
        mine.histogram.compact();
        mine.conflicting_resets |= theirs.conflicting_resets | combined.conflicting_resets;
        mine.bounds_reconciled |= theirs.bounds_reconciled | combined.bounds_reconciled;
        Some(Self::Merged(Box::new(mine)))
    }

    /// What comes out, if anything does.
    fn finish(self) -> Option<Aggregated> {
        match self {
            Self::Sum(sum) => Some(sum.finish()),
            Self::Mean(mean) => Some(mean.finish()),
            Self::Merged(merged) => Some(*merged),
            Self::Empty | Self::Mixed | Self::Incompatible => None,
        }
    }
}

impl Task<'_> {
    fn finish_cell(&self, cell: Cell, series: &mut StepSeries, step: usize) {
        if matches!(cell, Cell::Empty) {
            return;
        }
        let span = self.node.inner.unwrapped().span();
        let is_mixed = !is_absent(series.floats[step]);
        series.floats[step] = ABSENT;
        if is_mixed {
            let message = "PromQL warning: encountered a mix of histograms and floats for aggregation";
            self.evaluation.warn(message, span);
        }
        let Some(aggregated) = cell.finish() else { return };
        if aggregated.bounds_reconciled {
            let message = "PromQL info: mismatched custom buckets were reconciled during aggregation";
            self.evaluation.inform(message, span);
        }
        if is_mixed {
            return;
        }
        if aggregated.conflicting_resets {
            let message = "PromQL warning: conflicting counter resets during histogram aggregation";
            self.evaluation.warn(message, span);
        }
        series.set_histogram(step, Arc::new(aggregated.histogram));
    }

    fn warn_of_incompatible(&self, metric: &str) {
        let message = format!(
            "PromQL warning: vector contains a mix of histograms with exponential and custom buckets schemas for metric \
             name {metric:?}"
        );
        self.evaluation.warn(message, self.node.inner.unwrapped().span());
    }
}
