//! That no two series have the same labels.

use std::collections::HashMap;

use crate::{EvaluateError, Labels, METRIC_NAME, StepSeries, is_absent};

/// The labels that say what a metric is; they go where a value is no longer that metric's.
const METADATA: [&str; 3] = [METRIC_NAME, "__type__", "__unit__"];

/// Whether a label says what a metric is: its name, type or unit.
pub(crate) fn is_metadata(name: &str) -> bool {
    METADATA.contains(&name)
}

/// Without the labels that say what the metric is.
pub(crate) fn without_metadata(labels: &Labels) -> Labels {
    labels.filtered(|name| !is_metadata(name))
}

/// Series with the same labels become one, in the place of the first. Errors: two of them have a value at the same step.
pub(crate) fn distinct(series: Vec<StepSeries>) -> Result<Vec<StepSeries>, EvaluateError> {
    let mut places: HashMap<Labels, usize> = HashMap::with_capacity(series.len());
    let mut all: Vec<StepSeries> = Vec::with_capacity(series.len());
    for one in series {
        match places.get(&one.labels) {
            Some(place) => absorb(&mut all[*place], one)?,
            None => {
                places.insert(one.labels.clone(), all.len());
                all.push(one);
            }
        }
    }
    Ok(all)
}

fn absorb(into: &mut StepSeries, other: StepSeries) -> Result<(), EvaluateError> {
    for step in 0..other.floats.len() {
        if !other.has(step) {
            continue;
        }
        if into.has(step) {
            return Err(EvaluateError::Execution("vector cannot contain metrics with the same labelset".to_owned()));
        }
        into.floats[step] = other.floats[step];
        if is_absent(other.floats[step])
            && let Some(histogram) = other.histogram(step)
        {
            into.set_histogram(step, std::sync::Arc::clone(histogram));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ABSENT;

    fn series(name: &str, floats: &[f64]) -> StepSeries {
        StepSeries { floats: floats.to_vec(), ..StepSeries::absent(Labels::new([("a", name)]), floats.len()) }
    }

    #[test]
    fn series_of_the_same_labels_become_one() {
        let all = distinct(vec![series("x", &[1.0, ABSENT]), series("y", &[5.0, 5.0]), series("x", &[ABSENT, 2.0])]);
        let all = all.expect("they do not overlap");
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].floats, [1.0, 2.0]);
    }

    #[test]
    fn two_values_at_one_step_are_an_error() {
        let error = distinct(vec![series("x", &[1.0, 1.0]), series("x", &[ABSENT, 2.0])]).unwrap_err();
        assert_eq!(error.to_string(), "vector cannot contain metrics with the same labelset");
    }
}
