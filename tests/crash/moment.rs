//! When the kill comes.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;
use testkit::{TestServer, eventually, pause};

use super::ledger::Ledgers;

/// Requests acknowledged in a cycle before the kill: from less than the first group to beyond the next flush.
const ACKNOWLEDGED: Range<usize> = 20..1_200;

/// The kill does not wait for an acknowledgement: it comes so much later.
const LATER_THAN_ACKNOWLEDGED_MICROS: Range<u64> = 0..5_000;

/// A flush writes some tables' blocks, commits and deletes log files within this, give or take.
const LATER_THAN_FLUSH_MICROS: Range<u64> = 0..40_000;

/// A moment under load.
#[derive(Clone, Copy, Debug)]
pub(super) enum Moment {
    /// So long after so many requests of the cycle were acknowledged.
    Acknowledged(usize, Duration),
    /// So long after a flush has begun to write.
    Flush(Duration),
}

impl Moment {
    pub(super) fn choose(random: &mut StdRng) -> Self {
        let mut later = |micros: Range<u64>| Duration::from_micros(random.random_range(micros));
        let (acknowledged, flush) = (later(LATER_THAN_ACKNOWLEDGED_MICROS), later(LATER_THAN_FLUSH_MICROS));
        if random.random_ratio(1, 3) {
            return Self::Flush(flush);
        }
        Self::Acknowledged(random.random_range(ACKNOWLEDGED), acknowledged)
    }

    /// Waits for it.
    pub(super) async fn comes(self, server: &TestServer, ledgers: &Ledgers) {
        match self {
            Self::Acknowledged(requests, later) => {
                ledgers.acknowledged(requests).await;
                pause(later).await;
            }
            Self::Flush(later) => {
                ledgers.acknowledged(ACKNOWLEDGED.start).await;
                let blocks = server.data_dir().join("blocks");
                let before = files_below(&blocks);
                let is_new = |path: &PathBuf| !before.contains(path);
                eventually("a flush", async || files_below(&blocks).iter().any(is_new).then_some(())).await;
                pause(later).await;
            }
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Acknowledged(requests, later) => write!(f, "{later:?} after {requests} acknowledgements"),
            Self::Flush(later) => write!(f, "{later:?} into a flush"),
        }
    }
}

/// Every file, however deep. Those that come or go meanwhile may be among them or not.
fn files_below(folder: &Path) -> BTreeSet<PathBuf> {
    let (mut files, mut folders) = (BTreeSet::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            } else {
                files.insert(entry.path());
            }
        }
    }
    files
}
