//! Selectors of instants: the newest sample of each series at each step, if it is not too old.

use std::sync::Arc;

use super::functions::{extended, extended_histogram};
use super::remarks::{Remark, Remarks};
use super::selection::{HeldSeries, Starts, instant, select};
use super::window::{Cursor, Window, Windows};
use super::{Evaluation, StepStream, Streams, duration};
use crate::{ABSENT, CounterReset, EvaluateError, Extension, Histogram, Selector, Series, StepSeries, is_stale};

/// What is read of a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Its value.
    Value,
    /// When it was taken, in seconds.
    Time,
    /// Since when it accumulates, in seconds; 0 where that is not known.
    Start,
}

/// The series of a selector.
pub(super) fn selector<'a>(
    evaluation: &Evaluation<'a>,
    selector: &'a Selector,
    reading: Reading,
) -> Result<Streams<'a>, EvaluateError> {
    let question = evaluation.question();
    let is_smoothed = selector.extension == Some(Extension::Smoothed) && reading == Reading::Value;
    // A smoothed one is a window without length, with what lies around it.
    let windows = Windows {
        steps: evaluation.steps(),
        at: instant(selector.at, question),
        offset: duration::offset(selector.offset.as_ref(), question)?,
        range: if is_smoothed { 0 } else { question.lookback },
        extension: is_smoothed.then_some(Extension::Smoothed),
        lookback: question.lookback,
    };
    let starts = if reading == Reading::Start { Starts::Wanted } else { Starts::Unused };
    let streams = select(evaluation, &selector.matchers, windows, starts)?;
    let (evaluation, span) = (*evaluation, selector.span);
    let column = move |held: Result<HeldSeries<'a>, EvaluateError>| {
        let HeldSeries { mut series, held, .. } = match held {
            Ok(held) => held,
            Err(error) => return Some(Err(error)),
        };
        let column = if is_smoothed {
            without_stale(&mut series);
            let remarks = Remarks::default();
            let column = smoothed(&series, &windows, &remarks);
            remarks.tell(&evaluation, &series.labels, span);
            column
        } else {
            newest(&series, &windows, reading)
        };
        drop(held);
        (!column.is_empty()).then_some(Ok(column))
    };
    let streams = streams.into_iter().map(|stream| -> StepStream<'a> { Box::new(stream.filter_map(column)) });
    Ok(Streams::new(streams.collect()))
}

/// The newest sample in each window, unless it says that the series has ended.
fn newest(series: &Series, windows: &Windows, reading: Reading) -> StepSeries {
    let mut column = StepSeries::absent(series.labels.clone(), windows.steps.count());
    column.drops_name = reading != Reading::Value;
    let seconds = |milliseconds: i64| milliseconds as f64 / 1000.0;
    let start_of = |starts: &[i64], number: usize| seconds(starts.get(number).copied().unwrap_or(0));
    let (mut floats, mut histograms) = (Cursor::default(), Cursor::default());
    for step in 0..windows.steps.count() {
        let end = windows.end(step);
        let after = end.saturating_sub(windows.range);
        floats.slide(&series.floats.times, after, end);
        let float = (floats.low < floats.high).then(|| floats.high - 1);
        let mut histogram = None;
        if !series.histograms.is_empty() {
            histograms.slide(&series.histograms.times, after, end);
            histogram = (histograms.low < histograms.high).then(|| histograms.high - 1).filter(|number| {
                float.is_none_or(|float| series.floats.times[float] < series.histograms.times[*number])
            });
        }
        match (histogram, float) {
            (Some(number), _) if !series.histograms.values[number].is_stale() => match reading {
                Reading::Value => column.set_histogram(step, Arc::clone(&series.histograms.values[number])),
                Reading::Time => column.floats[step] = seconds(series.histograms.times[number]),
                Reading::Start => column.floats[step] = start_of(&series.histograms.starts, number),
            },
            (None, Some(number)) => {
                let value = series.floats.values[number];
                column.floats[step] = match reading {
                    // The mark of an end is that of no value.
                    _ if is_stale(value) => ABSENT,
                    Reading::Value => value,
                    Reading::Time => seconds(series.floats.times[number]),
                    Reading::Start => start_of(&series.floats.starts, number),
                };
            }
            _ => {}
        }
    }
    column
}

/// The value at each step between the samples around it.
fn smoothed(series: &Series, windows: &Windows, remarks: &Remarks) -> StepSeries {
    let mut column = StepSeries::absent(series.labels.clone(), windows.steps.count());
    for window in windows.over(series) {
        match (window.floats.is_empty(), window.histograms.is_empty()) {
            (true, true) => {}
            (false, false) => remarks.add(Remark::MixedKinds),
            (false, true) => {
                if let Some(value) = smoothed_float(&window) {
                    column.floats[window.step] = value;
                }
            }
            (true, false) => {
                if let Some(histogram) = smoothed_histogram(&window, remarks) {
                    column.set_histogram(window.step, histogram);
                }
            }
        }
    }
    column
}

fn smoothed_float(window: &Window<'_>) -> Option<f64> {
    let (times, values) = (window.floats.times, window.floats.values);
    let behind = times.partition_point(|time| *time < window.end);
    let point = |number: usize| (times[number], values[number]);
    match times.get(behind) {
        Some(time) if *time == window.end => Some(values[behind]),
        Some(_) if behind > 0 => Some(extended::between(point(behind - 1), point(behind), window.end)),
        Some(_) => None,
        None => values.last().copied(),
    }
}

fn smoothed_histogram(window: &Window<'_>, remarks: &Remarks) -> Option<Arc<Histogram>> {
    let (times, values) = (window.histograms.times, window.histograms.values);
    let behind = times.partition_point(|time| *time < window.end);
    match times.get(behind) {
        Some(time) if *time == window.end => Some(Arc::clone(&values[behind])),
        Some(_) if behind > 0 => {
            let (before, after) = (&values[behind - 1], &values[behind]);
            if before.has_custom_bounds() != after.has_custom_bounds() {
                remarks.add(Remark::MixedBuckets);
                return None;
            }
            // A counter, unless both say that they are none.
            let is_counter = [before, after].iter().any(|one| one.counter_reset() != CounterReset::Gauge);
            let pair = extended_histogram::Pair::of(window.histograms, behind - 1);
            extended_histogram::between(pair, window.end, is_counter, remarks).map(Arc::new)
        }
        Some(_) => None,
        None => {
            // What it says of a reset is about the sample before it, not about this step.
            let mut last = Histogram::clone(values.last()?);
            last.set_counter_reset(CounterReset::Unknown);
            Some(Arc::new(last))
        }
    }
}

/// Takes away samples that say that the series has ended: in ranges they mean nothing.
pub(super) fn without_stale(series: &mut Series) {
    if series.floats.values.iter().any(|value| is_stale(*value)) {
        series.floats = series.floats.filtered(|value| !is_stale(*value));
    }
    if series.histograms.values.iter().any(|histogram| histogram.is_stale()) {
        series.histograms = series.histograms.filtered(|histogram| !histogram.is_stale());
    }
}
