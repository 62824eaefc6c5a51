//! The sum and the mean of many histograms, with compensation for what rounding loses.

use super::count::Compensated;
use super::layout::Layout;
use super::{CounterReset, Histogram, IncompatibleBuckets};

/// A histogram of many, and what had to be decided on the way; annotations say it.
#[derive(Clone, Debug)]
pub struct Aggregated {
    /// The sum or mean, without empty buckets.
    pub histogram: Histogram,
    /// Some were known to have reset and others not to have.
    pub conflicting_resets: bool,
    /// Custom bounds differed: only those that all have were kept.
    pub bounds_reconciled: bool,
}

/// Adds histograms up.
#[derive(Clone, Debug)]
pub struct HistogramSum {
    counter_reset: CounterReset,
    count: Compensated,
    sum: Compensated,
    layout: Layout<Compensated>,
    has_reset: bool,
    has_not_reset: bool,
    bounds_reconciled: bool,
}

impl HistogramSum {
    /// Of one histogram.
    pub fn new(first: &Histogram) -> Self {
        Self {
            counter_reset: first.counter_reset,
            count: Compensated::of(first.count),
            sum: Compensated::of(first.sum),
            layout: first.layout.map(Compensated::of),
            has_reset: first.counter_reset == CounterReset::Reset,
            has_not_reset: first.counter_reset == CounterReset::NotReset,
            bounds_reconciled: false,
        }
    }

    /// Adds one. Nothing changes on error.
    pub fn add(&mut self, histogram: &Histogram) -> Result<(), IncompatibleBuckets> {
        self.bounds_reconciled |= self.layout.absorb(&histogram.layout, Compensated::of)?;
        self.count.add_value(histogram.count);
        self.sum.add_value(histogram.sum);
        self.has_reset |= histogram.counter_reset == CounterReset::Reset;
        self.has_not_reset |= histogram.counter_reset == CounterReset::NotReset;
        (self.counter_reset, _) = self.counter_reset.combined(histogram.counter_reset);
        Ok(())
    }

    /// Whether custom bounds differed up to now.
    pub fn bounds_reconciled(&self) -> bool {
        self.bounds_reconciled
    }

    /// The sum.
    pub fn finish(self) -> Aggregated {
        let mut histogram = Histogram {
            counter_reset: self.counter_reset,
            count: self.count.total(),
            sum: self.sum.total(),
            layout: self.layout.map(Compensated::total),
        };
        histogram.compact();
        Aggregated {
            histogram,
            conflicting_resets: self.has_reset && self.has_not_reset,
            bounds_reconciled: self.bounds_reconciled,
        }
    }

    fn apply(&mut self, change: impl Fn(Compensated) -> Compensated) {
        self.count = change(self.count);
        self.sum = change(self.sum);
        self.layout.apply(change);
    }

    fn any(&self, is: impl Fn(Compensated) -> bool) -> bool {
        is(self.count) || is(self.sum) || self.layout.any(is)
    }
}

/// Takes the mean of histograms: their sum over their number, or, once a sum would be infinite, a running mean.
#[derive(Clone, Debug)]
pub struct HistogramMean {
    /// The sum, or the mean once it is a running one.
    sum: HistogramSum,
    number: f64,
    is_running: bool,
}

impl HistogramMean {
    /// Of one histogram.
    pub fn new(first: &Histogram) -> Self {
        Self { sum: HistogramSum::new(first), number: 1.0, is_running: false }
    }

    /// Adds one. On error it is not to be used any more.
    pub fn add(&mut self, histogram: &Histogram) -> Result<(), IncompatibleBuckets> {
        self.number += 1.0;
        if !self.is_running {
            if self.cannot_overflow(histogram) {
                return self.sum.add(histogram);
            }
            let mut sum = self.sum.clone();
            sum.add(histogram)?;
            if !sum.any(Compensated::is_infinite) {
                self.sum = sum;
                return Ok(());
            }
            self.is_running = true;
            let number = self.number - 1.0;
            self.sum.apply(|count| count.divided(number));
        }
        let weight = (self.number - 1.0) / self.number;
        self.sum.apply(|count| count.scaled(weight));
        let mut share = histogram.clone();
        share.divide(self.number);
        self.sum.add(&share)
    }

    /// Whether custom bounds differed up to now.
    pub fn bounds_reconciled(&self) -> bool {
        self.sum.bounds_reconciled
    }

    /// The mean.
    pub fn finish(mut self) -> Aggregated {
        if !self.is_running {
            self.sum.apply(|count| count.divided(self.number));
        }
        self.sum.finish()
    }

    /// Whether values are so small that no sum of them, of as many buckets as there may be, is infinite. It saves a copy of
    /// the sum for nearly all histograms that there are.
    fn cannot_overflow(&self, histogram: &Histogram) -> bool {
        const SMALL: f64 = f64::MAX / (1u64 << 40) as f64;
        let is_small = |value: f64| value.abs() < SMALL;
        is_small(histogram.count)
            && is_small(histogram.sum)
            && !histogram.layout.any(|count| !is_small(count))
            && !self.sum.any(|count| !is_small(count.total()))
    }
}
