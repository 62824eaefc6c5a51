//! The memtable: recent batches, queryable, not yet in a block.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::{concat_batches, filter_record_batch};
use arrow::datatypes::{DataType, Float64Type, TimestampNanosecondType, UInt64Type};
use model::{Batch, Table, TenantId, UnixNanos};
use wal::Lsn;
use xxhash_rust::xxh3::xxh3_64;

/// Rows up to which small batches are joined. Larger ones scan no faster.
const JOINED_ROWS_MAX: usize = 8_192;

/// Bytes up to which they are: where rows are large, joining copies much for little, and what it copies is in memory twice
/// until no snapshot has the smaller ones. Far above what so many ordinary rows are.
const JOINED_BYTES_MAX: usize = 16 << 20;

/// A view column with more buffers than this is copied into one, or joining would copy the list of buffers each time.
const VIEW_BUFFERS_MAX: usize = 64;

/// Batches of one tenant and table, oldest first.
pub(crate) type Rows = Vec<Arc<RecordBatch>>;

/// Recent batches of all tenants and tables, up to one point of the write-ahead log.
#[derive(Debug, Default)]
pub(crate) struct Memtable {
    tables: BTreeMap<(TenantId, Table), Rows>,
    /// Hashes of what [`described`] gives.
    series_seen: HashMap<TenantId, HashSet<u64>>,
    receipts: Option<(UnixNanos, UnixNanos)>,
    last_lsn: Lsn,
    rows: u64,
    bytes: u64,
}

impl Memtable {
    /// Takes the batches of one frame. Frames must come in the order of the log.
    pub(crate) fn push(&mut self, tenant: &TenantId, lsn: Lsn, received: UnixNanos, batches: Vec<Batch>) {
        self.last_lsn = lsn;
        let (first, last) = self.receipts.unwrap_or((received, received));
        self.receipts = Some((first.min(received), last.max(received)));
        for Batch { table, rows } in batches {
            let Some(rows) = self.without_known_series(tenant, table, rows) else { continue };
            self.rows += rows.num_rows() as u64;
            self.bytes += rows.get_array_memory_size() as u64;
            join(self.tables.entry((tenant.clone(), table)).or_default(), rows);
        }
    }

    /// Whether there is nothing to flush: not even a frame that held no rows.
    pub(crate) fn is_empty(&self) -> bool {
        self.receipts.is_none()
    }

    /// The batches by tenant and table.
    pub(crate) fn tables(&self) -> &BTreeMap<(TenantId, Table), Rows> {
        &self.tables
    }

    /// The newest frame inside.
    pub(crate) fn last_lsn(&self) -> Lsn {
        self.last_lsn
    }

    /// When the oldest frame inside was received; `None` when empty.
    pub(crate) fn oldest_receipt(&self) -> Option<UnixNanos> {
        self.receipts.map(|(oldest, _)| oldest)
    }

    /// When the newest frame inside was received; `None` when empty.
    pub(crate) fn newest_receipt(&self) -> Option<UnixNanos> {
        self.receipts.map(|(_, newest)| newest)
    }

    /// Rows over all tables.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Bytes of memory, about.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// A series is described once per memtable, hour and bounds, however many requests carry its points.
    fn without_known_series(&mut self, tenant: &TenantId, table: Table, rows: RecordBatch) -> Option<RecordBatch> {
        if table != Table::Series {
            return Some(rows);
        }
        let seen = self.series_seen.entry(tenant.clone()).or_default();
        let new: Vec<bool> = described(&rows).map(|described| seen.insert(described)).collect();
        if new.iter().all(|new| !new) {
            return None;
        }
        let new = BooleanArray::from(new);
        Some(filter_record_batch(&rows, &new).expect("one flag per row"))
    }
}

/// What each row of `series` describes, as a hash: a series in an hour, with some bounds.
fn described(rows: &RecordBatch) -> impl Iterator<Item = u64> {
    let column = |name| rows.column_by_name(name).expect("a batch has all columns of its table");
    let ids = column("series_id").as_primitive::<UInt64Type>().values();
    let times = column("time").as_primitive::<TimestampNanosecondType>().values();
    let bounds = column("bounds").as_list::<i32>();
    let values = bounds.values().as_primitive::<Float64Type>().values();
    let mut bytes = Vec::new();
    ids.iter().zip(times).zip(bounds.offsets().windows(2)).map(move |((id, time), of)| {
        bytes.clear();
        bytes.extend_from_slice(&id.to_le_bytes());
        bytes.extend_from_slice(&UnixNanos::new(*time).hour().get().to_le_bytes());
        let bounds = &values[of[0] as usize..of[1] as usize];
        bounds.iter().for_each(|bound| bytes.extend_from_slice(&bound.to_bits().to_le_bytes()));
        xxh3_64(&bytes)
    })
}

