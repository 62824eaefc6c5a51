//! A block written is a block read, sorted and described as documented.

use std::fs::File;
use std::sync::Arc;

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{TimestampNanosecondType, UInt64Type};
use arrow::row::{OwnedRow, RowConverter, SortField};
use model::{CODEC, Table, TraceId, UnixNanos};
use parquet::basic::Compression;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use store::{Block, Store};

use crate::house::{House, append, read, rows_of_every_table, tenant};

/// The rows in an order and form that can be compared, whatever order they came in.
pub(crate) fn sorted(batch: &RecordBatch) -> Vec<OwnedRow> {
    let fields = batch.schema().fields().iter().map(|field| SortField::new(field.data_type().clone())).collect();
    let converter = RowConverter::new(fields).unwrap();
    let rows = converter.convert_columns(batch.columns()).unwrap();
    let mut rows: Vec<OwnedRow> = rows.iter().map(|row| row.owned()).collect();
    rows.sort();
    rows
}

pub(crate) fn live(store: &Store, table: Table) -> RecordBatch {
    let snapshot = store.snapshot();
    let batches: Vec<_> = snapshot.live(&tenant(), table).map(Arc::clone).collect();
    concat_batches(&table.schema(), batches.iter().map(AsRef::as_ref)).unwrap()
}

