//! The packages of the Node and Python services that the tests drive: the stock OpenTelemetry SDKs.

use std::process::Command;

use anyhow::Result;

use super::stamp::Stamp;
use super::{debian, page, quiet};
use crate::checkout::Checkout;

/// Installs what `tests/services/node/package-lock.json` names, unless that is there.
pub(crate) fn install_node(checkout: &Checkout) -> Result<()> {
    page::install_packages(&checkout.root().join("tests/services/node"))
}

/// Makes `.venv` with what `tests/services/python/requirements.txt` names, unless it is there.
pub(crate) fn install_python(checkout: &Checkout) -> Result<()> {
    let root = checkout.root();
    let requirements = root.join("tests/services/python/requirements.txt");
    let venv = root.join(".venv");
    let stamp = Stamp::of(venv.join(".install-stamp"), std::slice::from_ref(&requirements))?;
    if stamp.is_fresh(&venv) {
        return Ok(());
    }
    println!("    installing the Python packages into .venv");
    let mut create = Command::new("python3");
    create.args(["-m", "venv", "--clear"]).arg(&venv);
    if quiet::run(&mut create).is_err() {
        // Debian's Python comes without the module that a new environment needs.
        debian::install(&["python3-venv"])?;
        quiet::run(&mut create)?;
    }
    let mut install = Command::new(checkout.python());
    install
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(&requirements);
    quiet::run(&mut install)?;
    stamp.write()
}
