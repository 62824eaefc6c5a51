//! Counts, sums and quantiles of summaries.

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, UInt64Type};
use store::BlockReadError;

use super::super::column_cache::Keep;
use super::{Column, Offsets, items, lists, of_another_type, primitive, stale_of};

/// Summaries.
#[derive(Debug)]
pub(in super::super) struct Quantiles {
    is_stale: Vec<bool>,
    counts: Vec<u64>,
    sums: Vec<f64>,
    /// The quantiles of each row.
    of_rows: Offsets,
    quantiles: Vec<f64>,
    values: Vec<f64>,
}

impl Quantiles {
    /// Whether nothing was recorded.
    pub(in super::super) fn is_stale(&self, row: usize) -> bool {
        self.is_stale[row]
    }

    /// All observations.
    pub(in super::super) fn count(&self, row: usize) -> f64 {
        self.counts[row] as f64
    }

    /// Their sum.
    pub(in super::super) fn sum(&self, row: usize) -> f64 {
        self.sums[row]
    }

    /// The value of a quantile; `None` where the row does not have it.
    pub(in super::super) fn value(&self, row: usize, quantile: f64) -> Option<f64> {
        let of_row = self.of_rows.of(row);
        let at = self.quantiles[of_row.clone()].iter().position(|known| *known == quantile)?;
        Some(self.values[of_row.start + at])
    }
}

impl Column for Quantiles {
    const READ: &'static [&'static str] = &["count", "sum", "quantiles", "flags"];

    fn of(batches: &[RecordBatch]) -> Result<Self, BlockReadError> {
        let rows = batches.iter().map(RecordBatch::num_rows).sum();
        let mut read = Self {
            is_stale: Vec::with_capacity(rows),
            counts: Vec::with_capacity(rows),
            sums: Vec::with_capacity(rows),
            of_rows: Offsets::with_capacity(rows),
            quantiles: Vec::new(),
            values: Vec::new(),
        };
        for batch in batches {
            read.is_stale.extend(stale_of(batch, 3)?);
            read.counts.extend_from_slice(primitive::<UInt64Type>(batch, 0)?.values());
            read.sums.extend_from_slice(primitive::<Float64Type>(batch, 1)?.values());
            let pairs = lists(batch, 2)?;
            let fields = pairs.values().as_struct_opt().ok_or_else(|| of_another_type(2))?;
            let [quantiles, values] = fields.columns() else { return Err(of_another_type(2)) };
            let quantiles = items::<Float64Type>(quantiles.as_ref())?.values();
            let values = items::<Float64Type>(values.as_ref())?.values();
            for ends in pairs.value_offsets().windows(2) {
                let of_row = ends[0] as usize..ends[1] as usize;
                read.quantiles.extend_from_slice(&quantiles[of_row.clone()]);
                read.values.extend_from_slice(&values[of_row]);
                read.of_rows.push(read.values.len())?;
            }
        }
        Ok(read)
    }

    fn rows(&self) -> usize {
        self.counts.len()
    }
}

impl Keep for Quantiles {
    fn bytes(&self) -> usize {
        self.is_stale.capacity()
            + (self.counts.capacity() + self.sums.capacity()) * size_of::<u64>()
            + (self.quantiles.capacity() + self.values.capacity()) * size_of::<f64>()
            + self.of_rows.bytes()
    }
}
