//! How much of histograms an expression looks at.
//!
//! What takes counts and sums alone can be computed without buckets. Prometheus does so and, where buckets would tell of
//! a reset, lets each histogram say it itself; warnings depend on that, so here it is the same.

use std::sync::Arc;

use super::window::Windows;
use crate::{AggregateOperator, BinaryOperator, CounterReset, Expr, Histogram, HistogramError, HistogramParts, Points};

/// What of the histograms of selectors is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Nothing has said it.
    Unsaid,
    /// Their counts and sums.
    CountAndSum,
    /// Buckets, too.
    Buckets,
}

impl Detail {
    /// What is looked at within an expression that is in this one.
    pub(super) fn within(self, expr: &Expr) -> Self {
        match (self, Self::wanted_by(expr)) {
            (Self::Buckets, _) | (_, Self::Unsaid) => self,
            (_, wanted) => wanted,
        }
    }

    fn wanted_by(expr: &Expr) -> Self {
        match expr {
            Expr::Call(call) => match call.function.name {
                "absent" | "histogram_avg" | "histogram_count" | "histogram_sum" | "start_timestamp" | "timestamp" => {
                    Self::CountAndSum
                }
                "changes"
                | "histogram_fraction"
                | "histogram_quantile"
                | "histogram_quantiles"
                | "histogram_stddev"
                | "histogram_stdvar" => Self::Buckets,
                _ => Self::Unsaid,
            },
            Expr::Aggregate(aggregate) if aggregate.operator == AggregateOperator::CountValues => Self::Buckets,
            Expr::Binary(binary) => match binary.operator {
                BinaryOperator::Equal
                | BinaryOperator::NotEqual
                | BinaryOperator::TrimLower
                | BinaryOperator::TrimUpper => Self::Buckets,
                _ => Self::Unsaid,
            },
            // At the steps of a subquery, others lie before a histogram than those that it speaks of.
            Expr::Subquery(_) => Self::Buckets,
            _ => Self::Unsaid,
        }
    }
}

/// Takes away buckets, each histogram saying whether its counter began anew since the one before, if that is read, too.
/// Errors: a histogram contradicts itself.
pub(super) fn without_buckets(points: &mut Points<Arc<Histogram>>, windows: &Windows) -> Result<(), HistogramError> {
    let mut leaps = leaps(&points.times, windows).into_iter().peekable();
    let mut before: Option<Arc<Histogram>> = None;
    for (number, value) in points.values.iter_mut().enumerate() {
        if leaps.next_if_eq(&number).is_some() {
            before = None;
        }
        if value.is_stale() {
            continue;
        }
        let counter_reset = match (value.counter_reset(), &before) {
            (CounterReset::Unknown, Some(before)) if value.detects_reset(before) => CounterReset::Reset,
            (CounterReset::Unknown, Some(_)) => CounterReset::NotReset,
            (said, _) => said,
        };
        let parts = HistogramParts {
            counter_reset,
            schema: value.schema(),
            count: value.count(),
            sum: value.sum(),
            ..HistogramParts::default()
        };
        before = Some(std::mem::replace(value, Arc::new(Histogram::new(parts)?)));
    }
    Ok(())
}

/// Numbers of samples that are read next after some were leapt over, as they lie between two windows: nothing is known of
/// what came before them.
fn leaps(times: &[i64], windows: &Windows) -> Vec<usize> {
    let mut leaps = Vec::new();
    let mut next = 0;
    // Fixed windows are all the same.
    let count = if windows.at.is_some() { 1 } else { windows.steps.count() };
    for (after, until) in (0..count).map(|step| windows.reach(windows.end(step))) {
        let Some(time) = times.get(next) else { break };
        if *time < after {
            next += times[next..].partition_point(|time| *time < after);
            leaps.push(next);
        }
        next += times[next..].partition_point(|time| *time < until);
    }
    leaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Steps;

    #[test]
    fn samples_between_windows_are_leapt_over() {
        let check = |step: i64, range: i64, expected: &[usize]| {
            let steps = Steps::range(100, 400, step).expect("there are steps");
            let windows = Windows { steps, at: None, offset: 0, range, extension: None, lookback: 0 };
            let times: Vec<i64> = (6..50).map(|number| number * 10).collect();
            assert_eq!(leaps(&times, &windows), expected, "{range} every {step}");
        };
        check(50, 50, &[]);
        check(50, 100, &[]);
        // The sample at the end of a window has been read; the one at the beginning of the next is, too.
        check(100, 30, &[1, 11, 21, 31]);
        check(100, 100, &[]);
    }
}
