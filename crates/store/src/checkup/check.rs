//! Reading everything in a data folder, and changing nothing.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use wal::Lsn;

use super::finding::{Finding, FindingKind};
use crate::block::{Block, BlockMeta, Upkeep};
use crate::catalog::{CatalogError, CatalogState, SqliteCatalog};
use crate::error::{StoreError, StoreErrorKind};
use crate::recovery::Folders;

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checkup {
    /// Blocks that were read.
    pub blocks: u64,
    /// Rows in those that are whole.
    pub rows: u64,
    /// Whole frames of the write-ahead log that are not in blocks.
    pub frames: u64,
    /// What was found, the catalog first, then the log, then blocks by id, then what is no damage.
    pub findings: Vec<Finding>,
}

impl Checkup {
    /// Whether nothing that was kept is damaged.
    pub fn is_clean(&self) -> bool {
        !self.findings.iter().any(|finding| finding.kind.is_damage())
    }
}

/// Reads every byte that the store in the folder answers from, and changes nothing.
///
/// Kind `Locked` while a server has the folder, `Invalid` where there is no store in it.
pub async fn check(data_dir: &Path) -> Result<Checkup, StoreError> {
    let folders = Folders::find(data_dir)?;
    let _lock = folders.hold()?;
    look(&folders).await
}

/// The same for a folder that is held.
pub(super) async fn look(folders: &Folders) -> Result<Checkup, StoreError> {
    let (state, damage) = match read_catalog(folders).await {
        Ok(state) => (Some(state), None),
        Err(error) => (None, Some(finding(FindingKind::Catalog, Path::new("catalog.sqlite"), chain(&error)))),
    };
    let folders = folders.clone();
    tokio::task::spawn_blocking(move || {
        let mut checkup = Checkup { findings: damage.into_iter().collect(), ..Checkup::default() };
        let floor = state.as_ref().map_or(Lsn::ZERO, |state| state.wal_floor);
        check_log(&folders, floor, &mut checkup)?;
        if let Some(state) = &state {
            state.blocks.iter().for_each(|meta| check_block(&folders, meta, &mut checkup));
            check_leftovers(&folders, state, &mut checkup).map_err(|error| failed(&folders.blocks, error))?;
        }
        list_quarantine(&folders, &mut checkup).map_err(|error| failed(&folders.quarantine, error))?;
        Ok(checkup)
    })
    .await
    .map_err(|error| StoreError::caused(StoreErrorKind::Io, "the check was interrupted", error))?
}

async fn read_catalog(folders: &Folders) -> Result<CatalogState, CatalogError> {
    SqliteCatalog::read(&folders.catalog).await
}

fn check_log(folders: &Folders, floor: Lsn, checkup: &mut Checkup) -> Result<(), StoreError> {
    let files = wal::check(&folders.wal, floor)
        .map_err(|error| StoreError::caused(StoreErrorKind::Io, "cannot read the write-ahead log", error))?;
    for file in files {
        checkup.frames += file.frames;
        let path = folders.relative(&file.path);
        if file.damaged_frames > 0 && file.set_aside.is_none() {
            let what = format!("{} frames are damaged, {} are whole", file.damaged_frames, file.frames);
            checkup.findings.push(finding(FindingKind::Frames(file.damaged_frames), &path, what));
        }
        if file.torn_bytes > 0 {
            let what = format!("{} bytes at its end are no whole frame", file.torn_bytes);
            checkup.findings.push(finding(FindingKind::Torn, &path, what));
        }
    }
    Ok(())
}

fn check_block(folders: &Folders, meta: &BlockMeta, checkup: &mut Checkup) {
    let block = Block::new(meta.clone(), &folders.blocks);
    let upkeep = Upkeep::new(&block, &folders.blocks);
    let mut found = |kind, path: PathBuf, what: String| {
        let path = folders.relative(&folders.blocks.join(path));
        checkup.findings.push(Finding { kind, path, what, block: Some(meta.clone()) });
    };
    checkup.blocks += 1;
    if let Err(error) = upkeep.check_rows() {
        // Whatever else there is of it tells nothing without the rows.
        return found(FindingKind::Rows, meta.parquet_path(), chain(&error));
    }
    checkup.rows += meta.rows;
    if let Err(error) = upkeep.check_checksums() {
        found(FindingKind::Checksums, meta.checksums_path(), error.to_string());
    }
    if let Err(error) = upkeep.check_trace_index() {
        found(FindingKind::Index, meta.trace_index_path(), chain(&error));
    }
    for (path, error) in upkeep.damaged_indexes() {
        found(FindingKind::Index, path, error.to_string());
    }
}

fn check_leftovers(folders: &Folders, state: &CatalogState, checkup: &mut Checkup) -> io::Result<()> {
    let listed: HashSet<PathBuf> = state.blocks.iter().flat_map(BlockMeta::paths).collect();
    for path in files_under(&folders.blocks)? {
        if !path.strip_prefix(&folders.blocks).is_ok_and(|relative| listed.contains(relative)) {
            let what = "the catalog does not list it".to_owned();
            checkup.findings.push(finding(FindingKind::Leftover, &folders.relative(&path), what));
        }
    }
    Ok(())
}

fn list_quarantine(folders: &Folders, checkup: &mut Checkup) -> io::Result<()> {
    for folder in [folders.quarantine.clone(), folders.wal.join("quarantine")] {
        for path in files_under(&folder)? {
            let what = format!("{} bytes", fs::metadata(&path)?.len());
            checkup.findings.push(finding(FindingKind::SetAside, &folders.relative(&path), what));
        }
    }
    Ok(())
}

/// Every file in the folder and those below it, sorted; none where there is no such folder.
fn files_under(root: &Path) -> io::Result<Vec<PathBuf>> {
    let (mut pending, mut files) = (vec![root.to_owned()], Vec::new());
    while let Some(folder) = pending.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_type()?.is_dir() { pending.push(entry.path()) } else { files.push(entry.path()) }
        }
    }
    files.sort();
    Ok(files)
}

fn finding(kind: FindingKind, path: &Path, what: String) -> Finding {
    Finding { kind, path: path.to_owned(), what, block: None }
}

fn failed(path: &Path, error: io::Error) -> StoreError {
    StoreError::caused(StoreErrorKind::Io, format!("cannot read {}", path.display()), error)
}

/// An error with its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
