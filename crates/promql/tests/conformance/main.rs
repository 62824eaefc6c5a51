//! Prometheus' own tests of PromQL, as many as there are in the folder `promqltest` of the vectors of others.
//!
//! A runner takes its cases from the folder that `NUNCHI_CONFORMANCE_DIR` names or, without it, our own in `tests/cases`.
//! It prints `folder passed/total` and each case that fails with its file and line. The floor is all cases but those that
//! are listed here with a reason, at most one in fifty. `PROMQLTEST=functions cargo test -p promql --test conformance`
//! runs the files whose names contain a word.

#![allow(clippy::print_stdout, reason = "the tally is what a runner is for")]

use std::env;
use std::path::Path;

use promqltest::{Evaluator, Exception, Folder};

/// Cases of Prometheus' that may fail, each with its reason.
const EXCEPTIONS: &[Exception] = &[Exception {
    file: "type_and_unit",
    expr: "http_requests_total{group=\"canary\"} / ignoring(group) http_requests_total{group=\"production\"}",
    reason: "the vectors lost the values that it expects: Prometheus 3.16 answers what we answer, and fails too",
}];

/// One exception for so many cases at most.
const CASES_PER_EXCEPTION: usize = 50;

#[test]
fn expressions_evaluate_as_they_do_in_prometheus() {
    let others = env::var_os("NUNCHI_CONFORMANCE_DIR").map(|all| Path::new(&all).join("promqltest"));
    let (folder, exceptions) = match &others {
        Some(folder) => (Folder::open(folder), EXCEPTIONS),
        None => (Folder::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")), &[][..]),
    };
    // Two streams and threads, so that what depends on their order is seen.
    let tally = folder.run(&mut Evaluator::new(2));
    println!("{}", tally.summary("promqltest", exceptions));
    assert_eq!(tally.unexcused(exceptions).count(), 0, "cases fail");
    if folder.is_whole() {
        assert!(tally.cases() > 0, "there are no cases");
        assert_eq!(tally.idle(exceptions).map(|idle| idle.expr).collect::<Vec<_>>(), [""; 0], "need no exception");
        assert!(exceptions.len() * CASES_PER_EXCEPTION <= tally.cases(), "too many exceptions");
    }
}
