//! From an expression to its value at every step.
//!
//! ```text
//! question ─► Evaluation ─► node by node, each for all steps at once ─► answer
//!                │
//!                ├ selector ──────────────► newest sample per step ─┐
//!                ├ range, subquery ─► windows ─► functions ─────────┼─► columns, series by series
//!                └ operators (see there) ───────────────────────────┘
//! ```
//!
//! Streams of columns are lazy: `sum by (x) (rate(m[5m]))` holds the samples of one series per thread, and a column per
//! group.
//!
//! | file | what it has |
//! |---|---|
//! | `evaluation` | what every node has at hand, and the way from a node to its value |
//! | `ledger` | what is written down on the way: warnings, infos, samples and values held |
//! | `streams` | the value of a node: columns, series by series, over a few threads |
//! | `column` | numbers, one per step, counted while they are held |
//! | `invariant` | which nodes have the same value at every step |
//! | `detail` | how much of histograms is looked at |
//! | `duration` | lengths that depend on the question |
//! | `selection`, `selector` | series of the source, and their newest samples |
//! | `range`, `window` | ranges of samples, and what of them a function sees at a step |
//! | `call`, `range_call` | calls of functions, by their names |
//! | `functions` | the functions |
//! | `remarks` | what functions have to say about series |
//! | `answer` | the outcome: names dropped, series in order |

mod answer;
mod call;
mod column;
mod detail;
mod duration;
mod evaluation;
mod functions;
mod invariant;
mod ledger;
mod range;
mod range_call;
mod remarks;
mod selection;
mod selector;
mod streams;
mod window;

pub(crate) use column::{Column, HeldValues};
pub(crate) use duration::offset;
pub(crate) use evaluation::Evaluation;
pub(crate) use ledger::{Ledger, Mended};
pub(crate) use streams::{Operand, StepStream, Streams};

use crate::{EvaluateError, Outcome, Question, SeriesSource};

/// Answers a question. Errors: see [`EvaluateError`]; warnings and infos come with the answer.
pub fn evaluate(question: &Question<'_>, source: &dyn SeriesSource) -> Result<Outcome, EvaluateError> {
    let ledger = Ledger::new(question.limits);
    let evaluation = Evaluation::new(question, source, &ledger);
    let value = answer::value(&evaluation, question.expr)?;
    Ok(Outcome { value, annotations: ledger.annotations(question.text), samples: ledger.samples_read() })
}
