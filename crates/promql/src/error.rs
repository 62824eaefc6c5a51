//! Why a question has no answer.

use crate::ParseError;

/// A source could not give series.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// More series match than one question may read.
    #[error("the selector matches more than {max} series: add label matchers or ask about a shorter time")]
    TooManySeries {
        /// How many are allowed.
        max: usize,
    },
    /// The one who asked has gone, or time is up.
    #[error("interrupted")]
    Interrupted,
    /// Anything else.
    #[error(transparent)]
    Other(#[from] Box<dyn std::error::Error + Send + Sync>),
}

/// An expression could not be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// It is not an expression, or not one of the type that is asked for.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// A text or samples, which have no value at each of several steps.
    #[error("invalid expression type {0:?} for range query, must be Scalar or instant Vector")]
    NotOfSteps(&'static str),
    /// What it says cannot be computed of these series; the words are Prometheus'.
    #[error("{0}")]
    Execution(String),
    /// It would read more samples than [`Limits::samples_max`](crate::Limits) at once.
    #[error("query processing would load too many samples into memory in query execution")]
    TooManySamples,
    /// It would hold more values at once than [`Limits::values_max`](crate::Limits).
    #[error("the question would hold more than {max} values at once: use a longer step, a shorter range, or aggregate")]
    TooManyValues {
        /// How many are allowed.
        max: usize,
    },
    /// The source failed.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The one who asked has gone, or time is up.
    #[error("interrupted")]
    Interrupted,
}
