//! A data folder with damage of each kind: it is found, set aside without losing a byte, and the rest is served.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use model::Table;
use store::{Checkup, FindingKind, RepairMode, Store, StoreErrorKind, check, repair};

use crate::house::{House, append, tenant};
use crate::rows::{RECEIVED, Row};

/// A block of each table, and two frames that are in none.
async fn house() -> House {
    let house = House::new();
    let store = house.open().await;
    let tables = Table::ALL.into_iter().zip(0..);
    let row = |table, id| Row { table, id, time: RECEIVED };
    append(
        &store,
        &tables.flat_map(|(table, nth)| (1..=20).map(move |n| row(table, nth * 20 + n))).collect::<Vec<_>>(),
    )
    .await;
    store.flush().await.unwrap();
    for id in [10_000, 10_001] {
        append(&store, &[Row { table: Table::Logs, id, time: RECEIVED }]).await;
    }
    drop(store);
    // SQLite takes its own log away when the last connection has closed, which a dropped pool does later.
    while fs::exists(house.folder.path().join("catalog.sqlite-wal")).unwrap() {
        tokio::task::yield_now().await;
    }
    house
}

/// Every file but those of SQLite, with its bytes.
fn files(house: &House) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut pending, mut files) = (vec![house.folder.path().to_owned()], BTreeMap::new());
    while let Some(folder) = pending.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                pending.push(path);
            } else if !path.file_name().unwrap().to_string_lossy().starts_with("catalog.sqlite") {
                files.insert(path.clone(), fs::read(path).unwrap());
            }
        }
    }
    files
}

/// The file of the spans with this ending.
fn file_of_spans(house: &House, extension: &str) -> PathBuf {
    let mut files = house.block_files();
    files.retain(|file| file.starts_with("default/spans") && file.extension().is_some_and(|found| found == extension));
    house.folder.path().join("blocks").join(&files[0])
}

/// The newest file of the log that has a frame.
fn log_file(house: &House) -> PathBuf {
    const HEADER_BYTES: usize = 64;
    let is_log = |path: &Path| path.extension().is_some_and(|found| found == "wal");
    files(house).into_iter().rfind(|(path, bytes)| is_log(path) && bytes.len() > HEADER_BYTES).unwrap().0
}

fn flip(path: &Path, position: usize) {
    let mut bytes = fs::read(path).unwrap();
    let position = position.min(bytes.len() - 1);
    bytes[position] ^= 0x40;
    fs::write(path, bytes).unwrap();
}

fn damage(checkup: &Checkup) -> Vec<FindingKind> {
    checkup.findings.iter().map(|finding| finding.kind).filter(|kind| kind.is_damage()).collect()
}

