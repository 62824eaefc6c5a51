//! Numbers from classic histograms: series of cumulative counts with a label `le`.

use std::cmp::Ordering;

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
    let (buckets, forced) = mended(&[q], buckets);
    BucketQuantile { value: quantile(q, buckets), forced }
}

/// Several quantiles at once, as [`bucket_quantile`] gives them one by one: put in place of what is in `values`, in the
/// order of `quantiles`.
pub fn bucket_quantiles(
    quantiles: &[f64],
    buckets: &mut [ClassicBucket],
    values: &mut Vec<f64>,
) -> Option<ForcedMonotonicity> {
    let (buckets, forced) = mended(quantiles, buckets);
    values.clear();
    values.extend(quantiles.iter().map(|q| quantile(*q, buckets)));
    forced
}

/// The fraction of observations of a classic histogram from `lower` to `upper`, linear within a bucket. Buckets may come
/// in any order and are changed: sorted, and merged where bounds are equal.
///
/// NaN where a bound is NaN, there are no buckets, the highest is not +Inf, or nothing was observed; 0 where `lower` is
/// not below `upper`.
pub fn bucket_fraction(lower: f64, upper: f64, buckets: &mut [ClassicBucket]) -> f64 {
    let Some(buckets) = merged(buckets) else { return f64::NAN };
    let count = buckets.last().map_or(0.0, |highest| highest.count);
    if count == 0.0 || lower.is_nan() || upper.is_nan() {
        return f64::NAN;
    }
    if lower >= upper {
        return 0.0;
    }
    let [lower, upper] = [lower, upper].map(|value| match rank(value, buckets) {
        Some(rank) if rank > count => count,
        Some(rank) => rank,
        None => count,
    });
    (upper - lower) / count
}

/// Sorted by bound, those of the same bound as one; none where the highest is not +Inf.
fn merged(buckets: &mut [ClassicBucket]) -> Option<&mut [ClassicBucket]> {
    buckets.sort_unstable_by(|one, other| one.upper.total_cmp(&other.upper));
    if buckets.last()?.upper != f64::INFINITY {
        return None;
    }
    let mut kept = 0;
    for at in 1..buckets.len() {
        if buckets[at].upper == buckets[kept].upper {
            buckets[kept].count += buckets[at].count;
        } else {
            kept += 1;
            buckets[kept] = buckets[at];
        }
    }
    Some(&mut buckets[..=kept])
}

/// Buckets as quantiles need them, and whether counts had to be lifted for it. Where no quantile is from 0 to 1, nothing is
/// to be looked up, so that nothing is said of them either.
fn mended<'a>(
    quantiles: &[f64],
    buckets: &'a mut [ClassicBucket],
) -> (&'a [ClassicBucket], Option<ForcedMonotonicity>) {
    if !quantiles.iter().any(|q| (0.0..=1.0).contains(q)) {
        return (&[], None);
    }
    let Some(buckets) = merged(buckets) else { return (&[], None) };
    let forced = force_monotonicity(buckets);
    (buckets, forced)
}

/// Lifts counts that are below that of a lower bucket. Differences as small as those that rounding makes are levelled
/// without a word.
fn force_monotonicity(buckets: &mut [ClassicBucket]) -> Option<ForcedMonotonicity> {
    let mut forced: Option<ForcedMonotonicity> = None;
    let mut highest = buckets.first()?.count;
    for bucket in &mut buckets[1..] {
        if is_nearly_equal(highest, bucket.count) {
            bucket.count = highest;
        } else if bucket.count < highest {
            let difference = highest - bucket.count;
            bucket.count = highest;
            // Buckets ascend, so that this is the highest yet.
            let known = forced.get_or_insert(ForcedMonotonicity {
                bound_min: bucket.upper,
                bound_max: bucket.upper,
                difference_max: difference,
            });
            known.bound_max = bucket.upper;
            known.difference_max = known.difference_max.max(difference);
        } else {
            highest = bucket.count;
        }
    }
    forced
}

/// Whether counts differ by no more than rounding may make them differ, relative to their sum.
fn is_nearly_equal(one: f64, other: f64) -> bool {
    // Only with 10^12 observations in a bucket would one more be taken for such a difference.
    const TOLERANCE: f64 = 1e-12;
    if one == other || (one.is_nan() && other.is_nan()) {
        return true;
    }
    let (sum, difference) = (one.abs() + other.abs(), (one - other).abs());
    if one == 0.0 || other == 0.0 || sum < f64::MIN_POSITIVE {
        return difference < TOLERANCE * f64::MIN_POSITIVE;
    }
    difference / sum.min(f64::MAX) < TOLERANCE
}

/// The quantile of buckets whose counts do not fall.
fn quantile(q: f64, buckets: &[ClassicBucket]) -> f64 {
    if q < 0.0 {
        return f64::NEG_INFINITY;
    }
    if q > 1.0 {
        return f64::INFINITY;
    }
    if q.is_nan() {
        return f64::NAN;
    }
    let [lower @ .., highest] = buckets else { return f64::NAN };
    let Some(second) = lower.last().filter(|_| highest.count != 0.0) else { return f64::NAN };
    let mut rank = q * highest.count;
    let at = lower.partition_point(|bucket| bucket.count.partial_cmp(&rank).is_none_or(Ordering::is_lt));
    let Some(bucket) = lower.get(at) else { return second.upper };
    let Some(below) = at.checked_sub(1).map(|below| lower[below]) else {
        // The lowest bucket is thought to begin at 0, unless it ends there or below.
        return if bucket.upper <= 0.0 { bucket.upper } else { bucket.upper * (rank / bucket.count) };
    };
    rank -= below.count;
    below.upper + (bucket.upper - below.upper) * (rank / (bucket.count - below.count))
}

/// How many observations are below a value; none where it is above all buckets.
fn rank(value: f64, buckets: &[ClassicBucket]) -> Option<f64> {
    let lowest = buckets.first()?;
    let (mut lower, mut below) = (if lowest.upper <= 0.0 { f64::NEG_INFINITY } else { 0.0 }, 0.0);
    for bucket in buckets {
        if lower >= value {
            return Some(below);
        }
        if bucket.upper > value {
            // Nothing can be said of where in an infinite bucket they are, so that it counts as a whole.
            let is_infinite = lower == f64::NEG_INFINITY;
            let within = (bucket.count - below) * (value - lower) / (bucket.upper - lower);
            return Some(if is_infinite { bucket.count } else { below + within });
        }
        (lower, below) = (bucket.upper, bucket.count);
    }
    None
}
