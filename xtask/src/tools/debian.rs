//! Packages of the machine itself, by apt.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::quiet;

/// Installs `packages`, or says which command does when this user may not.
pub(super) fn install(packages: &[&str]) -> Result<()> {
    let by_hand = format!("apt-get update && apt-get install --yes {}", packages.join(" "));
    let user = Command::new("id").arg("-u").output().context("cannot run id")?.stdout;
    if user.trim_ascii() != b"0" {
        bail!("this machine lacks {}, and only root may install it: run `{by_hand}` as root", packages.join(" and "));
    }
    println!("    installing {} by apt-get", packages.join(" "));
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    quiet::run(&mut apt(&["update"]))?;
    let install = ["install", "--yes", "--no-install-recommends"];
    quiet::run(&mut apt(&[&install[..], packages].concat()))
}
