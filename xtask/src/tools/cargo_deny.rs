//! cargo-deny, at the version that `deny.toml` is written for.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::quiet;
use crate::checkout::Checkout;

/// Newer ones may judge the same file otherwise: raise it together with `deny.toml`.
const VERSION: &str = "0.20.2";

/// Checks licences, bans and sources of everything that `Cargo.lock` names.
pub(crate) fn check(checkout: &Checkout) -> Result<()> {
    install(checkout)?;
    let mut command = Command::new(program(checkout));
    command.args(["--locked", "check", "bans", "licenses", "sources"]).current_dir(checkout.root());
    let status = command.status().context("cannot run cargo-deny")?;
    ensure!(status.success(), "cargo-deny ended with {status}");
    Ok(())
}

/// Builds it into the target folder unless it is there: about one CPU-minute, since it is not optimised and leaves
/// out what fetches advisories. One run then takes some two seconds.
fn install(checkout: &Checkout) -> Result<()> {
    if program(checkout).is_file() {
        return Ok(());
    }
    println!("    building cargo-deny {VERSION}, once");
    let mut command = Command::new("cargo");
    command.args(["install", "--quiet", "--locked", "--debug", "--no-default-features", "--version", VERSION]);
    command.arg("--root").arg(folder(checkout)).arg("cargo-deny");
    // Its dependencies are not ours, and no one steps through it.
    command.env_remove("CARGO_TARGET_DIR").env("CARGO_PROFILE_DEV_DEBUG", "false");
    quiet::run(&mut command)
}

fn program(checkout: &Checkout) -> PathBuf {
    folder(checkout).join("bin/cargo-deny")
}

fn folder(checkout: &Checkout) -> PathBuf {
    checkout.target().join("tools").join(format!("cargo-deny-{VERSION}"))
}
