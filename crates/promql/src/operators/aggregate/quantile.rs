//! `quantile`: a value that a share of all values is below.

use super::{Accumulator, Identity, Task};
use crate::{ABSENT, EvaluateError, StepSeries, is_absent};

/// All values, series by series.
pub(super) struct Quantile(Vec<Vec<f64>>);

impl Accumulator for Quantile {
    fn new(_task: &Task<'_>) -> Self {
        Self(Vec::new())
    }

    fn add(&mut self, task: &Task<'_>, series: StepSeries) -> Result<(), EvaluateError> {
        task.ignore_histograms(&series, task.node.inner.unwrapped().span());
        if !self.0.is_empty() {
            // The first is what the group counts as anyway.
            task.evaluation.ledger().hold_values(task.steps)?;
        }
        self.0.push(series.floats);
        Ok(())
    }

    fn merge(&mut self, task: &Task<'_>, other: Self) -> Result<(), EvaluateError> {
        task.evaluation.ledger().hold_values(task.steps)?;
        self.0.extend(other.0);
        Ok(())
    }

    fn finish(self, task: &Task<'_>, identity: Identity) -> Vec<StepSeries> {
        task.evaluation.ledger().release_values(self.0.len().saturating_sub(1) * task.steps);
        let mut values = Vec::with_capacity(self.0.len());
        let at_step = |step: usize| {
            values.clear();
            values.extend(self.0.iter().map(|column| column[step]).filter(|value| !is_absent(*value)));
            if values.is_empty() { ABSENT } else { quantile(task.parameter.at(step), &mut values) }
        };
        vec![identity.series((0..task.steps).map(at_step).collect())]
    }
}

/// The value with a share `q` of all values below it, between two of them by their weighted mean; NaN values are the
/// least. Infinite where `q` is below 0 or above 1; NaN where it is, or there are no values. Changes the order of values.
pub(crate) fn quantile(q: f64, values: &mut [f64]) -> f64 {
    if values.is_empty() || q.is_nan() {
        return f64::NAN;
    }
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    let order = |one: &f64, other: &f64| one.partial_cmp(other).unwrap_or_else(|| other.is_nan().cmp(&one.is_nan()));
    let rank = q * (values.len() - 1) as f64;
    let (_, lower, above) = values.select_nth_unstable_by(rank.floor() as usize, order);
    let weight = rank - rank.floor();
    match above.iter().min_by(|one, other| order(one, other)) {
        Some(upper) if weight > 0.0 => *lower * (1.0 - weight) + upper * weight,
        _ => *lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(q: f64, values: &[f64], expected: f64) {
        let found = quantile(q, &mut values.to_vec());
        assert!(found == expected || found.is_nan() && expected.is_nan(), "{q} of {values:?}: {found}");
    }

    #[test]
    fn quantiles_lie_between_values() {
        check(0.5, &[3.0, 1.0, 2.0], 2.0);
        check(0.5, &[4.0, 1.0, 2.0, 3.0], 2.5);
        check(0.0, &[4.0, 1.0], 1.0);
        check(1.0, &[4.0, 1.0], 4.0);
        check(0.25, &[10.0, 0.0], 2.5);
        check(-0.1, &[1.0], f64::NEG_INFINITY);
        check(1.1, &[1.0], f64::INFINITY);
        check(f64::NAN, &[1.0], f64::NAN);
        check(0.5, &[], f64::NAN);
        check(0.0, &[2.0, f64::NAN, 1.0], f64::NAN);
        check(0.5, &[2.0, f64::NAN, 1.0], 1.0);
    }
}
