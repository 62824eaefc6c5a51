//! Rows in memory, put in the order of their series and times.
//!
//! Batches are as requests brought them. Whoever asks first puts those that are new in order, once: small lots become
//! larger ones, as they do in a log-structured tree, so that there are few to look into and each row is put in order a few
//! times.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::interleave;
use arrow::datatypes::{Field, Schema, TimestampNanosecondType, UInt64Type};
use model::{Table, TenantId};
use store::{BlockReadError, Snapshot};

use super::columns::{Column, Runs};

/// Rows that are put in order together, at most, but for those of one batch: some milliseconds.
const LOT_ROWS: usize = 4 * 32_768;

/// Some batches that came one after the other.
#[derive(Debug)]
pub(super) struct LiveRows {
    /// No other lot has it.
    pub(super) id: u64,
    /// Held by the snapshot of whoever asks.
    batches: Vec<Weak<RecordBatch>>,
    /// Batch and row of each row.
    order: Vec<(u32, u32)>,
    pub(super) runs: Arc<Runs>,
    /// The earliest and the latest time of a row, unix milliseconds, inclusive.
    pub(super) times: (i64, i64),
}

/// Lots by tenant and table. Whoever puts rows in order holds those of one table alone.
#[derive(Debug, Default)]
pub(super) struct LivePlaces {
    tables: Mutex<HashMap<(TenantId, Table), SharedLots>>,
}

type SharedLots = Arc<Mutex<Lots>>;

/// Lots of one table, oldest first.
type Lots = Vec<Arc<LiveRows>>;

impl LivePlaces {
    /// The rows of the table that a snapshot has in memory, in lots, oldest first.
    pub(super) fn lots(&self, snapshot: &Snapshot, tenant: &TenantId, table: Table) -> Lots {
        let batches: Vec<&Arc<RecordBatch>> =
            snapshot.live(tenant, table).filter(|batch| batch.num_rows() > 0).collect();
        let table = self.table(tenant, table);
        let mut kept = lock(&table);
        let known = std::mem::take(&mut *kept);
        *kept = lots_of(&batches, known);
        kept.clone()
    }

