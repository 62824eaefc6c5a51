//! Holds `ingest::decode` against OTLP: an independent conversion, cases in files, limits, and damaged input.
//!
//! - `rows.rs`: batches as lines of text, which everything here compares.
//! - `strategies.rs`, `reference.rs`, `differential.rs`: arbitrary requests, decoded and converted the plain way.
//! - `reorder.rs`: the same request with its fields in another order and its numbers not packed.
//! - `cases.rs`: `testdata/*.json` in, `testdata/*.rows` out; `UPDATE=1` rewrites what is expected.
//! - `remote_write.rs`: Prometheus remote write, from messages declared anew.
//! - `limits.rs`, `marks.rs`, `json.rs`, `damage.rs`: each limit, mark, rule of the JSON dialect, kind of damage.

#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod rows;
mod strategies;
mod reference;
mod reorder;
mod differential;
mod admission;
mod cases;
mod limits;
mod marks;
mod json;
mod damage;
mod remote_write;
