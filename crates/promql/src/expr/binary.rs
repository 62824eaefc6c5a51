//! Operators between two sides, and which series of them belong together.

use super::{Expr, Span};

/// Two sides: `a / on (job) group_left b`.
#[derive(Clone, Debug, PartialEq)]
pub struct Binary {
    /// What is done with them.
    pub operator: BinaryOperator,
    /// A scalar or vector.
    pub left: Box<Expr>,
    /// A scalar or vector.
    pub right: Box<Expr>,
    /// Whether a comparison gives 0 or 1 instead of leaving out.
    pub returns_bool: bool,
    /// Between two vectors.
    pub matching: Option<Matching>,
    /// Where the operator stands.
    pub operator_span: Span,
}

/// Which series of two vectors belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Matching {
    /// How many of each side.
    pub cardinality: Cardinality,
    /// Labels that must be equal if `on`; else those that need not be.
    pub labels: Vec<String>,
    /// Whether the labels are those that count.
    pub on: bool,
    /// Labels of the "one" side that the answer takes.
    pub include: Vec<String>,
    /// What stands for a series that is not there.
    pub fill: Fill,
}

/// What stands for a series of a side that has none to match.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fill {
    /// On the left.
    pub left: Option<f64>,
    /// On the right.
    pub right: Option<f64>,
}

/// By bits, so that a NaN equals itself.
impl PartialEq for Fill {
    fn eq(&self, other: &Self) -> bool {
        let bits = |fill: &Self| (fill.left.map(f64::to_bits), fill.right.map(f64::to_bits));
        bits(self) == bits(other)
    }
}

/// How many series of each side belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// One of each.
    OneToOne,
    /// `group_left`.
    ManyToOne,
    /// `group_right`.
    OneToMany,
    /// The set operators.
    ManyToMany,
}

/// What is done with two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is what its text says")]
pub enum BinaryOperator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Power,
    Atan2,
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    And,
    Or,
    Unless,
    /// `</`: what of a histogram is below.
    TrimUpper,
    /// `>/`: what of a histogram is above.
    TrimLower,
}

impl BinaryOperator {
    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
            Self::Power => "^",
            Self::Atan2 => "atan2",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::Less => "<",
            Self::GreaterOrEqual => ">=",
            Self::LessOrEqual => "<=",
            Self::And => "and",
            Self::Or => "or",
            Self::Unless => "unless",
            Self::TrimUpper => "</",
            Self::TrimLower => ">/",
        }
    }

    /// Whether it compares.
    pub fn is_comparison(self) -> bool {
        use BinaryOperator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        matches!(self, Equal | NotEqual | Greater | Less | GreaterOrEqual | LessOrEqual)
    }

    /// Whether it is `and`, `or` or `unless`.
    pub fn is_set(self) -> bool {
        matches!(self, Self::And | Self::Or | Self::Unless)
    }
}