pub(crate) fn blocks(store: &Store, table: Table) -> Vec<Arc<Block>> {
    store.snapshot().blocks(&tenant(), table).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cell_of_every_table_is_read_back_as_it_was_written() {
    let house = House::new();
    let store = house.open().await;
    append(&store, &rows_of_every_table(1, 300)).await;
    append(&store, &rows_of_every_table(10_000, 200)).await;
    let before = Table::ALL.map(|table| live(&store, table));
    store.flush().await.unwrap();
    for (table, before) in Table::ALL.into_iter().zip(before) {
        let blocks = blocks(&store, table);
        let stored: Vec<_> = blocks.iter().map(|block| read(block, store.blocks_dir())).collect();
        let after = concat_batches(&stored[0].schema(), &stored).unwrap();
        assert_eq!(after.schema().fields(), table.schema().fields(), "{table}");
        assert_eq!(sorted(&after), sorted(&before), "{table}");
        assert_eq!(live(&store, table).num_rows(), 0, "{table}");
    }
}

/// What the rows of the table are sorted by, as values that compare as documented: nulls first.
fn sort_keys(table: Table, batch: &RecordBatch) -> Vec<Vec<(Option<String>, u64, i64)>> {
    let key = |name: &&str, row: usize| {
        let column = batch.column_by_name(name).unwrap();
        match *name {
            "resource_id" | "series_id" | "group_id" => (None, column.as_primitive::<UInt64Type>().value(row), 0),
            "time" | "start_time" => (None, 0, column.as_primitive::<TimestampNanosecondType>().value(row)),
            _ => (column.is_valid(row).then(|| column.as_string_view().value(row).to_owned()), 0, 0),
        }
    };
    (0..batch.num_rows()).map(|row| table.sort_columns().iter().map(|name| key(name, row)).collect()).collect()
}

fn metadata(block: &Block, store: &Store) -> ParquetMetaData {
    let file = File::open(store.blocks_dir().join(block.meta().parquet_path())).unwrap();
    ParquetMetaDataReader::new().with_page_index_policy(true.into()).parse_and_finish(&file).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_sorted_as_the_file_claims_and_the_file_says_what_it_is() {
    let house = House::new();
    let store = house.open().await;
    append(&store, &rows_of_every_table(1, 400)).await;
    store.flush().await.unwrap();
    for table in Table::ALL {
        for block in blocks(&store, table) {
            let keys = sort_keys(table, &read(&block, store.blocks_dir()));
            assert!(keys.is_sorted(), "{table}");

            let metadata = metadata(&block, &store);
            let descriptor = metadata.file_metadata().schema_descr();
            for group in metadata.row_groups() {
                let claimed = group.sorting_columns().unwrap();
                assert!(claimed.iter().all(|column| column.nulls_first && !column.descending));
                let names = claimed.iter().map(|column| descriptor.column(column.column_idx as usize).path().string());
                assert_eq!(names.collect::<Vec<_>>(), table.sort_columns(), "{table}");
                for column in group.columns() {
                    assert!(matches!(column.compression(), Compression::ZSTD(_)), "{table}");
                    assert!(column.offset_index_offset().is_some(), "{table} {}", column.column_path());
                }
            }
            let said = metadata.file_metadata().key_value_metadata().unwrap();
            for (key, value) in [("nunchi.format", "2"), ("nunchi.table", table.name()), ("nunchi.attributes", CODEC)] {
                let found = said.iter().find(|pair| pair.key == key).and_then(|pair| pair.value.as_deref());
                assert_eq!(found, Some(value), "{table} {key}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalog_says_of_each_block_what_its_files_say() {
    let house = House::new();
    let store = house.open().await;
    append(&store, &rows_of_every_table(1, 5_000)).await;
    store.flush().await.unwrap();
    for table in Table::ALL {
        let blocks = blocks(&store, table);
        // 5000 seconds are more than an hour. What series are is filed under the newest hour of their points.
        assert!(if table == Table::Series { blocks.len() == 1 } else { blocks.len() >= 2 }, "{table}");
        for block in blocks {
            let meta = block.meta();
            let rows = read(&block, store.blocks_dir());
            let times = rows.column_by_name(table.time_column()).unwrap().as_primitive::<TimestampNanosecondType>();
            let bounds = (times.values().iter().min().unwrap(), times.values().iter().max().unwrap());
            assert_eq!((&meta.min_time.get(), &meta.max_time.get()), bounds, "{table}");
            let is_in_its_hour = |time: &i64| UnixNanos::new(*time).hour() == meta.hour;
            assert!(table == Table::Series || times.values().iter().all(is_in_its_hour), "{table}");
            let size = |path| std::fs::metadata(store.blocks_dir().join(path)).map_or(0, |file| file.len());
            assert_eq!(meta.bytes, meta.paths().into_iter().map(size).sum::<u64>(), "{table}");
            assert!(block.verify().is_ok() && !block.is_known_damaged());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_is_found_by_its_id_in_every_block_that_has_it() {
    let house = House::new();
    let store = house.open().await;
    append(&store, &rows_of_every_table(1, 5_000)).await;
    let tables = Table::ALL.into_iter().filter(|table| table.has_trace_id());
    let before: Vec<_> = tables.map(|table| (table, live(&store, table))).collect();
    store.flush().await.unwrap();
    for (table, before) in before {
        for byte in 0..=22u8 {
            let Ok(trace_id) = TraceId::from_bytes(&[byte; 16]) else { continue };
            let ids = before.column_by_name("trace_id").unwrap().as_fixed_size_binary();
            let wanted = ids.iter().map(|id| Some(id == Some(trace_id.as_bytes()))).collect();
            let expected = arrow::compute::filter_record_batch(&before, &wanted).unwrap();
            let rows = |limit| {
                let found = blocks(&store, table);
                let found = found.iter().filter_map(move |block| block.rows_of_trace(trace_id, limit).unwrap());
                found.collect::<Vec<_>>()
            };
            let all = concat_batches(&table.schema(), &rows(usize::MAX)).unwrap();
            assert_eq!(sorted(&all), sorted(&expected), "{table} {trace_id}");
            assert!(rows(3).iter().all(|found| found.num_rows() <= 3));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_block_has_every_cell_of_its_inputs_in_the_order_of_a_block() {
    let house = House::new();
    let store = house.open().await;
    for first in [1, 100_000, 200_000] {
        append(&store, &rows_of_every_table(first, 7_000)).await;
        store.flush().await.unwrap();
    }
    let read_all = |table| {
        let rows: Vec<_> = blocks(&store, table).iter().map(|block| read(block, store.blocks_dir())).collect();
        concat_batches(&rows[0].schema(), &rows).unwrap()
    };
    let before = Table::ALL.map(read_all);
    let later = UnixNanos::new(crate::rows::RECEIVED.get() + 48 * model::HOUR_NANOS);
    while store.compact(later).await.unwrap().is_some() {}
    for (table, before) in Table::ALL.into_iter().zip(before) {
        assert_eq!(sorted(&read_all(table)), sorted(&before), "{table}");
        for block in blocks(&store, table) {
            assert!(sort_keys(table, &read(&block, store.blocks_dir())).is_sorted(), "{table}");
        }
    }
}
