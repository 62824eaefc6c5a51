//! Two vectors: which series belong together.
//!
//! Each series is looked up once by the labels that must be equal; what belongs together is then combined column by
//! column. One side, the right one or with `group_right` the left one, must have at most one series of a group at each
//! step: it is the "one" side here, the other is the "many" side, even where it may not have more either.

use std::cell::OnceCell;

use super::pairing::{Group, Pairing};
use super::sample::{Operation, Sample};
use crate::evaluate::{Evaluation, Streams};
use crate::operators::distinct;
use crate::operators::grouping::{Groups, Key};
use crate::{Cardinality, EvaluateError, Labels, Matching, StepSeries};

/// A matching, seen from the many side.
#[derive(Clone, Debug)]
pub(super) struct Match<'a> {
    pub matching: &'a Matching,
    pub key: Key,
    pub operation: Operation,
    /// Whether the many side is the right one.
    pub is_swapped: bool,
    /// What stands for a series of the many side.
    pub fill_many: Option<f64>,
    /// What stands for a series of the one side.
    pub fill_one: Option<f64>,
    pub steps: usize,
}

/// What comes of each pair of series. Errors: there are more of a group than there may be at a step, or series that come
/// out are the same.
pub(super) fn combine<'a>(
    evaluation: &Evaluation<'a>,
    (operation, matching): (Operation, &Matching),
    (left, right): (Vec<StepSeries>, Vec<StepSeries>),
) -> Result<Streams<'a>, EvaluateError> {
    let mut task = Match::new(operation, matching, evaluation.steps().count());
    let held: usize = left.iter().chain(&right).map(StepSeries::values).sum();
    let (mut many, mut one) = if task.is_swapped { (right, left) } else { (left, right) };
    let mut numbers = Groups::new(task.key.clone());
    let groups = task.groups(&mut numbers, &one);
    let refusal = task.refusal(&groups, &many, &one);
    if let Some((step, _)) = &refusal {
        // What is wrong at the first step at which anything is wrong is told: others may be wrong before it.
        task.steps = *step;
        for series in many.iter_mut().chain(&mut one) {
            series.floats.truncate(*step);
            series.histograms.truncate(*step);
        }
    }
    let mut pairing = Pairing::new(&task, &one, groups);
    let places: Vec<Option<usize>> = many
        .iter()
        .map(|series| match task.fill_one {
            // Those without a match are combined with what stands for it.
            Some(_) => Some(numbers.number(&series.labels)),
            None => numbers.find(&series.labels),
        })
        .collect();
    pairing.groups.resize_with(numbers.len(), Group::default);
    for group in places.iter().flatten() {
        pairing.groups[*group].manys += 1;
    }
    for (series, group) in many.into_iter().zip(places) {
        evaluation.check()?;
        if let Some(group) = group {
            pairing.add(series, group)?;
        }
    }
    pairing.add_unmatched()?;
    if let Some((_, error)) = refusal {
        return Err(error);
    }
    let (series, notes) = pairing.finish();
    for note in notes {
        note.tell(evaluation, operation);
    }
    evaluation.ledger().release_values(held);
    evaluation.ledger().hold_values(series.iter().map(StepSeries::values).sum())?;
    let series = distinct(series)?;
    Ok(Streams::of(series.into_iter().filter(|series| !series.is_empty()).collect()))
}

impl<'a> Match<'a> {
    fn new(operation: Operation, matching: &'a Matching, steps: usize) -> Self {
        let is_swapped = matching.cardinality == Cardinality::OneToMany;
        let (left, right) = (matching.fill.left, matching.fill.right);
        let (fill_many, fill_one) = if is_swapped { (right, left) } else { (left, right) };
        Self { matching, key: Key::of_matching(matching), operation, is_swapped, fill_many, fill_one, steps }
    }

    /// Whether each side may have one series of a group only.
    pub(super) fn is_one_to_one(&self) -> bool {
        self.matching.cardinality == Cardinality::OneToOne
    }

    /// The series of the one side, group by group.
    fn groups(&self, numbers: &mut Groups, one: &[StepSeries]) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for (number, series) in one.iter().enumerate() {
            let group = numbers.number(&series.labels);
            groups.resize_with(numbers.len(), Group::default);
            groups[group].ones.push(number);
        }
        for group in groups.iter_mut().filter(|group| group.ones.len() > 1) {
            group.owners = vec![None; self.steps];
            for number in &group.ones {
                let owners = group.owners.iter_mut().enumerate();
                owners.filter(|(step, _)| one[*number].has(*step)).for_each(|(_, owner)| *owner = Some(*number));
            }
        }
        groups
    }

    /// The first step at which a group has several series of the one side, and the error that this is.
    fn refusal(&self, groups: &[Group], many: &[StepSeries], one: &[StepSeries]) -> Option<(usize, EvaluateError)> {
        // Where the other side has nothing at all, nothing is looked at.
        let used = OnceCell::new();
        let is_used = |step: usize| {
            let any = |step: usize| many.iter().any(|series| series.has(step));
            self.fill_many.or(self.fill_one).is_some()
                || used.get_or_init(|| (0..self.steps).map(any).collect::<Vec<bool>>())[step]
        };
        let mut first: Option<(usize, usize, usize)> = None;
        for Group { ones, .. } in groups.iter().filter(|group| group.ones.len() > 1) {
            let mut owners = vec![None; self.steps];
            for &number in ones {
                for (step, owner) in owners.iter_mut().enumerate().filter(|(step, _)| one[number].has(*step)) {
                    let Some(other) = owner.replace(number) else { continue };
                    if is_used(step) && first.is_none_or(|before| (step, number, other) < before) {
                        first = Some((step, number, other));
                    }
                }
            }
        }
        let (step, number, other) = first?;
        let side = if self.is_swapped { "left" } else { "right" };
        let matched = self.key.labels(&one[number].labels);
        let mut names = [number, other].map(|number| format!("{:?}", one[number].labels));
        names.sort_unstable();
        let [name, other] = names;
        let message = format!(
            "found duplicate series for the match group {matched:?} on the {side} hand-side of the operation: \
             [{name}, {other}];many-to-many matching not allowed: matching labels must be unique on one side"
        );
        Some((step, EvaluateError::Execution(message)))
    }

    /// The labels of what comes of a pair.
    pub(super) fn labels(&self, many: &Labels, one: &Labels) -> Labels {
        let Matching { on, labels: names, include, .. } = self.matching;
        let changes_metric = self.operation.changes_metric();
        let labels = many.filtered(|name| {
            if changes_metric && crate::operators::is_metadata(name) {
                return false;
            }
            !self.is_one_to_one() || names.iter().any(|known| known == name) == *on
        });
        if include.is_empty() {
            return labels;
        }
        let mut builder = labels.to_builder();
        for name in include {
            builder.set(name.as_str(), one.get(name).unwrap_or_default());
        }
        builder.build()
    }

    /// The two samples in the order in which they were written.
    pub(super) fn sides<'s>(&self, many: &'s Sample, one: &'s Sample) -> (&'s Sample, &'s Sample) {
        if self.is_swapped { (one, many) } else { (many, one) }
    }
}
