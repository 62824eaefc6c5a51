//! A vector and a number.

use std::sync::Arc;

use super::arithmetic::{Outcome, columns};
use super::sample::{Operation, Sample, combine};
use crate::evaluate::{Column, Evaluation, Streams};
use crate::{ABSENT, StepSeries, is_absent};

/// The number at each step, and the side that it is on.
pub(super) enum Scalar<'a> {
    Left(Column<'a>),
    Right(Column<'a>),
}

/// Each series with the number. A comparison keeps the series' value, on whichever side it is.
pub(super) fn with_scalar<'a>(
    evaluation: &Evaluation<'a>,
    operation: Operation,
    vector: Streams<'a>,
    scalar: Scalar<'a>,
) -> Streams<'a> {
    let scalar = Arc::new(scalar);
    let evaluation = *evaluation;
    vector.filter_map(move |series| {
        let series = if operation.is_trim() || !series.histograms.is_empty() {
            by_sample(&evaluation, operation, series, &scalar)
        } else {
            by_column(operation, series, &scalar)
        };
        Ok((!series.is_empty()).then_some(series))
    })
}

fn by_column(operation: Operation, mut series: StepSeries, scalar: &Scalar<'_>) -> StepSeries {
    let Operation { operator, returns_bool, .. } = operation;
    match scalar {
        Scalar::Right(right) => {
            let outcome = if returns_bool { Outcome::Bool } else { Outcome::Left };
            columns(operator, outcome, &mut series.floats, right);
        }
        Scalar::Left(left) => {
            let outcome = if returns_bool { Outcome::Bool } else { Outcome::Right };
            let mut floats = left.to_vec();
            columns(operator, outcome, &mut floats, &series.floats);
            series.floats = floats;
        }
    }
    series.drops_name |= operation.changes_metric() || returns_bool;
    series
}

/// Step by step, as at each of them there may be a histogram.
fn by_sample(
    evaluation: &Evaluation<'_>,
    operation: Operation,
    mut series: StepSeries,
    scalar: &Scalar<'_>,
) -> StepSeries {
    let Operation { operator, returns_bool, .. } = operation;
    for step in 0..series.floats.len() {
        let own = match (series.floats[step], series.histogram(step)) {
            (_, Some(histogram)) => Sample::Histogram(Arc::clone(histogram)),
            (value, None) if is_absent(value) => continue,
            (value, None) => Sample::Float(value),
        };
        let combination = match scalar {
            Scalar::Right(right) => combine(operator, &own, &Sample::Float(right[step])),
            Scalar::Left(left) => combine(operator, &Sample::Float(left[step]), &own),
        };
        if let Some(note) = combination.note {
            note.tell(evaluation, operation);
        }
        series.floats[step] = ABSENT;
        if let Some(histogram) = series.histograms.get_mut(step) {
            *histogram = None;
        }
        let value = match combination.value {
            Some(_) if returns_bool => Sample::Float(f64::from(u8::from(combination.holds))),
            Some(value) if combination.holds => {
                if operator.is_comparison() {
                    own
                } else {
                    value
                }
            }
            _ => continue,
        };
        match value {
            Sample::Float(value) => series.floats[step] = value,
            Sample::Histogram(histogram) => series.set_histogram(step, histogram),
        }
    }
    series.drops_name |= operation.changes_metric() || returns_bool;
    series
}
