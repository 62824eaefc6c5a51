//! How long something is, which may be computed.

use super::Span;

/// A length of time.
#[derive(Clone, Debug, PartialEq)]
pub enum Length {
    /// Milliseconds.
    Fixed(i64),
    /// Known when the question is.
    Computed(DurationExpr),
}

/// A length that depends on the question: `step() * 2`, `max(5m, range())`. Numbers are seconds.
#[derive(Clone, Debug, PartialEq)]
pub enum DurationExpr {
    /// Seconds.
    Number {
        /// How many.
        seconds: f64,
        /// Whether it was written as a duration, such as `5m`.
        is_duration: bool,
        /// Where it stands.
        span: Span,
    },
    /// `step()`: that of the question, in seconds; 0 for an instant.
    Step(Span),
    /// `range()`: from the first to the last instant of the question.
    Range(Span),
    /// A sign before it.
    Unary {
        /// Whether it is a minus.
        is_negative: bool,
        /// What stands behind it.
        inner: Box<DurationExpr>,
        /// With its sign.
        span: Span,
    },
    /// Two sides.
    Binary {
        /// What is done with them.
        operator: DurationOperator,
        /// The left side, or the first argument.
        left: Box<DurationExpr>,
        /// The right side, or the second argument.
        right: Box<DurationExpr>,
        /// From the left to the right, or the whole call.
        span: Span,
    },
    /// In parentheses.
    Paren(Box<DurationExpr>, Span),
}

/// What is done with two lengths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DurationOperator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
    /// `^`
    Power,
    /// `min(a, b)`
    Min,
    /// `max(a, b)`
    Max,
}
