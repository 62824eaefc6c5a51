//! Calls of functions of ranges: a column per series, made of its windows.

use std::sync::Arc;

use super::functions::{
    Parameters, Sample, WindowFunction, counter, extended, extended_histogram, integral, over_time, rate, trend,
};
use super::range::Ranges;
use super::remarks::{Remark, Remarks};
use super::selection::{HeldSeries, Starts};
use super::window::{Window, Windows};
use super::{Column, Evaluation, StepStream, Streams};
use crate::histogram::Shortest;
use crate::operators::absent_labels;
use crate::{ABSENT, Call, EvaluateError, Expr, Extension, Series, Span, StepSeries, ValueType};

/// What is computed of each window.
#[derive(Clone, Copy)]
enum Kind {
    /// The change from its beginning to its end.
    Change(rate::Change),
    /// Anything that needs no more than the window.
    Function(WindowFunction),
}

/// Functions that `anchored` windows mean something to; `smoothed` ones only do to those of a change.
const ANCHORED: &str = "changes, delta, increase, rate, resets";
const SMOOTHED: &str = "delta, increase, rate";

fn kind(name: &str) -> Option<Kind> {
    let function: WindowFunction = match name {
        "rate" => return Some(Kind::Change(rate::Change::Rate)),
        "increase" => return Some(Kind::Change(rate::Change::Increase)),
        "delta" => return Some(Kind::Change(rate::Change::Delta)),
        "absent_over_time" | "present_over_time" => over_time::present,
        "avg_over_time" => over_time::avg,
        "changes" => counter::changes,
        "count_over_time" => over_time::count,
        "deriv" => trend::deriv,
        "double_exponential_smoothing" => trend::double_exponential_smoothing,
        "first_over_time" => over_time::first,
        "idelta" => counter::idelta,
        "integral" => integral::integral,
        "irate" => counter::irate,
        "last_over_time" => over_time::last,
        "mad_over_time" => over_time::median_deviation,
        "max_over_time" => over_time::max,
        "min_over_time" => over_time::min,
        "predict_linear" => trend::predict,
        "quantile_over_time" => over_time::quantile,
        "resets" => counter::resets,
        "stddev_over_time" => over_time::stddev,
        "stdvar_over_time" => over_time::stdvar,
        "sum_over_time" => over_time::sum,
        "ts_of_first_over_time" => over_time::time_of_first,
        "ts_of_last_over_time" => over_time::time_of_last,
        "ts_of_max_over_time" => over_time::time_of_max,
        "ts_of_min_over_time" => over_time::time_of_min,
        _ => return None,
    };
    Some(Kind::Function(function))
}

/// A call of a function of ranges, ready to be made for each series.
struct RangeCall<'a> {
    evaluation: Evaluation<'a>,
    name: &'static str,
    kind: Kind,
    windows: Windows,
    /// Columns of the other arguments, in their order.
    parameters: Vec<Column<'a>>,
    /// Where remarks about samples say that they stand.
    span: Span,
    /// Where a parameter with a wrong value stands.
    parameter_span: Span,
}

/// The value of a call that has an argument of type matrix.
pub(super) fn range_call<'a>(evaluation: &Evaluation<'a>, call: &'a Call) -> Result<Streams<'a>, EvaluateError> {
    let name = call.function.name;
    let is_matrix = |argument: &&'a Expr| argument.value_type() == ValueType::Matrix;
    let (Some(kind), Some(matrix)) = (kind(name), call.arguments.iter().find(is_matrix)) else {
        return Err(EvaluateError::Execution(format!("unknown function {name}")));
    };
    let mut parameters = Vec::new();
    let mut parameter_span = Span::default();
    for argument in call.arguments.iter().filter(|argument| !is_matrix(argument)) {
        parameters.push(evaluation.scalar(argument)?);
        parameter_span = argument.unwrapped().span();
    }
    let starts = match name {
        "rate" | "increase" | "irate" | "resets" => Starts::Wanted,
        _ => Starts::Unused,
    };
    let Ranges { streams, windows, span } = Ranges::of(evaluation, matrix, starts)?;
    check_extension(name, kind, windows.extension)?;
    // Prometheus says of all remarks that they are about the first argument, be it the samples or not.
    let is_first = call.arguments.first().is_some_and(|first| is_matrix(&first));
    let span = if is_first { span } else { call.arguments[0].unwrapped().span() };
    let task = Arc::new(RangeCall { evaluation: *evaluation, name, kind, windows, parameters, span, parameter_span });
    let streams = streams.into_iter().map(|stream| -> StepStream<'a> {
        let task = Arc::clone(&task);
        Box::new(stream.filter_map(move |held| held.and_then(|held| task.column(held)).transpose()))
    });
    let streams = Streams::new(streams.collect());
    if name == "absent_over_time" { absent(evaluation, streams, matrix) } else { Ok(streams) }
}

