//! `topk`, `bottomk` and `limitk`: a few series of a group, chosen anew at each step.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;

use super::{Accumulator, Identity, Task};
use crate::{AggregateOperator, EvaluateError, Labels, StepSeries, is_absent};

/// The candidates of each step, and the series that are a candidate at any step.
pub(super) struct Selection {
    /// The worst on top.
    candidates: Vec<BinaryHeap<Candidate>>,
    held: Vec<Held>,
}

/// One series at one step.
#[derive(Clone, PartialEq, Eq)]
struct Candidate {
    /// The higher the better.
    merit: u64,
    /// Of two with the same merit the lesser labels are better, so that the choice does not depend on the order in which
    /// series come.
    labels: Labels,
    /// Of the series.
    number: usize,
}

/// A series, and at how many steps it is a candidate.
struct Held {
    /// `None` once it is no candidate any more.
    series: Option<StepSeries>,
    steps: usize,
}

/// The worse is greater.
impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_labels = || (&self.labels, self.number).cmp(&(&other.labels, other.number));
        other.merit.cmp(&self.merit).then_with(by_labels)
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A number that is the higher the greater a value is; NaN is the least.
fn merit(value: f64) -> u64 {
    if value.is_nan() {
        return 0;
    }
    // Adding zero makes a negative zero positive, as they are equal.
    let bits = (value + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

impl Accumulator for Selection {
    fn new(task: &Task<'_>) -> Self {
        Self { candidates: vec![BinaryHeap::new(); task.steps], held: Vec::new() }
    }

    fn add(&mut self, task: &Task<'_>, series: StepSeries) -> Result<(), EvaluateError> {
        let number = self.held.len();
        let mut steps = 0;
        match task.node.operator {
            AggregateOperator::LimitK => {
                // By a hash of the labels, so that the choice is the same whatever order series come in.
                let merit = !series.labels.stable_hash();
                for step in (0..task.steps).filter(|step| series.has(*step)) {
                    steps += usize::from(self.offer(task, step, (merit, &series.labels, number)));
                }
            }
            operator => {
                task.ignore_histograms(&series, task.node.span);
                let sign = if operator == AggregateOperator::BottomK { -1.0 } else { 1.0 };
                for (step, value) in series.floats.iter().enumerate().filter(|(_, value)| !is_absent(**value)) {
                    steps += usize::from(self.offer(task, step, (merit(sign * value), &series.labels, number)));
                }
            }
        }
        self.hold(task, series, steps)
    }

    fn merge(&mut self, task: &Task<'_>, other: Self) -> Result<(), EvaluateError> {
        let first = self.held.len();
        // Some may be counted too often, where one of the other takes the place of one of it: held longer than needed.
        let mut steps = vec![0; other.held.len()];
        for (step, candidates) in other.candidates.into_iter().enumerate() {
            for Candidate { merit, labels, number } in candidates {
                steps[number] += usize::from(self.offer(task, step, (merit, &labels, first + number)));
            }
        }
        for (held, steps) in other.held.into_iter().zip(steps) {
            match held.series {
                Some(series) => {
                    task.evaluation.ledger().release_values(series.values());
                    self.hold(task, series, steps)?;
                }
                None => self.held.push(Held { series: None, steps: 0 }),
            }
        }
        Ok(())
    }

    fn finish(self, task: &Task<'_>, _identity: Identity) -> Vec<StepSeries> {
        let mut chosen: Vec<Option<StepSeries>> = self.held.iter().map(|_| None).collect();
        let mut best_first = Vec::new();
        for (step, candidates) in self.candidates.into_iter().enumerate() {
            for Candidate { number, .. } in candidates.into_sorted_vec() {
                let Some(series) = &self.held[number].series else { continue };
                let out = chosen[number].get_or_insert_with(|| {
                    best_first.push(number);
                    let labels = series.labels.clone();
                    StepSeries { drops_name: series.drops_name, ..StepSeries::absent(labels, task.steps) }
                });
                out.floats[step] = series.floats[step];
                if let Some(histogram) = series.histogram(step) {
                    out.set_histogram(step, Arc::clone(histogram));
                }
            }
        }
        best_first.into_iter().filter_map(|number| chosen[number].take()).collect()
    }
}

impl Selection {
    /// Whether a candidate is one of the best of a step now. One that is no more is counted out.
    fn offer(&mut self, task: &Task<'_>, step: usize, (merit, labels, number): (u64, &Labels, usize)) -> bool {
        let candidates = &mut self.candidates[step];
        let candidate = || Candidate { merit, labels: labels.clone(), number };
        if candidates.len() < task.parameter.limit(step) {
            candidates.push(candidate());
            return true;
        }
        let Some(mut worst) = candidates.peek_mut() else { return false };
        if merit < worst.merit || merit == worst.merit && *labels >= worst.labels {
            return false;
        }
        let displaced = worst.number;
        *worst = candidate();
        drop(worst);
        if let Some(held) = self.held.get_mut(displaced) {
            held.steps -= 1;
            if held.steps == 0 {
                let values = held.series.take().map_or(0, |series| series.values());
                task.evaluation.ledger().release_values(values);
            }
        }
        true
    }

    /// Keeps a series if it is a candidate at any step.
    fn hold(&mut self, task: &Task<'_>, series: StepSeries, steps: usize) -> Result<(), EvaluateError> {
        let is_held = steps > 0;
        if is_held {
            task.evaluation.ledger().hold_values(series.values())?;
        }
        self.held.push(Held { series: is_held.then_some(series), steps });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merit_orders_floats_with_nan_last() {
        let ascending = [f64::NAN, f64::NEG_INFINITY, -1.0, -1e-300, 0.0, 1e-300, 1.0, f64::INFINITY];
        assert!(ascending.windows(2).all(|pair| merit(pair[0]) < merit(pair[1])));
        assert_eq!(merit(0.0), merit(-0.0));
    }
}
