//! `nunchi store`: verbs that work on a data folder while no server has it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use store::{Checkup, Finding, RepairMode, Repaired, Step, StoreError};

/// Something that was kept is damaged.
const DAMAGED: u8 = 1;

/// Nobody can tell: a server has the folder, there is none, or it cannot be read.
const CANNOT_TELL: u8 = 2;

/// Works on a data folder while no server has it.
#[derive(Debug, Subcommand)]
pub(crate) enum StoreCommand {
    /// Read every byte of a data folder and say what is damaged, changing nothing
    ///
    /// Exit codes: 0 nothing is damaged, 1 something is, 2 nobody can tell.
    Check(CheckArguments),
    /// Move what is damaged to quarantine/, so that the rest is served; nothing is deleted
    ///
    /// Exit codes: 0 nothing damaged is left, 1 something is, 2 nobody can tell.
    Repair(RepairArguments),
}

/// What to check.
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// The data folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

/// What to repair.
#[derive(Debug, Args)]
pub(crate) struct RepairArguments {
    /// The data folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// How to print
    #[arg(short, long, value_enum, default_value_t)]
    output: Output,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people
    #[default]
    Text,
    /// For programs: one JSON object
    Json,
}

/// Runs the verb, prints what it found, and tells the shell.
pub(crate) async fn run(command: StoreCommand) -> ExitCode {
    let told = match command {
        StoreCommand::Check(CheckArguments { folder, output }) => store::check(&folder).await.map(|checkup| {
            let code = if checkup.is_clean() { 0 } else { DAMAGED };
            let text = match output {
                Output::Text => checkup_text(&checkup),
                Output::Json => format!("{}\n", checkup_json(&checkup)),
            };
            (text, code)
        }),
        StoreCommand::Repair(RepairArguments { folder, dry_run, output }) => {
            let mode = if dry_run { RepairMode::DryRun } else { RepairMode::Apply };
            store::repair(&folder, mode).await.map(|repaired| {
                let is_left = !repaired.left.is_empty() || (dry_run && !repaired.before.is_clean());
                let text = match output {
                    Output::Text => repaired_text(&repaired, mode),
                    Output::Json => format!("{}\n", repaired_json(&repaired, mode)),
                };
                (text, if is_left { DAMAGED } else { 0 })
            })
        }
    };
    let (text, code) = told.unwrap_or_else(|error| (String::new(), tell(&error)));
    match io::stdout().lock().write_all(text.as_bytes()) {
        // A reader that has seen enough is no failure.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::from(CANNOT_TELL),
        _ => ExitCode::from(code),
    }
}

#[expect(clippy::print_stderr, reason = "why nobody can tell is no data")]
fn tell(error: &StoreError) -> u8 {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    let mut texts = Vec::new();
    while let Some(error) = cause {
        texts.push(visible(&error.to_string()));
        cause = error.source();
    }
    eprintln!("nunchi: {}", texts.join(": "));
    CANNOT_TELL
}

fn checkup_text(checkup: &Checkup) -> String {
    let damaged = checkup.findings.iter().filter(|finding| finding.kind.is_damage()).count();
    let Checkup { blocks, rows, frames, findings } = checkup;
    let others = findings.len() - damaged;
    let found: String = findings.iter().map(finding_text).collect();
    format!(
        "{found}read {blocks} blocks with {rows} whole rows and {frames} whole frames: {damaged} damaged, {others} to know of\n"
    )
}

fn finding_text(finding: &Finding) -> String {
    let cost = cost(finding).map(|cost| format!("    costs {cost}\n")).unwrap_or_default();
    format!(
        "{}: {}\n    {}\n{cost}    remedy: {}\n",
        finding.kind.name(),
        shown(&finding.path),
        visible(&finding.what),
        finding.kind.remedy()
    )
}

/// What is missing from answers because of it; `None` where nothing is.
fn cost(finding: &Finding) -> Option<String> {
    match (&finding.block, finding.rows_lost(), finding.frames_lost()) {
        (Some(block), rows, _) if rows > 0 => {
            Some(format!("{rows} rows of {} of the tenant {}, hour {}", block.table, block.tenant, block.hour))
        }
        (_, _, frames) if frames > 0 => Some(format!("{frames} requests that were acknowledged")),
        _ => None,
    }
}

fn repaired_text(repaired: &Repaired, mode: RepairMode) -> String {
    let steps: String = repaired.steps.iter().map(step_text).collect();
    let left: String = repaired.left.iter().map(finding_text).collect();
    let (steps_taken, would) = (repaired.steps.len(), if mode == RepairMode::DryRun { "would take " } else { "" });
    format!("{steps}{left}{would}{steps_taken} steps, {} damaged left\n", repaired.left.len())
}

fn step_text(step: &Step) -> String {
    match step {
        Step::Moved { from, to } => format!("move     {} to {}\n", shown(from), shown(to)),
        Step::Copied { from } => format!("copy     {} to wal/quarantine\n", shown(from)),
        Step::Rebuilt { path } => format!("rebuild  {}\n", shown(path)),
        Step::Unlisted { block, rows } => format!("unlist   block {} with {rows} rows\n", visible(block)),
    }
}

fn checkup_json(checkup: &Checkup) -> Value {
    let Checkup { blocks, rows, frames, findings } = checkup;
    let findings: Vec<Value> = findings.iter().map(finding_json).collect();
    json!({ "clean": checkup.is_clean(), "blocks": blocks, "rows": rows, "frames": frames, "findings": findings })
}

fn finding_json(finding: &Finding) -> Value {
    let block = finding.block.as_ref().map(|block| {
        json!({
            "id": block.id.as_str(),
            "tenant": block.tenant.as_str(),
            "table": block.table.name(),
            "hour": block.hour.to_string(),
        })
    });
    json!({
        "kind": finding.kind.name(),
        "is_damage": finding.kind.is_damage(),
        "path": finding.path.to_string_lossy(),
        "what": finding.what,
        "block": block,
        "rows_lost": finding.rows_lost(),
        "frames_lost": finding.frames_lost(),
        "remedy": finding.kind.remedy(),
    })
}

fn repaired_json(repaired: &Repaired, mode: RepairMode) -> Value {
    let steps = repaired.steps.iter().map(|step| match step {
        Step::Moved { from, to } => {
            json!({ "step": "move", "from": from.to_string_lossy(), "to": to.to_string_lossy() })
        }
        Step::Copied { from } => json!({ "step": "copy", "from": from.to_string_lossy() }),
        Step::Rebuilt { path } => json!({ "step": "rebuild", "path": path.to_string_lossy() }),
        Step::Unlisted { block, rows } => json!({ "step": "unlist", "block": block, "rows": rows }),
    });
    json!({
        "dry_run": mode == RepairMode::DryRun,
        "steps": steps.collect::<Vec<_>>(),
        "left": repaired.left.iter().map(finding_json).collect::<Vec<_>>(),
    })
}

fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}

/// The text with its control characters as signs: a file may be called anything.
fn visible(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}
