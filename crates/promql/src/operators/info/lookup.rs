//! Info series: those of the same job and instance as the series that are enriched, and when they were last heard of.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::reference::Reference;
use crate::evaluate::{Evaluation, HeldValues};
use crate::{EvaluateError, Labels, MatchOperator, Matcher, Points, Selection, Series, is_stale};

/// The labels by which info series and others belong together.
pub(super) const IDENTIFYING: [&str; 2] = ["instance", "job"];

/// So many bytes of values are given to the source as one expression; of more the source gives all, and those that are
/// not wanted are left out here.
const VALUES_BYTES_MAX: usize = 64 * 1024;

/// A place that may be empty takes as much as so many values.
const PLACE_VALUES: usize = 2;

/// An info series.
pub(super) struct InfoSeries<'a> {
    pub labels: Labels,
    /// By step, the time of the sample that counts there, unix milliseconds.
    pub heard: Vec<Option<i64>>,
    /// Times count as held as long as this is there.
    _held: HeldValues<'a>,
}

/// The values of job and instance that are looked for; `None` where such series have no such label.
type Wanted = [Option<BTreeSet<String>>; IDENTIFYING.len()];

/// Info series that match and have the identifying labels of any of the series.
pub(super) fn select<'a, 's>(
    evaluation: &Evaluation<'a>,
    reference: Reference,
    matchers: &[Matcher],
    series: impl Iterator<Item = &'s Labels>,
) -> Result<Vec<InfoSeries<'a>>, EvaluateError> {
    let steps = evaluation.steps();
    let instants = [steps.start(), steps.end()].map(|step| reference.instant(step));
    let lookback = evaluation.question().lookback;
    let mut found = Vec::new();
    for wanted in wanted(series).into_values() {
        let selection = Selection {
            matchers: matchers.iter().cloned().chain(narrowing(&wanted)).collect(),
            after: instants[0].saturating_sub(lookback),
            until: instants[1],
            wants_starts: false,
        };
        for stream in evaluation.source().select(&selection)? {
            for series in stream {
                evaluation.check()?;
                let series = series?;
                if is_wanted(&wanted, &series.labels) {
                    found.push(heard(evaluation, reference, &series)?);
                }
            }
        }
    }
    Ok(found)
}

/// By which of the identifying labels there are, their values. Series without any are enriched by none.
fn wanted<'s>(series: impl Iterator<Item = &'s Labels>) -> BTreeMap<[bool; IDENTIFYING.len()], Wanted> {
    let mut all: BTreeMap<_, Wanted> = BTreeMap::new();
    for labels in series {
        let values = IDENTIFYING.map(|name| labels.get(name));
        let has = values.map(|value| value.is_some());
        if !has.contains(&true) {
            continue;
        }
        let wanted = all.entry(has).or_default();
        for (wanted, value) in wanted.iter_mut().zip(values) {
            if let Some(value) = value {
                wanted.get_or_insert_default().insert(value.to_owned());
            }
        }
    }
    all
}

/// Matchers that leave out most of what is not wanted.
fn narrowing(wanted: &Wanted) -> Vec<Matcher> {
    let mut matchers = Vec::new();
    for (name, values) in IDENTIFYING.into_iter().zip(wanted) {
        let Some(values) = values else {
            matchers.push(Matcher::equal(name, ""));
            continue;
        };
        if values.iter().map(String::len).sum::<usize>() > VALUES_BYTES_MAX {
            continue;
        }
        let any = values.iter().map(|value| regex::escape(value)).collect::<Vec<_>>().join("|");
        // A long expression of short values may still be too large; it only saves reading.
        matchers.extend(Matcher::new(name, MatchOperator::Regex, any).ok());
    }
    matchers
}

fn is_wanted(wanted: &Wanted, labels: &Labels) -> bool {
    IDENTIFYING.into_iter().zip(wanted).all(|(name, values)| match (labels.get(name), values) {
        (Some(value), Some(values)) => values.contains(value),
        (value, None) => value.is_none(),
        (None, Some(_)) => false,
    })
}

