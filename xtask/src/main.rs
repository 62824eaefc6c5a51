//! The project's own tasks: `cargo xtask <verb>`. The Makefile names the usual ones.
//!
//! | verb          | does |
//! |---|---|
//! | `tidy`        | checks the house style (`tidy/`) |
//! | `check`       | every check that runs no test: `suite::CHECKS` |
//! | `test`        | every check and every test, and one line that sums them up: `suite::TESTS` |
//! | `tools`       | installs what the tests need, for whoever runs them by hand: `suite::TOOLS` |
//! | `conformance` | the published test vectors of others |
//! | `test-prometheus` | the same data and questions to a real Prometheus, which it builds, and to ours |
//! | `ui`          | builds the page, unless it is fresh |
//! | `run`         | builds everything, starts a server and the demo shop, says what to try (`run.rs`) |
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a task talks to its terminal")]

mod checkout;
mod metadata;
mod run;
mod suite;
mod tidy;
mod tools;

use std::env;
use std::process::ExitCode;

use anyhow::Result;
use checkout::Checkout;

const USAGE: &str = "usage: cargo xtask tidy | check | test | tools | conformance | test-prometheus | ui | run";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [verb] = arguments.as_slice() else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match perform(verb) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all was well; an error says what kept the task from finding out.
fn perform(verb: &str) -> Result<bool> {
    let checkout = Checkout::find()?;
    match verb {
        "tidy" => tidy::run(checkout.root()),
        "check" => Ok(suite::run(&checkout, suite::CHECKS)),
        "test" => Ok(suite::run(&checkout, suite::TESTS)),
        "tools" => Ok(suite::run(&checkout, suite::TOOLS)),
        "test-prometheus" => tools::prometheus::compare(&checkout).map(|()| true),
        "conformance" => Ok(suite::run(&checkout, suite::CONFORMANCE)),
        "ui" => tools::page::build(&checkout).map(|()| true),
        "run" => run::run(&checkout).map(|()| true),
        unknown => anyhow::bail!("no such verb: {unknown}\n{USAGE}"),
    }
}
