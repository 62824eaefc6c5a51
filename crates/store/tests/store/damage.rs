//! Flipped bytes, missing files, leftovers: an error or the truth, never something else.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::RecordBatch;
use model::{Table, TraceId, UnixNanos};
use store::{Block, BlockReadError, Store};

use crate::house::{House, append, rows_of_every_table, tenant};
use crate::rows::{RECEIVED, Row};

async fn block_of_spans(house: &House) -> (Store, Arc<Block>) {
    let store = house.open().await;
    let row = |id| Row { table: Table::Spans, id, time: RECEIVED };
    append(&store, &(1..40).map(row).collect::<Vec<_>>()).await;
    store.flush().await.unwrap();
    drop(store);
    // A fresh process has no verdict on the file yet.
    let store = house.open().await;
    let block = Arc::clone(&store.snapshot().blocks(&tenant(), Table::Spans)[0]);
    (store, block)
}

fn trace(byte: u8) -> TraceId {
    TraceId::from_bytes(&[byte; 16]).unwrap()
}

/// The rows of each trace, from a block that is whole.
fn traces(block: &Block) -> HashMap<TraceId, Option<RecordBatch>> {
    (1..=20).map(trace).map(|id| (id, block.rows_of_trace(id, 1_000).unwrap())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_byte_of_a_block_is_an_error_or_changes_nothing() {
    let house = House::new();
    let (store, block) = block_of_spans(&house).await;
    let expected = traces(&block);
    let some = *expected.iter().find(|(_, rows)| rows.is_some()).unwrap().0;
    drop(block);
    drop(store);
    for file in house.block_files() {
        let path = house.folder.path().join("blocks").join(file);
        let whole = fs::read(&path).unwrap();
        for position in (0..whole.len()).step_by(199) {
            let mut flipped = whole.clone();
            flipped[position] ^= 0x20;
            fs::write(&path, &flipped).unwrap();
            let store = house.open().await;
            let block = Arc::clone(&store.snapshot().blocks(&tenant(), Table::Spans)[0]);
            for (id, rows) in &expected {
                if let Ok(found) = block.rows_of_trace(*id, 1_000) {
                    assert_eq!(found, *rows, "{} byte {position}", path.display());
                }
            }
            if path.extension().is_some_and(|extension| extension == "parquet") {
                assert!(matches!(block.verify(), Err(BlockReadError::Damaged(_))), "byte {position}");
                assert!(matches!(block.rows_of_trace(some, 1_000), Err(BlockReadError::Damaged(_))), "byte {position}");
                assert!(block.is_known_damaged());
            }
        }
        fs::write(&path, &whole).unwrap();
    }
}

#[derive(Debug, Clone, Copy)]
enum Loss {
    Removed,
    Cut,
    Emptied,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_without_a_whole_file_does_not_keep_the_store_from_opening_and_says_so_when_read() {
    for loss in [Loss::Removed, Loss::Cut, Loss::Emptied] {
        for lost in ["parquet", "sums", "traces"] {
            let house = House::new();
            let (store, block) = block_of_spans(&house).await;
            drop((store, block));
            let files = house.block_files();
            let file = files.iter().find(|file| file.extension().is_some_and(|extension| extension == lost)).unwrap();
            let path = house.folder.path().join("blocks").join(file);
            let whole = fs::read(&path).unwrap();
            match loss {
                Loss::Removed => fs::remove_file(&path).unwrap(),
                Loss::Cut => fs::write(&path, &whole[..whole.len() - 1]).unwrap(),
                Loss::Emptied => fs::write(&path, []).unwrap(),
            }
            let store = house.open().await;
            let block = Arc::clone(&store.snapshot().blocks(&tenant(), Table::Spans)[0]);
            let errors = (1..=20).filter(|byte| block.rows_of_trace(trace(*byte), 1_000).is_err()).count();
            // What the checksums say can be told from the file itself, and the catalog tells whether it is true.
            assert_eq!(errors > 0, lost != "sums", "{loss:?} {}", path.display());
            append(&store, &[Row { table: Table::Spans, id: 999, time: RECEIVED }]).await;
            assert_eq!(store.flush().await.unwrap().unwrap().rows, 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_the_catalog_does_not_list_are_swept_at_start_with_their_folders() {
    let house = House::new();
    let store = house.open().await;
    append(&store, &rows_of_every_table(1, 3)).await;
    store.flush().await.unwrap();
    drop(store);
    let listed = house.block_files();
    let leftovers = ["default/logs/1999-01-01/00/0000000000000001-0000.parquet", "default/spans/x.traces", "y"];
    for leftover in leftovers {
        let path = house.folder.path().join("blocks").join(leftover);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "torn").unwrap();
    }
    let _store = house.open().await;
    assert_eq!(house.block_files(), listed);
    assert!(!house.folder.path().join("blocks/default/logs/1999-01-01").try_exists().unwrap());
    assert!(house.folder.path().join("blocks").join(listed[0].parent().unwrap()).try_exists().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flush_that_cannot_write_leaves_everything_as_it_was_and_the_next_one_succeeds() {
    let house = House::new();
    let store = house.open().await;
    append(&store, &rows_of_every_table(1, 3)).await;
    // A file where a folder must be: stops root, too, whom permissions do not.
    let obstacle: PathBuf = store.blocks_dir().join("default");
    fs::write(&obstacle, "").unwrap();
    let rows = store.status().memtable.rows;
    for _ in 0..2 {
        assert_eq!(store.flush().await.unwrap_err().kind(), store::StoreErrorKind::Io);
        assert_eq!(store.status().memtable.rows, rows);
        assert!(store.flush_is_due(UnixNanos::MAX));
    }
    append(&store, &rows_of_every_table(1_000, 3)).await;
    fs::remove_file(&obstacle).unwrap();
    assert_eq!(store.flush().await.unwrap().unwrap().rows, rows);
    assert_eq!(store.flush().await.unwrap().unwrap().rows, rows);
    assert_eq!((store.status().memtable.rows, store.flush().await.unwrap()), (0, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_block_is_left_out_of_merges_and_the_rest_is_merged() {
    let house = House::new();
    let store = house.open().await;
    for first in [1, 11, 21] {
        append(
            &store,
            &(first..first + 10).map(|id| Row { table: Table::Logs, id, time: RECEIVED }).collect::<Vec<_>>(),
        )
        .await;
        store.flush().await.unwrap();
    }
    let damaged = store.snapshot().blocks(&tenant(), Table::Logs)[0].meta().clone();
    let path = store.blocks_dir().join(damaged.parquet_path());
    let mut bytes = fs::read(&path).unwrap();
    bytes[100] ^= 1;
    fs::write(&path, bytes).unwrap();

    let later = UnixNanos::new(RECEIVED.get() + 48 * model::HOUR_NANOS);
    assert!(store.compact(later).await.is_err());
    let merged = store.compact(later).await.unwrap().unwrap();
    assert_eq!((merged.inputs, merged.rows), (2, 20));
    assert_eq!(store.compact(later).await.unwrap(), None);
    let left = store.snapshot();
    let left = left.blocks(&tenant(), Table::Logs);
    assert_eq!(left.len(), 2);
    assert!(left.iter().any(|block| block.meta().id == damaged.id), "the damaged block is still listed, and told");
}
