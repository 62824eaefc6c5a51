//! `stddev` and `stdvar`: how far values are from their mean.

use super::{Accumulator, Identity, Task};
use crate::{ABSENT, AggregateOperator, EvaluateError, StepSeries, is_absent};

/// Welford's running variance, one per step.
pub(super) struct Deviation {
    counts: Vec<f64>,
    means: Vec<f64>,
    /// Sums of squared distances to the mean.
    squares: Vec<f64>,
}

impl Accumulator for Deviation {
    fn new(task: &Task<'_>) -> Self {
        let column = || vec![0.0; task.steps];
        Self { counts: column(), means: column(), squares: column() }
    }

    fn add(&mut self, task: &Task<'_>, series: StepSeries) -> Result<(), EvaluateError> {
        task.ignore_histograms(&series, task.node.inner.unwrapped().span());
        let columns = self.counts.iter_mut().zip(&mut self.means).zip(&mut self.squares);
        for (((count, mean), squares), value) in columns.zip(&series.floats) {
            if is_absent(*value) {
                continue;
            }
            *count += 1.0;
            let distance = value - *mean;
            *mean += distance / *count;
            *squares += distance * (value - *mean);
        }
        Ok(())
    }

    fn merge(&mut self, _task: &Task<'_>, other: Self) -> Result<(), EvaluateError> {
        for step in 0..self.counts.len() {
            let (count, more) = (self.counts[step], other.counts[step]);
            let all = count + more;
            if more == 0.0 {
                continue;
            }
            if count == 0.0 {
                self.counts[step] = more;
                self.means[step] = other.means[step];
                self.squares[step] = other.squares[step];
                continue;
            }
            let distance = other.means[step] - self.means[step];
            self.counts[step] = all;
            self.means[step] += distance * (more / all);
            self.squares[step] += other.squares[step] + distance * distance * (count * more / all);
        }
        Ok(())
    }

    fn finish(self, task: &Task<'_>, identity: Identity) -> Vec<StepSeries> {
        let is_root = task.node.operator == AggregateOperator::Stddev;
        let value = |(count, squares): (f64, f64)| match count {
            0.0 => ABSENT,
            _ if is_root => (squares / count).sqrt(),
            _ => squares / count,
        };
        vec![identity.series(self.counts.into_iter().zip(self.squares).map(value).collect())]
    }
}
