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

/// A length that depends on the question: `step() * 2`, `max_of(5m, range())`. Numbers are seconds.
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
    /// In parentheses, never two pairs directly. It is said to stand where what is inside does, or from the opening
    /// parenthesis where that is a number: so Prometheus has it in messages.
    Paren(Box<DurationExpr>, Span),
}

impl DurationExpr {
    /// Where it stands in the text.
    pub fn span(&self) -> Span {
        match self {
            Self::Number { span, .. }
            | Self::Step(span)
            | Self::Range(span)
            | Self::Unary { span, .. }
            | Self::Binary { span, .. }
            | Self::Paren(_, span) => *span,
        }
    }
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
    /// `min_of(a, b)`
    Min,
    /// `max_of(a, b)`
    Max,
}

impl DurationOperator {
    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
            Self::Power => "^",
            Self::Min => "min_of",
            Self::Max => "max_of",
        }
    }
}
