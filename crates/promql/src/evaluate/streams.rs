//! The value of a node: columns, series by series.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{Column, Evaluation};
use crate::{EvaluateError, StepSeries};

/// What a node evaluates to. Ranges of samples are no operands: functions read them themselves.
pub(crate) enum Operand<'a> {
    /// One number per step.
    Scalar(Column<'a>),
    /// A text, the same at all steps.
    Text(String),
    /// Series.
    Vector(Streams<'a>),
}

/// Series one after the other. Each has as many values as there are steps, and a value at one step at least.
pub(crate) type StepStream<'a> = Box<dyn Iterator<Item = Result<StepSeries, EvaluateError>> + Send + 'a>;

/// Series in a few streams, each for one thread at a time. Nothing is computed before they are read.
pub(crate) struct Streams<'a>(Vec<StepStream<'a>>);

impl<'a> Streams<'a> {
    /// Of streams.
    pub(crate) fn new(streams: Vec<StepStream<'a>>) -> Self {
        Self(streams)
    }

    /// Of series that are there.
    pub(crate) fn of(series: Vec<StepSeries>) -> Self {
        Self(vec![Box::new(series.into_iter().map(Ok))])
    }

    /// As they are.
    pub(super) fn into_streams(self) -> Vec<StepStream<'a>> {
        self.0
    }

    /// Each series made into another, or into none.
    pub(crate) fn filter_map<F>(self, change: F) -> Self
    where
        F: Fn(StepSeries) -> Result<Option<StepSeries>, EvaluateError> + Clone + Send + 'a,
    {
        let changed = |stream: StepStream<'a>| -> StepStream<'a> {
            let change = change.clone();
            Box::new(stream.filter_map(move |series| series.and_then(&change).transpose()))
        };
        Self(self.0.into_iter().map(changed).collect())
    }

    /// Reads all, on as many threads as the question may use: each begins with what `begin` gives and adds series to it.
    /// What the threads have comes back in the order of streams, so that an answer does not depend on chance.
    pub(crate) fn fold<T, B, A>(self, evaluation: &Evaluation<'_>, begin: B, add: A) -> Result<Vec<T>, EvaluateError>
    where
        T: Send,
        B: Fn() -> T + Sync,
        A: Fn(&mut T, StepSeries) -> Result<(), EvaluateError> + Sync,
    {
        let read = |stream: StepStream<'a>| {
            let mut state = begin();
            for series in stream {
                evaluation.check()?;
                add(&mut state, series?)?;
            }
            Ok(state)
        };
        let threads = evaluation.question().limits.threads.min(self.0.len());
        if threads <= 1 {
            return self.0.into_iter().map(read).collect();
        }
        // As many threads as there may be take streams in turn.
        let streams: Vec<_> = self.0.into_iter().map(|stream| std::sync::Mutex::new(Some(stream))).collect();
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(stream) = streams.get(number) else { return done };
                let taken = stream.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
                done.extend(taken.map(|stream| (number, read(stream))));
            }
        };
        let mut done = thread::scope(|scope| {
            let handles: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut done = work();
            for handle in handles {
                match handle.join() {
                    Ok(more) => done.extend(more),
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            done
        });
        done.sort_by_key(|(number, _)| *number);
        done.into_iter().map(|(_, state)| state).collect()
    }

    /// All series, held at once. They count against the values that may be held; whoever lets them go says so to the
    /// ledger, or leaves it to the end.
    pub(crate) fn collect(self, evaluation: &Evaluation<'_>) -> Result<Vec<StepSeries>, EvaluateError> {
        let all = self.fold(evaluation, Vec::new, |held: &mut Vec<StepSeries>, series| {
            evaluation.ledger().hold_values(series.values())?;
            held.push(series);
            Ok(())
        })?;
        Ok(all.into_iter().flatten().collect())
    }
}
