//! `and`, `or` and `unless`: series of one side by whether the other has any like them at a step.

use std::sync::Arc;

use crate::evaluate::{Evaluation, Streams};
use crate::operators::distinct;
use crate::operators::grouping::{Groups, Key};
use crate::{ABSENT, BinaryOperator, EvaluateError, Labels, Matching, StepSeries};

/// At which steps a side has series, by group.
struct Presence {
    groups: Groups,
    columns: Vec<Vec<bool>>,
}

/// Series of the left side, of the right, or of both.
pub(super) fn combine<'a>(
    evaluation: &Evaluation<'a>,
    (operator, matching): (BinaryOperator, &Matching),
    left: Streams<'a>,
    right: Streams<'a>,
) -> Result<Streams<'a>, EvaluateError> {
    let key = Key::of_matching(matching);
    let steps = evaluation.steps().count();
    if operator == BinaryOperator::Or {
        let mut all = left.collect(evaluation)?;
        let mut present = Presence::new(key);
        all.iter().for_each(|series| present.add(series, steps));
        let added = right.collect(evaluation)?.into_iter().map(|series| match present.column(&series.labels) {
            Some(column) => masked(series, |step| !column[step]),
            None => series,
        });
        all.extend(added.filter(|series| !series.is_empty()));
        return distinct(all).map(Streams::of);
    }
    let begin = || Presence::new(key.clone());
    let threads = right.fold(evaluation, begin, |present, series| {
        present.add(&series, steps);
        Ok(())
    })?;
    let mut whole = begin();
    for thread in threads {
        whole.merge(thread);
    }
    let present = Arc::new(whole);
    let is_and = operator == BinaryOperator::And;
    Ok(left.filter_map(move |series| {
        let series = match present.column(&series.labels) {
            Some(column) => masked(series, |step| column[step] == is_and),
            None if is_and => return Ok(None),
            None => series,
        };
        Ok((!series.is_empty()).then_some(series))
    }))
}

impl Presence {
    fn new(key: Key) -> Self {
        Self { groups: Groups::new(key), columns: Vec::new() }
    }

    fn add(&mut self, series: &StepSeries, steps: usize) {
        let column = self.at(&series.labels, steps);
        column.iter_mut().enumerate().for_each(|(step, present)| *present |= series.has(step));
    }

    fn merge(&mut self, other: Self) {
        for (labels, more) in other.groups.labels().iter().zip(other.columns) {
            let column = self.at(labels, more.len());
            column.iter_mut().zip(more).for_each(|(present, more)| *present |= more);
        }
    }

    fn at(&mut self, labels: &Labels, steps: usize) -> &mut [bool] {
        let number = self.groups.number(labels);
        if number == self.columns.len() {
            self.columns.push(vec![false; steps]);
        }
        &mut self.columns[number]
    }

    fn column(&self, labels: &Labels) -> Option<&[bool]> {
        self.groups.find(labels).map(|number| self.columns[number].as_slice())
    }
}

/// Without values at the steps that are not to be kept.
fn masked(mut series: StepSeries, is_kept: impl Fn(usize) -> bool) -> StepSeries {
    for step in (0..series.floats.len()).filter(|step| !is_kept(*step)) {
        series.floats[step] = ABSENT;
        if let Some(histogram) = series.histograms.get_mut(step) {
            *histogram = None;
        }
    }
    series
}
