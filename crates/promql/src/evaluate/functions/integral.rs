//! The area below the samples of a window.

use super::{Parameters, Sample, Worth, over_time};
use crate::evaluate::remarks::Remarks;
use crate::evaluate::window::Window;
use crate::histogram::Compensated;

/// How high the area between two samples is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Height {
    /// As the earlier one.
    Left,
    /// As the later one.
    Right,
    /// In the middle of both.
    Middle,
}

/// The parameter, which may be left out, is 0 for the earlier sample, 1 for the later, 2 for the middle.
pub(in crate::evaluate) fn integral(window: &Window<'_>, parameters: Parameters<'_>, remarks: &Remarks) -> Worth {
    let Some(floats) = over_time::floats(window, remarks) else { return Ok(None) };
    let height = match parameters.first() {
        None => Height::Middle,
        Some(0.0) => Height::Left,
        Some(1.0) => Height::Right,
        Some(2.0) => Height::Middle,
        Some(other) => {
            remarks.add_wrong(other);
            Height::Middle
        }
    };
    let mut area = Compensated::default();
    for (times, values) in floats.times.windows(2).zip(floats.values.windows(2)) {
        let seconds = times[1].saturating_sub(times[0]) as f64 / 1000.0;
        let [left, right] = [values[0], values[1]].map(|value| if value.is_nan() { 0.0 } else { value });
        match height {
            Height::Left => area.add_value(left * seconds),
            Height::Right => area.add_value(right * seconds),
            Height::Middle => {
                let middle = middle(left, right);
                area.add_lost(middle.1 * seconds);
                area.add_value(middle.0 * seconds);
            }
        }
    }
    Ok(Some(Sample::Float(area.total())))
}

/// The mean of two, and what rounding lost of it.
fn middle(left: f64, right: f64) -> (f64, f64) {
    let sum_of = |left: f64, right: f64| {
        let mut sum = Compensated::of(left);
        sum.add_value(right);
        sum
    };
    let sum = sum_of(left, right);
    if sum.is_infinite() && left.is_finite() && right.is_finite() {
        return sum_of(left / 2.0, right / 2.0).pair();
    }
    sum.divided(2.0).pair()
}
