//! The durations of all samples in order.

use super::TraceSample;

/// Durations in nanoseconds, ascending; at least one.
pub(super) struct Durations(Vec<u64>);

impl Durations {
    /// `None` without samples.
    pub(super) fn of(samples: &[TraceSample<'_>]) -> Option<Self> {
        let mut durations: Vec<u64> = samples.iter().map(|sample| sample.duration_ns).collect();
        durations.sort_unstable();
        (!durations.is_empty()).then_some(Self(durations))
    }

    /// The duration at a quantile in percent, 0 to 100 inclusive, by nearest rank: the shortest one that so many
    /// percent of the samples do not exceed.
    pub(super) fn at(&self, percent: usize) -> u64 {
        let rank = (self.0.len() * percent).div_ceil(100).clamp(1, self.0.len());
        self.0[rank - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_the_duration_of_a_sample() {
        let durations = Durations((1..=10).collect());
        let found: Vec<u64> = [0, 1, 10, 11, 50, 90, 91, 98, 100].map(|percent| durations.at(percent)).to_vec();
        assert_eq!(found, [1, 1, 1, 2, 5, 9, 10, 10, 10]);
        assert_eq!(Durations(vec![7]).at(50), 7);
    }
}
