//! What is asked.

use std::sync::atomic::AtomicBool;

use crate::{Expr, Limits, Steps};

/// An expression, the instants it is asked about, and limits.
#[derive(Debug)]
pub struct Question<'a> {
    /// What is asked.
    pub expr: &'a Expr,
    /// The text that the expression was parsed from: warnings name lines and columns of it.
    pub text: &'a str,
    /// When.
    pub steps: Steps,
    /// How old a series' last sample may be for a selector without a range to take it, milliseconds, at least 1.
    /// Five minutes in Prometheus.
    pub lookback: i64,
    /// The step of subqueries that name none, milliseconds, at least 1: a minute in Prometheus.
    pub subquery_step: i64,
    /// How much it may cost.
    pub limits: Limits,
    /// Looked at now and then: once it is set, evaluation ends with [`EvaluateError::Interrupted`](crate::EvaluateError).
    pub interrupt: &'a AtomicBool,
}
