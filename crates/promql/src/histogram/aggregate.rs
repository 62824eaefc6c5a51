//! The sum and the mean of many histograms, with compensation for what rounding loses.

use super::count::Compensated;
use super::layout::Layout;
use super::{CounterReset, Histogram, IncompatibleBuckets};

/// A histogram of many, and what had to be decided on the way; annotations say it.
#[derive(Clone, Debug)]
pub struct Aggregated {
    /// The sum or mean, without empty buckets.
    pub histogram: Histogram,
    /// Some were known to have reset and others not to have.
    pub conflicting_resets: bool,
    /// Custom bounds differed: only those that all have were kept.
    pub bounds_reconciled: bool,
}

/// Adds histograms up.
#[derive(Clone, Debug)]
pub struct HistogramSum {}

impl HistogramSum {
    /// Of one histogram.
    pub fn new(first: &Histogram) -> Self {
        todo!()
    }

    /// Adds one. Nothing changes on error.
    pub fn add(&mut self, histogram: &Histogram) -> Result<(), IncompatibleBuckets> {
        todo!()
    }

    /// The sum.
    pub fn finish(self) -> Aggregated {
        todo!()
    }
}

/// Takes the mean of histograms: their sum over their number, or, once a sum would be infinite, a running mean.
#[derive(Clone, Debug)]
pub struct HistogramMean {}

impl HistogramMean {
    /// Of one histogram.
    pub fn new(first: &Histogram) -> Self {
        todo!()
    }

    /// Adds one. On error it is not to be used any more.
    pub fn add(&mut self, histogram: &Histogram) -> Result<(), IncompatibleBuckets> {
        todo!()
    }

    /// The mean.
    pub fn finish(self) -> Aggregated {
        todo!()
    }
}
