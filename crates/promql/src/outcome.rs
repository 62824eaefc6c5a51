//! The answer to a question.

use crate::{Annotations, Series, StepSeries, Steps};

/// A value, and what to know about it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What came out.
    pub value: Value,
    /// Warnings and infos.
    pub annotations: Annotations,
    /// How many samples were read.
    pub samples: usize,
}

/// What an expression evaluates to.
#[derive(Clone, Debug)]
pub enum Value {
    /// A number, at an instant.
    Scalar {
        /// Unix milliseconds.
        at: i64,
        /// The number.
        value: f64,
    },
    /// A text, at an instant.
    Text {
        /// Unix milliseconds.
        at: i64,
        /// The text.
        value: String,
    },
    /// A value per series at an instant: series of one step each, none without a value; sorted as the expression sorts
    /// them, else by labels.
    Vector {
        /// Unix milliseconds.
        at: i64,
        /// Each has one step.
        series: Vec<StepSeries>,
    },
    /// A value per series and step, by labels; no series is without any.
    Matrix {
        /// When the values are.
        steps: Steps,
        /// Each has as many values as there are steps.
        series: Vec<StepSeries>,
    },
    /// The samples of a range selector asked at an instant, as they are stored, by labels.
    Samples(Vec<Series>),
}
