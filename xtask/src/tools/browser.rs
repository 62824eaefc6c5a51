//! A Chromium for the tests that look at the page as its reader does.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::debian;

/// What the package is called, and what other systems call the same program.
const NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Installs one unless there is one.
pub(crate) fn install() -> Result<()> {
    if find().is_none() {
        // Without a font every letter is an empty box, and has another width.
        debian::install(&["chromium", "fonts-dejavu-core"])?;
        find().context("apt-get installed chromium, but it is not on the PATH")?;
    }
    Ok(())
}

/// The program: what `TEST_CHROMIUM` says, or the first on the PATH.
pub(crate) fn find() -> Option<PathBuf> {
    if let Some(program) = env::var_os("TEST_CHROMIUM") {
        return Some(PathBuf::from(program));
    }
    let path = env::var_os("PATH")?;
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|program| program.is_file())
}
