//! `histogram_quantile`, `histogram_quantiles` and `histogram_fraction`: of native histograms, and of classic ones, which
//! are several series each.

use std::collections::HashMap;

use crate::evaluate::{Evaluation, Ledger, Mended};
use crate::expr::quote;
use crate::histogram::Shortest;
use crate::operators::distinct;
use crate::{
    ABSENT, Call, ClassicBucket, EvaluateError, Expr, Histogram, Labels, QuantileNote, Span, StepSeries,
    bucket_fraction, bucket_quantile, is_absent,
};

/// The label of a classic histogram's buckets: their upper bound.
const BOUND: &str = "le";

/// A histogram of either kind, or, at different steps, of both.
struct Group {
    /// Without the label of bounds.
    labels: Labels,
    /// Upper bounds of classic buckets, and a column of counts each.
    buckets: Vec<(f64, Vec<f64>)>,
    /// Series of native histograms.
    natives: Vec<StepSeries>,
}

/// What a group has at a step.
enum Found<'g> {
    Classic(&'g mut [ClassicBucket]),
    Native(&'g Histogram),
}

/// Groups of histograms, and where their expression stands.
struct Groups<'a> {
    groups: Vec<Group>,
    evaluation: Evaluation<'a>,
    span: Span,
    /// How many values count as held.
    held: usize,
}

impl Drop for Groups<'_> {
    fn drop(&mut self) {
        self.evaluation.ledger().release_values(self.held);
    }
}

impl<'a> Groups<'a> {
    /// Of the series of an expression: all of them must be there before a quantile is known.
    fn of(evaluation: &Evaluation<'a>, expr: &'a Expr) -> Result<Self, EvaluateError> {
        let span = expr.unwrapped().span();
        let mut groups: Vec<Group> = Vec::new();
        let mut places: HashMap<Labels, usize> = HashMap::new();
        let mut place = |groups: &mut Vec<Group>, labels: Labels| {
            *places.entry(labels).or_insert_with_key(|labels| {
                groups.push(Group { labels: labels.clone(), buckets: Vec::new(), natives: Vec::new() });
                groups.len() - 1
            })
        };
        let mut held = 0;
        for series in evaluation.vector(expr)?.collect(evaluation)? {
            held += series.values();
            if series.floats.iter().any(|value| !is_absent(*value)) {
                let written = series.labels.get(BOUND).unwrap_or_default();
                match bound(written) {
                    Some(bound) => {
                        let place = place(&mut groups, series.labels.filtered(|name| name != BOUND));
                        groups[place].buckets.push((bound, series.floats.clone()));
                    }
                    None => {
                        let message = format!(
                            "PromQL warning: bucket label \"le\" is missing or has a malformed value of {}{}",
                            quote(written),
                            of_metric(&series.labels),
                        );
                        evaluation.warn(message, span);
                    }
                }
            }
            if !series.histograms.is_empty() {
                let place = place(&mut groups, series.labels.clone());
                groups[place].natives.push(series);
            }
        }
        for group in &mut groups {
            group.buckets.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        }
        Ok(Self { groups, evaluation: *evaluation, span, held })
    }

