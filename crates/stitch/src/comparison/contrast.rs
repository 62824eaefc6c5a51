//! Which traces are compared with which.

use super::TraceSample;
use super::durations::Durations;

/// The slowest tenth is slow. Fewer would be too few to tell anything of, among the thousand traces or so that a
/// question looks at; more would be ordinary ones.
const SLOW_ABOVE_PERCENT: usize = 90;

/// What makes a trace suspect. The others are what it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contrast {
    /// It took longer than the one at p90, by nearest rank. So at most a tenth of all are slow, and none is if all
    /// take the same time.
    Slow,
    /// It failed.
    Failed,
}

impl Contrast {
    /// The contrast's name in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Contrast::Slow => "slow",
            Contrast::Failed => "failed",
        }
    }

    /// The side of each sample.
    pub(super) fn sides(self, samples: &[TraceSample<'_>]) -> Vec<Side> {
        let Some(durations) = Durations::of(samples) else { return Vec::new() };
        let slow_above = durations.at(SLOW_ABOVE_PERCENT);
        let is_suspect = |sample: &TraceSample<'_>| match self {
            Contrast::Slow => sample.duration_ns > slow_above,
            Contrast::Failed => sample.is_error,
        };
        samples.iter().map(|sample| if is_suspect(sample) { Side::Suspect } else { Side::Other }).collect()
    }
}

/// The side of a trace in a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Suspect,
    Other,
}
