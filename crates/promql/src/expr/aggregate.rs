//! Aggregates: many series into few.

use super::{Expr, Span};

/// Many series into few: `sum by (job) (up)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// Which one.
    pub operator: AggregateOperator,
    /// A vector.
    pub inner: Box<Expr>,
    /// Of those operators that need one.
    pub parameter: Option<Box<Expr>>,
    /// Which series come together.
    pub group: Group,
    /// Where it stands.
    pub span: Span,
}

/// Which series come together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Group {
    /// Those that are equal in these labels, which are kept. Without a clause: none.
    By(Vec<String>),
    /// Those that are equal in all other labels, which are kept.
    Without(Vec<String>),
}

/// How series become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is named as it is written")]
pub enum AggregateOperator {
    Sum,
    Avg,
    Count,
    Min,
    Max,
    Group,
    Stddev,
    Stdvar,
    TopK,
    BottomK,
    CountValues,
    Quantile,
    LimitK,
    LimitRatio,
}

impl AggregateOperator {
    /// Every operator.
    pub const ALL: [Self; 14] = [
        Self::Sum,
        Self::Avg,
        Self::Count,
        Self::Min,
        Self::Max,
        Self::Group,
        Self::Stddev,
        Self::Stdvar,
        Self::TopK,
        Self::BottomK,
        Self::CountValues,
        Self::Quantile,
        Self::LimitK,
        Self::LimitRatio,
    ];

    /// Whether it has a parameter before what it aggregates.
    pub fn takes_parameter(self) -> bool {
        use AggregateOperator::{BottomK, CountValues, LimitK, LimitRatio, Quantile, TopK};
        matches!(self, TopK | BottomK | CountValues | Quantile | LimitK | LimitRatio)
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Avg => "avg",
            Self::Count => "count",
            Self::Min => "min",
            Self::Max => "max",
            Self::Group => "group",
            Self::Stddev => "stddev",
            Self::Stdvar => "stdvar",
            Self::TopK => "topk",
            Self::BottomK => "bottomk",
            Self::CountValues => "count_values",
            Self::Quantile => "quantile",
            Self::LimitK => "limitk",
            Self::LimitRatio => "limit_ratio",
        }
    }
}
