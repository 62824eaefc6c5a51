//! The order in which the rows of a flush go into blocks: by hour, then by who sent them, then by time.
//!
//! Rows of one resource (or series) stand together, which is what makes the columns small and lets a
//! scan skip pages.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{TimestampNanosecondType, UInt64Type};
use model::{Table, UnixNanos};

use super::groups::{Groups, group_column};

/// One row and where it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PlacedRow {
    /// Start of the hour whose block it goes into.
    pub(crate) hour: UnixNanos,
    rank: u32,
    /// The row's own time.
    pub(crate) time: UnixNanos,
    /// Index of its batch among those given.
    pub(crate) batch: u32,
    /// Index of the row in its batch.
    pub(crate) row: u32,
}

/// Which hours get folders of their own. The rest goes into the folder of the present, so that a
/// sender with a broken clock cannot make a million folders, and retention counts from receipt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HourPolicy {
    /// The present.
    pub(crate) now: UnixNanos,
    /// How far back an hour may lie.
    pub(crate) retention: Duration,
}

/// A clock may run ahead by this much before its records are filed under the present.
const AHEAD_MAX: Duration = Duration::from_secs(3_600);

/// Hours that one flush of one table may write to. Real traffic touches one or two; a backlog after an outage a day.
const HOURS_MAX: usize = 64;

impl HourPolicy {
    fn hour_of(&self, time: UnixNanos) -> UnixNanos {
        let hour = time.hour();
        let oldest = self.now.minus(self.retention).hour();
        let newest = self.now.plus(AHEAD_MAX).hour();
        if (oldest..=newest).contains(&hour) { hour } else { self.now.hour() }
    }
}

/// Places every row of the batches, all of one table, in the order in which blocks are written.
pub(crate) fn place_rows(table: Table, batches: &[Arc<RecordBatch>], hours: HourPolicy) -> Vec<PlacedRow> {
    let mut groups = Groups::new(table);
    batches.iter().for_each(|batch| groups.add(batch));
    let ranks = groups.rank();
    let mut placed = Vec::with_capacity(batches.iter().map(|batch| batch.num_rows()).sum());
    for (batch_index, batch) in batches.iter().enumerate() {
        let times = column(batch, table.time_column()).as_primitive::<TimestampNanosecondType>();
        let groups = column(batch, group_column(table)).as_primitive::<UInt64Type>();
        for (row, (time, group)) in times.values().iter().zip(groups.values()).enumerate() {
            let time = UnixNanos::new(*time);
            let hour = hours.hour_of(time);
            let (batch, row) = (index(batch_index), index(row));
            placed.push(PlacedRow { hour, rank: ranks.of(*group), time, batch, row });
        }
    }
    fold_rare_hours(&mut placed, hours.now.hour());
    placed.sort_unstable();
    placed
}

/// Files all rows under one hour. There may be none.
pub(crate) fn file_under(placed: &mut [PlacedRow], hour: UnixNanos) {
    placed.iter_mut().for_each(|row| row.hour = hour);
    placed.sort_unstable();
}

/// Keeps the most common hours and files the rows of the rest under the present.
fn fold_rare_hours(placed: &mut [PlacedRow], present: UnixNanos) {
    let mut counts: BTreeMap<UnixNanos, usize> = BTreeMap::new();
    for row in placed.iter() {
        *counts.entry(row.hour).or_default() += 1;
    }
    if counts.len() <= HOURS_MAX {
        return;
    }
    let mut common: Vec<(usize, UnixNanos)> = counts.into_iter().map(|(hour, count)| (count, hour)).collect();
    common.sort_unstable_by(|a, b| b.cmp(a));
    common.truncate(HOURS_MAX - 1);
    let kept: Vec<UnixNanos> = common.into_iter().map(|(_, hour)| hour).collect();
    for row in placed.iter_mut().filter(|row| !kept.contains(&row.hour)) {
        row.hour = present;
    }
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> &'a dyn Array {
    batch.column_by_name(name).expect("a batch has exactly its table's columns").as_ref()
}

