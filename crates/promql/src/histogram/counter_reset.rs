//! Whether a counter began anew.

use std::borrow::Cow;
use std::sync::Arc;

use super::layout::{Custom, Exponential, Layout, bounds_of_both};
use super::{Buckets, Histogram};

/// What is known of whether a histogram's counter began anew since the sample before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CounterReset {
    /// Nothing: it has to be detected.
    #[default]
    Unknown,
    /// It did.
    Reset,
    /// It did not.
    NotReset,
    /// It is not a counter.
    Gauge,
}

impl CounterReset {
    /// Of the sum or difference of two, and whether the two contradict each other.
    pub(super) fn combined(self, other: Self) -> (Self, bool) {
        match (self, other) {
            (one, same) if one == same => (one, false),
            (Self::Gauge, _) | (_, Self::Gauge) => (Self::Gauge, false),
            (Self::Unknown, _) | (_, Self::Unknown) => (Self::Unknown, false),
            _ => (Self::Unknown, true),
        }
    }
}

impl Histogram {
    /// Whether its counter began anew since the sample before: because it says so, or because a count fell, or because it
    /// has buckets that a running counter cannot come to (finer ones, a narrower zero bucket). A gauge is looked at as if
    /// it were a counter.
    pub fn detects_reset(&self, previous: &Self) -> bool {
        match self.counter_reset {
            CounterReset::Reset => return true,
            CounterReset::NotReset => return false,
            CounterReset::Unknown | CounterReset::Gauge => {}
        }
        if self.count < previous.count {
            return true;
        }
        match (&self.layout, &previous.layout) {
            (Layout::Exponential(now), Layout::Exponential(before)) => now.has_fallen_since(before),
            (Layout::Custom(now), Layout::Custom(before)) => now.has_fallen_since(before),
            _ => true,
        }
    }
}

impl Exponential<f64> {
    fn has_fallen_since(&self, before: &Self) -> bool {
        if self.schema > before.schema || self.zero_threshold < before.zero_threshold {
            return true;
        }
        let mut before = Cow::Borrowed(before);
        if self.zero_threshold != before.zero_threshold {
            before.to_mut().widen_zero(self.zero_threshold);
        }
        // A counter does not widen its zero bucket into a populated bucket.
        if self.zero_threshold != before.zero_threshold || self.zero_count < before.zero_count {
            return true;
        }
        if self.schema != before.schema {
            before.to_mut().reduce(self.schema);
        }
        let sides = [(&self.positive, &before.positive), (&self.negative, &before.negative)];
        sides.iter().any(|(now, before)| has_fallen(now, before, self.within_zero(before)))
    }
}

impl Custom<f64> {
    fn has_fallen_since(&self, before: &Self) -> bool {
        if Arc::ptr_eq(&self.bounds, &before.bounds) || self.bounds == before.bounds {
            return has_fallen(&self.buckets, &before.buckets, 0);
        }
        let bounds = bounds_of_both(&self.bounds, &before.bounds);
        let (mut now, mut before) = (self.clone(), before.clone());
        now.coarsen(&bounds);
        before.coarsen(&bounds);
        has_fallen(&now.buckets, &before.buckets, 0)
    }
}

/// Whether a bucket has fewer observations than before, the first `skipped` of those before not being looked at.
fn has_fallen(now: &Buckets, before: &Buckets, skipped: usize) -> bool {
    let mut now = now.iter().peekable();
    before.iter().skip(skipped).any(|(index, count)| {
        while now.next_if(|(known, _)| *known < index).is_some() {}
        match now.peek() {
            Some((known, current)) if *known == index => *current < count,
            _ => count != 0.0,
        }
    })
}
