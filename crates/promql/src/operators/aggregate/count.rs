//! `count` and `group`: how many series there are, or that there are any.

use super::{Accumulator, Identity, Task};
use crate::{ABSENT, AggregateOperator, EvaluateError, StepSeries, is_absent};

/// How many series have a value, of either kind.
pub(super) struct Count(Vec<f64>);

impl Accumulator for Count {
    fn new(task: &Task<'_>) -> Self {
        Self(vec![0.0; task.steps])
    }

    fn add(&mut self, _task: &Task<'_>, series: StepSeries) -> Result<(), EvaluateError> {
        for (count, value) in self.0.iter_mut().zip(&series.floats) {
            *count += f64::from(u8::from(!is_absent(*value)));
        }
        for (count, histogram) in self.0.iter_mut().zip(&series.histograms) {
            *count += f64::from(u8::from(histogram.is_some()));
        }
        Ok(())
    }

    fn merge(&mut self, _task: &Task<'_>, other: Self) -> Result<(), EvaluateError> {
        self.0.iter_mut().zip(other.0).for_each(|(count, more)| *count += more);
        Ok(())
    }

    fn finish(self, task: &Task<'_>, identity: Identity) -> Vec<StepSeries> {
        let is_group = task.node.operator == AggregateOperator::Group;
        let value = |count: f64| match count {
            0.0 => ABSENT,
            _ if is_group => 1.0,
            count => count,
        };
        vec![identity.series(self.0.into_iter().map(value).collect())]
    }
}
