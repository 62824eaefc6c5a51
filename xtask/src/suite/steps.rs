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
const PAGE_BUILD: Step = Step::check_by("page types and build", page::build).needs(&["page packages"]);
const PAGE_LINT: Step = Step::check("page lint", "ui", &["npm", "run", "--silent", "lint"]).needs(&["page packages"]);
const PAGE_TESTS: Step =
    Step::check("page tests", "ui", &["npm", "test", "--silent"]).needs(&["page packages"]).counting(Counting::Vitest);

const FORMAT: Step = Step::check("format", "", &["cargo", "fmt", "--all", "--check"]);
const TIDY: Step = Step::check_by("tidy", check_tidy);
const CLIPPY: Step =
    Step::check("clippy", "", &["cargo", "clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
        .needs(&["page types and build"]);
const DENY: Step = Step::check_by("licences and bans", cargo_deny::check);
// `--examples` names none, and makes cargo choose features as it does for tests.
const DOCUMENTATION: Step =
    Step::check("documentation", "", &["cargo", "doc", "--workspace", "--no-deps", "--lib", "--bins", "--examples"])
        .environment(&[("RUSTDOCFLAGS", "-D warnings")])
        .needs(&["page types and build"]);

// The tests that look from outside start the program itself, so it is built first and with the same features.
const PROGRAMS: Step = Step::check("programs", "", &["cargo", "build", "--workspace", "--bins", "--tests"])
    .needs(&["page types and build"])
    .counting(Counting::Nothing);
const BROWSER: Step = Step::prepare("browser", |_| browser::install());
const NODE_SERVICE: Step = Step::prepare("Node service", services::install_node);
const PYTHON_SERVICE: Step = Step::prepare("Python service", services::install_python);
const RUST_TESTS: Step = Step::check("tests", "", &["cargo", "test", "--workspace", "--no-fail-fast"])
    .needs(&["programs", "browser", "Node service", "Python service"])
    .counting(Counting::CargoTest);

const SELECTORS: Step = Step::check(
    "conformance of selectors",
    "",
    &["cargo", "test", "--workspace", "--test", "conformance", "--", "--nocapture"],
)
.with_vectors_of_others()
.counting(Counting::CargoTest);
const WIRE: Step = Step::check(
    "conformance of the wire",
    "",
    &["cargo", "test", "--workspace", "--test", "tests", "conformance", "--", "--nocapture"],
)
.needs(&["programs"])
.with_vectors_of_others()
.counting(Counting::CargoTest);

/// Everything that runs no test.
pub(crate) const CHECKS: &[Step] = &[PAGE_PACKAGES, PAGE_LINT, PAGE_BUILD, FORMAT, TIDY, CLIPPY, DENY, DOCUMENTATION];

/// Everything.
pub(crate) const TESTS: &[Step] = &[
    PAGE_PACKAGES,
    PAGE_LINT,
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
    SELECTORS,
    WIRE,
];

/// The published test vectors of others.
pub(crate) const CONFORMANCE: &[Step] = &[PAGE_PACKAGES, PAGE_BUILD, PROGRAMS, SELECTORS, WIRE];

fn check_tidy(checkout: &Checkout) -> Result<()> {
    ensure!(tidy::run(checkout.root())?, "the house style is broken in the places above");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_needs_only_what_ran_before_it() {
        for suite in [CHECKS, TESTS, CONFORMANCE] {
            for (index, step) in suite.iter().enumerate() {
                let earlier: Vec<&str> = suite[..index].iter().map(|step| step.name).collect();
                assert!(step.needs.iter().all(|name| earlier.contains(name)), "{}", step.name);
                assert!(!earlier.contains(&step.name), "{} is there twice", step.name);
            }
        }
    }
}
