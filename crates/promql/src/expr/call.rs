//! Functions, and calls of them.

use super::{Expr, Span, ValueType};

/// A function of arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Which one.
    pub function: &'static Function,
    /// As many as it takes, of its types.
    pub arguments: Vec<Expr>,
    /// Where it stands.
    pub span: Span,
}

/// What a function takes and gives.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// As it is written.
    pub name: &'static str,
    /// Types of its arguments.
    pub arguments: &'static [ValueType],
    /// 0: exactly these; n: the last may be left out, or come up to n times; -1: the last may be left out, or come any number of times.
    pub variadic: i8,
    /// The type of its value.
    pub returns: ValueType,
}
