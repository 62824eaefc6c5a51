//! Numbers from classic histograms: series of cumulative counts with a label `le`.

/// One bucket of a classic histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassicBucket {
    /// The upper bound, inclusive; not NaN.
    pub upper: f64,
    /// Observations up to there, those of all buckets below among them.
    pub count: f64,
}

/// A quantile of a classic histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BucketQuantile {
    /// The quantile.
    pub value: f64,
    /// Where counts fell from a bucket to a higher one, so that they had to be mended; an info says it.
    pub forced: Option<ForcedMonotonicity>,
}

/// Where and by how much counts of a classic histogram fell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForcedMonotonicity {
    /// The lowest upper bound of a bucket that was mended.
    pub bound_min: f64,
    /// The highest upper bound of a bucket that was mended.
    pub bound_max: f64,
    /// By how much the count was too low at most.
    pub difference_max: f64,
}

/// The quantile of a classic histogram, linear within a bucket. Buckets may come in any order and are changed: sorted,
/// merged where bounds are equal, and mended where counts fall.
///
/// NaN where `q` is NaN, there are fewer than two buckets, the highest is not +Inf, or nothing was observed; -Inf and
/// +Inf where `q` is below 0 and above 1. The lowest bucket begins at 0 if it ends above; of the highest, the lower bound
/// is given.
pub fn bucket_quantile(q: f64, buckets: &mut [ClassicBucket]) -> BucketQuantile {
    todo!()
}

/// Several quantiles at once, in the order of `quantiles`, as [`bucket_quantile`] gives them one by one.
pub fn bucket_quantiles(
    quantiles: &[f64],
    buckets: &mut [ClassicBucket],
    values: &mut Vec<f64>,
) -> Option<ForcedMonotonicity> {
    todo!()
}

/// The fraction of observations of a classic histogram from `lower` to `upper`, linear within a bucket. Buckets may come
/// in any order and are changed: sorted, and merged where bounds are equal.
///
/// NaN where a bound is NaN, there are no buckets, the highest is not +Inf, or nothing was observed; 0 where `lower` is
/// not below `upper`.
pub fn bucket_fraction(lower: f64, upper: f64, buckets: &mut [ClassicBucket]) -> f64 {
    todo!()
}
