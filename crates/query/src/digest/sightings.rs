//! Who was there: one row for each resource.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryViewArray, RecordBatch};
use arrow::datatypes::{TimestampNanosecondType, UInt64Type};
use model::Table;

use super::columns::{rows, texts, times, unsigned};

/// Resources that are told of one flush, about 128 MiB of them. What comes beyond was not seen.
const RESOURCES_MAX: usize = 131_072;

/// The resources of a flush.
#[derive(Debug, Default)]
pub(super) struct Sightings<'a> {
    by_id: HashMap<u64, Sighting<'a>>,
}

#[derive(Debug)]
struct Sighting<'a> {
    first: i64,
    last: i64,
    service: Option<&'a str>,
    namespace: Option<&'a str>,
    environment: Option<&'a str>,
    attributes: &'a [u8],
    counts: [u64; 3],
}

impl<'a> Sightings<'a> {
    /// Adds the rows of a batch of spans, log records or series.
    pub(super) fn add(&mut self, table: Table, batch: &'a RecordBatch) {
        let column = |name: &str| batch.column_by_name(name).expect("a batch has all columns of its table");
        let ids = column("resource_id").as_primitive::<UInt64Type>().values();
        let times = column(table.time_column()).as_primitive::<TimestampNanosecondType>().values();
        let signal = match table {
            Table::Spans => 0,
            Table::Logs => 1,
            _ => 2,
        };
        let mut row = 0;
        // Rows of one resource stand together.
        for of_one in ids.chunk_by(|a, b| a == b) {
            let of_times = &times[row..row + of_one.len()];
            let (Some(first), Some(last)) = (of_times.iter().min(), of_times.iter().max()) else { continue };
            if self.by_id.len() < RESOURCES_MAX || self.by_id.contains_key(&of_one[0]) {
                let sighting = self.by_id.entry(of_one[0]).or_insert_with(|| Sighting::at(batch, row));
                (sighting.first, sighting.last) = (sighting.first.min(*first), sighting.last.max(*last));
                sighting.counts[signal] += of_one.len() as u64;
            }
            row += of_one.len();
        }
    }

    /// Lets resources that were seen stay for as long as a batch of their points tells. What describes series tells of the
    /// first of these alone.
    pub(super) fn lengthen(&mut self, points: &RecordBatch) {
        let column = |name: &str| points.column_by_name(name).expect("a batch has all columns of its table");
        let ids = column("resource_id").as_primitive::<UInt64Type>().values();
        let times = column("time").as_primitive::<TimestampNanosecondType>().values();
        let mut row = 0;
        for of_one in ids.chunk_by(|a, b| a == b) {
            let of_times = &times[row..row + of_one.len()];
            row += of_one.len();
            let (Some(first), Some(last)) = (of_times.iter().min(), of_times.iter().max()) else { continue };
            if let Some(sighting) = self.by_id.get_mut(&of_one[0]) {
                (sighting.first, sighting.last) = (sighting.first.min(*first), sighting.last.max(*last));
            }
        }
    }

    /// The rows of `sightings`.
    pub(super) fn into_rows(self) -> RecordBatch {
        let mut seen: Vec<(u64, Sighting<'a>)> = self.by_id.into_iter().collect();
        seen.sort_unstable_by_key(|(id, _)| *id);
        let told = || seen.iter().map(|(_, sighting)| sighting);
        let attributes = BinaryViewArray::from_iter_values(told().map(|sighting| sighting.attributes));
        let columns: Vec<ArrayRef> = vec![
            times(told().map(|sighting| sighting.first)),
            times(told().map(|sighting| sighting.last)),
            texts(told().map(|sighting| sighting.service)),
            texts(told().map(|sighting| sighting.namespace)),
            texts(told().map(|sighting| sighting.environment)),
            unsigned(seen.iter().map(|(id, _)| *id)),
            Arc::new(attributes),
            unsigned(told().map(|sighting| sighting.counts[0])),
            unsigned(told().map(|sighting| sighting.counts[1])),
            unsigned(told().map(|sighting| sighting.counts[2])),
        ];
        rows(Table::Sightings, columns)
    }
}

impl<'a> Sighting<'a> {
    fn at(batch: &'a RecordBatch, row: usize) -> Self {
        let text = |name: &str| {
            let column = batch.column_by_name(name)?.as_string_view_opt()?;
            column.is_valid(row).then(|| column.value(row))
        };
        let attributes = batch.column_by_name("resource_attributes").expect("rows of resources have them");
        Self {
            first: i64::MAX,
            last: i64::MIN,
            service: text("service_name"),
            namespace: text("service_namespace"),
            environment: text("deployment_environment"),
            attributes: attributes.as_binary_view().value(row),
            counts: [0; 3],
        }
    }
}
