//! The offset of two clocks at an instant.

use std::sync::Arc;

use super::agreement::Interval;
use crate::confidence;

/// By how much one host's clock is ahead of another's, with what that rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offset {
    /// The clock of `to` less the clock of `from`, in nanoseconds: positive where `to` is ahead.
    pub estimate_ns: i64,
    /// The true offset lies at most this far from the estimate, either way, in nanoseconds; never negative.
    pub error_ns: i64,
    /// How many calls it rests on; of a chain, those of the pair that has the fewest.
    pub pairs: u64,
    /// How many in a hundred calls agree with it, by a sample, 0 to 100 inclusive; of a chain, the fewest. Calls that
    /// were not waited for do not.
    pub agreeing_percent: u64,
    /// How many sampled calls that is a share of; of a chain, the fewest.
    pub sampled: usize,
    /// The host that is compared with.
    pub from: Arc<str>,
    /// The host whose clock is ahead or behind.
    pub to: Arc<str>,
    /// The hosts between, in order, where the two did not call each other; empty otherwise.
    pub via: Vec<Arc<str>>,
}

impl Offset {
    /// How sure it is that the true offset lies within the error, 0 to 1 inclusive.
    pub fn confidence(&self) -> f64 {
        confidence::offset(self)
    }

    /// Whether the two clocks are certainly apart: zero is not within the error.
    pub fn excludes_zero(&self) -> bool {
        self.estimate_ns.unsigned_abs() > self.error_ns.unsigned_abs()
    }

    /// The same, with the two hosts in each other's place.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        std::mem::swap(&mut self.from, &mut self.to);
        self.via.reverse();
        Self { estimate_ns: self.estimate_ns.saturating_neg(), ..self }
    }

    /// What it may be.
    pub(crate) fn interval(&self) -> Interval {
        Interval {
            lower_ns: self.estimate_ns.saturating_sub(self.error_ns),
            upper_ns: self.estimate_ns.saturating_add(self.error_ns),
        }
    }

    /// From this offset's `from` to the next one's `to`: errors add up.
    pub(crate) fn then(&self, next: &Self) -> Self {
        let mut via = self.via.clone();
        via.push(Arc::clone(&self.to));
        via.extend(next.via.iter().map(Arc::clone));
        Self {
            estimate_ns: self.estimate_ns.saturating_add(next.estimate_ns),
            error_ns: self.error_ns.saturating_add(next.error_ns),
            pairs: self.pairs.min(next.pairs),
            agreeing_percent: self.agreeing_percent.min(next.agreeing_percent),
            sampled: self.sampled.min(next.sampled),
            from: Arc::clone(&self.from),
            to: Arc::clone(&next.to),
            via,
        }
    }
}
