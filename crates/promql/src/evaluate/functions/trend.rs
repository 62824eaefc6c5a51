//! Functions that draw a line through the samples of a window.

use super::{Parameters, Sample, Worth};
use crate::EvaluateError;
use crate::evaluate::remarks::{Remark, Remarks};
use crate::evaluate::window::{Samples, Window};
use crate::histogram::{Compensated, Shortest};

/// Two floats at least; a remark where histograms lie between them.
fn line<'s>(window: &Window<'s>, remarks: &Remarks) -> Option<Samples<'s, f64>> {
    if !window.histograms.is_empty() && !window.floats.is_empty() {
        remarks.add(Remark::HistogramsIgnored);
    }
    (window.floats.len() >= 2).then_some(window.floats)
}

pub(in crate::evaluate) fn deriv(window: &Window<'_>, _: Parameters<'_>, remarks: &Remarks) -> Worth {
    // From the first sample on, as large numbers would cost precision.
    let slope = |floats: Samples<'_, f64>| Sample::Float(regression(floats, floats.times[0]).slope);
    Ok(line(window, remarks).map(slope))
}

/// The parameter is how far ahead, in seconds.
pub(in crate::evaluate) fn predict(window: &Window<'_>, parameters: Parameters<'_>, remarks: &Remarks) -> Worth {
    let Some(floats) = line(window, remarks) else { return Ok(None) };
    let line = regression(floats, window.at);
    Ok(Some(Sample::Float(line.slope * parameters.get(0) + line.intercept)))
}

struct Line {
    /// Per second.
    slope: f64,
    /// The value at the instant that was given.
    intercept: f64,
}

/// The line of least squares.
fn regression(floats: Samples<'_, f64>, instant: i64) -> Line {
    let first = floats.values[0];
    if floats.values.iter().all(|value| *value == first) || floats.len() < 2 {
        let value = if first.is_infinite() { f64::NAN } else { first };
        return Line { slope: if first.is_infinite() { f64::NAN } else { 0.0 }, intercept: value };
    }
    let mut sums = [Compensated::default(); 4];
    for (time, y) in floats.times.iter().zip(floats.values) {
        let x = time.saturating_sub(instant) as f64 / 1000.0;
        for (sum, value) in sums.iter_mut().zip([x, *y, x * y, x * x]) {
            sum.add_value(value);
        }
    }
    let n = floats.len() as f64;
    let [x, y, xy, xx] = sums.map(Compensated::total);
    let covariance = xy - x * y / n;
    let variance = xx - x * x / n;
    let slope = covariance / variance;
    Line { slope, intercept: y / n - slope * x / n }
}

/// Holt's method: parameters are how much a value counts, and how much a change of it. Errors: one of them is not
/// between 0 and 1.
pub(in crate::evaluate) fn double_exponential_smoothing(
    window: &Window<'_>,
    parameters: Parameters<'_>,
    remarks: &Remarks,
) -> Worth {
    let (smoothing, trend) = (parameters.get(0), parameters.get(1));
    for (what, letter, factor) in [("smoothing", "sf", smoothing), ("trend", "tf", trend)] {
        if factor <= 0.0 || factor >= 1.0 {
            let expected = format!("invalid {what} factor. Expected: 0 < {letter} < 1, got: {}", fixed(factor));
            return Err(EvaluateError::Execution(expected));
        }
    }
    let Some(floats) = line(window, remarks) else { return Ok(None) };
    let values = floats.values;
    let (mut before, mut level, mut slope) = (0.0, values[0], values[1] - values[0]);
    for (number, value) in values.iter().enumerate().skip(1) {
        if number > 1 {
            slope = trend * (level - before) + (1.0 - trend) * slope;
        }
        let next = smoothing * value + (1.0 - smoothing) * (level + slope);
        (before, level) = (level, next);
    }
    Ok(Some(Sample::Float(level)))
}

/// A number as Go prints it by `%f`.
fn fixed(value: f64) -> String {
    if value.is_infinite() { Shortest(value).to_string() } else { format!("{value:.6}") }
}
