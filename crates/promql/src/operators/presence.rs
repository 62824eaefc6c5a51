//! Whether there is anything: `absent`, and `scalar`, which wants exactly one.

use super::is_metadata;
use crate::evaluate::{Column, Evaluation, Streams};
use crate::{ABSENT, EvaluateError, Expr, Labels, LabelsBuilder, MatchOperator, StepSeries, is_absent};

/// 1 at each step at which an expression has no value.
pub(super) fn absent<'a>(evaluation: &Evaluation<'a>, inner: &'a Expr) -> Result<Streams<'a>, EvaluateError> {
    let steps = evaluation.steps().count();
    let begin = || vec![false; steps];
    let threads = evaluation.vector(inner)?.fold(evaluation, begin, |present, series| {
        present.iter_mut().enumerate().for_each(|(step, present)| *present |= series.has(step));
        Ok(())
    })?;
    let value = |step: usize| if threads.iter().any(|present| present[step]) { ABSENT } else { 1.0 };
    let series = StepSeries { floats: (0..steps).map(value).collect(), ..StepSeries::absent(absent_labels(inner), 0) };
    Ok(Streams::of(if series.is_empty() { Vec::new() } else { vec![series] }))
}

/// The labels that a series must have had to be selected, as far as the selector names one value: those of the series
/// that says that there is none. A label that is named more than once is left out.
pub(crate) fn absent_labels(inner: &Expr) -> Labels {
    let selector = match inner.unwrapped() {
        Expr::Selector(selector) => selector,
        Expr::Range(range) => &range.selector,
        _ => return Labels::empty(),
    };
    let mut labels = LabelsBuilder::default();
    let mut seen = Vec::new();
    for matcher in selector.matchers.iter().filter(|matcher| !is_metadata(matcher.name())) {
        if matcher.operator() == MatchOperator::Equal && !seen.contains(&matcher.name()) {
            labels.set(matcher.name(), matcher.value());
            seen.push(matcher.name());
        } else {
            labels.remove(matcher.name());
        }
    }
    labels.build()
}

/// The value of the only series with a float, NaN where there is none or several.
pub(super) fn scalar<'a>(evaluation: &Evaluation<'a>, inner: &'a Expr) -> Result<Column<'a>, EvaluateError> {
    let steps = evaluation.steps().count();
    let begin = || vec![Only::None; steps];
    let mut threads = evaluation
        .vector(inner)?
        .fold(evaluation, begin, |only, series| {
            only.iter_mut().zip(&series.floats).filter(|(_, value)| !is_absent(**value)).for_each(|(only, value)| {
                *only = only.with(Only::One(*value));
            });
            Ok(())
        })?
        .into_iter();
    let mut whole = threads.next().unwrap_or_else(begin);
    for thread in threads {
        whole.iter_mut().zip(thread).for_each(|(only, other)| *only = only.with(other));
    }
    Column::of(evaluation.ledger(), whole.into_iter().map(Only::value))
}

/// What has been seen at a step.
#[derive(Clone, Copy)]
enum Only {
    None,
    One(f64),
    Several,
}

impl Only {
    fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, one) | (one, Self::None) => one,
            _ => Self::Several,
        }
    }

    fn value(self) -> f64 {
        match self {
            Self::One(value) => value,
            Self::None | Self::Several => f64::NAN,
        }
    }
}
