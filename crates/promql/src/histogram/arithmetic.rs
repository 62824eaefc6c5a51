//! Histograms added, subtracted and scaled.

use super::{CounterReset, Histogram, IncompatibleBuckets};

/// What had to be decided to combine two histograms; annotations say it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Combined {
    /// One was known to have reset and the other not to have.
    pub conflicting_resets: bool,
    /// Custom bounds differed: only those that both have were kept.
    pub bounds_reconciled: bool,
}

impl Histogram {
    /// Adds another, which may have another schema and zero threshold: the result has the coarser of both, and of custom
    /// bounds those that both have. Nothing changes on error.
    pub fn add(&mut self, other: &Self) -> Result<Combined, IncompatibleBuckets> {
        self.combine(other, |count| count)
    }

    /// Subtracts another, as [`Histogram::add`] adds it. Counts may become negative. The caller says that the result is
    /// a gauge where it is one.
    pub fn subtract(&mut self, other: &Self) -> Result<Combined, IncompatibleBuckets> {
        self.combine(other, |count| -count)
    }

    /// Multiplies all counts and the sum. A negative factor makes it a gauge.
    pub fn scale(&mut self, factor: f64) {
        self.apply(|count| count * factor);
        if factor < 0.0 {
            self.counter_reset = CounterReset::Gauge;
        }
    }

    /// Divides all counts and the sum. Division by zero leaves no buckets; a negative divisor makes it a gauge.
    pub fn divide(&mut self, divisor: f64) {
        if divisor == 0.0 {
            self.layout.clear_buckets();
        }
        self.apply(|count| count / divisor);
        if divisor < 0.0 {
            self.counter_reset = CounterReset::Gauge;
        }
    }

    fn apply(&mut self, change: impl Fn(f64) -> f64 + Copy) {
        self.count = change(self.count);
        self.sum = change(self.sum);
        self.layout.apply(change);
    }

    fn combine(&mut self, other: &Self, sign: impl Fn(f64) -> f64 + Copy) -> Result<Combined, IncompatibleBuckets> {
        let bounds_reconciled = self.layout.absorb(&other.layout, sign)?;
        self.count += sign(other.count);
        self.sum += sign(other.sum);
        let (counter_reset, conflicting_resets) = self.counter_reset.combined(other.counter_reset);
        self.counter_reset = counter_reset;
        Ok(Combined { conflicting_resets, bounds_reconciled })
    }
}
