//! An expression, as it is asked.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;
use std::thread::available_parallelism;
use std::time::Duration;

use model::{TenantId, TimeRange};
use promql::{EvaluateError, Expr, Limits, Outcome, Question, SourceError, Steps};

use super::source::StoredSource;
use crate::aside::aside;
use crate::config::Config;
use crate::coverage::Coverage;
use crate::engine::{Engine, timed_out};
use crate::error::{QueryError, QueryErrorKind};
use crate::session::View;

/// How old the last sample of a series may be, where nobody says otherwise: as in Prometheus.
pub const LOOKBACK: Duration = Duration::from_secs(5 * 60);

/// The step of subqueries that name none: as in Prometheus.
pub const SUBQUERY_STEP: Duration = Duration::from_secs(60);

/// Bytes that a sample takes while it is worked with: time, value, and since when.
const SAMPLE_BYTES: usize = 24;

/// Bytes that a value of a column takes, and that of what becomes of it.
const VALUE_BYTES: usize = 16;

/// Blocks that may turn out to be unreadable while a question is answered, each of which has it asked again. More is not
/// bad luck but a broken disk.
const UNREADABLE_MAX: usize = 8;

/// An expression, and when it is to be evaluated.
#[derive(Clone, Debug)]
pub struct PromqlQuestion {
    /// What is asked.
    pub expr: Expr,
    /// The text that it was parsed from: warnings name places in it.
    pub text: String,
    /// At which instants.
    pub steps: Steps,
    /// How old the last sample of a series may be for a selector without a range. At least a millisecond; [`LOOKBACK`].
    pub lookback: Duration,
    /// The step of subqueries that name none. At least a millisecond; [`SUBQUERY_STEP`].
    pub subquery_step: Duration,
    /// How long it may take, if less than any question may.
    pub timeout: Option<Duration>,
}

impl PromqlQuestion {
    /// As Prometheus would ask where nobody says more.
    pub fn new(expr: Expr, text: impl Into<String>, steps: Steps) -> Self {
        Self { expr, text: text.into(), steps, lookback: LOOKBACK, subquery_step: SUBQUERY_STEP, timeout: None }
    }
}

/// What an expression evaluates to.
#[derive(Clone, Debug)]
pub struct PromqlAnswer {
    /// The value, with the evaluator's warnings and infos.
    pub outcome: Outcome,
    /// Why samples may be missing, each once.
    pub warnings: Vec<String>,
    /// What it rests on. Rows are points.
    pub coverage: Coverage,
}

/// Why an expression was not evaluated.
#[derive(Debug, thiserror::Error)]
pub enum PromqlError {
    /// Because of what it says, or of what it costs; never [`EvaluateError::Interrupted`] or [`SourceError::Other`].
    #[error(transparent)]
    Evaluate(EvaluateError),
    /// For any other reason: no time, no place, nothing to read from.
    #[error(transparent)]
    Query(#[from] QueryError),
}

impl From<EvaluateError> for PromqlError {
    fn from(error: EvaluateError) -> Self {
        match error {
            EvaluateError::Interrupted | EvaluateError::Source(SourceError::Interrupted) => {
                Self::Query(QueryError::new(QueryErrorKind::Timeout, "the question was interrupted", ""))
            }
            EvaluateError::Source(SourceError::Other(other)) => Self::Query(match other.downcast::<QueryError>() {
                Ok(ours) => *ours,
                Err(other) => QueryError::new(QueryErrorKind::Internal, other.to_string(), ""),
            }),
            error => Self::Evaluate(error),
        }
    }
}

impl Engine {
    /// Evaluates an expression over one snapshot of the tenant's series.
    pub async fn promql(&self, tenant: &TenantId, question: PromqlQuestion) -> Result<PromqlAnswer, PromqlError> {
        let (engine, view) = (self.clone(), self.view(tenant, TimeRange::ALL));
        self.run(async move {
            let timeout = question.timeout.unwrap_or(engine.config.timeout);
            let evaluated = aside(move |gone| evaluate(&engine, &view, &question, gone));
            tokio::time::timeout(timeout, evaluated).await.map_err(|_| timed_out(timeout))?
        })
        .await?
    }
}

/// Evaluates, and again without a block that turns out to be unreadable: the answer is then partial and says so.
fn evaluate(
    engine: &Engine,
    view: &View,
    question: &PromqlQuestion,
    interrupt: &AtomicBool,
) -> Result<PromqlAnswer, PromqlError> {
    let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX).max(1);
    let question = Question {
        expr: &question.expr,
        text: &question.text,
        steps: question.steps,
        lookback: millis(question.lookback),
        subquery_step: millis(question.subquery_step),
        limits: limits(&engine.config),
        interrupt,
    };
    let mut source = StoredSource::new(engine, view, question.limits.threads, interrupt);
    loop {
        let error = match promql::evaluate(&question, &source) {
            Ok(outcome) => return Ok(answer(view, source, outcome)),
            Err(error) => PromqlError::from(error),
        };
        let is_unreadable = matches!(&error, PromqlError::Query(error) if error.is_unreadable());
        if !is_unreadable || !source.leave_out_unreadable(UNREADABLE_MAX) {
            return Err(error);
        }
    }
}

fn answer(view: &View, source: StoredSource<'_>, outcome: Outcome) -> PromqlAnswer {
    let coverage = view.tally.coverage(outcome.samples);
    let mut warnings: BTreeSet<String> = source.into_warnings();
    warnings.extend(coverage.notes.iter().cloned());
    PromqlAnswer { outcome, warnings: warnings.into_iter().collect(), coverage }
}

/// Half of what one question has of the memory of all may be samples, and as much columns of values.
fn limits(config: &Config) -> Limits {
    let memory_bytes_max = config.memory_bytes_max / config.concurrency.max(1);
    Limits {
        samples_max: memory_bytes_max / 2 / SAMPLE_BYTES,
        values_max: memory_bytes_max / 2 / VALUE_BYTES,
        threads: available_parallelism().map_or(1, NonZeroUsize::get),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_questions_as_may_run_fit_into_the_memory_of_all_together() {
        for concurrency in [1, 8, 1_000] {
            let config = Config { concurrency, ..Config::default() };
            let Limits { samples_max, values_max, .. } = limits(&config);
            let bytes = concurrency * (samples_max * SAMPLE_BYTES + values_max * VALUE_BYTES);
            assert!((config.memory_bytes_max - bytes) < config.memory_bytes_max / 1_000 + concurrency * 64, "{bytes}");
            assert!(bytes <= config.memory_bytes_max, "{bytes}");
        }
    }
}
