//! Histograms as Prometheus computes with them.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{Array, ListArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int32Type, UInt64Type};
use promql::{CounterReset, ExplicitPoint, ExponentialPoint, Histogram};
use store::BlockReadError;

use super::super::column_cache::Keep;
use super::buckets::Layouts;
use super::{Column, items, lists, primitive, stale_of};

/// Exponential histograms as native ones.
#[derive(Debug)]
pub(in super::super) struct ExponentialNatives(Natives);

/// Classic histograms as native ones with custom bounds.
#[derive(Debug)]
pub(in super::super) struct ExplicitNatives(Natives);

/// One per row; `None` where the point contradicts itself. What is known of counter resets is nothing: starts tell.
#[derive(Debug, Default)]
struct Natives {
    histograms: Vec<Option<Arc<Histogram>>>,
    bytes: usize,
}

/// What a histogram takes beside its buckets, and bytes of a sample that it counts as.
const HISTOGRAM_BYTES: usize = 128;
const SAMPLE_BYTES: usize = 16;

impl ExponentialNatives {
    /// One per row; `None` where the point contradicts itself.
    pub(in super::super) fn histograms(&self) -> &[Option<Arc<Histogram>>] {
        &self.0.histograms
    }
}

impl ExplicitNatives {
    /// One per row; `None` where the point contradicts itself.
    pub(in super::super) fn histograms(&self) -> &[Option<Arc<Histogram>>] {
        &self.0.histograms
    }
}

impl Natives {
    fn push(&mut self, histogram: Option<Histogram>) {
        let samples = histogram.as_ref().map_or(0, Histogram::samples);
        self.bytes += HISTOGRAM_BYTES + samples * SAMPLE_BYTES;
        self.histograms.push(histogram.map(Arc::new));
    }
}

fn items_of(list: &ListArray, row: usize) -> Range<usize> {
    let offsets = list.value_offsets();
    offsets[row] as usize..offsets[row + 1] as usize
}

impl Column for ExponentialNatives {
    const READ: &'static [&'static str] = &[
        "count",
        "sum",
        "scale",
        "zero_count",
        "zero_threshold",
        "positive_offset",
        "positive_counts",
        "negative_offset",
        "negative_counts",
        "flags",
    ];

    fn of(batches: &[RecordBatch]) -> Result<Self, BlockReadError> {
        let mut natives = Natives::default();
        for batch in batches {
            let counts = primitive::<UInt64Type>(batch, 0)?;
            let sums = primitive::<Float64Type>(batch, 1)?;
            let scales = primitive::<Int32Type>(batch, 2)?;
            let zero_counts = primitive::<UInt64Type>(batch, 3)?;
            let zero_thresholds = primitive::<Float64Type>(batch, 4)?;
            let (positive_offsets, positive) = (primitive::<Int32Type>(batch, 5)?, lists(batch, 6)?);
            let (negative_offsets, negative) = (primitive::<Int32Type>(batch, 7)?, lists(batch, 8)?);
            let positive_counts = items::<UInt64Type>(positive.values())?.values();
            let negative_counts = items::<UInt64Type>(negative.values())?.values();
            for (row, is_stale) in stale_of(batch, 9)?.enumerate() {
                if is_stale {
                    natives.push(Some(Histogram::stale()));
                    continue;
                }
                let point = ExponentialPoint {
                    scale: scales.value(row),
                    count: counts.value(row),
                    sum: if sums.is_valid(row) { sums.value(row) } else { 0.0 },
                    zero_count: zero_counts.value(row),
                    zero_threshold: zero_thresholds.value(row),
                    positive: (positive_offsets.value(row), &positive_counts[items_of(positive, row)]),
                    negative: (negative_offsets.value(row), &negative_counts[items_of(negative, row)]),
                    counter_reset: CounterReset::Unknown,
                };
                natives.push(Histogram::from_exponential(&point).ok());
            }
        }
        Ok(Self(natives))
    }

    fn rows(&self) -> usize {
        self.0.histograms.len()
    }
}

impl Keep for ExponentialNatives {
    fn bytes(&self) -> usize {
        self.0.bytes
    }
}

impl Column for ExplicitNatives {
    const READ: &'static [&'static str] = &["count", "sum", "bounds", "bucket_counts", "flags"];

    fn of(batches: &[RecordBatch]) -> Result<Self, BlockReadError> {
        let (mut natives, mut layouts) = (Natives::default(), Layouts::default());
        for batch in batches {
            let counts = primitive::<UInt64Type>(batch, 0)?;
            let sums = primitive::<Float64Type>(batch, 1)?;
            let (bounds, buckets) = (lists(batch, 2)?, lists(batch, 3)?);
            let all_bounds = items::<Float64Type>(bounds.values())?.values();
            let all_buckets = items::<UInt64Type>(buckets.values())?.values();
            for (row, is_stale) in stale_of(batch, 4)?.enumerate() {
                if is_stale {
                    natives.push(Some(Histogram::stale()));
                    continue;
                }
                let layout = layouts.number(&all_bounds[items_of(bounds, row)]);
                let point = ExplicitPoint {
                    bounds: layouts.bounds(layout).map(Arc::clone).unwrap_or_default(),
                    counts: &all_buckets[items_of(buckets, row)],
                    count: counts.value(row),
                    sum: if sums.is_valid(row) { sums.value(row) } else { 0.0 },
                    counter_reset: CounterReset::Unknown,
                };
                natives.push(Histogram::from_explicit(&point).ok());
            }
        }
        Ok(Self(natives))
    }

    fn rows(&self) -> usize {
        self.0.histograms.len()
    }
}

impl Keep for ExplicitNatives {
    fn bytes(&self) -> usize {
        self.0.bytes
    }
}
