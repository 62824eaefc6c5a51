//! Whether a counter began anew.

use super::layout::{Custom, Exponential, Layout};
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
