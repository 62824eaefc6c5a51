//! Where things are: this clone of the repository, what is built from it, and what lies beside it.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::metadata;

/// One clone of the repository. All paths are absolute.
#[derive(Debug)]
pub(crate) struct Checkout {
    root: PathBuf,
    target: PathBuf,
}

impl Checkout {
    /// The clone that this program was built from.
    pub(crate) fn find() -> Result<Checkout> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask is not in a folder")?.to_path_buf();
        // The environment and cargo's own configuration may put it elsewhere than into `target`.
        let metadata = metadata::read(&root)?;
        let target = metadata["target_directory"].as_str().context("cargo metadata names no target directory")?;
        Ok(Checkout { target: PathBuf::from(target), root })
    }

    /// The top folder, which holds `Cargo.toml`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where everything built goes, tools included; `make clean` deletes it.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// The program, as the dev profile builds it.
    pub(crate) fn binary(&self) -> PathBuf {
        self.target.join("debug/nunchi")
    }

    /// The Python that has the stock SDK and nothing else.
    pub(crate) fn python(&self) -> PathBuf {
        self.root.join(".venv/bin/python")
    }

    /// The folder of other projects' test vectors: what `NUNCHI_CONFORMANCE_DIR` says, or the one beside the clone.
    /// `None` when there is neither; our own cases do not need it.
    pub(crate) fn conformance(&self) -> Result<Option<PathBuf>> {
        if let Some(folder) = env::var_os("NUNCHI_CONFORMANCE_DIR") {
            // Tests run in the folder of their crate, so a relative path would mean another folder to each.
            let folder = self.root.join(folder);
            ensure!(folder.is_dir(), "NUNCHI_CONFORMANCE_DIR is not a folder: {}", folder.display());
            return Ok(Some(folder));
        }
        let beside = self.root.parent().map(|parent| parent.join("shared/conformance"));
        Ok(beside.filter(|folder| folder.is_dir()))
    }
}
