//! Counts, sums and cumulative buckets of classic histograms.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Float64Array, RecordBatch};
use arrow::datatypes::{Float64Type, UInt64Type};
use store::BlockReadError;

use super::super::column_cache::Keep;
use super::{Column, Offsets, items, lists, primitive, stale_of};

/// Classic histograms.
#[derive(Debug)]
pub(in super::super) struct Buckets {
    is_stale: Vec<bool>,
    counts: Vec<u64>,
    /// `None` where not sent.
    sums: Vec<Option<f64>>,
    /// What bounds there are, each once.
    layouts: Layouts,
    /// The number of the bounds of each row.
    layout: Vec<u32>,
    /// The buckets of each row.
    buckets: Offsets,
    /// Observations in each bucket and in those below.
    cumulative: Vec<u64>,
}

/// Distinct bounds: almost all rows of a metric have the same.
#[derive(Debug, Default)]
pub(super) struct Layouts {
    bounds: Vec<Arc<[f64]>>,
    known: HashMap<Vec<u64>, u32>,
    last: u32,
}

impl Layouts {
    /// The number of these bounds.
    pub(super) fn number(&mut self, bounds: &[f64]) -> u32 {
        let same = |known: &Arc<[f64]>| {
            known.len() == bounds.len() && known.iter().zip(bounds).all(|(a, b)| a.to_bits() == b.to_bits())
        };
        if self.bounds.get(self.last as usize).is_some_and(same) {
            return self.last;
        }
        let key: Vec<u64> = bounds.iter().map(|bound| bound.to_bits()).collect();
        // No more layouts than rows, of which there are far fewer than 2^32.
        let next = self.bounds.len() as u32;
        self.last = *self.known.entry(key).or_insert(next);
        if self.last == next {
            self.bounds.push(bounds.into());
        }
        self.last
    }

    /// The bounds with this number.
    pub(super) fn bounds(&self, number: u32) -> Option<&Arc<[f64]>> {
        self.bounds.get(number as usize)
    }

    fn bytes(&self) -> usize {
        self.bounds.iter().map(|bounds| 64 + 2 * size_of_val(&**bounds)).sum()
    }
}

impl Buckets {
    /// Whether nothing was recorded.
    pub(in super::super) fn is_stale(&self, row: usize) -> bool {
        self.is_stale[row]
    }

    /// All observations.
    pub(in super::super) fn count(&self, row: usize) -> f64 {
        self.counts[row] as f64
    }

    /// Their sum; `None` where it was not sent.
    pub(in super::super) fn sum(&self, row: usize) -> Option<f64> {
        self.sums[row]
    }

    /// Observations at or below a bound; `None` where the row does not have it.
    pub(in super::super) fn at_or_below(&self, row: usize, upper: &mut Upper) -> Option<f64> {
        if upper.bound == f64::INFINITY {
            return Some(self.count(row));
        }
        let bucket = upper.bucket_in(self, self.layout[row])?;
        let buckets = self.buckets.of(row);
        (bucket < buckets.len()).then(|| self.cumulative[buckets.start + bucket] as f64)
    }
}

/// A bound that is looked for in row after row.
#[derive(Debug)]
pub(in super::super) struct Upper {
    bound: f64,
    /// The bounds that were looked at last, and its place among them.
    last: Option<(u32, Option<usize>)>,
}

impl Upper {
    /// One that was not looked for. Numbers of bounds are of one stretch.
    pub(in super::super) fn new(bound: f64) -> Self {
        Self { bound, last: None }
    }

    fn bucket_in(&mut self, of: &Buckets, layout: u32) -> Option<usize> {
        match self.last {
            Some((last, bucket)) if last == layout => bucket,
            _ => {
                let bounds = of.layouts.bounds(layout)?;
                let bucket = bounds.iter().position(|bound| *bound == self.bound);
                self.last = Some((layout, bucket));
                bucket
            }
        }
    }
}

impl Column for Buckets {
    const READ: &'static [&'static str] = &["count", "sum", "bounds", "bucket_counts", "flags"];

    fn of(batches: &[RecordBatch]) -> Result<Self, BlockReadError> {
        let rows = batches.iter().map(RecordBatch::num_rows).sum();
        let mut read = Self {
            is_stale: Vec::with_capacity(rows),
            counts: Vec::with_capacity(rows),
            sums: Vec::with_capacity(rows),
            layouts: Layouts::default(),
            layout: Vec::with_capacity(rows),
            buckets: Offsets::with_capacity(rows),
            cumulative: Vec::new(),
        };
        for batch in batches {
            read.is_stale.extend(stale_of(batch, 4)?);
            read.counts.extend_from_slice(primitive::<UInt64Type>(batch, 0)?.values());
            let sums: &Float64Array = primitive::<Float64Type>(batch, 1)?;
            read.sums.extend(sums.iter());
            let (bounds, counts) = (lists(batch, 2)?, lists(batch, 3)?);
            let all_bounds = items::<Float64Type>(bounds.values())?.values();
            let all_counts = items::<UInt64Type>(counts.values())?.values();
            for row in 0..batch.num_rows() {
                let of = |list: &arrow::array::ListArray| {
                    let offsets = list.value_offsets();
                    offsets[row] as usize..offsets[row + 1] as usize
                };
                read.layout.push(read.layouts.number(&all_bounds[of(bounds)]));
                let mut below: u64 = 0;
                read.cumulative.extend(all_counts[of(counts)].iter().map(|count| {
                    below = below.saturating_add(*count);
                    below
                }));
                read.buckets.push(read.cumulative.len())?;
            }
        }
        read.layouts.known = HashMap::new();
        Ok(read)
    }

    fn rows(&self) -> usize {
        self.counts.len()
    }
}

impl Keep for Buckets {
    fn bytes(&self) -> usize {
        self.is_stale.capacity()
            + (self.counts.capacity() + self.cumulative.capacity()) * size_of::<u64>()
            + self.sums.capacity() * size_of::<Option<f64>>()
            + self.layout.capacity() * size_of::<u32>()
            + self.buckets.bytes()
            + self.layouts.bytes()
    }
}
