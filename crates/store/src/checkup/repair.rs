//! Moving damage out of the way, and deleting nothing.
//!
//! ```text
//! rows       all files of the block → quarantine/, then ONE catalog commit takes the blocks out
//! checksums  the table → quarantine/, and made again from the rows, which the catalog vouches for
//! index      the file → quarantine/, and made again from the rows
//! frames     the file is copied to wal/quarantine/; its whole frames stay and are replayed
//! ```
//!
//! Files move before the commit: what the catalog does not list is swept at the next start. A crash between leaves
//! blocks without files, which the next repair takes out.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::check::{Checkup, look};
use super::finding::{Finding, FindingKind};
use crate::block::{Block, BlockId, Upkeep};
use crate::catalog::{Catalog, Edit, SqliteCatalog};
use crate::error::{StoreError, StoreErrorKind};
use crate::recovery::Folders;

/// Whether a repair changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepairMode {
    /// It does what is to be done.
    Apply,
    /// It says what it would do.
    DryRun,
}

/// What a repair did, or would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Repaired {
    /// What was found before.
    pub before: Checkup,
    /// What was done, in this order.
    pub steps: Vec<Step>,
    /// Damage that no repair can set aside.
    pub left: Vec<Finding>,
}

/// One thing that a repair did, or would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A file was moved. Both relative to the data folder.
    Moved {
        /// Where it was.
        from: PathBuf,
        /// Where it is.
        to: PathBuf,
    },
    /// A file of the log was copied, since its whole frames are still to be replayed.
    Copied {
        /// The file, relative to the data folder.
        from: PathBuf,
    },
    /// A file was made again from the rows.
    Rebuilt {
        /// The file, relative to the data folder.
        path: PathBuf,
    },
    /// A block was taken out of the catalog.
    Unlisted {
        /// Its name.
        block: String,
        /// Its rows, which are no longer in any answer.
        rows: u64,
    },
}

/// Sets aside what [`check`](super::check()) finds damaged. Repairing again finds nothing to do.
///
/// Kind `Locked` while a server has the folder, `Invalid` where there is no store in it.
pub async fn repair(data_dir: &Path, mode: RepairMode) -> Result<Repaired, StoreError> {
    let folders = Folders::find(data_dir)?;
    let _lock = folders.hold()?;
    let before = look(&folders).await?;
    let mut repair = Repair { folders, mode, steps: Vec::new(), unlist: Vec::new() };
    let mut left = Vec::new();
    let damage = before.findings.iter().filter(|finding| finding.kind.is_damage());
    for finding in damage {
        match finding.kind {
            FindingKind::Frames(_) => repair.steps.push(Step::Copied { from: finding.path.clone() }),
            FindingKind::Rows | FindingKind::Checksums | FindingKind::Index => repair.block(finding)?,
            _ => left.push(finding.clone()),
        }
    }
    if mode == RepairMode::Apply {
        repair.commit(&left).await?;
    }
    Ok(Repaired { before, steps: repair.steps, left })
}

struct Repair {
    folders: Folders,
    mode: RepairMode,
    steps: Vec<Step>,
    unlist: Vec<BlockId>,
}

impl Repair {
    fn block(&mut self, finding: &Finding) -> Result<(), StoreError> {
        let Some(meta) = &finding.block else { return Ok(()) };
        if finding.kind == FindingKind::Rows {
            for path in meta.paths() {
                self.set_aside(&Path::new("blocks").join(path))?;
            }
            self.unlist.push(meta.id.clone());
            self.steps.push(Step::Unlisted { block: meta.id.to_string(), rows: meta.rows });
            return Ok(());
        }
        self.set_aside(&finding.path)?;
        if self.mode == RepairMode::Apply {
            let block = Block::new(meta.clone(), &self.folders.blocks);
            let upkeep = Upkeep::new(&block, &self.folders.blocks);
            let again = if finding.kind == FindingKind::Index {
                upkeep.rebuild_index(finding.path.strip_prefix("blocks").unwrap_or(&finding.path))
            } else {
                upkeep.rebuild_checksums()
            };
            again.map_err(|error| failed("make again", &finding.path, error))?;
        }
        self.steps.push(Step::Rebuilt { path: finding.path.clone() });
        Ok(())
    }

    /// Moves a file to the same place under `quarantine/`, beside what is there.
    fn set_aside(&mut self, path: &Path) -> Result<(), StoreError> {
        let from = self.folders.data_dir.join(path);
        let exists = fs::exists(&from).map_err(|error| failed("look at", path, error))?;
        if !exists {
            return Ok(());
        }
        let to = self.free_place(path).map_err(|error| failed("look into the quarantine for", path, error))?;
        if self.mode == RepairMode::Apply {
            move_durably(&from, &to).map_err(|error| failed("set aside", path, error))?;
        }
        let to = self.folders.relative(&to);
        self.steps.push(Step::Moved { from: path.to_owned(), to });
        Ok(())
    }

    fn free_place(&self, path: &Path) -> io::Result<PathBuf> {
        let place = self.folders.quarantine.join(path);
        let mut free = place.clone();
        // One more than there are files of the name, so it ends.
        let mut taken = 0_u64;
        while fs::exists(&free)? {
            taken += 1;
            free = PathBuf::from(format!("{}.{taken}", place.display()));
        }
        Ok(free)
    }

    async fn commit(&self, left: &[Finding]) -> Result<(), StoreError> {
        if left.iter().any(|finding| finding.kind == FindingKind::Catalog) {
            return Ok(());
        }
        let catalog = SqliteCatalog::open(&self.folders.catalog).await?;
        let state = catalog.load().await?;
        wal::set_aside(&self.folders.wal, state.wal_floor)
            .map_err(|error| StoreError::caused(StoreErrorKind::Io, "cannot copy damaged frames", error))?;
        if !self.unlist.is_empty() {
            let edit = Edit { remove: self.unlist.clone(), ..Edit::default() };
            catalog.commit(&edit, state.seq).await?;
        }
        Ok(())
    }
}

fn move_durably(from: &Path, to: &Path) -> io::Result<()> {
    let (Some(old), Some(new)) = (from.parent(), to.parent()) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it has no folder"));
    };
    fs::create_dir_all(new)?;
    fs::rename(from, to)?;
    // The new name first: after a power cut there may be two, and must not be none.
    File::open(new)?.sync_all()?;
    File::open(old)?.sync_all()
}

fn failed(action: &str, path: &Path, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::caused(StoreErrorKind::Io, format!("cannot {action} {}", path.display()), error)
}
