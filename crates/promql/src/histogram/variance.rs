//! Mean, variance and standard deviation of native histograms.

use super::Histogram;

impl Histogram {
    /// The mean of observations; NaN where there are none.
    pub fn avg(&self) -> f64 {
        self.sum() / self.count()
    }

    /// The variance, each observation being taken for the middle of its bucket: geometric of exponential, arithmetic of
    /// custom ones, 0 of the zero bucket. NaN where there are none.
    pub fn stdvar(&self) -> f64 {
        todo!()
    }

    /// The square root of [`Histogram::stdvar`].
    pub fn stddev(&self) -> f64 {
        self.stdvar().sqrt()
    }
}
