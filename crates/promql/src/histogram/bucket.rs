//! One bucket with its bounds.

use super::Histogram;
use super::bound::{custom_bound, exponential_bound};
use super::layout::Layout;

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

/// How observations are thought to lie within a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interpolation {
    /// Evenly: in custom buckets, and in the zero bucket.
    Linear,
    /// Evenly in their logarithms: in exponential buckets.
    Exponential,
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

    /// Whether zero is in it or at one of its bounds.
    pub(super) fn reaches_zero(&self) -> bool {
        self.lower <= 0.0 && self.upper >= 0.0
    }

    /// The fraction of it that is below a value between its bounds.
    pub(super) fn fraction_below(&self, value: f64, interpolation: Interpolation) -> f64 {
        if interpolation == Interpolation::Linear {
            return (value - self.lower) / (self.upper - self.lower);
        }
        let [lower, upper, value_log] = [self.lower, self.upper, value].map(|bound| bound.abs().log2());
        if value > 0.0 { (value_log - lower) / (upper - lower) } else { 1.0 - (value_log - upper) / (lower - upper) }
    }
}

impl Histogram {
    /// All buckets by ascending bounds: negative ones, the zero bucket if anything is in it, positive ones. Empty ones
    /// are among them if they are there. A bucket that overlaps the zero bucket ends where that begins.
    pub fn buckets(&self) -> impl DoubleEndedIterator<Item = Bucket> {
        let threshold = self.zero_threshold();
        let below = self.negative().iter().rev().map(move |(index, count)| {
            let bucket = self.negative_bucket(index, count);
            let overlaps = bucket.upper < 0.0 && bucket.upper > -threshold;
            Bucket { upper: if overlaps { -threshold } else { bucket.upper }, ..bucket }
        });
        let above = self.positive().iter().map(move |(index, count)| {
            let bucket = self.positive_bucket(index, count);
            let overlaps = bucket.lower > 0.0 && bucket.lower < threshold;
            Bucket { lower: if overlaps { threshold } else { bucket.lower }, ..bucket }
        });
        below.chain(self.zero_bucket()).chain(above)
    }

    /// The zero bucket, if anything is in it.
    pub(super) fn zero_bucket(&self) -> Option<Bucket> {
        let (upper, count) = (self.zero_threshold(), self.zero_count());
        let bucket = Bucket { lower: -upper, upper, lower_inclusive: true, upper_inclusive: true, count };
        (count > 0.0).then_some(bucket)
    }

    /// A bucket of the positive side as its index says, be it that the zero bucket overlaps it.
    pub(super) fn positive_bucket(&self, index: i32, count: f64) -> Bucket {
        let (lower, upper) = self.bounds(index);
        let lower_inclusive = match self.layout {
            Layout::Exponential(_) => false,
            Layout::Custom(_) => index == 0,
        };
        Bucket { lower, upper, lower_inclusive, upper_inclusive: true, count }
    }

    /// A bucket of the negative side, as [`Histogram::positive_bucket`].
    pub(super) fn negative_bucket(&self, index: i32, count: f64) -> Bucket {
        let (upper, lower) = self.bounds(index);
        Bucket { lower: -lower, upper: -upper, lower_inclusive: true, upper_inclusive: false, count }
    }

    /// How observations are thought to lie within a bucket of it.
    pub(super) fn interpolation(&self, bucket: &Bucket) -> Interpolation {
        if self.has_custom_bounds() || bucket.reaches_zero() {
            Interpolation::Linear
        } else {
            Interpolation::Exponential
        }
    }

    /// A bucket with the bounds that observations in it are thought to have: the zero bucket ends at 0 on the side where
    /// there are no other buckets, if there are on the other; the first custom bucket begins at 0 if it ends above.
    pub(super) fn with_natural_bounds(&self, bucket: Bucket) -> Bucket {
        if self.has_custom_bounds() {
            let is_first = bucket.lower == f64::NEG_INFINITY && bucket.upper > 0.0;
            return Bucket { lower: if is_first { 0.0 } else { bucket.lower }, ..bucket };
        }
        match (self.negative().is_empty(), self.positive().is_empty()) {
            (true, false) if bucket.reaches_zero() => Bucket { lower: 0.0, ..bucket },
            (false, true) if bucket.reaches_zero() => Bucket { upper: 0.0, ..bucket },
            _ => bucket,
        }
    }

    /// Lower and upper bound of a bucket on the positive side.
    fn bounds(&self, index: i32) -> (f64, f64) {
        let index = i64::from(index);
        match &self.layout {
            Layout::Exponential(exponential) => {
                (exponential_bound(index - 1, exponential.schema), exponential_bound(index, exponential.schema))
            }
            Layout::Custom(custom) => (custom_bound(index - 1, &custom.bounds), custom_bound(index, &custom.bounds)),
        }
    }
}