/// Adds a batch and joins it with its neighbours while they are small and of like size.
///
/// Like the carries of a binary counter: each row is copied at most about log2(8192) times, and a
/// trickle of one-row requests still ends as few large batches.
fn join(rows: &mut Rows, batch: RecordBatch) {
    let mut newest = batch;
    while let Some(previous) = rows.last() {
        let joined_rows = previous.num_rows() + newest.num_rows();
        if joined_rows > JOINED_ROWS_MAX
            || previous.num_rows() > 2 * newest.num_rows()
            || previous.get_array_memory_size() + newest.get_array_memory_size() > JOINED_BYTES_MAX
        {
            break;
        }
        let joined = concat_batches(&newest.schema(), [previous.as_ref(), &newest]).expect("one table, one schema");
        newest = compact_views(joined);
        rows.pop();
    }
    rows.push(Arc::new(newest));
}

fn compact_views(batch: RecordBatch) -> RecordBatch {
    let crowded = |column: &ArrayRef| match column.data_type() {
        DataType::Utf8View => column.as_string_view().data_buffers().len() > VIEW_BUFFERS_MAX,
        DataType::BinaryView => column.as_binary_view().data_buffers().len() > VIEW_BUFFERS_MAX,
        _ => false,
    };
    if !batch.columns().iter().any(crowded) {
        return batch;
    }
    let columns = batch.columns().iter().map(|column| match column.data_type() {
        DataType::Utf8View if crowded(column) => Arc::new(column.as_string_view().gc()) as ArrayRef,
        DataType::BinaryView if crowded(column) => Arc::new(column.as_binary_view().gc()),
        _ => Arc::clone(column),
    });
    RecordBatch::try_new(batch.schema(), columns.collect()).expect("the same columns, copied")
}

#[cfg(test)]
mod tests {
    use arrow::array::{StringViewArray, UInt64Array, new_null_array};
    use arrow::datatypes::Schema;

    use super::*;

    fn numbers(range: std::ops::Range<u64>) -> RecordBatch {
        let texts: StringViewArray = range.clone().map(|n| Some(format!("a text that is long enough {n}"))).collect();
        let columns: Vec<(&str, ArrayRef)> =
            vec![("n", Arc::new(UInt64Array::from_iter_values(range))), ("text", Arc::new(texts))];
        RecordBatch::try_from_iter(columns).unwrap()
    }

    #[test]
    fn a_trickle_of_rows_becomes_few_batches_and_keeps_its_order() {
        let mut rows = Rows::new();
        for n in 0..20_000 {
            join(&mut rows, numbers(n..n + 1));
        }
        assert!(rows.len() < 20, "{} batches", rows.len());
        let all = concat_batches(&rows[0].schema(), rows.iter().map(AsRef::as_ref)).unwrap();
        assert_eq!(all, numbers(0..20_000));
        for batch in &rows {
            assert!(batch.column(1).as_string_view().data_buffers().len() <= VIEW_BUFFERS_MAX);
        }
    }

    #[test]
    fn large_rows_stay_where_they_are() {
        let body = "x".repeat(JOINED_BYTES_MAX / 8);
        let large = || {
            let texts: ArrayRef = Arc::new(StringViewArray::from_iter_values([&body]));
            RecordBatch::try_from_iter([("text", texts)]).unwrap()
        };
        let mut rows = Rows::new();
        (0..40).for_each(|_| join(&mut rows, large()));
        assert!(rows.iter().all(|batch| batch.get_array_memory_size() <= JOINED_BYTES_MAX));
        assert_eq!(rows.iter().map(|batch| batch.num_rows()).sum::<usize>(), 40);
    }

    #[test]
    fn a_series_is_kept_once() {
        let schema = Table::Series.schema();
        let batch = |ids: Vec<u64>| {
            let columns = schema.fields().iter().map(|field| match field.name().as_str() {
                "series_id" => Arc::new(UInt64Array::from(ids.clone())) as ArrayRef,
                _ => new_null_array(field.data_type(), ids.len()),
            });
            let nullable: Vec<_> = schema.fields().iter().map(|f| f.as_ref().clone().with_nullable(true)).collect();
            let rows = RecordBatch::try_new(Arc::new(Schema::new(nullable)), columns.collect()).unwrap();
            vec![Batch { table: Table::Series, rows }]
        };
        let (mut memtable, tenant) = (Memtable::default(), TenantId::default_tenant());
        memtable.push(&tenant, Lsn::new(1), UnixNanos::new(5), batch(vec![1, 2]));
        memtable.push(&tenant, Lsn::new(2), UnixNanos::new(6), batch(vec![2, 3]));
        memtable.push(&tenant, Lsn::new(3), UnixNanos::new(7), batch(vec![1, 3]));
        assert_eq!((memtable.rows(), memtable.last_lsn()), (3, Lsn::new(3)));
        assert_eq!(
            (memtable.oldest_receipt(), memtable.newest_receipt()),
            (Some(UnixNanos::new(5)), Some(UnixNanos::new(7)))
        );
    }
}
