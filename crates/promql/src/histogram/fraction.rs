//! The fraction of a native histogram's observations between two values.

use super::Histogram;

/// A fraction of a native histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fraction {
    /// The fraction.
    pub value: f64,
    /// Whether observations of NaN are in no fraction; an info says it.
    pub excludes_nan: bool,
}

impl Histogram {
    /// The fraction of observations from `lower` to `upper`, which may be infinite. NaN where nothing was observed or a
    /// bound is NaN; 0 where `lower` is not below `upper`.
    pub fn fraction(&self, lower: f64, upper: f64) -> Fraction {
        todo!()
    }
}
