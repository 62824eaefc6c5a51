//! The instants at which info series are looked up: those that the enriched expression itself looks at.

use crate::evaluate::{Evaluation, offset};
use crate::{At, Call, EvaluateError, Expr, Length, Question, Subquery};

/// The instant of a step, or a fixed one, less an offset in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reference {
    at: Option<i64>,
    offset: i64,
}

impl Reference {
    /// That of all selectors of an expression; the plain instants of the steps where they differ, or where a vector comes
    /// from no selector. Errors: an offset cannot be computed.
    pub(super) fn of(evaluation: &Evaluation<'_>, expr: &Expr) -> Result<Self, EvaluateError> {
        let mut found = Found::default();
        let has_selector = found.look(evaluation.question(), expr, &mut Vec::new())?;
        let is_uniform = has_selector && !found.differs && !found.has_free;
        Ok(found.first.filter(|_| is_uniform).unwrap_or_default())
    }

    /// The instant that a step looks at, unix milliseconds.
    pub(super) fn instant(self, step: i64) -> i64 {
        self.at.unwrap_or(step).saturating_sub(self.offset)
    }

    fn is_same(self, other: Self) -> bool {
        match (self.at, other.at) {
            (Some(_), Some(_)) => self.instant(0) == other.instant(0),
            (None, None) => self.offset == other.offset,
            _ => false,
        }
    }
}

#[derive(Debug, Default)]
struct Found {
    first: Option<Reference>,
    /// Whether another selector looks elsewhere.
    differs: bool,
    /// Whether any vector comes from no selector.
    has_free: bool,
}

impl Found {
    /// Whether there are selectors in a vector or matrix; scalars and texts are none of it. `around` are the subqueries
    /// that it is in, from the outermost on. The parser bounds the depth of an expression.
    fn look<'e>(
        &mut self,
        question: &Question<'_>,
        expr: &'e Expr,
        around: &mut Vec<&'e Subquery>,
    ) -> Result<bool, EvaluateError> {
        use crate::ValueType::{Matrix, Vector};
        if !matches!(expr.value_type(), Vector | Matrix) {
            return Ok(false);
        }
        let mut has_selector = false;
        match expr {
            Expr::Selector(selector) => return self.add(question, (selector.at, selector.offset.as_ref()), around),
            Expr::Range(range) => {
                let selector = &range.selector;
                return self.add(question, (selector.at, selector.offset.as_ref()), around);
            }
            Expr::Subquery(subquery) => {
                around.push(subquery);
                has_selector |= self.look(question, &subquery.inner, around)?;
                around.pop();
            }
            // What follows in it is matchers, not a vector.
            Expr::Call(Call { function, arguments, .. }) if function.name == "info" => {
                return arguments.first().map_or(Ok(false), |inner| self.look(question, inner, around));
            }
            Expr::Call(call) => {
                for argument in &call.arguments {
                    has_selector |= self.look(question, argument, around)?;
                }
            }
            Expr::Aggregate(aggregate) => {
                for inner in std::iter::once(&aggregate.inner).chain(&aggregate.parameter) {
                    has_selector |= self.look(question, inner, around)?;
                }
            }
            Expr::Binary(binary) => {
                for side in [&binary.left, &binary.right] {
                    has_selector |= self.look(question, side, around)?;
                }
            }
            Expr::Unary(unary) => has_selector |= self.look(question, &unary.inner, around)?,
            Expr::Paren(paren) => has_selector |= self.look(question, &paren.inner, around)?,
            Expr::Number(_) | Expr::Text(_) => {}
        }
        self.has_free |= !has_selector;
        Ok(has_selector)
    }

    /// Adds a selector. Offsets of the subqueries around it count up to the first that is fixed to an instant.
    fn add(
        &mut self,
        question: &Question<'_>,
        (at, shift): (Option<At>, Option<&Length>),
        around: &[&Subquery],
    ) -> Result<bool, EvaluateError> {
        let mut found = Reference { at: at.map(|at| instant(question, at)), offset: offset(shift, question)? };
        for subquery in around.iter().rev() {
            if found.at.is_some() {
                break;
            }
            found.offset = found.offset.saturating_add(offset(subquery.offset.as_ref(), question)?);
            found.at = subquery.at.map(|at| instant(question, at));
        }
        match self.first {
            Some(first) => self.differs |= !first.is_same(found),
            None => self.first = Some(found),
        }
        Ok(true)
    }
}

fn instant(question: &Question<'_>, at: At) -> i64 {
    match at {
        At::Time(instant) => instant,
        At::Start => question.steps.start(),
        At::End => question.steps.end(),
    }
}
