//! Two series that belong together: the column that comes out.

use std::collections::HashMap;
use std::sync::Arc;

use super::arithmetic::{Outcome, columns};
use super::matching::Match;
use super::sample::{Note, Sample, combine};
use crate::{ABSENT, EvaluateError, Labels, StepSeries, is_absent};

/// Series of both sides that are equal in the labels that must be.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// The numbers of those of the one side.
    pub ones: Vec<usize>,
    /// Which of them there is at each step; empty where there are less than two.
    pub owners: Vec<Option<usize>>,
    /// How many the many side has.
    pub manys: usize,
    /// At which steps there was a match. Empty until it is needed.
    matched: Vec<bool>,
}

/// What comes out so far.
pub(super) struct Pairing<'a> {
    task: &'a Match<'a>,
    one: &'a [StepSeries],
    pub groups: Vec<Group>,
    /// Where the series of a group with these labels is.
    places: HashMap<(usize, Labels), usize>,
    results: Vec<Found>,
    /// The last note of each step, as only that is told. Empty while there are none.
    notes: Vec<Option<Note>>,
}

/// A series that comes out.
struct Found {
    series: StepSeries,
    /// At which steps there was a match, where a comparison may have left its value out. Empty for other operators:
    /// there is a value wherever there was a match.
    claims: Vec<bool>,
}

/// A pair at one step, and where it goes.
struct Pair<'s> {
    group: usize,
    step: usize,
    many: &'s Sample,
    one: &'s Sample,
}

impl<'a> Pairing<'a> {
    pub(super) fn new(task: &'a Match<'a>, one: &'a [StepSeries], groups: Vec<Group>) -> Self {
        Self { task, one, groups, places: HashMap::new(), results: Vec::new(), notes: Vec::new() }
    }

    /// Whether a comparison may leave out values.
    fn filters(&self) -> bool {
        self.task.operation.operator.is_comparison() && !self.task.operation.returns_bool
    }

    /// Combines a series of the many side with those of the one side that it belongs to.
    pub(super) fn add(&mut self, many: StepSeries, group: usize) -> Result<(), EvaluateError> {
        let needs_matched = self.task.fill_many.is_some() || self.task.is_one_to_one() && self.groups[group].manys > 1;
        if needs_matched && self.groups[group].matched.is_empty() {
            self.groups[group].matched = vec![false; self.task.steps];
        }
        match self.partner(&many, group) {
            Some(one) => self.add_column(many, one, group),
            None => self.add_steps(&many, group),
        }
    }

