//! A real Prometheus, at the version of which the semantics are ours, to compare with.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::{page, quiet};
use crate::checkout::Checkout;

/// Prometheus 3.16, as Go counts it.
const VERSION: &str = "v0.316.0";

/// The same data into both, the same questions to both: fails where answers differ.
pub(crate) fn compare(checkout: &Checkout) -> Result<()> {
    install(checkout)?;
    page::build(checkout)?;
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new("cargo");
        command.args(arguments).current_dir(checkout.root());
        command
    };
    let status = cargo(&["build", "--locked", "--package", "nunchi"]).status().context("cannot run cargo")?;
    ensure!(status.success(), "cargo build ended with {status}");
    let comparison = ["--package", "promqltest", "--features", "wire", "--example", "prometheus", "--"];
    let mut comparison = cargo(&[&["run", "--locked"][..], &comparison].concat());
    let status = comparison.arg(program(checkout)).env("NUNCHI_BIN", checkout.binary()).status()?;
    ensure!(status.success(), "answers differ from those of Prometheus {VERSION}");
    Ok(())
}

/// Builds it with Go into the target folder unless it is there, without service discovery: some two CPU-minutes.
fn install(checkout: &Checkout) -> Result<()> {
    if program(checkout).is_file() {
        return Ok(());
    }
    println!("    building Prometheus {VERSION}, once");
    let package = format!("github.com/prometheus/prometheus/cmd/prometheus@{VERSION}");
    let mut command = Command::new("go");
    command.args(["install", "-tags", "remove_all_sd", &package]).env("GOBIN", folder(checkout));
    quiet::run(&mut command).context("Prometheus is built with Go 1.25 or newer")
}

fn program(checkout: &Checkout) -> PathBuf {
    folder(checkout).join("prometheus")
}

fn folder(checkout: &Checkout) -> PathBuf {
    checkout.target().join("tools").join(format!("prometheus-{VERSION}"))
}