fn check_extension(name: &str, kind: Kind, extension: Option<Extension>) -> Result<(), EvaluateError> {
    let (word, allowed, is_allowed) = match extension {
        None => return Ok(()),
        Some(Extension::Anchored) => {
            ("anchored", ANCHORED, matches!(kind, Kind::Change(_)) || matches!(name, "changes" | "resets"))
        }
        Some(Extension::Smoothed) => ("smoothed", SMOOTHED, matches!(kind, Kind::Change(_))),
    };
    if is_allowed {
        return Ok(());
    }
    Err(EvaluateError::Execution(format!("{word} modifier can only be used with: {allowed} - not with {name}")))
}

impl RangeCall<'_> {
    /// The column of a series; `None` where no step has a value.
    fn column(&self, held: HeldSeries<'_>) -> Result<Option<StepSeries>, EvaluateError> {
        let HeldSeries { mut series, drops_name, held } = held;
        if self.name == "delta" {
            // What is known of starts is about counters.
            series.floats.starts.clear();
            series.histograms.starts.clear();
        }
        let remarks = Remarks::default();
        let column = match self.kind {
            Kind::Change(change) if self.windows.extension.is_none() => {
                rate::changes(&series, &self.windows, change, &remarks)
            }
            Kind::Change(change) => Ok(extended_changes(&series, &self.windows, change, &remarks)),
            Kind::Function(function) => self.apply(function, &series, &remarks),
        };
        drop(held);
        let mut column = column?;
        self.tell(&column, &remarks);
        // What picks a sample keeps what it is a sample of.
        let keeps_name = matches!(self.name, "first_over_time" | "last_over_time");
        column.drops_name = drops_name || !keeps_name;
        Ok((!column.is_empty()).then_some(column))
    }

    fn apply(&self, function: WindowFunction, series: &Series, remarks: &Remarks) -> Result<StepSeries, EvaluateError> {
        let mut column = StepSeries::absent(series.labels.clone(), self.windows.steps.count());
        for window in self.windows.over(series) {
            if window.floats.is_empty() && window.histograms.is_empty() {
                continue;
            }
            // A window may be long.
            self.evaluation.check()?;
            match function(&window, Parameters::at(&self.parameters, window.step), remarks)? {
                None => {}
                Some(Sample::Float(value)) => column.floats[window.step] = value,
                Some(Sample::Histogram(histogram)) => column.set_histogram(window.step, histogram),
            }
        }
        Ok(column)
    }

    fn tell(&self, column: &StepSeries, remarks: &Remarks) {
        if matches!(self.kind, Kind::Change(rate::Change::Rate | rate::Change::Increase)) {
            let name = column.labels.metric_name();
            let is_named = ["_total", "_sum", "_count", "_bucket"].iter().any(|suffix| name.ends_with(suffix));
            if !name.is_empty() && !is_named && column.floats.iter().any(|value| !crate::is_absent(*value)) {
                remarks.add(Remark::NotNamedAsCounter);
            }
        }
        for value in remarks.wrong() {
            let rule = match self.name {
                "integral" => "strategy should be 0, 1, or 2 (default), using 2",
                _ => "quantile value should be between 0 and 1",
            };
            let message = format!("PromQL warning: {rule}, got {}", Shortest(value));
            self.evaluation.warn(message, self.parameter_span);
        }
        remarks.tell(&self.evaluation, &column.labels, self.span);
    }
}

fn extended_changes(series: &Series, windows: &Windows, change: rate::Change, remarks: &Remarks) -> StepSeries {
    let mut column = StepSeries::absent(series.labels.clone(), windows.steps.count());
    for window in windows.over(series) {
        let Window { step, floats, histograms, .. } = window;
        match (floats.is_empty(), histograms.is_empty()) {
            (true, true) => {}
            (false, false) => remarks.add(Remark::MixedKinds),
            (false, true) => {
                if let Some(value) = extended::change(&window, change) {
                    column.floats[step] = value;
                }
            }
            (true, false) => {
                if let Some(histogram) = extended_histogram::change(&window, change, remarks) {
                    column.set_histogram(step, Arc::new(histogram));
                }
            }
        }
    }
    column
}

/// 1 at each step at which no series has a sample.
fn absent<'a>(
    evaluation: &Evaluation<'a>,
    streams: Streams<'a>,
    matrix: &'a Expr,
) -> Result<Streams<'a>, EvaluateError> {
    let steps = evaluation.steps().count();
    let threads = streams.fold(
        evaluation,
        || vec![false; steps],
        |present, series| {
            present.iter_mut().enumerate().for_each(|(step, present)| *present |= series.has(step));
            Ok(())
        },
    )?;
    let value = |step: usize| if threads.iter().any(|present| present[step]) { ABSENT } else { 1.0 };
    let floats: Vec<f64> = (0..steps).map(value).collect();
    let series = StepSeries { labels: absent_labels(matrix), drops_name: true, floats, histograms: Vec::new() };
    Ok(Streams::of(if series.is_empty() { Vec::new() } else { vec![series] }))
}
