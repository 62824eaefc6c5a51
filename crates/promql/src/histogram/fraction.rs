//! The fraction of a native histogram's observations between two values.

use super::Histogram;
use super::bucket::{Bucket, Interpolation};

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
        if self.count == 0.0 || lower.is_nan() || upper.is_nan() {
            return Fraction { value: f64::NAN, excludes_nan: false };
        }
        if lower >= upper {
            return Fraction { value: 0.0, excludes_nan: false };
        }
        let (mut lower_rank, mut upper_rank) = (None, None);
        let (mut below, mut seen) = (0.0, 0.0);
        let mut buckets = self.buckets();
        for bucket in buckets.by_ref() {
            seen += bucket.count;
            let interpolation = self.interpolation(&bucket);
            let bucket = self.with_natural_bounds(bucket);
            lower_rank = lower_rank.or_else(|| rank_in(&bucket, lower, below, interpolation));
            upper_rank = upper_rank.or_else(|| rank_in(&bucket, upper, below, interpolation));
            if lower_rank.is_some() && upper_rank.is_some() {
                break;
            }
            below += bucket.count;
        }
        let (mut excludes_nan, mut count) = (false, self.count);
        if self.sum.is_nan() {
            count = buckets.fold(seen, |sum, bucket| sum + bucket.count);
            excludes_nan = count < self.count;
        }
        let [lower_rank, upper_rank] = [lower_rank, upper_rank].map(|rank| match rank {
            Some(rank) if rank > count => count,
            Some(rank) => rank,
            None => count,
        });
        Fraction { value: (upper_rank - lower_rank) / self.count, excludes_nan }
    }
}

/// How many observations are below a value, if a bucket says so: those of buckets below and part of its own. None where
/// the value is above.
fn rank_in(bucket: &Bucket, value: f64, below: f64, interpolation: Interpolation) -> Option<f64> {
    if bucket.lower >= value {
        return Some(below);
    }
    if bucket.upper <= value {
        return None;
    }
    // Nothing can be said of where in an infinite bucket they are, so that it counts as a whole.
    if interpolation == Interpolation::Linear && bucket.lower == f64::NEG_INFINITY {
        return Some(bucket.count);
    }
    Some(below + bucket.count * bucket.fraction_below(value, interpolation))
}
