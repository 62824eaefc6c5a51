//! A disk that fails, and a process that dies, at every step that has a name.
//!
//! | file | what |
//! |---|---|
//! | `points.rs` | the steps: the list that is tried |
//! | `template.rs` | a folder in which a start finds something to do at every step |
//! | `workload.rs` | a life of a store, in a process of its own, with one fault |
//! | `ledger.rs` | what was sent and acknowledged, in a file that outlives the process |
//!
//! For each step and fault a process starts on a copy of the template, works until it dies or is done, and what it left
//! is opened again: everything acknowledged is there once, nothing else is, and the store goes on working.

mod ledger;
mod points;
mod template;
mod workload;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::Table;
use store::{Store, StoreErrorKind};

use self::ledger::Ledger;
use self::points::{Fault, POINTS, Point};
use self::template::{LATER, Template};
use crate::house::{House, all_ids, append, tenant};
use crate::rows::{RECEIVED, Row};

/// Processes at once. Each waits for its disk more than it works.
const AT_ONCE: usize = 3;

/// An id that no workload uses.
const AFTERWARDS: u32 = 1_000_000;

#[test]
fn whatever_step_fails_or_is_the_last_nothing_acknowledged_is_lost_or_doubled() {
    let template = Template::new();
    let cases: Vec<(&Point, Fault)> =
        POINTS.iter().flat_map(|point| point.faults().iter().map(move |fault| (point, *fault))).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((point, fault)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    check(&template, point, *fault);
                }
            });
        }
    });
}

/// One process with one fault, and what it left.
fn check(template: &Template, point: &Point, fault: Fault) {
    let case = format!("{} {fault:?}", point.name);
    let house = template.copy();
    let mut process = Command::new(std::env::current_exe().unwrap());
    process.args(["--exact", workload::TEST, "--nocapture"]).env_remove("FAILPOINTS");
    let output = process.envs(workload::variables(house.folder.path(), point, fault)).output().unwrap();
    let said = || String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    match fault {
        Fault::Abort => {
            let aborted = output.status.signal() == Some(rustix::process::Signal::ABORT.as_raw());
            assert!(aborted, "{case}: the step was not reached: {}: {}", output.status, said());
        }
        Fault::Full | Fault::Broken => {
            assert!(output.status.success(), "{case}: the store did not go on: {}", said());
        }
    }
    let ledger = Ledger::read(house.folder.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let store = open(&house).await;
        let first = unique_ids(&store, &case);
        let lost: Vec<&u32> = ledger.acknowledged.difference(&first).collect();
        assert!(lost.is_empty(), "{case}: {lost:?} were acknowledged and are lost");
        let strange: Vec<&u32> = first.difference(&ledger.sent).collect();
        assert!(strange.is_empty(), "{case}: {strange:?} were never sent");
        drop(store);
        let store = open(&house).await;
        assert_eq!(unique_ids(&store, &case), first, "{case}: the second start");
        goes_on(&house, &store, &ledger, &case).await;
    });
}

/// Opens it without a fault. A process that another thread is about to start has a copy of every open file, the lock
/// included, until it runs its program.
async fn open(house: &House) -> Store {
    loop {
        match house.try_open().await {
            Err(error) if error.kind() == StoreErrorKind::Locked => tokio::task::yield_now().await,
            opened => return opened.unwrap(),
        }
    }
}

fn unique_ids(store: &Store, when: &str) -> BTreeSet<u32> {
    let all: Vec<u32> = all_ids(&store.snapshot(), store.blocks_dir(), &[tenant()]).into_values().flatten().collect();
    let ids: BTreeSet<u32> = all.iter().copied().collect();
    assert_eq!(ids.len(), all.len(), "{when}: a row is there twice: {all:?}");
    ids
}

/// What a store does is done without a fault, and no file lies about that nobody knows.
async fn goes_on(house: &House, store: &Store, ledger: &Ledger, case: &str) {
    append(store, &[Row { table: Table::Logs, id: AFTERWARDS, time: RECEIVED }]).await;
    store.flush().await.unwrap();
    while store.compact(LATER).await.unwrap().is_some() {}
    store.retain(LATER).await.unwrap();
    let ids = unique_ids(store, case);
    assert!(ids.contains(&AFTERWARDS) && ids.is_superset(&ledger.acknowledged), "{case}: {ids:?}");
    let snapshot = store.snapshot();
    let known: BTreeSet<String> = snapshot.all_blocks().map(|block| block.meta().id.to_string()).collect();
    for file in house.block_files() {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(known.contains(&name), "{case}: nobody knows {}", file.display());
    }
}

#[test]
fn every_step_with_a_name_is_tried() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named = BTreeSet::new();
    let mut folders = vec![sources.join("src"), sources.join("../wal/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                let calls = text.split("_point(\"").skip(1).filter_map(|rest| rest.split_once('"'));
                named.extend(calls.map(|(name, _)| name.to_owned()));
            }
        }
    }
    let tried: BTreeSet<String> = POINTS.iter().map(|point| point.name.to_owned()).collect();
    assert_eq!(named, tried, "points.rs lists every step of the sources, and no other");
    assert_eq!(tried.len(), POINTS.len(), "a step is listed twice");
}
