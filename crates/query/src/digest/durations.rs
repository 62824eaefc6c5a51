//! Durations, counted in buckets: a sketch that can be added to, merged, and taken away from.
//!
//! The mapping is that of OpenTelemetry's exponential histograms ([`model::duration_bucket`]), since sketches of libraries
//! do not subtract, and a late span takes back what was counted without it.

use std::collections::BTreeMap;

use model::{duration_bucket, duration_of_bucket};

/// How many calls took how long.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Durations {
    buckets: BTreeMap<i32, f64>,
}

/// What is left of counts that were taken back: sums of weights are not exact.
pub(super) const NOTHING: f64 = 1e-6;

impl Durations {
    /// Counts `calls` calls of one duration; negative ones are taken back.
    pub(crate) fn add(&mut self, duration_ns: i64, calls: f64) {
        self.add_bucket(duration_bucket(duration_ns), calls);
    }

    /// The same by bucket.
    pub(crate) fn add_bucket(&mut self, bucket: i32, calls: f64) {
        *self.buckets.entry(bucket).or_default() += calls;
    }

    /// Adds all of another.
    pub(crate) fn merge(&mut self, other: &Self) {
        other.buckets.iter().for_each(|(bucket, calls)| self.add_bucket(*bucket, *calls));
    }

    /// Buckets and their counts, the shortest first; without those that were taken back.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = (i32, f64)> {
        self.buckets.iter().map(|(bucket, calls)| (*bucket, *calls)).filter(|(_, calls)| calls.abs() > NOTHING)
    }

    /// The duration that a share of all calls does not exceed, by nearest rank, in nanoseconds and within 2.2 %; `None`
    /// without calls. `quantile` is 0 to 1, inclusive.
    pub(crate) fn quantile(&self, quantile: f64) -> Option<i64> {
        let counted = || self.buckets().filter(|(_, calls)| *calls > 0.0);
        let all: f64 = counted().map(|(_, calls)| calls).sum();
        let (wanted, mut below) = (quantile.clamp(0.0, 1.0) * all, 0.0);
        let mut last = None;
        for (bucket, calls) in counted() {
            below += calls;
            last = Some(bucket);
            if below >= wanted - NOTHING {
                break;
            }
        }
        last.map(|bucket| duration_of_bucket(bucket) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_near_those_of_the_durations() {
        let mut durations = Durations::default();
        (1..=1_000).for_each(|millis| durations.add(millis * 1_000_000, 1.0));
        for (quantile, millis) in [(0.0, 1.0), (0.5, 500.0), (0.99, 990.0), (1.0, 1_000.0)] {
            let found = durations.quantile(quantile).unwrap() as f64 / 1e6;
            assert!((found / millis - 1.0).abs() < 0.025, "{quantile}: {found}");
        }
        assert_eq!(Durations::default().quantile(0.5), None);
    }

    #[test]
    fn what_is_taken_back_leaves_nothing() {
        let mut durations = Durations::default();
        durations.add(5_000, 1.5);
        durations.add(7_000, 0.1);
        durations.add(7_000, 0.2);
        let kept = durations.clone();
        for (nanos, calls) in [(9_000, 0.3), (5_000, 8.0)] {
            durations.add(nanos, calls);
            durations.add(nanos, -calls);
        }
        assert_eq!(durations.buckets().collect::<Vec<_>>(), kept.buckets().collect::<Vec<_>>());
        assert_eq!(durations.quantile(0.9), kept.quantile(0.9));
    }
}
