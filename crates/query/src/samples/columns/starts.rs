//! Since when values accumulate.

use arrow::array::RecordBatch;
use store::BlockReadError;

use super::super::column_cache::Keep;
use super::{Column, millis_of};

/// Unix milliseconds, 0 where the sender did not say.
#[derive(Debug)]
pub(in super::super) struct Starts(Vec<i64>);

impl Starts {
    /// One per row.
    pub(in super::super) fn millis(&self) -> &[i64] {
        &self.0
    }
}

impl Column for Starts {
    const READ: &'static [&'static str] = &["start_time"];

    fn of(batches: &[RecordBatch]) -> Result<Self, BlockReadError> {
        let mut starts = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
        for batch in batches {
            starts.extend(millis_of(batch, 0)?);
        }
        Ok(Self(starts))
    }

    fn rows(&self) -> usize {
        self.0.len()
    }
}

impl Keep for Starts {
    fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<i64>()
    }
}
