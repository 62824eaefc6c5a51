//! Runs a talkative command and shows its output only when it fails.

use std::process::Command;

use anyhow::{Context, Result, bail};

/// The end of an output is where a tool says why it gave up.
const LINES_SHOWN_MAX: usize = 30;

/// Waits for `command`; the error holds the end of what it wrote.
pub(super) fn run(command: &mut Command) -> Result<()> {
    let name = format!("{} {}", command.get_program().display(), arguments(command));
    let output = command.output().with_context(|| format!("cannot run {name}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let shown = &lines[lines.len().saturating_sub(LINES_SHOWN_MAX)..];
    bail!("{name} ended with {}:\n{}", output.status, shown.join("\n"))
}

fn arguments(command: &Command) -> String {
    command.get_args().map(|argument| argument.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
