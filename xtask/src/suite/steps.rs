//! Which steps there are: the list to edit.
//!
//! Every cargo step takes the whole workspace and its tests into view, because cargo chooses the features of a library
//! by who is in view: leave one crate out, and half of the dependencies are compiled a second time.

use anyhow::{Result, ensure};

use super::step::Step;
use super::tally::Counting;
use crate::checkout::Checkout;
use crate::tidy;
use crate::tools::{browser, cargo_deny, page, services};

const PAGE_PACKAGES: Step = Step::prepare("page packages", page::install);
const PAGE_LINT: Step = Step::npm("page lint", &["run", "--silent", "lint"]).needs(&["page packages"]);
const PAGE_SCHEMA: Step =
    Step::npm("page schema is fresh", &["run", "--silent", "types", "--", "--check"]).needs(&["page packages"]);
const PAGE_BUILD: Step = Step::check_by("page types and build", page::build).needs(&["page packages"]);
const PAGE_TESTS: Step =
    Step::npm("page tests", &["test", "--silent"]).needs(&["page packages"]).counting(Counting::Vitest);

const FORMAT: Step = Step::cargo("format", &["fmt", "--all", "--check"]);
const TIDY: Step = Step::check_by("tidy", check_tidy);
const CLIPPY: Step = compile("clippy", &["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]);
const DENY: Step = Step::check_by("licences and bans", cargo_deny::check);
const DOCUMENTATION: Step = compile("documentation", &["doc", "--locked", "--workspace", "--no-deps"])
    .environment(&[("RUSTDOCFLAGS", "-D warnings")]);

// The tests that look from outside start the program itself, so it is built first, and with what they need of it.
const PROGRAMS: Step =
    compile("programs", &["build", "--locked", "--workspace", "--bins", "--tests"]).counting(Counting::Nothing);
const BROWSER: Step = Step::prepare("browser", |_| browser::install());
const NODE_SERVICE: Step = Step::prepare("Node service", services::install_node);
const PYTHON_SERVICE: Step = Step::prepare("Python service", services::install_python);
const RUST_TESTS: Step = compile("tests", &["test", "--locked", "--workspace", "--no-fail-fast"])
    .needs(&["programs"])
    .counting(Counting::CargoTest);

const CRATES: Step = compile(
    "conformance of the crates",
    &["test", "--locked", "--workspace", "--test", "conformance", "--", "--nocapture"],
)
.needs(&["programs"])
.with_vectors_of_others()
.counting(Counting::CargoTest);
const WIRE: Step = compile(
    "conformance of the wire",
    &["test", "--locked", "--workspace", "--test", "tests", "conformance", "--", "--nocapture"],
)
.needs(&["programs"])
.with_vectors_of_others()
.counting(Counting::CargoTest);

/// Everything that runs no test.
pub(crate) const CHECKS: &[Step] =
    &[PAGE_PACKAGES, PAGE_LINT, PAGE_SCHEMA, PAGE_BUILD, FORMAT, TIDY, CLIPPY, DENY, DOCUMENTATION];

/// Everything.
pub(crate) const TESTS: &[Step] = &[
    PAGE_PACKAGES,
    PAGE_LINT,
    PAGE_SCHEMA,
    PAGE_BUILD,
    PAGE_TESTS,
    FORMAT,
    TIDY,
    CLIPPY,
    DENY,
    DOCUMENTATION,
    PROGRAMS,
    BROWSER,
    NODE_SERVICE,
    PYTHON_SERVICE,
    RUST_TESTS,
    CRATES,
    WIRE,
];

/// What a developer needs once to run any of it by hand.
pub(crate) const TOOLS: &[Step] = &[PAGE_PACKAGES, BROWSER, NODE_SERVICE, PYTHON_SERVICE];

/// The published test vectors of others.
pub(crate) const CONFORMANCE: &[Step] = &[PAGE_PACKAGES, PAGE_BUILD, PROGRAMS, CRATES, WIRE];

/// A cargo command that compiles. The page is embedded in the program, so that is built before.
const fn compile(name: &'static str, arguments: &'static [&'static str]) -> Step {
    Step::cargo(name, arguments).needs(&["page types and build"])
}

fn check_tidy(checkout: &Checkout) -> Result<()> {
    ensure!(tidy::run(checkout.root())?, "the house style is broken in the places above");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_needs_only_what_ran_before_it() {
        for suite in [CHECKS, TESTS, TOOLS, CONFORMANCE] {
            for (index, step) in suite.iter().enumerate() {
                let earlier: Vec<&str> = suite[..index].iter().map(|step| step.name).collect();
                assert!(step.needs.iter().all(|name| earlier.contains(name)), "{}", step.name);
                assert!(!earlier.contains(&step.name), "{} is there twice", step.name);
            }
        }
    }
}
