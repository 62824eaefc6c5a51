//! Rate, errors, duration.

use std::time::Duration;

use crate::digest::CallCounts;

/// How many calls there were, how they ended, how long they took.
///
/// Where senders sample and say so in `tracestate`, numbers are of what the samples stand for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Red {
    /// Calls of which spans arrived.
    pub seen: u64,
    /// How many these stand for; as many, where nothing was sampled.
    pub calls: f64,
    /// The same by second of the time asked for.
    pub calls_per_second: f64,
    /// Calls that failed.
    pub errors: f64,
    /// The share of calls that failed, 0 to 1 inclusive; 0 without calls.
    pub error_share: f64,
    /// Errors that began in what was asked for, and not at something that it called: each error is in one of these.
    pub errors_begun: f64,
    /// The mean of their durations, nanoseconds; 0 without calls.
    pub mean_ns: u64,
    /// Durations that half, nine tenths and 99 of a hundred calls do not exceed, in nanoseconds, within 2.2 %; `None`
    /// without calls.
    pub quantiles: Option<Quantiles>,
}

/// Quantiles of durations, nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantiles {
    /// The median.
    pub p50_ns: u64,
    /// The 90th percentile.
    pub p90_ns: u64,
    /// The 99th percentile.
    pub p99_ns: u64,
}

impl Red {
    /// Of calls within a time.
    pub(crate) fn of(counts: &CallCounts, within: Duration) -> Self {
        // What was taken back may leave a little less than nothing.
        let amount = |number: f64| if number > 1e-6 { number } else { 0.0 };
        let (calls, errors) = (amount(counts.calls), amount(counts.errors));
        let of_calls = |number: f64| if calls > 0.0 { number / calls } else { 0.0 };
        let quantile = |share| counts.durations.quantile(share).map(i64::unsigned_abs);
        let quantiles = [0.5, 0.9, 0.99].map(quantile);
        Self {
            seen: u64::try_from(counts.seen).unwrap_or_default(),
            calls,
            calls_per_second: if within.is_zero() { 0.0 } else { calls / within.as_secs_f64() },
            errors,
            error_share: of_calls(errors).min(1.0),
            errors_begun: amount(counts.errors_begun),
            mean_ns: of_calls(amount(counts.duration_sum_ns)) as u64,
            quantiles: match quantiles {
                [Some(p50_ns), Some(p90_ns), Some(p99_ns)] if calls > 0.0 => Some(Quantiles { p50_ns, p90_ns, p99_ns }),
                _ => None,
            },
        }
    }
}
