//! Quantiles of native histograms.

use super::Histogram;
use super::bucket::{Bucket, Interpolation};

/// A quantile of a native histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantile {
    /// The quantile.
    pub value: f64,
    /// What observations of NaN did to it; an info says it.
    pub note: Option<QuantileNote>,
}

/// What observations of NaN did to a quantile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantileNote {
    /// It is NaN: as many are not in any bucket.
    Nan,
    /// It is higher than without them, as they count as if above all others.
    Skewed,
}

impl Histogram {
    /// The value below which the fraction `q` of observations is: exponential within exponential buckets, linear within
    /// custom ones and the zero bucket. NaN where nothing was observed or `q` is NaN; -Inf and +Inf where `q` is below 0
    /// and above 1.
    pub fn quantile(&self, q: f64) -> Quantile {
        let plain = |value| Quantile { value, note: None };
        if q < 0.0 {
            return plain(f64::NEG_INFINITY);
        }
        if q > 1.0 {
            return plain(f64::INFINITY);
        }
        if self.count == 0.0 || q.is_nan() {
            return plain(f64::NAN);
        }
        // From the nearer end, which loses less to rounding. Observations of NaN are in no bucket but count as if above
        // all, so where there may be any, the distance from the upper end is not known.
        let may_have_nan = self.sum.is_nan();
        let from_below = may_have_nan || q < 0.5;
        let rank = if from_below { q * self.count } else { (1.0 - q) * self.count };

        let mut buckets = self.buckets();
        let mut next = || if from_below { buckets.next() } else { buckets.next_back() };
        let mut bucket = Bucket::default();
        let mut seen = 0.0;
        while let Some(found) = next() {
            bucket = found;
            seen += bucket.count;
            if bucket.count != 0.0 && seen >= rank {
                break;
            }
        }
        if self.has_custom_bounds() {
            if bucket.lower == f64::NEG_INFINITY && bucket.upper <= 0.0 {
                return plain(bucket.upper);
            }
            if bucket.lower != f64::NEG_INFINITY && bucket.upper == f64::INFINITY {
                return plain(bucket.lower);
            }
        }
        let bucket = self.with_natural_bounds(bucket);
        // Rounding may have made the buckets' sum larger than the count.
        let reached = if seen > self.count { self.count } else { seen };
        if reached < rank {
            // Above all buckets: NaN if that is where such observations are, and else a histogram that is not sound.
            return if may_have_nan {
                Quantile { value: f64::NAN, note: Some(QuantileNote::Nan) }
            } else {
                plain(bucket.upper)
            };
        }
        let within = if from_below { rank - (reached - bucket.count) } else { reached - rank };
        let value = interpolated(&bucket, within / bucket.count, self.interpolation(&bucket));
        // The sum is NaN also where both infinities were observed; then all are in buckets.
        let is_skewed =
            may_have_nan && std::iter::from_fn(next).fold(reached, |sum, bucket| sum + bucket.count) < self.count;
        Quantile { value, note: is_skewed.then_some(QuantileNote::Skewed) }
    }
}

/// The value below which a fraction of a bucket is.
fn interpolated(bucket: &Bucket, fraction: f64, interpolation: Interpolation) -> f64 {
    if interpolation == Interpolation::Linear {
        return bucket.lower + (bucket.upper - bucket.lower) * fraction;
    }
    let (lower, upper) = (bucket.lower.abs().log2(), bucket.upper.abs().log2());
    if bucket.lower > 0.0 {
        (lower + (upper - lower) * fraction).exp2()
    } else {
        -(upper + (lower - upper) * (1.0 - fraction)).exp2()
    }
}
