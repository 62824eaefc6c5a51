//! The test vectors of others, over the wire: posted as a sender would, and asked for as a user would.
//!
//! | file | what |
//! |---|---|
//! | `vectors.rs` | where cases come from, and how many passed |
//! | `otlp_examples.rs` | requests in OTLP's JSON: every record is found again, field by field |
//! | `otlp_rows.rs` | the rows that such a request must become, read from it independently of the product |
//! | `stored_rows.rs` | the rows that a server has, by SQL and by the API |
//! | `jaeger_search.rs` | searches for traces: each finds exactly its own |
//! | `promql.rs` | PromQL: a server answers what the evaluator does, which `crates/promql` holds to these cases |
//!
//! A runner takes its cases from the folder that `NUNCHI_CONFORMANCE_DIR` names or, without it, our own of the same
//! shape in `tests/cases`. It prints `folder passed/total` and each case that fails. The floor of each is all cases.
//! Whatever is asked is asked twice: while it is in memory only, and again when it comes from blocks alone. The options
//! are the default ones: vectors are years old, and what is old on arrival is kept like anything else.

mod jaeger_search;
mod otlp_examples;
mod otlp_rows;
mod promql;
mod stored_rows;
mod vectors;

use testkit::TestServer;

/// Has everything written to blocks, and what answers from here on has read it from there.
async fn move_to_blocks(server: &mut TestServer) {
    server.terminate();
    assert!(server.ended().await.success(), "{}", server.log());
    server.restart().await;
    let status = server.api().ask("/api/v1/status", &[]).await;
    assert_eq!(status["memtable"]["rows"], 0, "everything is in blocks");
}