    /// The one series that all steps are combined with, with what stands for it filled in. `None` where steps differ in
    /// more than their floats.
    fn partner(&self, many: &StepSeries, group: usize) -> Option<Partner<'a>> {
        let task = self.task;
        let may_collide =
            !self.groups[group].matched.is_empty() || !task.is_one_to_one() && self.groups[group].manys > 1;
        if task.operation.is_trim() || !many.histograms.is_empty() || may_collide && self.filters() {
            return None;
        }
        let one = match self.groups[group].ones.as_slice() {
            [] => None,
            [one] => Some(&self.one[*one]),
            _ => return None,
        };
        if one.is_some_and(|one| !one.histograms.is_empty()) {
            return None;
        }
        match (task.fill_one, one) {
            (None, Some(one)) => Some(Partner::Series(one)),
            (Some(fill), one) if task.matching.include.is_empty() => {
                let floats = match one {
                    Some(one) => one.floats.iter().map(|value| if is_absent(*value) { fill } else { *value }).collect(),
                    None => vec![fill; task.steps],
                };
                Some(Partner::Filled(floats))
            }
            _ => None,
        }
    }

    fn add_column(&mut self, mut many: StepSeries, one: Partner<'a>, group: usize) -> Result<(), EvaluateError> {
        let task = self.task;
        let (floats, one_labels) = match &one {
            Partner::Series(one) => (&one.floats, one.labels.clone()),
            Partner::Filled(floats) => (floats, Labels::empty()),
        };
        let labels = task.labels(&many.labels, &one_labels);
        if !self.groups[group].matched.is_empty() {
            let pairs = many.floats.iter().zip(floats).map(|(many, one)| !is_absent(*many) && !is_absent(*one));
            for (matched, is_pair) in self.groups[group].matched.iter_mut().zip(pairs) {
                if *matched && is_pair && task.is_one_to_one() {
                    return Err(several_matches());
                }
                *matched |= is_pair;
            }
        }
        let outcome = if task.operation.returns_bool { Outcome::Bool } else { Outcome::Left };
        if task.is_swapped {
            let mut left = floats.clone();
            columns(task.operation.operator, outcome, &mut left, &many.floats);
            many.floats = left;
        } else {
            columns(task.operation.operator, outcome, &mut many.floats, floats);
        }
        let drops_name = self.drops_name(many.drops_name);
        let place = self.place(group, &labels, drops_name);
        let found = &mut self.results[place];
        if found.series.floats.is_empty() {
            found.series.floats = many.floats;
            return Ok(());
        }
        for (step, value) in many.floats.iter().enumerate().filter(|(_, value)| !is_absent(**value)) {
            if found.series.has(step) {
                return Err(same_results());
            }
            found.series.floats[step] = *value;
        }
        Ok(())
    }

    /// Step by step: the partner, its labels or the kind of samples may change at each.
    fn add_steps(&mut self, many: &StepSeries, group: usize) -> Result<(), EvaluateError> {
        let task = self.task;
        let matched = task.key.labels(&many.labels);
        let drops_name = self.drops_name(many.drops_name);
        let mut last: Option<(Option<usize>, usize)> = None;
        for step in 0..task.steps {
            let Some(sample) = sample_at(many, step) else { continue };
            let owner = self.owner(group, step);
            let one = match (owner.and_then(|owner| sample_at(&self.one[owner], step)), task.fill_one) {
                (Some(one), _) => one,
                (None, Some(fill)) => Sample::Float(fill),
                (None, None) => continue,
            };
            let pair = Pair { group, step, many: &sample, one: &one };
            let Some((value, holds)) = self.combine(&pair) else { continue };
            let place = match last {
                Some((known, place)) if known == owner => place,
                _ => {
                    let one = owner.map_or(&matched, |owner| &self.one[owner].labels);
                    let labels = task.labels(&many.labels, one);
                    self.place(group, &labels, drops_name)
                }
            };
            last = Some((owner, place));
            self.put(&pair, place, value.filter(|_| holds))?;
        }
        Ok(())
    }

    /// Combines what stands for the many side with the series of the one side that had no match.
    pub(super) fn add_unmatched(&mut self) -> Result<(), EvaluateError> {
        let task = self.task;
        let Some(fill) = task.fill_many else { return Ok(()) };
        let many = Sample::Float(fill);
        for group in 0..self.groups.len() {
            let mut last: Option<(usize, usize)> = None;
            for step in 0..task.steps {
                if self.groups[group].matched.get(step).copied().unwrap_or_default() {
                    continue;
                }
                let Some(owner) = self.owner(group, step) else { continue };
                let Some(one) = sample_at(&self.one[owner], step) else { continue };
                let pair = Pair { group, step, many: &many, one: &one };
                let Some((value, holds)) = self.combine(&pair) else { continue };
                let place = match last {
                    Some((known, place)) if known == owner => place,
                    _ => {
                        let one = &self.one[owner].labels;
                        let labels = task.labels(&task.key.labels(one), one);
                        self.place(group, &labels, task.operation.returns_bool)
                    }
                };
                last = Some((owner, place));
                self.put(&pair, place, value.filter(|_| holds))?;
            }
        }
        Ok(())
    }

    /// The series of the one side that a group has at a step.
    fn owner(&self, group: usize, step: usize) -> Option<usize> {
        let Group { ones, owners, .. } = &self.groups[group];
        match ones.as_slice() {
            [] => None,
            [one] => self.one[*one].has(step).then_some(*one),
            _ => owners.get(step).copied().flatten(),
        }
    }

    /// What comes of a pair and whether it is kept; `None` where its samples do not fit together.
    fn combine(&mut self, pair: &Pair<'_>) -> Option<(Option<Sample>, bool)> {
        let (left, right) = self.task.sides(pair.many, pair.one);
        let combination = combine(self.task.operation.operator, left, right);
        if let Some(note) = combination.note {
            self.notes.resize(self.task.steps, None);
            self.notes[pair.step] = Some(note);
        }
        let value = combination.value?;
        if self.task.operation.returns_bool {
            return Some((Some(Sample::Float(f64::from(u8::from(combination.holds)))), true));
        }
        Some((Some(value), combination.holds))
    }

    /// Puts in what came of a pair, or only that there was one.
    fn put(&mut self, pair: &Pair<'_>, place: usize, value: Option<Sample>) -> Result<(), EvaluateError> {
        let Pair { group, step, .. } = *pair;
        let filters = self.filters();
        if let Some(matched) = self.groups[group].matched.get_mut(step) {
            if *matched && self.task.is_one_to_one() {
                return Err(several_matches());
            }
            *matched = true;
        }
        let found = &mut self.results[place];
        if found.series.floats.is_empty() {
            found.series.floats = vec![ABSENT; self.task.steps];
        }
        if !self.task.is_one_to_one() && filters {
            found.claims.resize(self.task.steps, false);
            if std::mem::replace(&mut found.claims[step], true) {
                return Err(same_results());
            }
        }
        if found.series.has(step) {
            return Err(same_results());
        }
        match value {
            Some(Sample::Float(value)) => found.series.floats[step] = value,
            Some(Sample::Histogram(histogram)) => found.series.set_histogram(step, histogram),
            None => {}
        }
        Ok(())
    }

    /// Where the series of a group with these labels is.
    fn place(&mut self, group: usize, labels: &Labels, drops_name: bool) -> usize {
        let next = self.results.len();
        let place = *self.places.entry((group, labels.clone())).or_insert(next);
        if place == next {
            let series = StepSeries { drops_name, ..StepSeries::absent(labels.clone(), 0) };
            self.results.push(Found { series, claims: Vec::new() });
        }
        self.results[place].series.drops_name |= drops_name;
        place
    }

    /// Whether the name of a result is to go: where it is that of a series whose name is.
    fn drops_name(&self, many: bool) -> bool {
        self.task.operation.returns_bool || many && !self.task.operation.changes_metric()
    }

    /// The series, some of them perhaps without any value, and the notes, each once.
    pub(super) fn finish(self) -> (Vec<StepSeries>, Vec<Note>) {
        let series = self.results.into_iter().map(|found| found.series).collect();
        let mut notes = Vec::new();
        for note in self.notes.into_iter().flatten() {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        (series, notes)
    }
}

/// What a column is combined with.
enum Partner<'a> {
    Series(&'a StepSeries),
    Filled(Vec<f64>),
}

/// What a series has at a step.
fn sample_at(series: &StepSeries, step: usize) -> Option<Sample> {
    if let Some(histogram) = series.histogram(step) {
        return Some(Sample::Histogram(Arc::clone(histogram)));
    }
    let value = series.floats[step];
    (!is_absent(value)).then_some(Sample::Float(value))
}

fn several_matches() -> EvaluateError {
    EvaluateError::Execution(
        "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)".to_owned(),
    )
}

fn same_results() -> EvaluateError {
    EvaluateError::Execution("multiple matches for labels: grouping labels must ensure unique matches".to_owned())
}
