//! What every node of an expression has at hand while it is evaluated.

use std::iter::repeat_n;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::call::call;
use super::detail::Detail;
use super::invariant::is_invariant;
use super::selector::{Reading, selector};
use super::{Column, Ledger, Operand, Streams};
use crate::operators::{aggregate, binary};
use crate::{ABSENT, EvaluateError, Expr, Histogram, Question, SeriesSource, Span, Steps, Unary, is_absent};

/// One evaluation of an expression, or, with other steps, of what is inside of a subquery. Cheap to copy: streams take
/// it along.
#[derive(Clone, Copy)]
pub(crate) struct Evaluation<'a> {
    question: &'a Question<'a>,
    source: &'a dyn SeriesSource,
    ledger: &'a Ledger,
    steps: Steps,
    detail: Detail,
}

impl<'a> Evaluation<'a> {
    /// Of a question, at its own steps.
    pub(crate) fn new(question: &'a Question<'a>, source: &'a dyn SeriesSource, ledger: &'a Ledger) -> Self {
        Self { question, source, ledger, steps: question.steps, detail: Detail::Unsaid }
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

    /// How much of the histograms of selectors is looked at.
    pub(super) fn detail(&self) -> Detail {
        self.detail
    }

    /// For what is inside of an expression.
    pub(super) fn within(self, expr: &Expr) -> Self {
        Self { detail: self.detail.within(expr), ..self }
    }

    /// The same at other steps.
    pub(crate) fn with_steps(self, steps: Steps) -> Self {
        Self { steps, ..self }
    }

    /// The value of an expression. What has the same value at every step is evaluated at the first alone.
    pub(crate) fn evaluate(&self, expr: &'a Expr) -> Result<Operand<'a>, EvaluateError> {
        self.check()?;
        let steps = self.steps.count();
        let max = self.question.limits.values_max;
        if steps > max {
            return Err(EvaluateError::TooManyValues { max });
        }
        if steps == 1 || !is_invariant(expr) {
            return self.evaluate_at_steps(expr);
        }
        let once = self.with_steps(Steps::instant(self.steps.start()));
        Ok(match once.evaluate_at_steps(expr)? {
            Operand::Scalar(values) => {
                let value = values.first().copied().unwrap_or(f64::NAN);
                Operand::Scalar(Column::of(self.ledger, repeat_n(value, steps))?)
            }
            Operand::Text(text) => Operand::Text(text),
            Operand::Vector(streams) => Operand::Vector(streams.filter_map(move |mut series| {
                let value = series.floats.first().copied().unwrap_or(ABSENT);
                series.floats = vec![value; steps];
                if let Some(histogram) = series.histograms.pop() {
                    series.histograms = vec![histogram; steps];
                }
                Ok(Some(series))
            })),
        })
    }

    fn evaluate_at_steps(&self, expr: &'a Expr) -> Result<Operand<'a>, EvaluateError> {
        let inner = &self.within(expr);
        match expr {
            Expr::Number(number) => {
                Column::of(self.ledger, repeat_n(number.value, self.steps.count())).map(Operand::Scalar)
            }
            Expr::Text(text) => Ok(Operand::Text(text.value.clone())),
            Expr::Selector(node) => selector(self, node, Reading::Value).map(Operand::Vector),
            Expr::Call(node) => call(inner, node),
            Expr::Aggregate(node) => aggregate(inner, node).map(Operand::Vector),
            Expr::Binary(node) => binary(inner, node),
            Expr::Unary(node) => self.signed(node),
            Expr::Paren(node) => self.evaluate(&node.inner),
            Expr::Range(_) | Expr::Subquery(_) => {
                Err(EvaluateError::Execution("expected a scalar or a vector, not a range of samples".to_owned()))
            }
        }
    }

    fn signed(&self, node: &'a Unary) -> Result<Operand<'a>, EvaluateError> {
        let inner = self.evaluate(&node.inner)?;
        if !node.is_negative {
            return Ok(inner);
        }
        Ok(match inner {
            Operand::Scalar(mut values) => {
                values.iter_mut().for_each(|value| *value = -*value);
                Operand::Scalar(values)
            }
            Operand::Text(text) => Operand::Text(text),
            Operand::Vector(streams) => Operand::Vector(streams.filter_map(|mut series| {
                series.drops_name = true;
                for value in series.floats.iter_mut().filter(|value| !is_absent(**value)) {
                    *value = -*value;
                }
                for histogram in series.histograms.iter_mut().flatten() {
                    let mut negative = Histogram::clone(histogram);
                    negative.scale(-1.0);
                    *histogram = Arc::new(negative);
                }
                Ok(Some(series))
            })),
        })
    }

    /// The value of an expression of type scalar: one per step.
    pub(crate) fn scalar(&self, expr: &'a Expr) -> Result<Column<'a>, EvaluateError> {
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