fn rows(store: &Store, table: Table) -> (u64, u64) {
    let snapshot = store.snapshot();
    let stored = snapshot.blocks(&tenant(), table).iter().map(|block| block.meta().rows).sum();
    (snapshot.live(&tenant(), table).map(|batch| batch.num_rows() as u64).sum(), stored)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_folder_is_clean_and_looking_changes_nothing() {
    let house = house().await;
    let before = files(&house);
    let checkup = check(house.folder.path()).await.unwrap();
    assert_eq!(checkup.findings, []);
    assert_eq!((checkup.blocks, checkup.frames), (Table::ALL.len() as u64, 2));
    assert_eq!(checkup.rows, 20 * Table::ALL.len() as u64);
    let repaired = repair(house.folder.path(), RepairMode::Apply).await.unwrap();
    assert_eq!((repaired.steps, repaired.left), (vec![], vec![]));
    assert_eq!(files(&house), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_a_server_has_and_one_without_a_store_are_not_checked() {
    let house = House::new();
    assert_eq!(check(house.folder.path()).await.unwrap_err().kind(), StoreErrorKind::Invalid);
    let _store = house.open().await;
    assert_eq!(check(house.folder.path()).await.unwrap_err().kind(), StoreErrorKind::Locked);
    let error = repair(house.folder.path(), RepairMode::DryRun).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Locked);
}

/// Damages a folder: it is found as this, a dry run touches nothing, a repair leaves a clean folder in which every byte
/// still is, and a start serves so many spans and logs.
async fn check_damage(damaged: impl Fn(&House), expected: &[FindingKind], spans: u64, live_logs: u64) {
    let house = house().await;
    damaged(&house);
    let found = check(house.folder.path()).await.unwrap();
    assert_eq!(damage(&found), expected);
    let before = files(&house);
    let planned = repair(house.folder.path(), RepairMode::DryRun).await.unwrap();
    assert_eq!(files(&house), before, "{expected:?}: a dry run");
    let repaired = repair(house.folder.path(), RepairMode::Apply).await.unwrap();
    assert_eq!((&repaired.steps, &repaired.left), (&planned.steps, &planned.left), "{expected:?}");
    let after = files(&house);
    for (path, bytes) in &before {
        assert!(after.values().any(|kept| kept == bytes), "{expected:?}: {} is gone", path.display());
    }
    let checked = check(house.folder.path()).await.unwrap();
    assert_eq!(damage(&checked), []);
    assert_eq!(repair(house.folder.path(), RepairMode::Apply).await.unwrap().steps, [], "{expected:?}: again");
    let store = house.open().await;
    assert_eq!((rows(&store, Table::Spans).1, rows(&store, Table::Logs)), (spans, (live_logs, 20)), "{expected:?}");
    for block in store.snapshot().all_blocks() {
        block.verify().unwrap();
    }
    let aside = after.keys().filter(|path| path.components().any(|part| part.as_os_str() == "quarantine"));
    assert!(aside.clone().count() > 0 && aside.into_iter().all(|path| fs::exists(path).unwrap()), "{expected:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_of_each_kind_is_found_and_set_aside_and_the_rest_is_served() {
    use FindingKind::{Checksums, Frames, Index, Rows};
    check_damage(|house| flip(&file_of_spans(house, "parquet"), 99), &[Rows], 0, 2).await;
    check_damage(|house| fs::remove_file(file_of_spans(house, "parquet")).unwrap(), &[Rows], 0, 2).await;
    check_damage(|house| fs::write(file_of_spans(house, "parquet"), "").unwrap(), &[Rows], 0, 2).await;
    check_damage(|house| flip(&file_of_spans(house, "sums"), 20), &[Checksums], 20, 2).await;
    check_damage(|house| flip(&file_of_spans(house, "traces"), 50), &[Index], 20, 2).await;
    check_damage(|house| flip(&file_of_spans(house, "words"), 50), &[Index], 20, 2).await;
    check_damage(|house| flip(&log_file(house), usize::MAX), &[Frames(1)], 20, 1).await;
    let everything = |house: &House| {
        flip(&file_of_spans(house, "parquet"), 99);
        flip(&file_of_spans(house, "traces"), 50);
        flip(&log_file(house), usize::MAX);
    };
    check_damage(everything, &[Frames(1), Rows], 0, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leftovers_and_what_was_set_aside_are_told_and_are_no_damage() {
    let house = house().await;
    fs::write(house.folder.path().join("blocks/default/logs/x.parquet"), "half").unwrap();
    fs::create_dir(house.folder.path().join("quarantine")).unwrap();
    fs::write(house.folder.path().join("quarantine/1.frame"), "old").unwrap();
    let checkup = check(house.folder.path()).await.unwrap();
    let kinds: Vec<_> = checkup.findings.iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [FindingKind::Leftover, FindingKind::SetAside]);
    assert!(checkup.is_clean());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_catalog_is_told_and_does_not_cost_the_blocks() {
    let lose: [fn(&Path); 2] = [|path| fs::remove_file(path).unwrap(), |path| fs::write(path, "").unwrap()];
    for lose in lose {
        let house = house().await;
        lose(&house.folder.path().join("catalog.sqlite"));
        let before = house.block_files();
        assert_eq!(damage(&check(house.folder.path()).await.unwrap()), [FindingKind::Catalog]);
        let repaired = repair(house.folder.path(), RepairMode::Apply).await.unwrap();
        assert_eq!((repaired.steps.len(), repaired.left.len()), (0, 1));
        assert_eq!(house.try_open().await.unwrap_err().kind(), StoreErrorKind::Damaged);
        assert_eq!(house.block_files(), before);
    }
}
