//! From an expression to its value at every step.

use crate::{EvaluateError, Outcome, Question, SeriesSource};

/// Answers a question. Errors: see [`EvaluateError`]; warnings and infos come with the answer.
pub fn evaluate(_question: &Question<'_>, _source: &dyn SeriesSource) -> Result<Outcome, EvaluateError> {
    Err(EvaluateError::Interrupted)
}
