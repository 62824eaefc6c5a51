//! Lengths of time that depend on the question.

use crate::{DurationExpr, DurationOperator, EvaluateError, Length, Question, Span};

/// Longer ones do not fit into nanoseconds, which is where Prometheus draws the line.
const SECONDS_MAX: f64 = 9_223_372_036.854_776;

/// A length that must be above zero, in milliseconds. Errors: it is not, or cannot be computed.
pub(super) fn positive(length: &Length, question: &Question<'_>) -> Result<i64, EvaluateError> {
    resolve(length, question, |seconds| seconds > 0.0)
}

/// A length that may be below zero, in milliseconds; 0 where there is none. Errors: it cannot be computed.
pub(crate) fn offset(length: Option<&Length>, question: &Question<'_>) -> Result<i64, EvaluateError> {
    length.map_or(Ok(0), |length| resolve(length, question, |_| true))
}

fn resolve(length: &Length, question: &Question<'_>, fits: impl Fn(f64) -> bool) -> Result<i64, EvaluateError> {
    let expr = match length {
        Length::Fixed(milliseconds) => return Ok(*milliseconds),
        Length::Computed(expr) => expr,
    };
    let seconds = compute(expr, question)?;
    if !seconds.is_finite() {
        return Err(refused(expr.span(), "duration is NaN or infinite"));
    }
    if !fits(seconds) {
        return Err(refused(expr.span(), "duration must be greater than 0"));
    }
    if seconds.abs() > SECONDS_MAX {
        return Err(refused(expr.span(), "duration is out of range"));
    }
    Ok((seconds * 1000.0) as i64)
}

/// In seconds. The parser bounds the depth of an expression.
fn compute(expr: &DurationExpr, question: &Question<'_>) -> Result<f64, EvaluateError> {
    let steps = question.steps;
    match expr {
        DurationExpr::Number { seconds, .. } => Ok(*seconds),
        DurationExpr::Step(_) => Ok(if steps.is_range() { steps.step() as f64 / 1000.0 } else { 0.0 }),
        DurationExpr::Range(_) => Ok(steps.until().saturating_sub(steps.start()) as f64 / 1000.0),
        DurationExpr::Unary { is_negative, inner, .. } => {
            let inner = compute(inner, question)?;
            Ok(if *is_negative { -inner } else { inner })
        }
        DurationExpr::Paren(inner, _) => compute(inner, question),
        DurationExpr::Binary { operator, left, right, span } => {
            let (left, right) = (compute(left, question)?, compute(right, question)?);
            match operator {
                DurationOperator::Add => Ok(left + right),
                DurationOperator::Subtract => Ok(left - right),
                DurationOperator::Multiply => Ok(left * right),
                DurationOperator::Divide if right == 0.0 => Err(refused(*span, "division by zero")),
                DurationOperator::Divide => Ok(left / right),
                DurationOperator::Modulo if right == 0.0 => Err(refused(*span, "modulo by zero")),
                DurationOperator::Modulo => Ok(left % right),
                DurationOperator::Power => Ok(left.powf(right)),
                DurationOperator::Min => Ok(left.min(right)),
                DurationOperator::Max => Ok(left.max(right)),
            }
        }
    }
}

/// With the bytes that it stands at, as Prometheus names them here.
fn refused(span: Span, reason: &str) -> EvaluateError {
    EvaluateError::Execution(format!("{}:{}: {reason}", span.start, span.end))
}
