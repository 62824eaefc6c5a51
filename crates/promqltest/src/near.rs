//! Whether two values are as good as equal.

use promql::{Buckets, Histogram, is_stale};

/// How far two values may be apart, relative to the sum of their sizes.
const EPSILON: f64 = 1e-6;

/// Stale markers equal stale markers, other NaNs other NaNs.
pub(crate) fn near(one: f64, other: f64) -> bool {
    if is_stale(one) || is_stale(other) {
        return is_stale(one) && is_stale(other);
    }
    if one == other || (one.is_nan() && other.is_nan()) {
        return true;
    }
    let sizes = one.abs() + other.abs();
    let apart = (one - other).abs();
    if one == 0.0 || other == 0.0 || sizes < f64::MIN_POSITIVE {
        return apart < EPSILON * f64::MIN_POSITIVE;
    }
    apart / sizes.min(f64::MAX) < EPSILON
}

/// Without what they say of counter resets. Empty buckets are as good as none.
pub(crate) fn near_histograms(one: &Histogram, other: &Histogram) -> bool {
    one.schema() == other.schema()
        && near(one.count(), other.count())
        && near(one.sum(), other.sum())
        && one.custom_bounds() == other.custom_bounds()
        && one.zero_threshold() == other.zero_threshold()
        && near(one.zero_count(), other.zero_count())
        && near_buckets(one.positive(), other.positive())
        && near_buckets(one.negative(), other.negative())
}

fn near_buckets(one: &Buckets, other: &Buckets) -> bool {
    let is_filled = |bucket: &(i32, f64)| bucket.1 != 0.0;
    let (mut one, mut other) = (one.iter().filter(is_filled), other.iter().filter(is_filled));
    loop {
        match (one.next(), other.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if one.0 == other.0 && near(one.1, other.1) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use promql::STALE;

    use super::*;

    fn check(one: f64, other: f64, expected: bool) {
        assert_eq!(near(one, other), expected, "{one} {other}");
        assert_eq!(near(other, one), expected, "{other} {one}");
    }

    #[test]
    fn values_are_near_by_their_size() {
        check(1.0, 1.000_000_5, true);
        check(1.0, 1.000_01, false);
        check(-1.0, 1.0, false);
        check(0.0, -0.0, true);
        check(0.0, 1e-300, false);
        check(f64::MAX, f64::MAX * 0.999_999_9, true);
        check(f64::INFINITY, f64::INFINITY, true);
        check(f64::INFINITY, f64::MAX, false);
    }

    #[test]
    fn a_stale_marker_is_no_ordinary_nan() {
        check(f64::NAN, f64::NAN, true);
        check(STALE, STALE, true);
        check(STALE, f64::NAN, false);
        check(f64::NAN, 0.0, false);
    }
}
