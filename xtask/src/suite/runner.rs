//! Runs steps, shows progress, adds up.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::step::{Action, Program, Step, Vectors};
use super::tally::Tally;
use crate::checkout::Checkout;
use crate::tools::browser;

/// How one step went.
#[derive(Debug)]
struct Outcome {
    name: &'static str,
    took: Duration,
    tally: Tally,
}

/// Runs all `steps` in order, prints a line for each and the sum as the last, and says whether nothing failed.
pub(crate) fn run(checkout: &Checkout, steps: &[Step]) -> bool {
    let start = Instant::now();
    let mut outcomes = Vec::new();
    let mut failed: BTreeSet<&str> = BTreeSet::new();
    for (index, step) in steps.iter().enumerate() {
        let Step { name, needs, counting, action: _ } = step;
        println!("==> [{}/{}] {name} ({} so far)", index + 1, steps.len(), clock(start.elapsed()));
        let began = Instant::now();
        let (lines, result) = match needs.iter().find(|need| failed.contains(*need)) {
            Some(need) => (Tally::default(), Err(anyhow::anyhow!("not run, since it needs `{need}`"))),
            None => perform(checkout, step),
        };
        if let Err(error) = &result {
            println!("error: {name}: {error:#}");
        }
        let tally = Tally::of_step(*counting, lines, result.is_ok());
        if tally.failed > 0 {
            failed.insert(name);
        }
        outcomes.push(Outcome { name, took: began.elapsed(), tally });
    }
    summarise(&outcomes, start.elapsed())
}

fn perform(checkout: &Checkout, step: &Step) -> (Tally, Result<()>) {
    match &step.action {
        Action::Call(call) => (Tally::default(), call(checkout)),
        Action::Run(program) => {
            let mut lines = Tally::default();
            let result = stream(checkout, program, |line| lines += Tally::of_line(step.counting, line));
            (lines, result)
        }
    }
}

/// Shows the output as it comes and hands each line of it on.
fn stream(checkout: &Checkout, program: &Program, mut on_line: impl FnMut(&str)) -> Result<()> {
    let Program { folder, name, arguments, environment, vectors } = program;
    let mut command = Command::new(name);
    command.args(*arguments).current_dir(checkout.root().join(folder)).stdout(Stdio::piped());
    // Not `NUNCHI_…`: those are options of the server, which refuses one that it does not know.
    command.env("TEST_PYTHON", checkout.python());
    if let Some(chromium) = browser::find() {
        command.env("TEST_CHROMIUM", chromium);
    }
    // Otherwise a test vector would count in two steps.
    command.env_remove("NUNCHI_CONFORMANCE_DIR");
    match (vectors, checkout.conformance()?) {
        (Vectors::Ours, _) => {}
        (Vectors::Others, Some(folder)) => {
            command.env("NUNCHI_CONFORMANCE_DIR", folder);
        }
        (Vectors::Others, None) => println!("    NUNCHI_CONFORMANCE_DIR is not set: only our own cases run"),
    }
    for (variable, value) in *environment {
        command.env(variable, value);
    }
    let mut child = command.spawn().with_context(|| format!("cannot run {name}"))?;
    let output = child.stdout.take().context("the output was not piped")?;
    for line in BufReader::new(output).split(b'\n') {
        // A test may print anything; what is not text is shown as well as it can be.
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        on_line(&line);
    }
    let status = child.wait()?;
    anyhow::ensure!(status.success(), "{name} {} ended with {status}", arguments.join(" "));
    Ok(())
}

fn summarise(outcomes: &[Outcome], took: Duration) -> bool {
    let mut sum = Tally::default();
    println!();
    for Outcome { name, took, tally } in outcomes {
        let verdict = if tally.failed == 0 { "ok  " } else { "FAIL" };
        let count = format!("{} passed, {} failed", tally.passed, tally.failed);
        println!("{verdict} {name:<26} {:>8}  {count}", clock(*took));
        sum += *tally;
    }
    println!("took {}", clock(took));
    println!("{} passed, {} failed", sum.passed, sum.failed);
    sum.failed == 0
}

fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 { format!("{seconds}s") } else { format!("{}m{:02}s", seconds / 60, seconds % 60) }
}
