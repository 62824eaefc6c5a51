//! When resources were heard from, of which `target_info` is made.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{TimestampNanosecondType, UInt64Type};
use datafusion::parquet::arrow::arrow_reader::statistics::StatisticsConverter;
use model::{Table, TimeRange, UnixNanos};
use store::{AttributeKeys, Block, BlockReadError};

use super::stored::Stay;
use crate::session::View;

/// Tables of points, by which resources in memory are known to be there.
const POINTS: [Table; 4] =
    [Table::MetricNumbers, Table::MetricHistograms, Table::MetricExpHistograms, Table::MetricSummaries];

/// One flush after the other is one stay: a resource that is heard from every few minutes was there all the time.
const GAP_NANOS: i64 = 300_000_000_000;

/// Times in which each of some resources was heard from.
#[derive(Debug, Default)]
pub(super) struct Stays {
    by_resource: HashMap<u64, Vec<Stay>>,
}

impl Stays {
    /// Of these resources in a range, and what could not be read. What is in blocks is told by `sightings`, what is in
    /// memory by its points. Blocks the calling thread.
    pub(super) fn read(view: &View, resources: &HashSet<u64>, range: TimeRange) -> (Self, Vec<String>) {
        let (mut stays, mut warnings) = (Self::default(), Vec::new());
        for block in view.snapshot.blocks(&view.tenant, Table::Sightings) {
            // A sighting goes on after its time, which the catalog does not know and the block's end does.
            let is_there = |end| range.overlaps(block.meta().min_time, end);
            if !is_there(UnixNanos::MAX) {
                continue;
            }
            let read =
                last_time(block).and_then(|end| if is_there(end) { stays.add_block(block, resources) } else { Ok(()) });
            if let Err(error) = read {
                let id = &block.meta().id;
                view.tally.failed(Table::Sightings, id, &error);
                warnings.push(format!("block {id} of sightings cannot be read: {error}"));
            }
        }
        for table in POINTS {
            for batch in view.snapshot.live(&view.tenant, table) {
                stays.add(batch, resources, "time");
            }
        }
        stays.by_resource.values_mut().for_each(|stays| join(stays, range));
        (stays, warnings)
    }

    /// Of one resource, ascending and apart.
    pub(super) fn of(&self, resource: u64) -> Arc<[Stay]> {
        self.by_resource.get(&resource).map_or_else(|| Arc::from([]), |stays| stays.as_slice().into())
    }

    fn add_block(&mut self, block: &Block, resources: &HashSet<u64>) -> Result<(), BlockReadError> {
        let all = 0..u32::try_from(block.meta().rows).unwrap_or(u32::MAX);
        for batch in block.read(&[all], &["resource_id", "time", "last_time"], AttributeKeys::All)? {
            self.add(&batch?, resources, "last_time");
        }
        Ok(())
    }

    fn add(&mut self, batch: &RecordBatch, resources: &HashSet<u64>, last_time: &str) {
        let ids = batch.column_by_name("resource_id").and_then(|ids| ids.as_primitive_opt::<UInt64Type>());
        let times = |name| batch.column_by_name(name)?.as_primitive_opt::<TimestampNanosecondType>();
        let (Some(ids), Some(firsts), Some(lasts)) = (ids, times("time"), times(last_time)) else { return };
        let mut row = 0;
        // Rows of one resource stand together.
        for of_one in ids.values().chunk_by(|a, b| a == b) {
            let rows = row..row + of_one.len();
            row = rows.end;
            if resources.contains(&of_one[0]) {
                let (first, last) = (firsts.values()[rows.clone()].iter().min(), lasts.values()[rows].iter().max());
                let stay = first
                    .zip(last)
                    .map(|(first, last)| Stay { first: UnixNanos::new(*first), last: UnixNanos::new(*last) });
                self.by_resource.entry(of_one[0]).or_default().extend(stay);
            }
        }
    }
}

/// The latest end of a sighting of the block; the latest of all times where it does not say.
fn last_time(block: &Block) -> Result<UnixNanos, BlockReadError> {
    let footer = block.footer()?;
    let converter = StatisticsConverter::try_new("last_time", footer.schema(), footer.parquet_schema());
    let of_groups = converter.and_then(|converter| converter.row_group_maxes(footer.metadata().row_groups()));
    let latest = of_groups.ok().and_then(|times| {
        let times = times.as_primitive_opt::<TimestampNanosecondType>()?;
        if times.null_count() == 0 { times.values().iter().max().copied() } else { None }
    });
    Ok(latest.map_or(UnixNanos::MAX, UnixNanos::new))
}

/// Joins what is one stay, and leaves out what does not touch the range.
fn join(stays: &mut Vec<Stay>, range: TimeRange) {
    stays.sort_unstable_by_key(|stay| stay.first);
    stays.dedup_by(|next, stay| {
        let is_same = next.first.get() <= stay.last.get().saturating_add(GAP_NANOS);
        if is_same {
            stay.last = stay.last.max(next.last);
        }
        is_same
    });
    stays.retain(|stay| range.overlaps(stay.first, stay.last));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_few_minutes_apart_is_one_stay() {
        let at = |minutes: i64| UnixNanos::new(minutes * 60_000_000_000);
        let mut stays: Vec<Stay> = [(60, 61), (0, 1), (2, 2), (7, 9), (8, 8), (30, 31)]
            .map(|(first, last)| Stay { first: at(first), last: at(last) })
            .into();
        join(&mut stays, TimeRange { from: at(9), to: at(60) });
        assert_eq!(stays, [Stay { first: at(0), last: at(9) }, Stay { first: at(30), last: at(31) }]);
    }
}
