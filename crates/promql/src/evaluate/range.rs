//! Ranges of samples: those of a selector, and those that a subquery makes of an expression.

use std::sync::Arc;

use super::selection::{Held, HeldSeries, HeldStream, Starts, instant, select};
use super::selector::without_stale;
use super::window::Windows;
use super::{Evaluation, HeldValues, duration};
use crate::{
    CounterReset, EvaluateError, Expr, Histogram, Points, RangeSelector, Series, Span, StepSeries, Steps, Subquery,
    is_absent,
};

/// Series of samples, and the windows that are looked at.
pub(super) struct Ranges<'a> {
    /// Series without those samples that say that a series has ended.
    pub streams: Vec<HeldStream<'a>>,
    /// One per step.
    pub windows: Windows,
    /// Where annotations say that it stands.
    pub span: Span,
}

impl<'a> Ranges<'a> {
    /// Of an expression of type matrix.
    pub(super) fn of(evaluation: &Evaluation<'a>, expr: &'a Expr, starts: Starts) -> Result<Self, EvaluateError> {
        match expr.unwrapped() {
            Expr::Range(range) => Self::of_selector(evaluation, range, starts),
            Expr::Subquery(subquery) => Self::of_subquery(&evaluation.within(expr.unwrapped()), subquery),
            _ => Err(EvaluateError::Execution("expected a range of samples".to_owned())),
        }
    }

    fn of_selector(
        evaluation: &Evaluation<'a>,
        range: &'a RangeSelector,
        starts: Starts,
    ) -> Result<Self, EvaluateError> {
        let (question, selector) = (evaluation.question(), &range.selector);
        let windows = Windows {
            steps: evaluation.steps(),
            at: instant(selector.at, question),
            offset: duration::offset(selector.offset.as_ref(), question)?,
            range: duration::positive(&range.range, question)?,
            extension: selector.extension,
            lookback: question.lookback,
        };
        let streams = select(evaluation, &selector.matchers, windows, starts)?;
        let clean = |stream: HeldStream<'a>| -> HeldStream<'a> {
            Box::new(stream.map(|held| {
                held.map(|mut held| {
                    without_stale(&mut held.series);
                    held
                })
            }))
        };
        Ok(Self { streams: streams.into_iter().map(clean).collect(), windows, span: range.span })
    }

    fn of_subquery(evaluation: &Evaluation<'a>, subquery: &'a Subquery) -> Result<Self, EvaluateError> {
        let question = evaluation.question();
        let windows = Windows {
            steps: evaluation.steps(),
            at: instant(subquery.at, question),
            offset: duration::offset(subquery.offset.as_ref(), question)?,
            range: duration::positive(&subquery.range, question)?,
            extension: None,
            lookback: question.lookback,
        };
        let step = match &subquery.step {
            Some(step) => duration::positive(step, question)?,
            None => 0,
        };
        // A step that is computed to be nothing is none.
        let step = if step > 0 { step } else { question.subquery_step.max(1) };
        let (after, until) = windows.extent();
        // Prometheus' place of samples that an expression has made.
        let span = Span::default();
        let Some(steps) = aligned(after, until, step) else {
            return Ok(Self { streams: Vec::new(), windows, span });
        };
        let inner = evaluation.with_steps(steps);
        let ledger = evaluation.ledger();
        let streams = inner.vector(&subquery.inner)?.into_streams();
        // A column of each thread, as there may be many more steps here than the question has.
        let threads = question.limits.threads.min(streams.len());
        let columns = Arc::new(HeldValues::of(ledger, steps.count().saturating_mul(threads))?);
        let sample = move |series: Result<StepSeries, EvaluateError>| {
            // Let go with the last of the streams.
            let _columns = &columns;
            let (series, drops_name) = samples_of(series?, steps);
            let held = Held::of(ledger, &series)?;
            Ok(HeldSeries { series, drops_name, held })
        };
        let streams = streams.into_iter().map(|stream| -> HeldStream<'a> { Box::new(stream.map(sample.clone())) });
        let streams = streams.collect();
        Ok(Self { streams, windows, span })
    }
}

/// The multiples of a step after the first instant (exclusive) up to the second (inclusive): a subquery's steps do not
/// depend on when it is asked.
fn aligned(after: i64, until: i64, step: i64) -> Option<Steps> {
    let start = after.div_euclid(step).checked_add(1)?.checked_mul(step)?;
    Steps::range(start, until, step)
}

/// Values as samples, and whether they drop the metric's name.
fn samples_of(series: StepSeries, steps: Steps) -> (Series, bool) {
    let mut floats = Points::new();
    let present = series.floats.iter().filter(|value| !is_absent(**value)).count();
    floats.times.reserve(present);
    floats.values.reserve(present);
    for (value, time) in series.floats.iter().zip(steps.iter()).filter(|(value, _)| !is_absent(**value)) {
        floats.times.push(time);
        floats.values.push(*value);
    }
    let mut histograms = Points::new();
    for (histogram, time) in series.histograms.into_iter().zip(steps.iter()) {
        if let Some(histogram) = histogram {
            histograms.times.push(time);
            histograms.values.push(of_unknown_reset(histogram));
        }
    }
    (Series { labels: series.labels, floats, histograms }, series.drops_name)
}

/// What a histogram says of a reset since the sample before is not about the one at the step before.
fn of_unknown_reset(histogram: Arc<Histogram>) -> Arc<Histogram> {
    match histogram.counter_reset() {
        CounterReset::Reset | CounterReset::NotReset => {
            let mut changed = Histogram::clone(&histogram);
            changed.set_counter_reset(CounterReset::Unknown);
            Arc::new(changed)
        }
        CounterReset::Unknown | CounterReset::Gauge => histogram,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_subqueries_are_multiples_of_their_step() {
        let check = |after: i64, until: i64, step: i64, expected: &[i64]| {
            let found: Vec<i64> = aligned(after, until, step).map(|steps| steps.iter().collect()).unwrap_or_default();
            assert_eq!(found, expected, "({after}, {until}] every {step}");
        };
        check(0, 30, 10, &[10, 20, 30]);
        check(1, 29, 10, &[10, 20]);
        check(-25, 5, 10, &[-20, -10, 0]);
        check(-20, -10, 10, &[-10]);
        check(11, 19, 10, &[]);
        check(i64::MAX - 1, i64::MAX, 10, &[]);
    }
}
