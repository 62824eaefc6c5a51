//! Mean, variance and standard deviation of native histograms.

use super::Histogram;
use super::bucket::Bucket;
use super::count::Compensated;

impl Histogram {
    /// The mean of observations; NaN where there are none.
    pub fn avg(&self) -> f64 {
        self.sum / self.count
    }

    /// The variance, each observation being taken for the middle of its bucket: geometric of exponential, arithmetic of
    /// custom ones, 0 of the zero bucket. NaN where there are none.
    pub fn stdvar(&self) -> f64 {
        let mean = self.avg();
        let mut squares = Compensated::default();
        for bucket in self.buckets().filter(|bucket| bucket.count != 0.0) {
            let distance = self.middle(&bucket) - mean;
            squares.add_value(bucket.count * distance * distance);
        }
        squares.total() / self.count
    }

    /// The square root of [`Histogram::stdvar`].
    pub fn stddev(&self) -> f64 {
        self.stdvar().sqrt()
    }

    fn middle(&self, bucket: &Bucket) -> f64 {
        if self.has_custom_bounds() {
            (bucket.upper + bucket.lower) / 2.0
        } else if bucket.reaches_zero() {
            0.0
        } else {
            (bucket.upper * bucket.lower).sqrt().copysign(bucket.upper)
        }
    }
}
