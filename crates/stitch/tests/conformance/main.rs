//! The test vectors of others about traces.
//!
//! | file | what |
//! |---|---|
//! | `vectors.rs` | where cases come from, and how many passed |
//! | `clock_skew.rs` | clocks that one trace shows to be off, as Jaeger adjusts them |
//! | `jaeger.rs` | a trace as Jaeger writes it, as spans |
//! | `jaeger_ui.rs` | the sections of critical paths, as Jaeger's page has them |
//! | `crisp.rs` | self times on critical paths, as CRISP has them |
//! | `zipkin.rs` | links between services, as Zipkin's dependency linker has them |
//!
//! A runner takes its cases from the folder that `NUNCHI_CONFORMANCE_DIR` names or, without it, our own of the same
//! shape in `cases`. It prints `folder passed/total` and each case that fails. The floor of each is all cases.

#![allow(clippy::print_stdout, reason = "the tally is what a runner is for")]

mod clock_skew;
mod crisp;
mod jaeger;
mod jaeger_ui;
mod vectors;
mod zipkin;
