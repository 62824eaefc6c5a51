//! A pair of samples, of which each may be a histogram.

use std::sync::Arc;

use super::arithmetic::{compare, compute};
use crate::evaluate::Evaluation;
use crate::{Binary, BinaryOperator, CounterReset, Histogram, Span};

/// What is done with two samples.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    pub operator: BinaryOperator,
    /// Whether a comparison gives 0 or 1 instead of leaving out.
    pub returns_bool: bool,
    /// From the left side to the right.
    pub span: Span,
}

impl Operation {
    pub(super) fn of(node: &Binary) -> Self {
        let span = Span { start: node.left.span().start, end: node.right.span().end };
        Self { operator: node.operator, returns_bool: node.returns_bool, span }
    }

    /// Whether it takes from a histogram what is above or below a number, which no two numbers have.
    pub(super) fn is_trim(&self) -> bool {
        matches!(self.operator, BinaryOperator::TrimLower | BinaryOperator::TrimUpper)
    }

    /// Whether what comes out is of no metric any more.
    pub(super) fn changes_metric(&self) -> bool {
        use BinaryOperator::{Add, Atan2, Divide, Modulo, Multiply, Power, Subtract};
        matches!(self.operator, Add | Subtract | Divide | Multiply | Power | Modulo | Atan2)
    }
}

/// A value of one series at one step.
#[derive(Clone, Debug)]
pub(super) enum Sample {
    Float(f64),
    Histogram(Arc<Histogram>),
}

/// What is said about samples that do not fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// The operator is none of a left and a right sample of these kinds.
    Types(&'static str, &'static str),
    /// One has exponential and the other custom buckets.
    Buckets,
    /// One was known to have reset, the other not to have.
    Resets(&'static str),
    /// Custom bounds differed.
    Reconciled(&'static str),
}

/// What comes of two samples.
#[derive(Debug)]
pub(super) struct Combination {
    /// `None` where they do not fit together: it is as if there were no match.
    pub value: Option<Sample>,
    /// Whether a comparison holds; true for all others.
    pub holds: bool,
    pub note: Option<Note>,
}

impl Note {
    /// Writes it down.
    pub(super) fn tell(self, evaluation: &Evaluation<'_>, operation: Operation) {
        let operator = operation.operator.text();
        let span = operation.span;
        match self {
            Self::Types(left, right) => evaluation.inform(
                format!(
                    "PromQL info: incompatible sample types encountered for binary operator {operator:?}: {left} {operator} {right}"
                ),
                span,
            ),
            Self::Buckets => evaluation.warn(
                format!("PromQL warning: incompatible bucket layout encountered for binary operator {operator}"),
                span,
            ),
            Self::Resets(action) => evaluation
                .warn(format!("PromQL warning: conflicting counter resets during histogram {action}"), span),
            Self::Reconciled(action) => evaluation
                .inform(format!("PromQL info: mismatched custom buckets were reconciled during {action}"), span),
        }
    }
}

/// What an operator makes of two samples. A comparison gives the left one.
pub(super) fn combine(operator: BinaryOperator, left: &Sample, right: &Sample) -> Combination {
    use BinaryOperator::{Add, Divide, Equal, Multiply, NotEqual, Subtract, TrimLower, TrimUpper};
    match (left, operator, right) {
        (Sample::Float(_), TrimLower | TrimUpper, Sample::Float(_)) => Combination::unfit("float", "float"),
        (Sample::Float(left), _, Sample::Float(right)) => match compare(operator, *left, *right) {
            Some(holds) => Combination { value: Some(Sample::Float(*left)), holds, note: None },
            None => Combination::of(Sample::Float(compute(operator, *left, *right))),
        },
        (Sample::Float(factor), Multiply, Sample::Histogram(histogram))
        | (Sample::Histogram(histogram), Multiply, Sample::Float(factor)) => changed(histogram, |histogram| {
            histogram.scale(*factor);
            histogram.compact();
        }),
        (Sample::Float(_), _, Sample::Histogram(_)) => Combination::unfit("float", "histogram"),
        (Sample::Histogram(histogram), Divide, Sample::Float(divisor)) => changed(histogram, |histogram| {
            histogram.divide(*divisor);
            histogram.compact();
        }),
        (Sample::Histogram(histogram), TrimUpper, Sample::Float(bound)) => {
            changed(histogram, |histogram| histogram.trim_above(*bound))
        }
        (Sample::Histogram(histogram), TrimLower, Sample::Float(bound)) => {
            changed(histogram, |histogram| histogram.trim_below(*bound))
        }
        (Sample::Histogram(_), _, Sample::Float(_)) => Combination::unfit("histogram", "float"),
        (Sample::Histogram(left), Add | Subtract, Sample::Histogram(right)) => sum(operator, left, right),
        (Sample::Histogram(one), Equal | NotEqual, Sample::Histogram(other)) => {
            let holds = (one == other) == (operator == Equal);
            Combination { value: Some(left.clone()), holds, note: None }
        }
        (Sample::Histogram(_), _, Sample::Histogram(_)) => Combination::unfit("histogram", "histogram"),
    }
}

fn changed(histogram: &Histogram, change: impl Fn(&mut Histogram)) -> Combination {
    let mut histogram = histogram.clone();
    change(&mut histogram);
    Combination::of(Sample::Histogram(Arc::new(histogram)))
}

fn sum(operator: BinaryOperator, left: &Histogram, right: &Histogram) -> Combination {
    let mut histogram = left.clone();
    let is_sum = operator == BinaryOperator::Add;
    let action = if is_sum { "addition" } else { "subtraction" };
    let combined = if is_sum { histogram.add(right) } else { histogram.subtract(right) };
    let Ok(combined) = combined else {
        return Combination { value: None, holds: true, note: Some(Note::Buckets) };
    };
    if combined.conflicting_resets {
        // Whether either began anew is not known, so nothing comes out.
        return Combination { value: None, holds: true, note: Some(Note::Resets(action)) };
    }
    if !is_sum {
        histogram.set_counter_reset(CounterReset::Gauge);
    }
    histogram.compact();
    let note = combined.bounds_reconciled.then_some(Note::Reconciled(action));
    Combination { note, ..Combination::of(Sample::Histogram(Arc::new(histogram))) }
}

impl Combination {
    fn of(value: Sample) -> Self {
        Self { value: Some(value), holds: true, note: None }
    }

    fn unfit(left: &'static str, right: &'static str) -> Self {
        Self { value: None, holds: true, note: Some(Note::Types(left, right)) }
    }
}