    /// A column for each group, of a number for each histogram that it has at a step.
    fn columns(
        &self,
        mut number: impl FnMut(&Group, usize, Found<'_>) -> f64,
    ) -> Result<Vec<StepSeries>, EvaluateError> {
        let steps = self.evaluation.steps().count();
        let mut all = Vec::with_capacity(self.groups.len());
        let mut buckets = Vec::new();
        for group in &self.groups {
            self.evaluation.check()?;
            let mut column = vec![ABSENT; steps];
            let mut conflicts = false;
            for (step, value) in column.iter_mut().enumerate() {
                group.buckets_at(step, &mut buckets);
                match (group.natives.iter().find_map(|native| native.histogram(step)), buckets.is_empty()) {
                    (None, true) => {}
                    (None, false) => *value = number(group, step, Found::Classic(&mut buckets)),
                    (Some(native), true) => *value = number(group, step, Found::Native(native)),
                    (Some(_), false) => conflicts = true,
                }
            }
            if conflicts {
                let message = format!(
                    "PromQL warning: vector contains a mix of classic and native histograms{}",
                    of_metric(&group.labels)
                );
                self.evaluation.warn(message, self.span);
            }
            let series =
                StepSeries { labels: group.labels.clone(), drops_name: true, floats: column, histograms: Vec::new() };
            if !series.is_empty() {
                all.push(series);
            }
        }
        Ok(all)
    }

    fn inform(&self, message: &str, group: &Group) {
        self.evaluation.inform(format!("PromQL info: {message}{}", of_metric(&group.labels)), self.span);
    }

    /// The quantiles of all groups at each step.
    fn quantiles(&self, q: &[f64]) -> Result<Vec<StepSeries>, EvaluateError> {
        let mut notes = QuantileNotes::default();
        let columns = self.columns(|group, step, found| match found {
            Found::Native(histogram) => {
                let quantile = histogram.quantile(q[step]);
                if let Some(note) = quantile.note
                    && notes.is_new(group, note)
                {
                    let what = match note {
                        QuantileNote::Nan => "result is NaN",
                        QuantileNote::Skewed => "result is skewed higher",
                    };
                    self.inform(&format!("input to histogram_quantile has NaN observations, {what}"), group);
                }
                quantile.value
            }
            Found::Classic(buckets) => {
                let quantile = bucket_quantile(q[step], buckets);
                if let Some(forced) = quantile.forced {
                    let at = self.evaluation.steps().at(step);
                    notes.mend(group, Mended { forced, count: 1, first: at, last: at });
                }
                quantile.value
            }
        })?;
        notes.tell(self.evaluation.ledger(), self.span);
        Ok(columns)
    }
}

impl Group {
    fn buckets_at(&self, step: usize, into: &mut Vec<ClassicBucket>) {
        into.clear();
        for (upper, column) in &self.buckets {
            let count = column[step];
            if !is_absent(count) {
                into.push(ClassicBucket { upper: *upper, count });
            }
        }
    }
}

/// What is said once of each group, though it holds at many steps.
#[derive(Default)]
struct QuantileNotes {
    /// The labels that came last, and what was said of them.
    said: Vec<(Labels, QuantileNote)>,
    mended: Vec<(Labels, Mended)>,
}

impl QuantileNotes {
    /// Groups come one after the other, so only the last one's has to be looked at.
    fn is_new(&mut self, group: &Group, note: QuantileNote) -> bool {
        if self.said.first().is_some_and(|(labels, _)| *labels != group.labels) {
            self.said.clear();
        }
        let is_new = self.said.iter().all(|(_, said)| *said != note);
        if is_new {
            self.said.push((group.labels.clone(), note));
        }
        is_new
    }

    fn mend(&mut self, group: &Group, mended: Mended) {
        match self.mended.last_mut() {
            Some((labels, before)) if *labels == group.labels => *before = before.with(mended),
            _ => self.mended.push((group.labels.clone(), mended)),
        }
    }

