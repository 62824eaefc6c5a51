//! How much of histograms an expression looks at.
//!
//! What takes counts and sums alone can be computed without buckets. Prometheus does so and, where buckets would tell of
//! a reset, lets each histogram say it itself; warnings depend on that, so here it is the same.

use std::sync::Arc;

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

/// Takes away buckets, each histogram saying whether its counter began anew since the one before. Errors: a histogram
/// contradicts itself.
pub(super) fn without_buckets(points: &mut Points<Arc<Histogram>>) -> Result<(), HistogramError> {
    let mut before: Option<Arc<Histogram>> = None;
    for value in &mut points.values {
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
