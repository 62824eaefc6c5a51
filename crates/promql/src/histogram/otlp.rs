//! Histograms from the data points that OTLP sends.

use std::sync::Arc;

use super::{Buckets, CounterReset, Histogram, HistogramError, HistogramParts};

/// A data point of an exponential histogram.
#[derive(Clone, Copy, Debug)]
pub struct ExponentialPoint<'a> {
    /// Buckets grow by 2^(2^-scale). Above 8 buckets are merged until it is 8; below -4 is an error.
    pub scale: i32,
    /// All observations.
    pub count: u64,
    /// Their sum; 0 where it was not sent.
    pub sum: f64,
    /// Observations in the zero bucket.
    pub zero_count: u64,
    /// How far the zero bucket reaches; 0 where it was not sent, which stands for 1e-128.
    pub zero_threshold: f64,
    /// The index of the first positive bucket, and counts.
    pub positive: (i32, &'a [u64]),
    /// The index of the first negative bucket, and counts.
    pub negative: (i32, &'a [u64]),
    /// Unknown of a cumulative one, a gauge of deltas.
    pub counter_reset: CounterReset,
}

/// A data point of a histogram with explicit bounds.
#[derive(Clone, Debug)]
pub struct ExplicitPoint<'a> {
    /// Upper bounds, ascending, without +Inf. Shared by all points that have the same.
    pub bounds: Arc<[f64]>,
    /// Observations of each bucket by itself: one more than bounds, or none.
    pub counts: &'a [u64],
    /// All observations.
    pub count: u64,
    /// Their sum; 0 where it was not sent.
    pub sum: f64,
    /// Unknown of a cumulative one, a gauge of deltas.
    pub counter_reset: CounterReset,
}

impl Histogram {
    /// Of an OTLP exponential histogram.
    pub fn from_exponential(point: &ExponentialPoint<'_>) -> Result<Self, HistogramError> {
        todo!()
    }

    /// Of an OTLP (or any other) histogram with explicit bounds: one of custom bounds.
    pub fn from_explicit(point: &ExplicitPoint<'_>) -> Result<Self, HistogramError> {
        todo!()
    }
}
