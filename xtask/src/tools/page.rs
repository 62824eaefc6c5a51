//! The page's packages, and the page itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::quiet;
use super::stamp::Stamp;
use crate::checkout::Checkout;

/// Installs what `ui/package-lock.json` names, unless that is there.
pub(crate) fn install(checkout: &Checkout) -> Result<()> {
    install_packages(&checkout.root().join("ui"))
}

/// Type-checks and builds `ui/dist`, unless it was made from the same sources.
pub(crate) fn build(checkout: &Checkout) -> Result<()> {
    install(checkout)?;
    let ui = checkout.root().join("ui");
    // Beside what it speaks of, but not inside `dist`, which is embedded whole.
    let stamp = Stamp::of(ui.join("node_modules/.page-stamp"), std::slice::from_ref(&ui))?;
    if stamp.is_fresh(&ui.join("dist")) {
        return Ok(());
    }
    println!("    building the page");
    quiet::run(Command::new("npm").args(["run", "--silent", "build"]).current_dir(&ui))?;
    stamp.write()
}

/// `npm ci` in `folder`, unless its lock file has been installed already.
pub(super) fn install_packages(folder: &Path) -> Result<()> {
    let modules = folder.join("node_modules");
    let inputs: [PathBuf; 2] = [folder.join("package.json"), folder.join("package-lock.json")];
    let stamp = Stamp::of(modules.join(".install-stamp"), &inputs)?;
    if stamp.is_fresh(&modules) {
        return Ok(());
    }
    println!("    installing the packages of {}", folder.display());
    let mut command = Command::new("npm");
    command.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder);
    quiet::run(&mut command)?;
    stamp.write()
}
