//! Columns of a stretch, decoded: what is asked of them is an index away.
//!
//! | file | what | of |
//! |---|---|---|
//! | `runs.rs` | which rows are whose, and their times | all points |
//! | `starts.rs` | since when values accumulate | all points |
//! | `numbers.rs` | values | gauges and sums |
//! | `buckets.rs` | counts, sums, cumulative buckets | classic histograms |
//! | `natives.rs` | histograms as Prometheus computes with them | both kinds of histograms |
//! | `quantiles.rs` | counts, sums, quantiles | summaries |

mod buckets;
mod natives;
mod numbers;
mod quantiles;
mod runs;
mod starts;

use arrow::array::{Array, ArrowPrimitiveType, AsArray, ListArray, PrimitiveArray, RecordBatch};
use arrow::datatypes::{TimestampNanosecondType, UInt32Type};
use arrow::error::ArrowError;
use store::BlockReadError;

use super::column_cache::Keep;

pub(super) use buckets::{Buckets, Upper};
pub(super) use natives::{ExplicitNatives, ExponentialNatives};
pub(super) use numbers::Numbers;
pub(super) use quantiles::Quantiles;
pub(super) use runs::Runs;
pub(super) use starts::Starts;

/// Some columns of a table, decoded: an entry for each row.
pub(super) trait Column: Keep + Sized {
    /// What is read for it, in this order.
    const READ: &'static [&'static str];

    /// Of all rows of a stretch, which come in their order with the columns that are read. An error where they are of
    /// other types.
    fn of(batches: &[RecordBatch]) -> Result<Self, BlockReadError>;

    /// For so many rows.
    fn rows(&self) -> usize;
}

/// The bit of OTLP's flags of a point that says that nothing was recorded.
const NO_RECORDED_VALUE: u32 = 1;

const NANOS_PER_MILLI: i64 = 1_000_000;

/// Numbers in the column at a place.
fn primitive<T: ArrowPrimitiveType>(batch: &RecordBatch, at: usize) -> Result<&PrimitiveArray<T>, BlockReadError> {
    column(batch, at)?.as_primitive_opt().ok_or_else(|| of_another_type(at))
}

/// Lists in the column at a place.
fn lists(batch: &RecordBatch, at: usize) -> Result<&ListArray, BlockReadError> {
    column(batch, at)?.as_list_opt().ok_or_else(|| of_another_type(at))
}

/// The numbers in a list.
fn items<T: ArrowPrimitiveType>(items: &dyn Array) -> Result<&PrimitiveArray<T>, BlockReadError> {
    items.as_primitive_opt().ok_or_else(|| of_another_type(0))
}

fn column(batch: &RecordBatch, at: usize) -> Result<&dyn Array, BlockReadError> {
    Ok(batch.columns().get(at).ok_or_else(|| of_another_type(at))?.as_ref())
}

fn of_another_type(at: usize) -> BlockReadError {
    ArrowError::SchemaError(format!("column {at} of the points is of another type")).into()
}

/// Which points say that nothing was recorded.
fn stale_of(batch: &RecordBatch, at: usize) -> Result<impl Iterator<Item = bool> + '_, BlockReadError> {
    let flags = primitive::<UInt32Type>(batch, at)?;
    Ok(flags.values().iter().map(|flags| flags & NO_RECORDED_VALUE != 0))
}

/// Times in whole milliseconds, rounded down; null is 0.
fn millis_of(batch: &RecordBatch, at: usize) -> Result<impl Iterator<Item = i64> + '_, BlockReadError> {
    let times = primitive::<TimestampNanosecondType>(batch, at)?;
    let millis = |(row, time): (usize, &i64)| if times.is_valid(row) { time.div_euclid(NANOS_PER_MILLI) } else { 0 };
    Ok(times.values().iter().enumerate().map(millis))
}

/// Where each of so many lists begins, one after the other, and where the last ends.
#[derive(Debug)]
struct Offsets(Vec<u32>);

impl Offsets {
    fn with_capacity(lists: usize) -> Self {
        let mut offsets = Vec::with_capacity(lists + 1);
        offsets.push(0);
        Self(offsets)
    }

    /// The next list ends here. An error above 2^32 items.
    fn push(&mut self, end: usize) -> Result<(), BlockReadError> {
        let end = u32::try_from(end).map_err(|_| ArrowError::OffsetOverflowError(end))?;
        self.0.push(end);
        Ok(())
    }

    /// The items of a list; none where there is no such list.
    fn of(&self, list: usize) -> std::ops::Range<usize> {
        match (self.0.get(list), self.0.get(list + 1)) {
            (Some(begin), Some(end)) => *begin as usize..*end as usize,
            _ => 0..0,
        }
    }

    fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<u32>()
    }
}
