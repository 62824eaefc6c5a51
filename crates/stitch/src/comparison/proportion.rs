//! How certain a proportion is that was counted in few traces, and the difference of two.

/// Quantile of the normal distribution for 99.9 % between the bounds. At the usual 95 %, one in forty values that
/// make no difference would be above zero by chance, and a comparison looks at thousands; so it is one in two
/// thousand.
const Z: f64 = 3.290_5;

/// In how many of how many traces something occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Proportion {
    /// At most `of`.
    pub(super) count: usize,
    /// At least 1.
    pub(super) of: usize,
}

impl Proportion {
    /// 0 to 1 inclusive.
    pub(super) fn value(self) -> f64 {
        self.count as f64 / self.of as f64
    }

    /// Below and above what the true proportion is unlikely to lie: Wilson's score interval (1927), which unlike the
    /// simple one holds for few traces and for proportions of 0 and 1.
    fn bounds(self) -> (f64, f64) {
        let (p, n) = (self.value(), self.of as f64);
        let center = p + Z * Z / (2.0 * n);
        let margin = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        (((center - margin) / scale).clamp(0.0, p), ((center + margin) / scale).clamp(p, 1.0))
    }

    /// By how much this proportion is larger than `other` at the least, -1 to 1: the lower bound of the difference by
    /// Newcombe's method 10 ("Interval estimation for the difference between independent proportions", Statistics in
    /// Medicine 17, 1998), which puts two of Wilson's intervals together.
    pub(super) fn exceeds_at_least(self, other: Self) -> f64 {
        let below = self.value() - self.bounds().0;
        let above = other.bounds().1 - other.value();
        self.value() - other.value() - below.hypot(above)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the formulas, written down once more elsewhere, to three decimals.
    #[track_caller]
    fn check(suspect: (usize, usize), other: (usize, usize), expected: f64) {
        let proportion = |(count, of)| Proportion { count, of };
        let found = proportion(suspect).exceeds_at_least(proportion(other));
        assert!((found - expected).abs() < 0.001, "found {found}, expected {expected}");
    }

    #[test]
    fn a_difference_is_certain_only_with_enough_traces() {
        check((10, 10), (0, 10), 0.265);
        check((100, 100), (0, 900), 0.902);
        check((5, 50), (0, 450), 0.022);
        check((50, 100), (450, 900), -0.166);
    }

    #[test]
    fn bounds_stay_within_a_proportion() {
        for (count, of) in [(0, 1), (1, 1), (0, 1_000_000), (1_000_000, 1_000_000), (usize::MAX, usize::MAX)] {
            let proportion = Proportion { count, of };
            let (low, high) = proportion.bounds();
            assert!(0.0 <= low && low <= proportion.value() && proportion.value() <= high && high <= 1.0);
        }
    }
}
