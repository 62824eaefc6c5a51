//! `cargo xtask check` and `test`: steps one after the other, and one line that sums them up.
//!
//! | file | holds |
//! |---|---|
//! | `steps.rs`  | which steps there are: the list to edit |
//! | `step.rs`   | what a step is: what it needs, what it does, what it counts |
//! | `tally.rs`  | how many passed, read from what a test runner prints |
//! | `runner.rs` | runs steps, shows progress, adds up |
//!
//! A step that fails keeps only those from running that need it, and those count as failed: nothing is skipped in
//! silence. The last line is `N passed, N failed` over all runners, and a check counts as one.

mod runner;
mod step;
mod steps;
mod tally;

pub(crate) use runner::run;
pub(crate) use steps::{CHECKS, CONFORMANCE, TESTS, TOOLS};
