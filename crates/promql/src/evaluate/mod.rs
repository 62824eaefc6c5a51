//! From an expression to its value at every step.
//!
//! | file | what it has |
//! |---|---|
//! | `evaluation` | what every node has at hand: the question, its steps, the source, limits |
//! | `ledger` | what is written down on the way: warnings, infos, samples read, values held |
//! | `streams` | the value of a node: columns, series by series, over a few threads |

mod evaluation;
mod ledger;
mod streams;

pub(crate) use evaluation::Evaluation;
pub(crate) use ledger::Ledger;
pub(crate) use streams::{Operand, StepStream, Streams};

use crate::{EvaluateError, Outcome, Question, SeriesSource};

/// Answers a question. Errors: see [`EvaluateError`]; warnings and infos come with the answer.
pub fn evaluate(_question: &Question<'_>, _source: &dyn SeriesSource) -> Result<Outcome, EvaluateError> {
    Err(EvaluateError::Interrupted)
}
