//! From the value of an expression to the answer: names dropped, series in order.

use super::functions::extended;
use super::range::Ranges;
use super::selection::{HeldSeries, Starts};
use super::{Evaluation, Operand};
use crate::operators::{distinct, is_ordered, without_metadata};
use crate::{EvaluateError, Expr, Labels, Points, Series, StepSeries, Value, ValueType};

/// The value of the whole question.
pub(super) fn value<'a>(evaluation: &Evaluation<'a>, expr: &'a Expr) -> Result<Value, EvaluateError> {
    let steps = evaluation.steps();
    let found = expr.value_type();
    if steps.is_range() && !matches!(found, ValueType::Scalar | ValueType::Vector) {
        return Err(EvaluateError::NotOfSteps(found.documented()));
    }
    if found == ValueType::Matrix {
        return samples(evaluation, expr).map(Value::Samples);
    }
    let at = steps.start();
    match evaluation.evaluate(expr)? {
        Operand::Text(value) => Ok(Value::Text { at, value }),
        Operand::Scalar(floats) if steps.is_range() => {
            let series = StepSeries { floats: floats.into_numbers(), ..StepSeries::absent(Labels::empty(), 0) };
            Ok(Value::Matrix { steps, series: vec![series] })
        }
        Operand::Scalar(floats) => Ok(Value::Scalar { at, value: floats.first().copied().unwrap_or(f64::NAN) }),
        Operand::Vector(streams) => {
            let mut series = named(streams.collect(evaluation)?)?;
            if steps.is_range() {
                series.sort_by(|one, other| one.labels.cmp(&other.labels));
                return Ok(Value::Matrix { steps, series });
            }
            if !is_ordered(expr) {
                series.sort_by(|one, other| one.labels.cmp(&other.labels));
            }
            Ok(Value::Vector { at, series })
        }
    }
}

/// Names dropped that are to go. Errors: two series have the same labels then, and a value at the same step.
fn named(mut all: Vec<StepSeries>) -> Result<Vec<StepSeries>, EvaluateError> {
    for series in &mut all {
        if std::mem::take(&mut series.drops_name) {
            series.labels = without_metadata(&series.labels);
        }
    }
    distinct(all)
}

/// Samples in the one window that is asked for.
fn samples<'a>(evaluation: &Evaluation<'a>, expr: &'a Expr) -> Result<Vec<Series>, EvaluateError> {
    let Ranges { streams, windows, .. } = Ranges::of(evaluation, expr, Starts::Wanted)?;
    let mut all = Vec::new();
    // What the answer has a copy of stays counted, as there is one window, which is all that was read.
    let mut answered = Vec::new();
    for held in streams.into_iter().flatten() {
        evaluation.check()?;
        let HeldSeries { series, drops_name, held } = held?;
        let Some(window) = windows.over(&series).next() else { continue };
        let mut floats = Points {
            times: window.floats.times.to_vec(),
            starts: window.floats.starts.to_vec(),
            values: window.floats.values.to_vec(),
        };
        let histograms = Points {
            times: window.histograms.times.to_vec(),
            starts: window.histograms.starts.to_vec(),
            values: window.histograms.values.to_vec(),
        };
        if let Some(extension) = windows.extension {
            if !histograms.is_empty() {
                let word = match extension {
                    crate::Extension::Anchored => "anchored",
                    crate::Extension::Smoothed => "smoothed",
                };
                let message = format!("{word} modifier is not supported with histograms");
                return Err(EvaluateError::Execution(message));
            }
            let (times, values) = extended::with_edges(&window);
            floats = Points { times, starts: Vec::new(), values };
        }
        if floats.is_empty() && histograms.is_empty() {
            continue;
        }
        let labels = if drops_name { without_metadata(&series.labels) } else { series.labels.clone() };
        all.push(Series { labels, floats, histograms });
        answered.push(held);
    }
    all.sort_by(|one, other| one.labels.cmp(&other.labels));
    merged(all)
}

/// Series with the same labels become one. Errors: two of them have a sample of the same time.
fn merged(all: Vec<Series>) -> Result<Vec<Series>, EvaluateError> {
    let mut distinct: Vec<Series> = Vec::with_capacity(all.len());
    for series in all {
        match distinct.last_mut() {
            Some(last) if last.labels == series.labels => {
                merge_points(&mut last.floats, series.floats);
                merge_points(&mut last.histograms, series.histograms);
                let times = last.floats.times.iter().chain(&last.histograms.times);
                let mut times: Vec<i64> = times.copied().collect();
                times.sort_unstable();
                if times.windows(2).any(|pair| pair[0] == pair[1]) {
                    let message = "vector cannot contain metrics with the same labelset".to_owned();
                    return Err(EvaluateError::Execution(message));
                }
            }
            _ => distinct.push(series),
        }
    }
    Ok(distinct)
}

fn merge_points<T>(into: &mut Points<T>, other: Points<T>) {
    let points = std::mem::take(&mut into.times).into_iter().zip(std::mem::take(&mut into.values));
    let mut points: Vec<(i64, T)> = points.chain(other.times.into_iter().zip(other.values)).collect();
    points.sort_by_key(|(time, _)| *time);
    into.starts.clear();
    (into.times, into.values) = points.into_iter().unzip();
}
