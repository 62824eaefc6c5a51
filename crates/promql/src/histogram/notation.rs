//! Histograms as tests and messages write them: `{{schema:0 count:4 sum:5 buckets:[1 2 1]}}`.

use std::fmt;

use super::{Histogram, NotationError};

/// As tests write it, in double braces.
impl fmt::Display for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

impl Histogram {
    /// Reads what is between the double braces: keys with values, by spaces. Without any it is [`Histogram::empty`].
    pub fn parse(text: &str) -> Result<Self, NotationError> {
        todo!()
    }
}
