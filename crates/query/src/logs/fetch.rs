//! Rows at known places, whole, and the order among rows of one time.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;
use arrow::compute::interleave_record_batch;
use store::BlockReadError;

use super::leading::{Place, Tie};
use super::row_hash::row_hashes;
use super::search::LogOrder;
use super::source::Source;

/// Rows read whole at once; bounds the memory that ordering takes.
const WHOLE_ROWS: usize = 4_096;

/// The rows with all columns of `logs`, in the order of the places.
pub(super) fn fetch(sources: &[Source], places: &[Place]) -> Result<RecordBatch, BlockReadError> {
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

/// The hash of each row, by which rows of one time are ordered.
pub(super) fn hashes(sources: &[Source], places: &[Place]) -> Result<Vec<u64>, BlockReadError> {
    let mut hashes = Vec::with_capacity(places.len());
    for places in places.chunks(WHOLE_ROWS) {
        hashes.extend(row_hashes(&fetch(sources, places)?));
    }
    Ok(hashes)
}

/// The rows of a tie that come first by their hashes.
pub(super) fn settle(sources: &[Source], tie: Tie, order: LogOrder) -> Result<Vec<Place>, BlockReadError> {
    let hashes = hashes(sources, &tie.tied)?;
    let mut ranked: Vec<(u64, Place)> = hashes.into_iter().zip(tie.tied).collect();
    ranked.sort_unstable_by_key(|(hash, place)| (order.hash_key(*hash), place.source, place.row));
    Ok(ranked.into_iter().take(tie.places_left).map(|(_, place)| place).collect())
}
