//! `min` and `max`.

use super::{Accumulator, Identity, Task};
use crate::{ABSENT, AggregateOperator, EvaluateError, StepSeries, is_absent};

/// The least or greatest value so far: a NaN only where all values are.
pub(super) struct Extreme(Vec<f64>);

impl Extreme {
    fn add_column(&mut self, operator: AggregateOperator, values: &[f64]) {
        // What stands for no value is a NaN, too, and gives way to any value.
        let replace = |is_beyond: fn(f64, f64) -> bool, held: &mut f64, value: f64| {
            let takes = !is_absent(value) & (is_beyond(value, *held) | held.is_nan());
            *held = if takes { value } else { *held };
        };
        let pairs = self.0.iter_mut().zip(values);
        if operator == AggregateOperator::Min {
            pairs.for_each(|(held, value)| replace(|value, held| value < held, held, *value));
        } else {
            pairs.for_each(|(held, value)| replace(|value, held| value > held, held, *value));
        }
    }
}

impl Accumulator for Extreme {
    fn new(task: &Task<'_>) -> Self {
        Self(vec![ABSENT; task.steps])
    }

    fn add(&mut self, task: &Task<'_>, series: StepSeries) -> Result<(), EvaluateError> {
        task.ignore_histograms(&series, task.node.inner.unwrapped().span());
        self.add_column(task.node.operator, &series.floats);
        Ok(())
    }

    fn merge(&mut self, task: &Task<'_>, other: Self) -> Result<(), EvaluateError> {
        self.add_column(task.node.operator, &other.0);
        Ok(())
    }

    fn finish(self, _task: &Task<'_>, identity: Identity) -> Vec<StepSeries> {
        vec![identity.series(self.0)]
    }
}
