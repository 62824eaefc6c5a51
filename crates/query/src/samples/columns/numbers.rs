//! Values of gauges and sums.

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::Float64Type;
use promql::STALE;
use store::BlockReadError;

use super::super::column_cache::Keep;
use super::{Column, primitive};

/// Values, [`STALE`] where nothing was recorded.
#[derive(Debug)]
pub(in super::super) struct Numbers(Vec<f64>);

impl Numbers {
    /// One per row.
    pub(in super::super) fn values(&self) -> &[f64] {
        &self.0
    }
}

#[cfg(test)]
impl From<Vec<f64>> for Numbers {
    fn from(values: Vec<f64>) -> Self {
        Self(values)
    }
}

impl Column for Numbers {
    /// Integers are in there as doubles.
    const READ: &'static [&'static str] = &["value"];

    fn of(batches: &[RecordBatch]) -> Result<Self, BlockReadError> {
        let mut numbers = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
        for batch in batches {
            let values = primitive::<Float64Type>(batch, 0)?;
            match values.null_count() {
                0 => numbers.extend_from_slice(values.values()),
                _ => numbers.extend(values.iter().map(|value| value.unwrap_or(STALE))),
            }
        }
        Ok(Self(numbers))
    }

    fn rows(&self) -> usize {
        self.0.len()
    }
}

impl Keep for Numbers {
    fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<f64>()
    }
}
