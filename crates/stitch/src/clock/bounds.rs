//! What one call says about the offset of two clocks.

use model::UnixNanos;

use super::agreement::Interval;

/// Between which two values one call puts the offset of two clocks, at the time of the call. In nanoseconds, both
/// inclusive. `lower_ns` is never above `upper_ns`: a call of which that would be so says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bounds {
    /// When the call was.
    pub at: UnixNanos,
    /// The offset is at least this.
    pub lower_ns: i64,
    /// The offset is at most this.
    pub upper_ns: i64,
}

impl Bounds {
    /// The same, with the two clocks in each other's place.
    pub(crate) fn reversed(self) -> Self {
        Self { lower_ns: self.upper_ns.saturating_neg(), upper_ns: self.lower_ns.saturating_neg(), ..self }
    }

    /// What the call says about another instant, if the clocks drift apart by no more than `drift_ppm` millionths of
    /// the time between.
    pub(crate) fn seen_from(self, at: UnixNanos, drift_ppm: i64) -> Interval {
        let slack = drift(self.distance(at), drift_ppm);
        Interval { lower_ns: self.lower_ns.saturating_sub(slack), upper_ns: self.upper_ns.saturating_add(slack) }
    }

    /// How far away the call is from an instant, in nanoseconds.
    pub(crate) fn distance(self, at: UnixNanos) -> i64 {
        self.at.get().saturating_sub(at.get()).saturating_abs()
    }

    /// A number that looks random and depends on nothing but the call, by which a sample is drawn: the same call is in
    /// the sample or not wherever it is counted, so samples can be merged.
    pub(crate) fn lot(self) -> u64 {
        let mut state = 0;
        for field in [self.at.get(), self.lower_ns, self.upper_ns] {
            // The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
            state = (state ^ field.cast_unsigned()).wrapping_add(0x9e37_79b9_7f4a_7c15);
            state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            state ^= state >> 31;
        }
        state
    }
}

/// How far clocks that drift by `drift_ppm` come apart in `nanos`.
pub(crate) fn drift(nanos: i64, drift_ppm: i64) -> i64 {
    const MILLION: i64 = 1_000_000;
    // Divided first where the product would be too large; the loss is below a microsecond in a day.
    nanos
        .checked_mul(drift_ppm)
        .map_or_else(|| (nanos / MILLION).saturating_mul(drift_ppm), |product| product / MILLION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_says_less_about_another_time_and_its_reverse_about_the_other_clock() {
        let bounds = Bounds { at: UnixNanos::new(0), lower_ns: 10, upper_ns: 30 };
        let later = bounds.seen_from(UnixNanos::new(1_000_000), 5);
        assert_eq!((later.lower_ns, later.upper_ns), (5, 35));
        assert_eq!((bounds.reversed().lower_ns, bounds.reversed().upper_ns), (-30, -10));
        let far = bounds.seen_from(UnixNanos::MIN, 100);
        assert!(far.lower_ns < -900_000_000_000_000 && far.upper_ns > 900_000_000_000_000);
    }
}
