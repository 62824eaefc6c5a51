//! Rows at known places, whole, and the order among rows of one time.

use std::collections::BTreeMap;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::interleave_record_batch;
use arrow::datatypes::DataType;
use store::BlockReadError;

use super::leading::{Place, Tie};
use super::row_hash::row_hashes;
use super::search::LogOrder;
use super::source::Source;

/// Rows read whole at once, at most; and at first, when it is not known how large they are.
const LOT_ROWS_MAX: usize = 4_096;
const LOT_ROWS_FIRST: usize = 128;

/// Bytes read whole at once, about. Bounds the memory that ordering takes.
const LOT_BYTES: usize = 16 << 20;

/// The rows with all columns of `logs`, in the order of the places.
fn fetch(sources: &[Source], places: &[Place]) -> Result<RecordBatch, BlockReadError> {
    let mut of_sources: BTreeMap<u32, Vec<(u32, usize)>> = BTreeMap::new();
    for (position, place) in places.iter().enumerate() {
        of_sources.entry(place.source).or_default().push((place.row, position));
    }
    let (mut batches, mut indices) = (Vec::new(), vec![(0, 0); places.len()]);
    for (source, mut rows) in of_sources {
        rows.sort_unstable();
        let numbers: Vec<u32> = rows.iter().map(|(row, _)| *row).collect();
        let mut positions = rows.iter().map(|(_, position)| *position);
        for batch in sources[source as usize].read_whole(&numbers)? {
            for (row, position) in (0..batch.num_rows()).zip(&mut positions) {
                indices[position] = (batches.len(), row);
            }
            batches.push(batch);
        }
    }
    if batches.is_empty() {
        return Ok(RecordBatch::new_empty(model::Table::Logs.schema()));
    }
    Ok(interleave_record_batch(&batches.iter().collect::<Vec<_>>(), &indices)?)
}

/// Reads the rows at the places, in their order and a lot at a time, and hands on each lot with its bytes, for as long as
/// more are wanted.
pub(super) fn fetch_lots(
    sources: &[Source],
    mut places: &[Place],
    mut wants_more: impl FnMut(&[Place], &RecordBatch, usize) -> bool,
) -> Result<(), BlockReadError> {
    let mut rows = LOT_ROWS_FIRST;
    while !places.is_empty() {
        let (lot, rest) = places.split_at(rows.min(places.len()));
        let read = fetch(sources, lot)?;
        let bytes = value_bytes(&read).max(1);
        if !wants_more(lot, &read, bytes) {
            break;
        }
        rows = (LOT_BYTES.saturating_mul(lot.len()) / bytes).clamp(1, LOT_ROWS_MAX);
        places = rest;
    }
    Ok(())
}

/// Bytes of the values, whoever else refers to them.
pub(crate) fn value_bytes(batch: &RecordBatch) -> usize {
    let bytes_of = |column: &ArrayRef| match column.data_type() {
        DataType::Utf8View => column.as_string_view().lengths().map(|length| length as usize).sum(),
        DataType::BinaryView => column.as_binary_view().lengths().map(|length| length as usize).sum(),
        other => other.primitive_width().unwrap_or(16) * column.len(),
    };
    batch.columns().iter().map(bytes_of).sum()
}

/// The hash of each row, by which rows of one time are ordered.
pub(super) fn hashes(sources: &[Source], places: &[Place]) -> Result<Vec<u64>, BlockReadError> {
    let mut hashes = Vec::with_capacity(places.len());
    fetch_lots(sources, places, |_, rows, _| {
        hashes.extend(row_hashes(rows));
        true
    })?;
    Ok(hashes)
}

/// The rows of a tie that come first by their hashes.
pub(super) fn settle(sources: &[Source], tie: Tie, order: LogOrder) -> Result<Vec<Place>, BlockReadError> {
    let hashes = hashes(sources, &tie.tied)?;
    let mut ranked: Vec<(u64, Place)> = hashes.into_iter().zip(tie.tied).collect();
    ranked.sort_unstable_by_key(|(hash, place)| (order.hash_key(*hash), place.source, place.row));
    Ok(ranked.into_iter().take(tie.places_left).map(|(_, place)| place).collect())
}
