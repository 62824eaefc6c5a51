//! What was sent and acknowledged, in a file that outlives the process.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Ids of rows. Those that are meant to be lost or deleted are sent and never acknowledged.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    pub(super) sent: BTreeSet<u32>,
    pub(super) acknowledged: BTreeSet<u32>,
}

impl Ledger {
    pub(super) fn read(folder: &Path) -> Self {
        let mut ledger = Self::default();
        for line in fs::read_to_string(path(folder)).unwrap().lines() {
            let (word, id) = line.split_once(' ').unwrap();
            let ids = if word == "sent" { &mut ledger.sent } else { &mut ledger.acknowledged };
            ids.insert(id.parse().unwrap());
        }
        ledger
    }
}

/// Writes the ledger line by line: the death of the process loses nothing of it.
#[derive(Debug)]
pub(super) struct LedgerWriter {
    file: File,
}

impl LedgerWriter {
    pub(super) fn open(folder: &Path) -> Self {
        Self { file: File::options().create(true).append(true).open(path(folder)).unwrap() }
    }

    pub(super) fn sent(&mut self, id: u32) {
        writeln!(self.file, "sent {id}").unwrap();
    }

    pub(super) fn acknowledged(&mut self, id: u32) {
        writeln!(self.file, "acknowledged {id}").unwrap();
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("ledger")
}
