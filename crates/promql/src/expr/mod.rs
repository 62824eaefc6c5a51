//! What an expression is: a tree, as it was written.

mod aggregate;
mod binary;
mod call;
mod function;
mod length;
mod selector;
mod token;
mod lexer;
mod parse;
mod check;
mod quote;
mod number;
mod print;
mod format;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::{Labels, Matcher};

pub use aggregate::{Aggregate, AggregateOperator, Group};
pub use binary::{Binary, BinaryOperator, Cardinality, Fill, Matching};
pub use call::{Call, Function};
pub use format::format;
pub use length::{DurationExpr, DurationOperator, Length};
pub(crate) use print::write_label;
pub(crate) use quote::quote;
pub use selector::{At, Extension, RangeSelector, Selector, Subquery};

/// An expression, checked: types fit, functions have their arguments, selectors select something.
///
/// Its depth is bounded by the parser, so that it may be walked and dropped by recursion.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A number.
    Number(Number),
    /// A text in quotes.
    Text(Text),
    /// Series at an instant.
    Selector(Selector),
    /// Samples of series in a range of time.
    Range(RangeSelector),
    /// An expression evaluated many times.
    Subquery(Subquery),
    /// A function of arguments.
    Call(Call),
    /// Many series into few.
    Aggregate(Aggregate),
    /// Two sides.
    Binary(Binary),
    /// A sign before an expression.
    Unary(Unary),
    /// An expression in parentheses.
    Paren(Paren),
}

/// What an expression evaluates to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// A number.
    Scalar,
    /// A text.
    Text,
    /// A value per series.
    Vector,
    /// Samples per series.
    Matrix,
}

impl ValueType {
    /// As Prometheus calls it in answers: `scalar`, `string`, `vector`, `matrix`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Text => "string",
            Self::Vector => "vector",
            Self::Matrix => "matrix",
        }
    }

    /// As Prometheus calls it in messages: `scalar`, `string`, `instant vector`, `range vector`.
    pub fn documented(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Text => "string",
            Self::Vector => "instant vector",
            Self::Matrix => "range vector",
        }
    }
}

/// Where something stands in the text, bytes from its beginning, the end exclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// After the last byte.
    pub end: usize,
}

/// A number.
#[derive(Clone, Debug, PartialEq)]
pub struct Number {
    /// In seconds where it was written as a duration.
    pub value: f64,
    /// Whether it was written as a duration, such as `5m`.
    pub is_duration: bool,
    /// Where it stands.
    pub span: Span,
}

/// A text.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Without its quotes and escapes.
    pub value: String,
    /// Where it stands, with its quotes.
    pub span: Span,
}

/// A sign before an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Unary {
    /// Whether the sign is a minus; else a plus.
    pub is_negative: bool,
    /// A scalar or vector.
    pub inner: Box<Expr>,
    /// From the sign to the end of the expression.
    pub span: Span,
}

/// An expression in parentheses.
#[derive(Clone, Debug, PartialEq)]
pub struct Paren {
    /// Of any type.
    pub inner: Box<Expr>,
    /// With its parentheses.
    pub span: Span,
}

/// Why a text is no expression, in Prometheus' words and with its positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What is wrong.
    pub message: String,
    /// Where, in bytes.
    pub span: Span,
    /// Line and column, each from 1; the column counts bytes. Both are 0 where the text is empty.
    pub line: usize,
    /// See `line`.
    pub column: usize,
}

impl ParseError {
    pub(crate) fn new(text: &str, span: Span, message: impl Into<String>) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let (line, column) = match text.is_empty() {
            true => (0, 0),
            false => (before.matches('\n').count() + 1, before.len() - line_start + 1),
        };
        Self { message: message.into(), span, line, column }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            return write!(f, "unknown position: parse error: {}", self.message);
        }
        write!(f, "{}:{}: parse error: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ParseError {}

/// Reads the labels of one series: `up{job="a"}`. Errors: it cannot be read.
pub fn parse_labels(text: &str) -> Result<Labels, ParseError> {
    parse::Parser::new(text)?.labels()
}

impl Expr {
    /// Reads an expression and checks it. Errors: it is too long or nested too deeply, cannot be read, or does not fit
    /// together.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        parse::Parser::new(text)?.expression()
    }

    /// Reads a selector with nothing behind it, as in `match[]`: `up{job="a"}`. Errors: it is none, or has only
    /// matchers that an empty value satisfies, and so would select everything.
    pub fn parse_selector(text: &str) -> Result<Vec<Matcher>, ParseError> {
        parse::Parser::new(text)?.matchers()
    }

    /// What it evaluates to.
    pub fn value_type(&self) -> ValueType {
        match self {
            Self::Number(_) => ValueType::Scalar,
            Self::Text(_) => ValueType::Text,
            Self::Selector(_) | Self::Aggregate(_) => ValueType::Vector,
            Self::Range(_) | Self::Subquery(_) => ValueType::Matrix,
            Self::Call(call) => call.function.returns,
            Self::Binary(binary) => {
                let is_scalar = |side: &Self| side.value_type() == ValueType::Scalar;
                if is_scalar(&binary.left) && is_scalar(&binary.right) { ValueType::Scalar } else { ValueType::Vector }
            }
            Self::Unary(unary) => unary.inner.value_type(),
            Self::Paren(paren) => paren.inner.value_type(),
        }
    }

    /// Where it stands in the text.
    pub fn span(&self) -> Span {
        match self {
            Self::Number(number) => number.span,
            Self::Text(text) => text.span,
            Self::Selector(selector) => selector.span,
            Self::Range(range) => range.span,
            Self::Subquery(subquery) => subquery.span,
            Self::Call(call) => call.span,
            Self::Aggregate(aggregate) => aggregate.span,
            Self::Binary(binary) => Span { start: binary.left.span().start, end: binary.right.span().end },
            Self::Unary(unary) => unary.span,
            Self::Paren(paren) => paren.span,
        }
    }

    /// What is inside of any parentheses around it.
    pub fn unwrapped(&self) -> &Self {
        let mut expr = self;
        while let Self::Paren(paren) = expr {
            expr = &paren.inner;
        }
        expr
    }
}
