//! What every node of an expression has at hand while it is evaluated.

use std::sync::atomic::Ordering;

use super::{Ledger, Operand, Streams};
use crate::{EvaluateError, Expr, Question, SeriesSource, Span, Steps};

/// One evaluation of an expression, or, with other steps, of what is inside of a subquery. Cheap to copy: streams take
/// it along.
#[derive(Clone, Copy)]
pub(crate) struct Evaluation<'a> {
    question: &'a Question<'a>,
    source: &'a dyn SeriesSource,
    ledger: &'a Ledger,
    steps: Steps,
}

impl<'a> Evaluation<'a> {
    /// Of a question, at its own steps.
    pub(crate) fn new(question: &'a Question<'a>, source: &'a dyn SeriesSource, ledger: &'a Ledger) -> Self {
        Self { question, source, ledger, steps: question.steps }
    }

    /// What is asked. Its steps are those of the whole, not of a subquery.
    pub(crate) fn question(&self) -> &'a Question<'a> {
        self.question
    }

    /// Where series come from.
    pub(crate) fn source(&self) -> &'a dyn SeriesSource {
        self.source
    }

    /// What is written down on the way.
    pub(crate) fn ledger(&self) -> &'a Ledger {
        self.ledger
    }

    /// The steps that are evaluated here: in a subquery its own.
    pub(crate) fn steps(&self) -> Steps {
        self.steps
    }

    /// The same at other steps.
    pub(crate) fn with_steps(self, steps: Steps) -> Self {
        Self { steps, ..self }
    }

    /// The value of an expression.
    pub(crate) fn evaluate(&self, _expr: &'a Expr) -> Result<Operand<'a>, EvaluateError> {
        Err(EvaluateError::Interrupted)
    }

    /// The value of an expression of type scalar: one per step.
    pub(crate) fn scalar(&self, expr: &'a Expr) -> Result<Vec<f64>, EvaluateError> {
        match self.evaluate(expr)? {
            Operand::Scalar(values) => Ok(values),
            Operand::Text(_) | Operand::Vector(_) => Err(EvaluateError::Execution("expected a scalar".to_owned())),
        }
    }

    /// The value of an expression of type vector.
    pub(crate) fn vector(&self, expr: &'a Expr) -> Result<Streams<'a>, EvaluateError> {
        match self.evaluate(expr)? {
            Operand::Vector(streams) => Ok(streams),
            Operand::Text(_) | Operand::Scalar(_) => Err(EvaluateError::Execution("expected a vector".to_owned())),
        }
    }

    /// Writes down a warning about what stands at a place.
    pub(crate) fn warn(&self, message: impl Into<String>, span: Span) {
        self.ledger.warn(message.into(), span);
    }

    /// Writes down an info about what stands at a place.
    pub(crate) fn inform(&self, message: impl Into<String>, span: Span) {
        self.ledger.inform(message.into(), span);
    }

    /// To be called now and then in everything that may take long. Errors: the one who asked has gone.
    pub(crate) fn check(&self) -> Result<(), EvaluateError> {
        if self.question.interrupt.load(Ordering::Relaxed) { Err(EvaluateError::Interrupted) } else { Ok(()) }
    }
}
