//! Attributes are columns of their own in blocks, different from block to block, and whoever reads rows cannot tell.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BinaryViewArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{Float64Type, Int64Type};
use model::{AttributeSet, Attributes, HOUR_NANOS, PromotedColumn, PromotedKind, Table, UnixNanos, ValueRef};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use proptest::prelude::*;
use store::{Block, Store};

use crate::blocks::{blocks, live, sorted};
use crate::house::{House, append, read, read_stored, tenant};
use crate::rows::{RECEIVED, Row, batches};

const PROMOTING: [Table; 2] = [Table::Logs, Table::Spans];

fn much_later() -> UnixNanos {
    UnixNanos::new(RECEIVED.get() + 48 * HOUR_NANOS)
}

fn value(column: &ArrayRef, kind: PromotedKind, row: usize) -> Option<ValueRef<'_>> {
    column.is_valid(row).then(|| match kind {
        PromotedKind::Text => ValueRef::Text(column.as_string_view().value(row)),
        PromotedKind::Int => ValueRef::Int(column.as_primitive::<Int64Type>().value(row)),
        PromotedKind::Float => ValueRef::Float(column.as_primitive::<Float64Type>().value(row)),
        PromotedKind::Bool => ValueRef::Bool(column.as_boolean().value(row)),
    })
}

/// Checks that the block's promoted columns hold what its sets do, and that its footer says the truth of them.
fn check_columns(block: &Block, store: &Store) {
    let (stored, rows) = (read_stored(block, store.blocks_dir()), read(block, store.blocks_dir()));
    let promotion = block.promotion().unwrap();
    let promoted = stored.columns()[rows.num_columns()..].iter().zip(promotion.uses());
    assert_eq!(stored.num_columns(), rows.num_columns() + promotion.uses().len());
    for (column, of) in promoted {
        let name = of.column.name();
        assert_eq!(stored.column_by_name(&name), Some(column), "{name}");
        assert_eq!(of.values, (column.len() - column.null_count()) as u64, "{name}");
        let sets: &BinaryViewArray = rows.column_by_name(of.column.set().column()).unwrap().as_binary_view();
        for (row, set) in sets.iter().enumerate() {
            let first = Attributes::new(set.unwrap()).get(of.column.key());
            let Some(first) = first else {
                assert_eq!(value(column, of.column.kind(), row), None, "{name} in row {row}");
                continue;
            };
            let promoted = promotion
                .of_key(of.column.set(), of.column.key())
                .find_map(|of| value(stored.column_by_name(&of.column.name()).unwrap(), of.column.kind(), row));
            assert!(promoted == Some(first) || (promoted.is_none() && of.is_mixed), "{name} in row {row}");
        }
    }
}

