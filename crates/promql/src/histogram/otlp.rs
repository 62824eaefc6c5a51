//! Histograms from the data points that OTLP sends.

use std::sync::Arc;

use super::{Buckets, CounterReset, Histogram, HistogramError, HistogramParts, SCHEMA_CUSTOM, SCHEMA_MAX, SCHEMA_MIN};

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
    /// The index of the first positive bucket (0 begins at 1), and counts of it and those that follow.
    pub positive: (i32, &'a [u64]),
    /// The same of negative buckets.
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
        // What zero thresholds are where none was said, as Prometheus has it: the smallest that its clients use.
        const ZERO_THRESHOLD: f64 = 1e-128;
        if point.scale < SCHEMA_MIN {
            return Err(HistogramError::Scale(point.scale));
        }
        let schema = point.scale.min(SCHEMA_MAX);
        let merged = u32::try_from(point.scale - schema).unwrap_or(0);
        Self::new(HistogramParts {
            counter_reset: point.counter_reset,
            schema,
            zero_threshold: if point.zero_threshold == 0.0 { ZERO_THRESHOLD } else { point.zero_threshold },
            zero_count: point.zero_count as f64,
            count: point.count as f64,
            sum: point.sum,
            positive: exponential_buckets(point.positive, merged)?,
            negative: exponential_buckets(point.negative, merged)?,
            custom_bounds: Arc::from([]),
        })
    }

    /// Of an OTLP (or any other) histogram with explicit bounds: one of custom bounds.
    pub fn from_explicit(point: &ExplicitPoint<'_>) -> Result<Self, HistogramError> {
        let (needed, have) = (point.bounds.len() as u64 + 1, point.counts.len());
        if have != 0 && have as u64 != needed {
            return Err(HistogramError::BucketsMismatch { needed, have });
        }
        let mut buckets = Buckets::successive(0, point.counts.iter().map(|count| *count as f64).collect())?;
        buckets.compact();
        Self::new(HistogramParts {
            counter_reset: point.counter_reset,
            schema: SCHEMA_CUSTOM,
            count: point.count as f64,
            sum: point.sum,
            positive: buckets,
            custom_bounds: Arc::clone(&point.bounds),
            ..HistogramParts::default()
        })
    }
}

/// Buckets from the index of the first and counts, 2^`merged` of which become one.
fn exponential_buckets((first, counts): (i32, &[u64]), merged: u32) -> Result<Buckets, HistogramError> {
    let mut indexes = Vec::new();
    let mut merged_counts: Vec<f64> = Vec::new();
    for (index, count) in (i64::from(first)..).zip(counts).filter(|(_, count)| **count > 0) {
        // OTLP gives the index of the lower bound, Prometheus that of the upper. No more than 63 bits can be shifted out.
        let index = i32::try_from((index >> merged.min(63)) + 1).map_err(|_| HistogramError::IndexOutOfRange)?;
        match merged_counts.last_mut().filter(|_| indexes.last() == Some(&index)) {
            Some(last) => *last += *count as f64,
            None => {
                indexes.push(index);
                merged_counts.push(*count as f64);
            }
        }
    }
    Buckets::at_indexes(indexes, merged_counts)
}
