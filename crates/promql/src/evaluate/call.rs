//! Calls of functions, by their names.

use std::f64::consts::PI;
use std::iter::repeat_n;
use std::sync::Arc;

use super::functions::{buckets, date, histogram, math};
use super::range_call::range_call;
use super::selector::{Reading, selector};
use super::{Column, Evaluation, Operand, Streams};
use crate::operators::{function as operator_function, is_operator_function};
use crate::{ABSENT, Call, EvaluateError, Expr, Labels, StepSeries, ValueType, is_absent};

/// The value of a call.
pub(super) fn call<'a>(evaluation: &Evaluation<'a>, call: &'a Call) -> Result<Operand<'a>, EvaluateError> {
    let name = call.function.name;
    if is_operator_function(name) {
        return operator_function(evaluation, call);
    }
    if call.function.returns == ValueType::Scalar {
        return scalar_call(evaluation, call).map(Operand::Scalar);
    }
    if call.arguments.iter().any(|argument| argument.value_type() == ValueType::Matrix) {
        return range_call(evaluation, call).map(Operand::Vector);
    }
    vector_call(evaluation, call).map(Operand::Vector)
}

/// Functions that give a number at each step.
fn scalar_call<'a>(evaluation: &Evaluation<'a>, call: &'a Call) -> Result<Column<'a>, EvaluateError> {
    let (steps, asked) = (evaluation.steps(), evaluation.question().steps);
    let seconds = |milliseconds: i64| milliseconds as f64 / 1000.0;
    let constant = |value: f64| Column::of(evaluation.ledger(), repeat_n(value, steps.count()));
    match call.function.name {
        "time" => Column::of(evaluation.ledger(), steps.iter().map(seconds)),
        "pi" => constant(PI),
        "start" => constant(seconds(asked.start())),
        "end" => constant(seconds(asked.until())),
        "range" => constant(seconds(asked.until().saturating_sub(asked.start()))),
        "step" => constant(if asked.start() == asked.until() { 0.0 } else { seconds(asked.step()) }),
        "max_of" => of_both(evaluation, call, math::larger),
        "min_of" => of_both(evaluation, call, math::smaller),
        name => Err(unknown(name)),
    }
}

fn of_both<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    pick: impl Fn(f64, f64) -> f64,
) -> Result<Column<'a>, EvaluateError> {
    let mut one = evaluation.scalar(argument(call, 0)?)?;
    let other = evaluation.scalar(argument(call, 1)?)?;
    one.iter_mut().zip(&*other).for_each(|(one, other)| *one = pick(*one, *other));
    Ok(one)
}

/// Functions of each value by itself, and of histograms.
fn vector_call<'a>(evaluation: &Evaluation<'a>, call: &'a Call) -> Result<Streams<'a>, EvaluateError> {
    let name = call.function.name;
    if let Some(function) = math::function(name) {
        return of_floats(evaluation, call, move |value, _| function(value));
    }
    if let Some(function) = date::function(name) {
        if call.arguments.is_empty() {
            let value = |at: i64| function(date::of_instant(at));
            return Ok(Streams::of(vec![without_labels(evaluation.steps().iter().map(value).collect())]));
        }
        return of_floats(evaluation, call, move |value, _| function(value));
    }
    if let Some(function) = histogram::function(name) {
        return Ok(evaluation.vector(argument(call, 0)?)?.filter_map(move |mut series| {
            for (step, value) in series.floats.iter_mut().enumerate() {
                *value = series.histograms.get(step).and_then(Option::as_ref).map_or(ABSENT, |found| function(found));
            }
            Ok(changed(series))
        }));
    }
    match name {
        "vector" => Ok(Streams::of(vec![without_labels(evaluation.scalar(argument(call, 0)?)?.into_numbers())])),
        "round" => {
            let nearest = parameter(evaluation, call, 1)?;
            of_floats(evaluation, call, move |value, step| {
                math::round(value, nearest.as_ref().map_or(1.0, |nearest| nearest[step]))
            })
        }
        "clamp" => clamped(evaluation, call, parameter(evaluation, call, 1)?, parameter(evaluation, call, 2)?),
        "clamp_min" => clamped(evaluation, call, parameter(evaluation, call, 1)?, None),
        "clamp_max" => clamped(evaluation, call, None, parameter(evaluation, call, 1)?),
        "timestamp" | "start_timestamp" => time_of(evaluation, call),
        "histogram_quantile" => buckets::quantile(evaluation, call).map(Streams::of),
        "histogram_quantiles" => buckets::quantiles(evaluation, call).map(Streams::of),
        "histogram_fraction" => buckets::fraction(evaluation, call).map(Streams::of),
        _ => Err(unknown(name)),
    }
}

/// Of a bare selector, when its samples were taken or since when they accumulate; of anything else, the step, and no
/// start.
fn time_of<'a>(evaluation: &Evaluation<'a>, call: &'a Call) -> Result<Streams<'a>, EvaluateError> {
    let is_start = call.function.name == "start_timestamp";
    let inner = argument(call, 0)?;
    if let Expr::Selector(bare) = inner.unwrapped() {
        return selector(evaluation, bare, if is_start { Reading::Start } else { Reading::Time });
    }
    let steps = evaluation.steps();
    Ok(evaluation.vector(inner)?.filter_map(move |mut series| {
        for step in 0..steps.count() {
            let is_there = series.has(step) && !is_start;
            series.floats[step] = if is_there { steps.at(step) as f64 / 1000.0 } else { ABSENT };
        }
        Ok(changed(series))
    }))
}

fn clamped<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    min: Option<Arc<Column<'a>>>,
    max: Option<Arc<Column<'a>>>,
) -> Result<Streams<'a>, EvaluateError> {
    of_floats(evaluation, call, move |value, step| {
        let min = min.as_ref().map_or(f64::NEG_INFINITY, |min| min[step]);
        let max = max.as_ref().map_or(f64::INFINITY, |max| max[step]);
        // There is nothing between bounds that are the wrong way around.
        if max < min { ABSENT } else { math::clamp(value, min, max) }
    })
}

/// A function of each float of the first argument and its step; histograms are left out.
fn of_floats<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    function: impl Fn(f64, usize) -> f64 + Clone + Send + 'a,
) -> Result<Streams<'a>, EvaluateError> {
    Ok(evaluation.vector(argument(call, 0)?)?.filter_map(move |mut series| {
        for (step, value) in series.floats.iter_mut().enumerate().filter(|(_, value)| !is_absent(**value)) {
            *value = function(*value, step);
        }
        Ok(changed(series))
    }))
}

/// A series of numbers that are no longer what the metric's name says; `None` where there are none.
fn changed(mut series: StepSeries) -> Option<StepSeries> {
    series.histograms.clear();
    series.drops_name = true;
    (!series.is_empty()).then_some(series)
}

fn without_labels(floats: Vec<f64>) -> StepSeries {
    StepSeries { labels: Labels::empty(), drops_name: false, floats, histograms: Vec::new() }
}

fn parameter<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
    number: usize,
) -> Result<Option<Arc<Column<'a>>>, EvaluateError> {
    call.arguments.get(number).map(|argument| evaluation.scalar(argument).map(Arc::new)).transpose()
}

fn argument(call: &Call, number: usize) -> Result<&Expr, EvaluateError> {
    call.arguments.get(number).ok_or_else(|| EvaluateError::Execution("expected an argument".to_owned()))
}

fn unknown(name: &str) -> EvaluateError {
    EvaluateError::Execution(format!("unknown function {name}"))
}