fn names(block: &Block) -> Vec<String> {
    block.promotion().unwrap().uses().iter().map(|of| of.column.name()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_that_promote_different_keys_become_one_that_promotes_what_is_common_in_all() {
    let house = House::new();
    let store = house.open().await;
    let rows = |first: u32, count: u32| (first..first + count).map(|id| Row { table: Table::Logs, id, time: RECEIVED });
    for (first, count) in [(0, 900), (1_000, 10), (2_000, 900)] {
        append(&store, &rows(first, count).collect::<Vec<_>>()).await;
        store.flush().await.unwrap();
    }
    let own = |number: u32| format!("a.f.of.{number}");
    for (number, block) in blocks(&store, Table::Logs).iter().enumerate() {
        let names = names(block);
        for other in 0..3 {
            assert_eq!(names.contains(&own(other)), other as usize == number, "block {number}: {names:?}");
        }
        for name in ["a.s.http.route", "a.i.http.response.status_code", "a.s.request.id"] {
            assert!(names.iter().any(|of| of == name) || number == 1, "block {number} has no {name}: {names:?}");
        }
        assert!(!names.iter().any(|of| of.starts_with("r.")), "a flush promotes nothing of resources: {names:?}");
        check_columns(block, &store);
    }
    store.compact(much_later()).await.unwrap().unwrap();
    let [merged] = &blocks(&store, Table::Logs)[..] else { panic!("there is more than one block") };
    let names = names(merged);
    assert!(names.contains(&own(0)) && names.contains(&own(2)), "{names:?}");
    assert!(!names.contains(&own(1)), "in one row of 181: {names:?}");
    assert!(names.iter().any(|of| of == "r.s.http.route"), "{names:?}");
    assert!(names.is_sorted_by_key(|name| PromotedColumn::from_name(name)));
    check_columns(merged, &store);
}

fn bloom_filters(block: &Block, store: &Store) -> Vec<String> {
    let file = std::fs::File::open(store.blocks_dir().join(block.meta().parquet_path())).unwrap();
    let metadata: ParquetMetaData = ParquetMetaDataReader::new().parse_and_finish(&file).unwrap();
    let columns = metadata.row_groups().iter().flat_map(|group| group.columns());
    let with_bloom = columns.filter(|column| column.bloom_filter_offset().is_some());
    with_bloom.map(|column| column.column_path().parts().join("/")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_texts_that_are_mostly_different_have_a_bloom_filter_and_keep_it_when_blocks_are_merged() {
    let house = House::new();
    let store = house.open().await;
    for first in [1, 10_000] {
        let row = |id| Row { table: Table::Spans, id, time: RECEIVED };
        append(&store, &(first..first + 2_000).map(row).collect::<Vec<_>>()).await;
        store.flush().await.unwrap();
    }
    let check = |count: usize| {
        let blocks = blocks(&store, Table::Spans);
        assert_eq!(blocks.len(), count);
        for filters in blocks.iter().map(|block| bloom_filters(block, &store)) {
            assert!(filters.iter().any(|name| name == "a.s.request.id"), "{filters:?}");
            assert!(!filters.iter().any(|name| name.contains("http.route") || name.starts_with("a.i")), "{filters:?}");
        }
    };
    check(2);
    store.compact(much_later()).await.unwrap().unwrap();
    check(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn points_and_series_are_stored_as_their_tables_have_them() {
    let house = House::new();
    let store = house.open().await;
    append(&store, &crate::house::rows_of_every_table(1, 300)).await;
    store.flush().await.unwrap();
    for table in Table::ALL {
        for block in blocks(&store, table) {
            assert_eq!(block.promotion().unwrap().uses().is_empty(), !PROMOTING.contains(&table), "{table}");
            let has = |set| block.promotion().unwrap().has(set);
            assert_eq!(has(AttributeSet::Record), PROMOTING.contains(&table), "{table}");
            assert!(!has(AttributeSet::Resource), "{table}");
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Append { first: u32, count: u32, hours_ago: i64 },
    Flush,
    Compact,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let append = (0u32..6, 1u32..150, 0i64..2);
    let step = prop_oneof![
        4 => append.prop_map(|(first, count, hours_ago)| Step::Append { first: first * 997, count, hours_ago }),
        3 => Just(Step::Flush),
        1 => Just(Step::Compact),
    ];
    prop::collection::vec(step, 1..16)
}

fn all_rows(store: &Store, table: Table) -> RecordBatch {
    let blocks = blocks(store, table);
    let stored = blocks.iter().map(|block| read(block, store.blocks_dir()));
    let all: Vec<RecordBatch> = stored.chain([live(store, table)]).collect();
    concat_batches(&table.schema(), &all).unwrap()
}

async fn run(steps: Vec<Step>) {
    let house = House::new();
    let store = house.open().await;
    let mut expected: Vec<Row> = Vec::new();
    for step in steps {
        match step {
            Step::Append { first, count, hours_ago } => {
                let time = UnixNanos::new(RECEIVED.get() - hours_ago * HOUR_NANOS);
                let ids = PROMOTING.into_iter().flat_map(|table| (first..first + count).map(move |id| (table, id)));
                let rows: Vec<Row> = ids.map(|(table, id)| Row { table, id, time }).collect();
                append(&store, &rows).await;
                expected.extend(rows);
            }
            Step::Flush => drop(store.flush().await.unwrap()),
            Step::Compact => while store.compact(much_later()).await.unwrap().is_some() {},
        }
    }
    for batch in batches(&expected) {
        assert_eq!(sorted(&all_rows(&store, batch.table)), sorted(&batch.rows), "{}", batch.table);
        blocks(&store, batch.table).iter().for_each(|block| check_columns(block, &store));
    }
    let snapshot: Arc<_> = store.snapshot();
    assert!(
        PROMOTING.iter().all(|table| snapshot.blocks(&tenant(), *table).iter().all(|block| block.verify().is_ok()))
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_promoted_the_rows_are_those_that_were_appended(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(run(steps));
    }
}
