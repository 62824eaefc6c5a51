//! What the log promises, tested through its public face. Each file is one promise.

#![allow(clippy::unwrap_used, reason = "all of this is tests, also what stands beside the test functions")]

mod log;

mod append;
mod flips;
mod golden;
mod model;
mod release;
mod torn;
