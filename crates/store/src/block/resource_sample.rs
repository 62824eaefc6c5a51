//! A sample of the resources of a block that is about to be written, and how many rows each has.

use std::collections::BTreeMap;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::UInt64Type;
use model::{AttributeSet, Attributes};

use super::promotion::{Candidate, Census};

/// Resources in a sample. A sender that makes up resources must not take memory for each.
const RESOURCES_MAX: usize = 4_096;

/// Bytes of their sets together, beyond the first of them: ordinary ones have some hundred.
const BYTES_MAX: usize = 4 << 20;

/// Those with the smallest ids: ids are hashes, so they are as good as drawn by lot, and the same from whatever end one
/// begins.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ResourceSample {
    resources: BTreeMap<u64, Resource>,
    bytes: usize,
    /// The smallest id for which there was no room. It, and what is above, is passed over.
    passed_over_from: Option<u64>,
}

#[derive(Debug, PartialEq, Eq)]
struct Resource {
    set: Box<[u8]>,
    rows: u64,
}

impl ResourceSample {
    /// The columns that [`Self::add`] reads.
    pub(super) const COLUMNS: [&'static str; 2] = ["resource_id", AttributeSet::Resource.column()];

    /// Counts the rows of a batch that has at least the [`Self::COLUMNS`].
    pub(super) fn add(&mut self, rows: &RecordBatch) {
        let [ids, sets] = Self::COLUMNS.map(|name| rows.column_by_name(name).expect("the batch has the columns"));
        let (ids, sets) = (ids.as_primitive::<UInt64Type>().values(), sets.as_binary_view());
        let mut row = 0;
        // Rows of one resource stand together.
        for run in ids.chunk_by(|a, b| a == b) {
            self.count(run[0], sets.value(row), run.len() as u64);
            row += run.len();
        }
    }

    fn count(&mut self, id: u64, set: &[u8], rows: u64) {
        if self.passed_over_from.is_some_and(|from| id >= from) {
            return;
        }
        let bytes = &mut self.bytes;
        let resource = self.resources.entry(id).or_insert_with(|| {
            *bytes += set.len();
            Resource { set: set.into(), rows: 0 }
        });
        resource.rows += rows;
        while self.resources.len() > RESOURCES_MAX || (self.bytes > BYTES_MAX && self.resources.len() > 1) {
            let Some((id, resource)) = self.resources.pop_last() else { return };
            self.bytes -= resource.set.len();
            self.passed_over_from = Some(id);
        }
    }

    /// The keys of a block with so many rows.
    pub(super) fn candidates(&self, rows: u64) -> impl Iterator<Item = Candidate> {
        let mut census = if self.passed_over_from.is_none() { Census::of_all() } else { Census::default() };
        self.resources.values().for_each(|resource| census.add(Attributes::new(&resource.set), resource.rows, 1));
        census.candidates(AttributeSet::Resource, rows)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, BinaryViewArray, UInt64Array};
    use proptest::prelude::*;

    use super::*;

    /// Rows of resources with these ids, each with a set of so many bytes.
    fn rows(ids: &[u64], bytes: usize) -> RecordBatch {
        let sets = ids.iter().map(|id| Some(vec![*id as u8; bytes]));
        let columns: [(&str, ArrayRef); 2] = [
            ("resource_id", Arc::new(UInt64Array::from(ids.to_vec()))),
            (AttributeSet::Resource.column(), Arc::new(sets.collect::<BinaryViewArray>())),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    }

    #[test]
    fn resources_without_end_do_not_take_memory_without_end() {
        let check = |count: u64, bytes: usize, expected: usize| {
            let mut sample = ResourceSample::default();
            for first in (0..count).step_by(100) {
                let ids: Vec<u64> = (first..count.min(first + 100)).map(|id| id.wrapping_mul(0x9e37_79b9)).collect();
                sample.add(&rows(&ids, bytes));
            }
            assert_eq!(sample.resources.len(), expected, "{count} of {bytes} bytes");
            assert_eq!(sample.bytes, expected * bytes);
        };
        check(300, 100, 300);
        check(10_000, 100, RESOURCES_MAX);
        check(1_000, 64 << 10, 64);
        check(3, BYTES_MAX + 1, 1);
    }

    proptest! {
        #[test]
        fn a_sample_is_the_same_from_whatever_end_one_begins(
            ids in prop::collection::vec(0u64..200, 1..300),
            batch in 1usize..50,
        ) {
            let sample = |ids: &[u64]| {
                let mut sample = ResourceSample::default();
                ids.chunks(batch).for_each(|ids| sample.add(&rows(ids, BYTES_MAX / 100)));
                sample
            };
            let reversed: Vec<u64> = ids.iter().rev().copied().collect();
            let (sample, other) = (sample(&ids), sample(&reversed));
            prop_assert_eq!(&sample.resources, &other.resources);
            for (id, resource) in &sample.resources {
                prop_assert_eq!(resource.rows, ids.iter().filter(|of| *of == id).count() as u64);
            }
        }
    }
}
