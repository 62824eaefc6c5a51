//! Where the time of an operation goes: in a typical trace, and in a slow one.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::TraceSample;
use super::durations::Durations;

/// Operations that are listed. A trace rarely goes through more, and those that are not listed have the least time.
const OPERATIONS_MAX: usize = 200;

/// The traces around p50: wide enough that one odd trace does not decide, narrow enough to be typical.
const P50_PERCENT: (usize, usize) = (45, 55);

/// The traces around p99, up to the slowest.
const P99_PERCENT: (usize, usize) = (98, 100);

/// Self time on the critical path by operation, in the traces around p50 and around p99.
///
/// Quantiles of each operation's own self time would not add up to anything, as they come from different traces. Here
/// both columns are means over whole traces, so each adds up to its band's mean duration, but for rounding.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeProfile<'a> {
    /// The typical traces: from the duration at p45 to the one at p55.
    pub p50: DurationBand,
    /// The slow traces: from the duration at p98 on.
    pub p99: DurationBand,
    /// Those with the most time at p99 first, then at p50, then by service and operation; at most 200.
    pub operations: Vec<OperationProfile<'a>>,
    /// How many more operations there are, which have no more time than those listed.
    pub operations_left_out: usize,
}

/// The traces whose durations lie in a range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DurationBand {
    /// How many there are; 0 only where there are no samples.
    pub traces: usize,
    /// The shortest of them may take this long, in nanoseconds, inclusive: a duration by nearest rank.
    pub duration_ns_min: u64,
    /// The longest of them may take this long, in nanoseconds, inclusive: a duration by nearest rank.
    pub duration_ns_max: u64,
    /// Their mean duration in nanoseconds, rounded down.
    pub duration_ns_mean: u64,
}

/// What one operation has of the time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OperationProfile<'a> {
    /// The service; empty when nobody said.
    pub service: &'a str,
    /// The operation; empty when nobody said.
    pub operation: &'a str,
    /// Its mean self time in the band around p50, in nanoseconds, rounded down. Traces without it count as 0.
    pub p50_self_ns: u64,
    /// Its share of all time in the band around p50, 0 to 1 inclusive.
    pub p50_share: f64,
    /// Its mean self time in the band around p99, in nanoseconds, rounded down. Traces without it count as 0.
    pub p99_self_ns: u64,
    /// Its share of all time in the band around p99, 0 to 1 inclusive.
    pub p99_share: f64,
}

/// Says where the time of `samples` goes. Operations that neither band has on its paths are not in it.
pub fn profile_time<'a>(samples: &[TraceSample<'a>]) -> TimeProfile<'a> {
    let Some(durations) = Durations::of(samples) else {
        let empty = DurationBand::default();
        return TimeProfile { p50: empty, p99: empty, operations: Vec::new(), operations_left_out: 0 };
    };
    let bands = [P50_PERCENT, P99_PERCENT].map(|percent| BandSum::new(samples, &durations, percent));
    let mut sums: BTreeMap<(&'a str, &'a str), [u128; 2]> = BTreeMap::new();
    for sample in samples {
        for (place, _) in bands.iter().enumerate().filter(|(_, band)| band.has(sample)) {
            for time in sample.operations {
                sums.entry((time.service, time.operation)).or_default()[place] += u128::from(time.self_ns);
            }
        }
    }
    let mut operations: Vec<_> = sums.into_iter().collect();
    operations.sort_by_key(|&(_, [p50, p99])| (Reverse(p99), Reverse(p50)));
    let operations_left_out = operations.len().saturating_sub(OPERATIONS_MAX);
    operations.truncate(OPERATIONS_MAX);
    let profile = |((service, operation), [p50, p99]): ((&'a str, &'a str), [u128; 2])| OperationProfile {
        service,
        operation,
        p50_self_ns: bands[0].mean(p50),
        p50_share: bands[0].share(p50),
        p99_self_ns: bands[1].mean(p99),
        p99_share: bands[1].share(p99),
    };
    let operations = operations.into_iter().map(profile).collect();
    TimeProfile { p50: bands[0].band, p99: bands[1].band, operations, operations_left_out }
}

/// A band, and the sum of its durations, which may be larger than any one.
struct BandSum {
    band: DurationBand,
    duration_ns_sum: u128,
}

impl BandSum {
    fn new(samples: &[TraceSample<'_>], durations: &Durations, percent: (usize, usize)) -> Self {
        let (duration_ns_min, duration_ns_max) = (durations.at(percent.0), durations.at(percent.1));
        let band = DurationBand { traces: 0, duration_ns_min, duration_ns_max, duration_ns_mean: 0 };
        let mut sum = Self { band, duration_ns_sum: 0 };
        for sample in samples {
            if sum.has(sample) {
                sum.band.traces += 1;
                sum.duration_ns_sum += u128::from(sample.duration_ns);
            }
        }
        sum.band.duration_ns_mean = sum.mean(sum.duration_ns_sum);
        sum
    }

    fn has(&self, sample: &TraceSample<'_>) -> bool {
        (self.band.duration_ns_min..=self.band.duration_ns_max).contains(&sample.duration_ns)
    }

    /// The mean per trace, rounded down.
    fn mean(&self, sum: u128) -> u64 {
        u64::try_from(sum / self.band.traces.max(1) as u128).unwrap_or(u64::MAX)
    }

    fn share(&self, sum: u128) -> f64 {
        match self.duration_ns_sum {
            0 => 0.0,
            whole => (sum as f64 / whole as f64).min(1.0),
        }
    }
}