fn index(position: usize) -> u32 {
    u32::try_from(position).expect("a memtable is bounded far below 2^32 rows")
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, StringViewArray, TimestampNanosecondArray, UInt64Array};
    use model::HOUR_NANOS;

    use super::*;

    const NOW: UnixNanos = UnixNanos::new(1_795_501_800_000_000_000);
    const POLICY: HourPolicy = HourPolicy { now: NOW, retention: Duration::from_secs(7 * 86_400) };

    fn hours(hours: i64) -> UnixNanos {
        UnixNanos::new(NOW.get() + hours * HOUR_NANOS)
    }

    /// Rows of `series` as metric, series id and time.
    fn batch(rows: &[(&str, u64, UnixNanos)]) -> Arc<RecordBatch> {
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("metric_name", Arc::new(rows.iter().map(|row| Some(row.0)).collect::<StringViewArray>())),
            ("resource_id", Arc::new(UInt64Array::from(vec![7; rows.len()]))),
            ("series_id", Arc::new(UInt64Array::from_iter_values(rows.iter().map(|row| row.1)))),
            ("time", Arc::new(TimestampNanosecondArray::from_iter_values(rows.iter().map(|row| row.2.get())))),
        ];
        Arc::new(RecordBatch::try_from_iter(columns).unwrap())
    }

    fn place(batches: &[Arc<RecordBatch>]) -> Vec<PlacedRow> {
        place_rows(Table::MetricNumbers, batches, POLICY)
    }

    #[test]
    fn an_hour_has_a_folder_of_its_own_from_the_retention_to_an_hour_ahead() {
        let present = NOW.hour();
        let check = |time, expected| assert_eq!(POLICY.hour_of(time), expected, "{time}");
        check(NOW, present);
        check(hours(-1), hours(-1).hour());
        check(hours(1), hours(1).hour());
        check(hours(2), present);
        check(hours(-7 * 24), hours(-7 * 24).hour());
        check(hours(-7 * 24 - 1), present);
        for far in [UnixNanos::MIN, UnixNanos::new(-1), UnixNanos::new(0), UnixNanos::MAX] {
            check(far, present);
        }
    }

    #[test]
    fn rows_go_by_hour_then_group_then_time_then_arrival() {
        let first = batch(&[("b", 1, NOW), ("a", 9, NOW), ("a", 9, hours(-1)), ("b", 1, NOW)]);
        let second = batch(&[("a", 2, NOW), ("b", 1, UnixNanos::new(NOW.get() - 1)), ("a", 2, UnixNanos::MAX)]);
        let placed: Vec<_> = place(&[first, second]).iter().map(|row| (row.batch, row.row)).collect();
        assert_eq!(placed, [(0, 2), (1, 0), (1, 2), (0, 1), (1, 1), (0, 0), (0, 3)]);
    }

    #[test]
    fn nothing_is_placed_of_nothing() {
        assert_eq!(place(&[]), []);
        assert_eq!(place(&[batch(&[])]), []);
    }

    #[test]
    fn of_too_many_hours_the_rare_ones_are_filed_under_the_present() {
        // Every hour of a week back has one row, the hundred before the last of them two.
        let rows: Vec<_> =
            (0..168).flat_map(|hour| vec![("m", 1, hours(-hour)); if hour < 100 { 1 } else { 2 }]).collect();
        let placed = place(&[batch(&rows)]);
        assert_eq!(placed.len(), rows.len());
        let mut counts: BTreeMap<UnixNanos, usize> = BTreeMap::new();
        placed.iter().for_each(|row| *counts.entry(row.hour).or_default() += 1);
        assert_eq!(counts.len(), HOURS_MAX);
        assert_eq!(counts[&NOW.hour()], rows.len() - 2 * (HOURS_MAX - 1));
        assert!(counts.iter().all(|(hour, count)| *hour == NOW.hour() || *count == 2));
        assert!(placed.iter().all(|row| row.hour == row.time.hour() || row.hour == NOW.hour()));
        let at_the_limit: Vec<_> = (0..HOURS_MAX as i64).map(|hour| ("m", 1, hours(-hour))).collect();
        assert!(place(&[batch(&at_the_limit)]).iter().all(|row| row.hour == row.time.hour()));
    }
}
