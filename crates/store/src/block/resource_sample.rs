//! A sample of the resources of a block that is about to be written, and how many rows each has.

use std::collections::BTreeMap;

use arrow::array::{AsArray, RecordBatch};
use arrow::datatypes::UInt64Type;
use model::{AttributeSet, Attributes};

use super::promotion::{Candidate, Census};

/// Resources in a sample. A sender that makes up resources must not take memory for each.
const RESOURCES_MAX: usize = 4_096;

/// Those with the smallest ids: ids are hashes, so they are as good as drawn by lot, and the same from whatever end one
/// begins.
#[derive(Debug, Default)]
pub(super) struct ResourceSample {
    resources: BTreeMap<u64, Resource>,
}

#[derive(Debug)]
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
        if let Some(resource) = self.resources.get_mut(&id) {
            resource.rows += rows;
            return;
        }
        let largest = self.resources.last_key_value().map(|(id, _)| *id);
        let is_full = self.resources.len() == RESOURCES_MAX;
        if !is_full || largest.is_some_and(|largest| id < largest) {
            // What goes now never comes back: the largest id of a full sample only becomes smaller.
            if is_full {
                self.resources.pop_last();
            }
            self.resources.insert(id, Resource { set: set.into(), rows });
        }
    }

    /// The keys of a block with so many rows.
    pub(super) fn candidates(&self, rows: u64) -> impl Iterator<Item = Candidate> {
        let mut census = Census::default();
        self.resources.values().for_each(|resource| census.add(Attributes::new(&resource.set), resource.rows));
        census.candidates(AttributeSet::Resource, rows)
    }
}
