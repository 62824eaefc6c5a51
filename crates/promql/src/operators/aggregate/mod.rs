//! Aggregates: many series into few.
//!
//! Series are added one by one to the group they are in, so that no more is held than what the operator needs of them.
//! Each thread has groups of its own; in the end they are merged.
//!
//! | file | operators | held per group and step |
//! |---|---|---|
//! | `total` | `sum`, `avg` | sum and what rounding lost, or a histogram's |
//! | `count` | `count`, `group` | a count |
//! | `extreme` | `min`, `max` | a value |
//! | `deviation` | `stddev`, `stdvar` | count, mean and squares |
//! | `quantile` | `quantile` | all values |
//! | `selection` | `topk`, `bottomk`, `limitk` | candidates, and the series they are of |
//! | `value_count` | `count_values` | a count per value |
//! | `ratio` | `limit_ratio` | nothing |
//! | `parameter` | the parameter, step by step, and what is wrong with it | |

mod count;
mod deviation;
mod extreme;
mod parameter;
mod quantile;
mod ratio;
mod selection;
mod total;
mod value_count;

use parameter::Parameter;
pub(crate) use quantile::quantile;

use super::grouping::{Groups, Key};
use crate::evaluate::{Evaluation, Streams};
use crate::{Aggregate, AggregateOperator, EvaluateError, Labels, Span, StepSeries};

/// The value of an aggregate. Errors: those of its parts; its parameter is none that it can take.
pub(crate) fn aggregate<'a>(evaluation: &Evaluation<'a>, node: &'a Aggregate) -> Result<Streams<'a>, EvaluateError> {
    use AggregateOperator::{
        Avg, BottomK, Count, CountValues, Group, LimitK, LimitRatio, Max, Min, Quantile, Stddev, Stdvar, Sum, TopK,
    };
    if node.operator == CountValues {
        return value_count::count(evaluation, node);
    }
    let parameter = Parameter::of(evaluation, node)?;
    let inner = evaluation.vector(&node.inner)?;
    let Some(parameter) = parameter.checked(evaluation, node)? else {
        // Nothing can come out, but what is to be said about the inner expression is still said.
        inner.fold(evaluation, || (), |(), _| Ok(()))?;
        return Ok(Streams::of(Vec::new()));
    };
    let task = Task { evaluation: *evaluation, node, parameter, steps: evaluation.steps().count() };
    match node.operator {
        Sum | Avg => task.run::<total::Total>(inner),
        Count | Group => task.run::<count::Count>(inner),
        Min | Max => task.run::<extreme::Extreme>(inner),
        Stddev | Stdvar => task.run::<deviation::Deviation>(inner),
        Quantile => task.run::<quantile::Quantile>(inner),
        TopK | BottomK | LimitK => task.run::<selection::Selection>(inner),
        LimitRatio => Ok(ratio::limit(task.parameter, inner)),
        CountValues => Err(EvaluateError::Execution("count_values has no scalar parameter".to_owned())),
    }
}

/// What every group of an aggregate has at hand.
struct Task<'a> {
    evaluation: Evaluation<'a>,
    node: &'a Aggregate,
    parameter: Parameter<'a>,
    steps: usize,
}

/// Who a group is.
struct Identity {
    labels: Labels,
    /// Whether the name of any of its series is to go.
    drops_name: bool,
}

/// One group at all steps.
trait Accumulator: Send + Sized {
    /// Nothing added.
    fn new(task: &Task<'_>) -> Self;

    /// Adds a series.
    fn add(&mut self, task: &Task<'_>, series: StepSeries) -> Result<(), EvaluateError>;

    /// Adds what another thread has of the same group.
    fn merge(&mut self, task: &Task<'_>, other: Self) -> Result<(), EvaluateError>;

    /// What comes out; series without any value may be among it.
    fn finish(self, task: &Task<'_>, identity: Identity) -> Vec<StepSeries>;
}

/// Groups of one thread, and who they are.
struct GroupSet<A> {
    groups: Groups,
    drops_name: Vec<bool>,
    accumulators: Vec<A>,
}

impl<A: Accumulator> GroupSet<A> {
    fn new(node: &Aggregate) -> Self {
        Self { groups: Groups::new(Key::of_group(&node.group)), drops_name: Vec::new(), accumulators: Vec::new() }
    }

    fn add(&mut self, task: &Task<'_>, series: StepSeries) -> Result<(), EvaluateError> {
        let number = self.groups.number(&series.labels);
        if number == self.accumulators.len() {
            task.evaluation.ledger().hold_values(task.steps)?;
            self.accumulators.push(A::new(task));
            self.drops_name.push(false);
        }
        self.drops_name[number] |= series.drops_name;
        self.accumulators[number].add(task, series)
    }

    fn merge(&mut self, task: &Task<'_>, other: Self) -> Result<(), EvaluateError> {
        let Self { groups, drops_name, accumulators } = other;
        // A group is in the group that its own labels are in.
        for ((labels, drops_name), accumulator) in groups.labels().iter().zip(drops_name).zip(accumulators) {
            let number = self.groups.number(labels);
            if number == self.accumulators.len() {
                self.accumulators.push(accumulator);
                self.drops_name.push(drops_name);
                continue;
            }
            task.evaluation.ledger().release_values(task.steps);
            self.drops_name[number] |= drops_name;
            self.accumulators[number].merge(task, accumulator)?;
        }
        Ok(())
    }
}

impl<'a> Task<'a> {
    fn run<A: Accumulator>(&self, inner: Streams<'a>) -> Result<Streams<'a>, EvaluateError> {
        let begin = || GroupSet::<A>::new(self.node);
        let sets = inner.fold(&self.evaluation, begin, |set, series| set.add(self, series))?;
        let mut sets = sets.into_iter();
        let mut whole = sets.next().unwrap_or_else(begin);
        for set in sets {
            whole.merge(self, set)?;
        }
        let GroupSet { groups, drops_name, accumulators } = whole;
        let identities = groups.labels().iter().zip(drops_name);
        let finished = identities.zip(accumulators).flat_map(|((labels, drops_name), accumulator)| {
            accumulator.finish(self, Identity { labels: labels.clone(), drops_name })
        });
        Ok(Streams::of(finished.filter(|series| !series.is_empty()).collect()))
    }

    /// Says that histograms were left out, if there are any.
    fn ignore_histograms(&self, series: &StepSeries, span: Span) {
        if series.histograms.iter().any(Option::is_some) {
            let message = format!("PromQL info: ignored histogram in {} aggregation", self.node.operator.name());
            self.evaluation.inform(message, span);
        }
    }
}

impl Identity {
    /// A series of floats.
    fn series(self, floats: Vec<f64>) -> StepSeries {
        StepSeries { labels: self.labels, drops_name: self.drops_name, floats, histograms: Vec::new() }
    }
}
