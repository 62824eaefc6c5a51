//! Two vectors: which series belong together.
//!
//! Each series is looked up once by the labels that must be equal; what belongs together is then combined column by
//! column. One side, the right one or with `group_right` the left one, must have at most one series of a group at each
//! step: it is the "one" side here, the other is the "many" side, even where it may not have more either.

use std::cell::OnceCell;

use super::pairing::{Group, Pairing};
use super::sample::{Operation, Sample};
use crate::evaluate::{Evaluation, Ledger, Streams};
use crate::operators::distinct;
use crate::operators::grouping::{Groups, Key};
use crate::{Cardinality, EvaluateError, Labels, Matching, StepSeries};

/// The number of a series, or none, takes as much as so many values.
const OWNER_VALUES: usize = 2;

/// Two series of the one side that are of one group at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Clash {
    step: usize,
    number: usize,
    other: usize,
}

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
    let mut held: usize = left.iter().chain(&right).map(StepSeries::values).sum();
    let (mut many, mut one) = if task.is_swapped { (right, left) } else { (left, right) };
    let mut numbers = Groups::new(task.key.clone());
    let (groups, clash) = task.groups(evaluation.ledger(), &mut numbers, (&many, &one))?;
    held += groups.iter().map(|group| group.owners.len() * OWNER_VALUES).sum::<usize>();
    let refusal = clash.map(|clash| (clash.step, task.refusal(clash, &one)));
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

    /// The series of the one side, group by group, and the first that are several of a group at a step. Errors: which of
    /// them there is at each step is too much to be held.
    fn groups(
        &self,
        ledger: &Ledger,
        numbers: &mut Groups,
        (many, one): (&[StepSeries], &[StepSeries]),
    ) -> Result<(Vec<Group>, Option<Clash>), EvaluateError> {
        let mut groups: Vec<Group> = Vec::new();
        for (number, series) in one.iter().enumerate() {
            let group = numbers.number(&series.labels);
            groups.resize_with(numbers.len(), Group::default);
            groups[group].ones.push(number);
        }
        // Where the other side has nothing at all, nothing is looked at.
        let used = OnceCell::new();
        let is_used = |step: usize| {
            let any = |step: usize| many.iter().any(|series| series.has(step));
            self.fill_many.or(self.fill_one).is_some()
                || used.get_or_init(|| (0..self.steps).map(any).collect::<Vec<bool>>())[step]
        };
        let mut first: Option<Clash> = None;
        for Group { ones, owners, .. } in groups.iter_mut().filter(|group| group.ones.len() > 1) {
            ledger.hold_values(self.steps.saturating_mul(OWNER_VALUES))?;
            *owners = vec![None; self.steps];
            for &number in &*ones {
                for (step, owner) in owners.iter_mut().enumerate().filter(|(step, _)| one[number].has(*step)) {
                    let Some(other) = owner.replace(number) else { continue };
                    let clash = Clash { step, number, other };
                    if is_used(step) && first.is_none_or(|before| clash < before) {
                        first = Some(clash);
                    }
                }
            }
        }
        Ok((groups, first))
    }

    /// The error that several series of the one side are.
    fn refusal(&self, Clash { number, other, .. }: Clash, one: &[StepSeries]) -> EvaluateError {
        let side = if self.is_swapped { "left" } else { "right" };
        let matched = self.key.labels(&one[number].labels);
        let mut names = [number, other].map(|number| format!("{:?}", one[number].labels));
        names.sort_unstable();
        let [name, other] = names;
        let message = format!(
            "found duplicate series for the match group {matched:?} on the {side} hand-side of the operation: \
             [{name}, {other}];many-to-many matching not allowed: matching labels must be unique on one side"
        );
        EvaluateError::Execution(message)
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
