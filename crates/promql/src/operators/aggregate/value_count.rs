//! `count_values`: how many series have the same value, which becomes a label.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::evaluate::{Evaluation, Streams};
use crate::histogram::Shortest;
use crate::operators::grouping::{Groups, Key};
use crate::{ABSENT, Aggregate, EvaluateError, Expr, Histogram, StepSeries, is_absent};

/// Counts of one thread: a column per group, in which the value is one more label.
struct Counts {
    groups: Groups,
    columns: Vec<Vec<f64>>,
}

/// The value of a `count_values`. Errors: its parameter is no name of a label; there are too many values.
pub(super) fn count<'a>(evaluation: &Evaluation<'a>, node: &'a Aggregate) -> Result<Streams<'a>, EvaluateError> {
    let name = match node.parameter.as_deref().map(Expr::unwrapped) {
        Some(Expr::Text(text)) => text.value.as_str(),
        _ => return Err(EvaluateError::Execution("expected a string".to_owned())),
    };
    if name.is_empty() {
        return Err(EvaluateError::Execution(format!("invalid label name {name:?}")));
    }
    let steps = evaluation.steps().count();
    let key = Key::of_group(&node.group).with_named(name);
    let begin = || Counts { groups: Groups::new(key.clone()), columns: Vec::new() };
    let inner = evaluation.vector(&node.inner)?;
    let counts = inner.fold(evaluation, begin, |counts, series| {
        // Values of a series tend to come again.
        let mut numbers: HashMap<u64, usize> = HashMap::new();
        for step in 0..steps {
            let value = series.floats[step];
            let number = match (series.histogram(step), numbers.get(&value.to_bits())) {
                (Some(histogram), _) => counts.number(evaluation, &series, (name, histogram_text(histogram)))?,
                (None, _) if is_absent(value) => continue,
                (None, Some(number)) => *number,
                (None, None) => {
                    let number = counts.number(evaluation, &series, (name, float_text(value)))?;
                    numbers.insert(value.to_bits(), number);
                    number
                }
            };
            counts.columns[number][step] += 1.0;
        }
        Ok(())
    })?;
    let mut whole = begin();
    for Counts { groups, columns } in counts {
        for (labels, column) in groups.labels().iter().zip(columns) {
            let number = whole.groups.number(labels);
            if number == whole.columns.len() {
                whole.columns.push(column);
                continue;
            }
            evaluation.ledger().release_values(steps);
            whole.columns[number].iter_mut().zip(column).for_each(|(count, more)| *count += more);
        }
    }
    let labels = whole.groups.labels().iter().cloned();
    let series = labels.zip(whole.columns).map(|(labels, column)| {
        let floats = column.into_iter().map(|count| if count == 0.0 { ABSENT } else { count }).collect();
        StepSeries { floats, ..StepSeries::absent(labels, 0) }
    });
    Ok(Streams::of(series.collect()))
}

impl Counts {
    fn number(
        &mut self,
        evaluation: &Evaluation<'_>,
        series: &StepSeries,
        (name, value): (&str, String),
    ) -> Result<usize, EvaluateError> {
        let mut labels = series.labels.to_builder();
        labels.set(name, value);
        let number = self.groups.number(&labels.build());
        if number == self.columns.len() {
            let steps = series.floats.len();
            evaluation.ledger().hold_values(steps)?;
            self.columns.push(vec![0.0; steps]);
        }
        Ok(number)
    }
}

/// Without an exponent, as short as can be.
fn float_text(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { Shortest(value).to_string() }
}

/// Count, sum, and the buckets that are not empty.
fn histogram_text(histogram: &Histogram) -> String {
    let mut text = format!("{{count:{}, sum:{}", Shortest(histogram.count()), Shortest(histogram.sum()));
    for bucket in histogram.buckets().filter(|bucket| bucket.count != 0.0) {
        let open = if bucket.lower_inclusive { '[' } else { '(' };
        let close = if bucket.upper_inclusive { ']' } else { ')' };
        let (lower, upper, count) = (Shortest(bucket.lower), Shortest(bucket.upper), Shortest(bucket.count));
        write!(text, ", {open}{lower},{upper}{close}:{count}").expect("a string takes all that is written");
    }
    text.push('}');
    text
}