    fn tell(self, ledger: &Ledger, span: Span) {
        for (labels, mended) in self.mended {
            let message = format!(
                "PromQL info: input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile){}",
                of_metric(&labels)
            );
            ledger.inform_of_mended(message, span, mended);
        }
    }
}

/// An upper bound as it is written.
fn bound(written: &str) -> Option<f64> {
    let bound: f64 = written.parse().ok()?;
    // A number so large that it is read as infinite is none.
    let is_named = || written.to_ascii_lowercase().contains("inf");
    (!bound.is_nan() && (bound.is_finite() || is_named())).then_some(bound)
}

fn of_metric(labels: &Labels) -> String {
    match labels.metric_name() {
        "" => String::new(),
        name => format!(" for metric name {}", quote(name)),
    }
}

fn check_quantiles(evaluation: &Evaluation<'_>, values: &[f64], span: Span) {
    let mut last = None;
    for value in values.iter().filter(|value| !(0.0..=1.0).contains(*value)) {
        if last.replace(value.to_bits()) != Some(value.to_bits()) {
            let message = format!("PromQL warning: quantile value should be between 0 and 1, got {}", Shortest(*value));
            evaluation.warn(message, span);
        }
    }
}

/// `histogram_quantile(q, histograms)`.
pub(in crate::evaluate) fn quantile<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
) -> Result<Vec<StepSeries>, EvaluateError> {
    let [q, histograms] = &*call.arguments else { return Ok(Vec::new()) };
    let span = q.unwrapped().span();
    let q = evaluation.scalar(q)?;
    let groups = Groups::of(evaluation, histograms)?;
    // After what is inside has been warned of: of the same warning the outer place counts.
    check_quantiles(evaluation, &q, span);
    groups.quantiles(&q)
}

/// `histogram_quantiles(histograms, label, q, …)`: each quantile has its own series, with the quantile as a label.
pub(in crate::evaluate) fn quantiles<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
) -> Result<Vec<StepSeries>, EvaluateError> {
    let [histograms, label, asked @ ..] = &*call.arguments else { return Ok(Vec::new()) };
    let Expr::Text(label) = label.unwrapped() else { return Ok(Vec::new()) };
    let mut columns = Vec::with_capacity(asked.len());
    for q in asked {
        columns.push(evaluation.scalar(q)?);
    }
    let groups = Groups::of(evaluation, histograms)?;
    for (q, values) in asked.iter().zip(&columns) {
        check_quantiles(evaluation, values, q.unwrapped().span());
    }
    let mut all: Vec<StepSeries> = Vec::new();
    for column in &columns {
        for series in groups.quantiles(column)? {
            // A quantile that changes from step to step changes labels, too.
            let first = all.len();
            let mut last = None;
            for (step, value) in series.floats.iter().enumerate().filter(|(_, value)| !is_absent(**value)) {
                let place = match last {
                    Some((bits, place)) if bits == column[step].to_bits() => place,
                    _ => {
                        let labels = series.labels.with(&label.value, &open_metrics(column[step]));
                        place_of(labels, series.floats.len(), first, &mut all)
                    }
                };
                last = Some((column[step].to_bits(), place));
                all[place].floats[step] = *value;
            }
        }
    }
    distinct(all)
}

/// The place of a series from the first on; it is put there if it is not.
fn place_of(labels: Labels, steps: usize, first: usize, all: &mut Vec<StepSeries>) -> usize {
    if let Some(place) = all[first..].iter().position(|series| series.labels == labels) {
        return first + place;
    }
    all.push(StepSeries { drops_name: true, ..StepSeries::absent(labels, steps) });
    all.len() - 1
}

/// `histogram_fraction(lower, upper, histograms)`.
pub(in crate::evaluate) fn fraction<'a>(
    evaluation: &Evaluation<'a>,
    call: &'a Call,
) -> Result<Vec<StepSeries>, EvaluateError> {
    let [lower, upper, histograms] = &*call.arguments else { return Ok(Vec::new()) };
    let (lower, upper) = (evaluation.scalar(lower)?, evaluation.scalar(upper)?);
    let groups = Groups::of(evaluation, histograms)?;
    groups.columns(|group, step, found| match found {
        Found::Classic(buckets) => bucket_fraction(lower[step], upper[step], buckets),
        Found::Native(histogram) => {
            let fraction = histogram.fraction(lower[step], upper[step]);
            if fraction.excludes_nan {
                groups.inform(
                    "input to histogram_fraction has NaN observations, which are excluded from all fractions",
                    group,
                );
            }
            fraction.value
        }
    })
}

/// A number as it is written as a label: never as an integer.
fn open_metrics(value: f64) -> String {
    let written = Shortest(value).to_string();
    if value.is_finite() && !written.contains(['.', 'e']) { written + ".0" } else { written }
}