    /// What is kept of a table. Lets go of what is in nobody's memory any more, of any.
    fn table(&self, tenant: &TenantId, table: Table) -> SharedLots {
        let mut tables = lock(&self.tables);
        tables.retain(|_, lots| {
            // Who holds them sees to them.
            let Ok(mut lots) = lots.try_lock() else { return true };
            lots.retain(|lot| lot.is_live());
            !lots.is_empty()
        });
        Arc::clone(tables.entry((tenant.clone(), table)).or_default())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lots of all the batches, those that are known among them.
fn lots_of(batches: &[&Arc<RecordBatch>], known: Lots) -> Lots {
    let mut lots = Lots::new();
    let mut at = 0;
    for lot in known {
        let Some(ahead) = batches[at..].iter().position(|batch| lot.begins_with(batch)) else { continue };
        if !lot.is_of(&batches[at + ahead..]) {
            continue;
        }
        add_in_order(&mut lots, &batches[at..at + ahead]);
        at += ahead + lot.batches.len();
        lots.push(lot);
    }
    add_in_order(&mut lots, &batches[at..]);
    merge_small(&mut lots, batches);
    lots
}

/// Puts batches in order, some together.
fn add_in_order(lots: &mut Lots, mut batches: &[&Arc<RecordBatch>]) {
    while !batches.is_empty() {
        let mut rows = 0;
        let fit = batches.iter().take_while(|batch| {
            rows += batch.num_rows();
            rows <= LOT_ROWS
        });
        let (now, later) = batches.split_at(fit.count().max(1));
        lots.push(Arc::new(LiveRows::new(now)));
        batches = later;
    }
}

/// Puts the last lots together as long as the one before is not more than twice as large.
fn merge_small(lots: &mut Lots, batches: &[&Arc<RecordBatch>]) {
    let (mut from, mut merged) = (lots.len(), lots.last().map_or(0, |lot| lot.order.len()));
    while let Some(before) = from.checked_sub(2).and_then(|at| lots.get(at)) {
        let rows = before.order.len();
        if rows > merged.saturating_mul(2) || rows + merged > LOT_ROWS {
            break;
        }
        merged += rows;
        from -= 1;
    }
    if from < lots.len() {
        let together: usize = lots.drain(from - 1..).map(|lot| lot.batches.len()).sum();
        lots.push(Arc::new(LiveRows::new(&batches[batches.len() - together..])));
    }
}

impl LiveRows {
    fn new(batches: &[&Arc<RecordBatch>]) -> Self {
        static IDS: AtomicU64 = AtomicU64::new(0);
        // A memtable is bounded far below 2^32 rows.
        let mut rows: Vec<(u64, i64, u32, u32)> = Vec::new();
        for (number, batch) in (0..).zip(batches) {
            let ids = column(batch, "series_id").as_primitive::<UInt64Type>().values();
            let times = column(batch, "time").as_primitive::<TimestampNanosecondType>().values();
            rows.extend(ids.iter().zip(times).zip(0..).map(|((id, time), row)| (*id, *time, number, row)));
        }
        // What came later comes later, too.
        rows.sort_unstable();
        let times: Vec<i64> = rows.iter().map(|(_, time, ..)| time.div_euclid(1_000_000)).collect();
        let of_all = times.iter().fold((i64::MAX, i64::MIN), |(min, max), time| (min.min(*time), max.max(*time)));
        Self {
            id: IDS.fetch_add(1, Ordering::Relaxed),
            batches: batches.iter().map(|batch| Arc::downgrade(batch)).collect(),
            order: rows.iter().map(|(.., batch, row)| (*batch, *row)).collect(),
            runs: Arc::new(Runs::new(rows.iter().map(|(id, ..)| *id), times)),
            times: of_all,
        }
    }

    /// A column of its rows, in their order.
    pub(super) fn column<C: Column>(&self) -> Result<C, BlockReadError> {
        let gone = || BlockReadError::Damaged("rows in memory went while they were read".to_owned());
        let batches: Vec<Arc<RecordBatch>> =
            self.batches.iter().map(|batch| batch.upgrade().ok_or_else(gone)).collect::<Result<_, _>>()?;
        let indices: Vec<(usize, usize)> =
            self.order.iter().map(|(batch, row)| (*batch as usize, *row as usize)).collect();
        let (mut fields, mut columns) = (Vec::new(), Vec::new());
        for name in C::READ {
            let arrays: Vec<&dyn Array> = batches.iter().map(|batch| column(batch, name)).collect();
            let read = interleave(&arrays, &indices)?;
            fields.push(Field::new(*name, read.data_type().clone(), true));
            columns.push(read);
        }
        C::of(&[RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?])
    }

    /// Whether its batches are in anybody's snapshot.
    fn is_live(&self) -> bool {
        self.batches.iter().all(|batch| batch.strong_count() > 0)
    }

    /// While its batches are known, no other is at their addresses.
    fn begins_with(&self, batch: &Arc<RecordBatch>) -> bool {
        self.batches.first().is_some_and(|first| first.as_ptr() == Arc::as_ptr(batch))
    }

    /// Whether the batches begin with those of the lot.
    fn is_of(&self, batches: &[&Arc<RecordBatch>]) -> bool {
        self.batches.len() <= batches.len()
            && self.batches.iter().zip(batches).all(|(known, batch)| known.as_ptr() == Arc::as_ptr(batch))
    }
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> &'a dyn Array {
    batch.column_by_name(name).expect("a batch has exactly its table's columns").as_ref()
}

#[cfg(test)]
mod tests {
    use arrow::array::{Float64Array, TimestampNanosecondArray, UInt64Array};

    use super::super::columns::Numbers;
    use super::*;

    /// Rows as series, time in milliseconds, value.
    fn batch(rows: &[(u64, i64, f64)]) -> Arc<RecordBatch> {
        let ids = UInt64Array::from_iter_values(rows.iter().map(|row| row.0));
        let times = TimestampNanosecondArray::from_iter_values(rows.iter().map(|row| row.1 * 1_000_000));
        let values = Float64Array::from_iter_values(rows.iter().map(|row| row.2));
        let columns: [(&str, Arc<dyn Array>); 3] =
            [("series_id", Arc::new(ids)), ("time", Arc::new(times)), ("value", Arc::new(values))];
        Arc::new(RecordBatch::try_from_iter(columns).unwrap())
    }

    fn lots(batches: &[Arc<RecordBatch>], known: &[Arc<LiveRows>]) -> Vec<Arc<LiveRows>> {
        lots_of(&batches.iter().collect::<Vec<_>>(), known.to_vec())
    }

    fn sizes(lots: &[Arc<LiveRows>]) -> Vec<usize> {
        lots.iter().map(|lot| lot.order.len()).collect()
    }

    #[test]
    fn rows_are_in_the_order_of_series_then_time_then_arrival() {
        let batches = [batch(&[(2, 5, 1.0), (1, 9, 2.0), (1, 3, 3.0)]), batch(&[(1, 3, 4.0), (2, 4, 5.0)])];
        let [lot] = &lots(&batches, &[])[..] else { panic!("they are few") };
        assert_eq!(lot.runs.times(), [3, 3, 9, 4, 5]);
        assert_eq!(lot.column::<Numbers>().unwrap().values(), [3.0, 4.0, 2.0, 5.0, 1.0]);
        assert_eq!((lot.times, lot.runs.has_ties()), ((3, 9), true));
    }

    #[test]
    fn what_is_known_is_not_put_in_order_again_and_small_lots_become_larger_ones() {
        let mut batches: Vec<_> = (0..8).map(|n| batch(&vec![(n, 0, 0.0); 100])).collect();
        let first = lots(&batches, &[]);
        assert_eq!(sizes(&first), [800]);
        batches.push(batch(&[(1, 1, 1.0)]));
        let second = lots(&batches, &first);
        assert_eq!((sizes(&second), second[0].id), (vec![800, 1], first[0].id));
        batches.push(batch(&vec![(1, 1, 1.0); 399]));
        let third = lots(&batches, &second);
        assert_eq!(sizes(&third), [1200]);
        // A flush takes the oldest away.
        let rest = lots(&batches[8..], &third);
        assert_eq!(sizes(&rest), [400]);
        assert_eq!(sizes(&lots(&batches[9..], &rest)), [399]);
        assert_eq!(sizes(&lots(&[], &rest)), [0; 0]);
    }
}
