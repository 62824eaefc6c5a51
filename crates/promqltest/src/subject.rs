//! What is tested: something that keeps series and answers questions.

use std::sync::atomic::AtomicBool;

use promql::{Expr, Limits, Outcome, Question, Series, Steps, evaluate};

use crate::{MemorySource, When};

/// Keeps series and answers questions about them.
pub trait Subject {
    /// Forgets all series.
    fn clear(&mut self);

    /// Adds series, or samples to series that it has. Errors: it does not take them.
    fn load(&mut self, series: &[Series]) -> Result<(), String>;

    /// Answers. Errors: the words that Prometheus would fail with.
    fn ask(&self, expr: &str, when: When) -> Result<Outcome, String>;
}

/// The evaluator of this process, over series in memory.
#[derive(Debug)]
pub struct Evaluator {
    source: MemorySource,
    limits: Limits,
}

impl Evaluator {
    /// Without series. `threads` is how many may evaluate at once; selections come in as many streams.
    pub fn new(threads: usize) -> Self {
        Self { source: MemorySource::new(threads), limits: Limits { threads, ..Limits::default() } }
    }
}

impl Subject for Evaluator {
    fn clear(&mut self) {
        self.source.clear();
    }

    fn load(&mut self, series: &[Series]) -> Result<(), String> {
        series.iter().try_for_each(|series| self.source.add(series.clone()))
    }

    fn ask(&self, expr: &str, when: When) -> Result<Outcome, String> {
        let text = expr;
        let expr = Expr::parse(text).map_err(|error| error.to_string())?;
        let steps = match when {
            When::Instant(at) => Steps::instant(at),
            When::Range { start, end, step } => Steps::range(start, end, step).ok_or("a range has no such steps")?,
        };
        let question = Question {
            expr: &expr,
            text,
            steps,
            lookback: 300_000,
            subquery_step: 60_000,
            limits: self.limits,
            interrupt: &AtomicBool::new(false),
        };
        evaluate(&question, &self.source).map_err(|error| error.to_string())
    }
}
