//! `info(v, {…})`: labels of info metrics, such as `target_info`, joined to series of the same job and instance.
//!
//! | file | what it has |
//! |---|---|
//! | `reference` | the instants at which info series are looked up |
//! | `lookup` | which info series there are, and which of them counts at each step |

mod lookup;
mod reference;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use lookup::{Current, InfoSeries};
use reference::Reference;

use super::{distinct, is_metadata};
use crate::evaluate::{Evaluation, Streams};
use crate::{EvaluateError, Expr, Labels, LabelsBuilder, METRIC_NAME, MatchOperator, Matcher, StepSeries, is_absent};

/// The info metric that is looked at where none is named.
const TARGET_INFO: &str = "target_info";

/// Series with labels of info metrics. Errors: two info series count at once, or contradict each other.
pub(super) fn info<'a>(evaluation: &Evaluation<'a>, arguments: &'a [Expr]) -> Result<Streams<'a>, EvaluateError> {
    let Some(inner) = arguments.first() else {
        return Err(EvaluateError::Execution("expected an instant vector".to_owned()));
    };
    let selector: &[Matcher] = match arguments.get(1).map(Expr::unwrapped) {
        Some(Expr::Selector(selector)) => &selector.matchers,
        _ => &[],
    };
    let (names, data): (Vec<Matcher>, Vec<Matcher>) =
        selector.iter().cloned().partition(|matcher| matcher.name() == METRIC_NAME);
    let names = info_names(names)?;
    let reference = Reference::of(evaluation, inner.unwrapped())?;
    let (enriched, mut finished): (Vec<StepSeries>, Vec<StepSeries>) =
        evaluation.vector(inner)?.collect(evaluation)?.into_iter().partition(|series| {
            // Info metrics are not enriched by themselves.
            !names.iter().all(|name| name.matches(series.labels.metric_name()))
        });
    let matchers: Vec<Matcher> = names.iter().chain(&data).cloned().collect();
    let series = lookup::select(evaluation, reference, &matchers, enriched.iter().map(|series| &series.labels))?;
    let has_any = |step: usize| enriched.iter().chain(&finished).any(|series| series.has(step));
    let is_asked: Vec<bool> = (0..evaluation.steps().count()).map(has_any).collect();
    let current = lookup::current(evaluation, &series, &is_asked)?;
    let none = BTreeMap::new();
    let join = Join { series: &series, data: &data };
    for one in enriched {
        let metrics = current.get(&lookup::identity(&one.labels)).unwrap_or(&none);
        finished.extend(join.enrich(&one, metrics)?);
    }
    distinct(finished).map(Streams::of)
}

/// What the name of an info metric must match: with only conditions on what it is not, it must at least end like one.
fn info_names(mut names: Vec<Matcher>) -> Result<Vec<Matcher>, EvaluateError> {
    let is_positive = |name: &Matcher| matches!(name.operator(), MatchOperator::Equal | MatchOperator::Regex);
    if names.is_empty() {
        names.push(Matcher::equal(METRIC_NAME, TARGET_INFO));
    } else if !names.iter().any(is_positive) {
        let any = Matcher::new(METRIC_NAME, MatchOperator::Regex, ".+_info");
        names.push(any.map_err(|error| EvaluateError::Execution(error.to_string()))?);
    }
    Ok(names)
}

/// How series are enriched.
struct Join<'s> {
    series: &'s [InfoSeries<'s>],
    /// Only labels that these name are joined in; all where there are none.
    data: &'s [Matcher],
}

impl Join<'_> {
    /// A series for each set of labels that it has at some step.
    fn enrich(
        &self,
        one: &StepSeries,
        metrics: &BTreeMap<String, Current<'_>>,
    ) -> Result<Vec<StepSeries>, EvaluateError> {
        let mut results: Vec<StepSeries> = Vec::new();
        // By the info series that count, where their labels lead.
        let mut places: HashMap<Vec<usize>, Option<usize>> = HashMap::new();
        for step in (0..one.floats.len()).filter(|step| one.has(*step)) {
            let infos: Vec<usize> = metrics.values().filter_map(|current| current.numbers[step]).collect();
            let place = match places.get(&infos) {
                Some(place) => *place,
                None => {
                    let place = self.labels(&one.labels, &infos)?.map(|labels| {
                        let empty = StepSeries::absent(labels, one.floats.len());
                        results.push(StepSeries { drops_name: one.drops_name, ..empty });
                        results.len() - 1
                    });
                    places.insert(infos, place);
                    place
                }
            };
            let Some(result) = place.and_then(|place| results.get_mut(place)) else { continue };
            result.floats[step] = one.floats[step];
            if is_absent(one.floats[step])
                && let Some(histogram) = one.histogram(step)
            {
                result.set_histogram(step, Arc::clone(histogram));
            }
        }
        Ok(results)
    }

    /// The labels of a series with those of info series; `None` where it is left out, as it has none and a condition wants
    /// some. Errors: two info series have different values of a label.
    fn labels(&self, labels: &Labels, infos: &[usize]) -> Result<Option<Labels>, EvaluateError> {
        if infos.is_empty() {
            return Ok(self.data.iter().all(|matcher| matcher.matches("")).then(|| labels.clone()));
        }
        let mut joined = LabelsBuilder::default();
        let is_wanted = |name: &str| {
            !is_metadata(name) && (self.data.is_empty() || self.data.iter().any(|matcher| matcher.name() == name))
        };
        for number in infos {
            for (name, value) in self.series[*number].labels.iter().filter(|(name, _)| is_wanted(name)) {
                if joined.get(name).is_some_and(|other| other != &**value) {
                    return Err(EvaluateError::Execution(format!("conflicting label: {name}")));
                }
                // A series' own labels stay as they are.
                if labels.get(name).is_none() {
                    joined.set(Arc::clone(name), Arc::clone(value));
                }
            }
        }
        let mut all = labels.to_builder();
        for (name, value) in joined.build().iter() {
            all.set(Arc::clone(name), Arc::clone(value));
        }
        Ok(Some(all.build()))
    }
}
