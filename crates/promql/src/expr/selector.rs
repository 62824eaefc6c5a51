//! Selectors of series, and the subquery, which makes samples of an expression.

use super::{Expr, Length, Span};
use crate::Matcher;

/// Series at an instant: `up{job="a"} offset 5m @ end()`.
#[derive(Clone, Debug, PartialEq)]
pub struct Selector {
    /// The metric's name where it stands before the braces; it is among the matchers, too.
    pub name: Option<String>,
    /// All of them, the name's included.
    pub matchers: Vec<Matcher>,
    /// How far back in time, or forward where negative.
    pub offset: Option<Length>,
    /// The instant it is fixed to.
    pub at: Option<At>,
    /// How samples at the edges of a range count.
    pub extension: Option<Extension>,
    /// Where it stands.
    pub span: Span,
}

/// The instant that `@` fixes something to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Unix milliseconds.
    Time(i64),
    /// The first instant of the question.
    Start,
    /// The last instant of the question.
    End,
}

/// How samples at the edges of a range count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extension {
    /// `anchored`: the value at each edge is that of the last sample before it.
    Anchored,
    /// `smoothed`: the value at each edge is interpolated.
    Smoothed,
}

/// Samples of series in a range of time: `up[5m]`.
#[derive(Clone, Debug, PartialEq)]
pub struct RangeSelector {
    /// Of these series; with the offset and instant of the whole.
    pub selector: Selector,
    /// How long the range is.
    pub range: Length,
    /// Where it stands.
    pub span: Span,
}

/// An expression evaluated at each step of a range: `rate(up[1m])[10m:30s]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Subquery {
    /// A scalar or vector.
    pub inner: Box<Expr>,
    /// How long the range is.
    pub range: Length,
    /// The step; where there is none, that of the question's default.
    pub step: Option<Length>,
    /// How far back in time, or forward where negative.
    pub offset: Option<Length>,
    /// The instant it is fixed to.
    pub at: Option<At>,
    /// Where it stands.
    pub span: Span,
}
