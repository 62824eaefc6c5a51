//! A life of a store, in a process of its own, with one fault.

use std::env;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use store::{Store, StoreError, StoreErrorKind, Telemetry};

use super::ledger::LedgerWriter;
use super::points::{Fault, Point};
use super::template::{LATER, Template, config, rows};
use crate::house::tenant;
use crate::rows::{RECEIVED, decode, incoming};

/// The test below, for the parent to run alone.
pub(super) const TEST: &str = "crash_points::workload::a_workload_runs_to_its_end";

/// Tries of a step of the workload: a fault comes once, and what makes it come may be one more.
const TRIES: usize = 4;

const FOLDER: &str = "CRASH_POINTS_FOLDER";
const POINT: &str = "CRASH_POINTS_POINT";
const FAULT: &str = "CRASH_POINTS_FAULT";
const AFTER: &str = "CRASH_POINTS_AFTER";

/// What tells a process which folder and which fault are its own.
pub(super) fn variables(folder: &Path, point: &Point, fault: Fault) -> [(&'static str, String); 4] {
    let fault = match fault {
        Fault::Abort => "abort",
        Fault::Full => "1*return(28)",
        Fault::Broken => "1*return(5)",
    };
    [
        (FOLDER, folder.display().to_string()),
        (POINT, point.name.to_owned()),
        (FAULT, fault.to_owned()),
        (AFTER, point.after.unwrap_or_default().to_owned()),
    ]
}

/// Without a parent there is no fault, and the workload runs on a template of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workload_runs_to_its_end() {
    match env::var(FOLDER) {
        Ok(folder) => {
            arm();
            Workload::begin(folder.into()).await.run().await;
        }
        Err(_) => {
            let house = tokio::task::spawn_blocking(|| Template::new().copy()).await.unwrap();
            Workload::begin(house.folder.path().to_owned()).await.run().await;
        }
    }
}

fn arm() {
    // The first step of all reads the environment and forgets what was set before.
    wal::crash_point("the environment is read");
    let variable = |name: &str| env::var(name).unwrap();
    if let Some((point, action)) = variable(AFTER).split_once('=') {
        fail::cfg(point, action).unwrap();
    }
    match variable(FAULT).as_str() {
        "abort" => fail::cfg_callback(variable(POINT), || std::process::abort()).unwrap(),
        action => fail::cfg(variable(POINT), action).unwrap(),
    }
}

struct Workload {
    folder: PathBuf,
    ledger: LedgerWriter,
    store: Store,
    next_id: u32,
}

impl Workload {
    async fn begin(folder: PathBuf) -> Self {
        let store = open(&folder).await;
        Self { ledger: LedgerWriter::open(&folder), folder, store, next_id: 100 }
    }

    async fn run(mut self) {
        for _ in 0..2 {
            self.append().await;
            self.append().await;
            self.flush().await;
        }
        again("merge", async || {
            while self.store.compact(LATER).await?.is_some() {}
            Ok(())
        })
        .await;
        again("delete", async || self.store.retain(LATER).await.map(drop)).await;
        self.append().await;
        self.flush().await;
        self.append().await;
        // The process ends without a flush at its end, as if it were killed.
    }

    /// Two rows of one request. A request that was refused is sent again under other ids: its own may be stored.
    async fn append(&mut self) {
        for _ in 0..TRIES {
            let id = self.next_id;
            self.next_id += 2;
            self.ledger.sent(id);
            self.ledger.sent(id + 1);
            match self.store.append(incoming(&tenant(), RECEIVED, &rows(id))).await {
                Ok(_) => {
                    self.ledger.acknowledged(id);
                    self.ledger.acknowledged(id + 1);
                    return;
                }
                Err(error) if error.kind() == StoreErrorKind::Poisoned => self.reopen().await,
                Err(error) => assert_eq!(error.kind(), StoreErrorKind::DiskFull, "{error}"),
            }
        }
        panic!("no append was taken");
    }

    /// Starts anew in the same process, which is what a poisoned log asks for.
    async fn reopen(&mut self) {
        let elsewhere = tempfile::tempdir().unwrap();
        let poisoned = std::mem::replace(&mut self.store, open(elsewhere.path()).await);
        // Waits for the log's writer, and lets go of the folder.
        drop(poisoned);
        self.store = open(&self.folder).await;
    }

    async fn flush(&self) {
        again("flush", async || self.store.flush().await.map(drop)).await;
    }
}

async fn open(folder: &Path) -> Store {
    let mut error = None;
    for _ in 0..TRIES {
        match Store::open(folder, config(), Telemetry::decoding(Arc::new(decode))).await {
            Ok(store) => return store,
            Err(failed) => error = Some(failed),
        }
    }
    panic!("the store does not open: {error:?}");
}

async fn again(what: &str, step: impl AsyncFn() -> Result<(), StoreError>) {
    let mut error = None;
    for _ in 0..TRIES {
        match step().await {
            Ok(()) => return,
            Err(failed) => error = Some(failed),
        }
    }
    panic!("cannot {what}: {error:?}");
}
