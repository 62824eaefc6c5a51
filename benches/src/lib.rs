//! What the figures are measured with: telemetry that looks like real telemetry, the same in every run.
//!
//! [`Corpus`] makes the bodies of export requests; [`WireForm`] says how they go over the wire. The program
//! (`main.rs`) sends them to a server of its own and counts what that costs; the criterion benches give them to one
//! part of the server at a time.

mod corpus;
mod wire_form;

pub use corpus::{Corpus, LOGS_TRACED_OF_TEN, RECORDS_PER_REQUEST, SPANS_PER_TRACE, needle, trace_id};
pub use wire_form::{Compression, Transport, WireForm};