/// When a series was last heard of at each step, within the lookback. Errors: it has histograms there.
fn heard<'a>(
    evaluation: &Evaluation<'a>,
    reference: Reference,
    series: &Series,
) -> Result<InfoSeries<'a>, EvaluateError> {
    let lookback = evaluation.question().lookback;
    let samples = series.floats.len() + series.histograms.values.iter().map(|one| one.samples()).sum::<usize>();
    evaluation.ledger().hold_samples(samples)?;
    let steps = evaluation.steps().count();
    let held = HeldValues::of(evaluation.ledger(), steps.saturating_mul(PLACE_VALUES))?;
    let mut heard = Vec::with_capacity(steps);
    for step in evaluation.steps().iter() {
        let instant = reference.instant(step);
        let after = instant.saturating_sub(lookback);
        let float = last(&series.floats, after, instant);
        let histogram = last(&series.histograms, after, instant);
        let time = |(time, _): (i64, usize)| time;
        if histogram.map(time) > float.map(time) {
            let is_marker = histogram.is_some_and(|(_, at)| series.histograms.values[at].is_stale());
            if !is_marker {
                return Err(EvaluateError::Execution("info sample should be float".to_owned()));
            }
            heard.push(None);
            continue;
        }
        heard.push(float.filter(|(_, at)| !is_stale(series.floats.values[*at])).map(time));
    }
    evaluation.ledger().release_samples(samples);
    Ok(InfoSeries { labels: series.labels.clone(), heard, _held: held })
}

/// Time and number of the last sample after an instant, up to another.
fn last<T>(points: &Points<T>, after: i64, until: i64) -> Option<(i64, usize)> {
    let at = points.times.partition_point(|time| *time <= until).checked_sub(1)?;
    let time = points.times[at];
    (time > after).then_some((time, at))
}

/// Of the info series of one metric, job and instance: which one counts at each step, by its number.
pub(super) struct Current<'a> {
    pub numbers: Vec<Option<usize>>,
    /// Numbers count as held as long as this is there.
    _held: HeldValues<'a>,
}

/// By the identifying labels, then by metric: the series heard of last. Errors: two were heard of at the same time, at a
/// step at which anything is enriched.
pub(super) fn current<'a>(
    evaluation: &Evaluation<'a>,
    series: &[InfoSeries<'_>],
    is_asked: &[bool],
) -> Result<HashMap<Labels, BTreeMap<String, Current<'a>>>, EvaluateError> {
    let mut all: HashMap<Labels, BTreeMap<String, Current<'_>>> = HashMap::new();
    for (number, one) in series.iter().enumerate() {
        let metrics = all.entry(identity(&one.labels)).or_default();
        let current = match metrics.entry(one.labels.metric_name().to_owned()) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let held = HeldValues::of(evaluation.ledger(), is_asked.len().saturating_mul(PLACE_VALUES))?;
                entry.insert(Current { numbers: vec![None; is_asked.len()], _held: held })
            }
        };
        for (step, current) in current.numbers.iter_mut().enumerate().filter(|(step, _)| is_asked[*step]) {
            let Some(time) = one.heard[step] else { continue };
            let before = current.map(|other| (&series[other].labels, series[other].heard[step].unwrap_or(i64::MIN)));
            match before {
                Some((_, earlier)) if earlier > time => {}
                Some((other, same)) if same == time => {
                    return Err(EvaluateError::Execution(format!(
                        "found duplicate series for info metric: existing {other:?} @ {same}, new {:?} @ {time}",
                        one.labels
                    )));
                }
                _ => *current = Some(number),
            }
        }
    }
    Ok(all)
}

/// The identifying labels of a series.
pub(super) fn identity(labels: &Labels) -> Labels {
    labels.filtered(|name| IDENTIFYING.contains(&name))
}
