//! All cases, over rows in memory and over the same rows in blocks.

use std::path::PathBuf;

use testkit::{Api, TestServer, repository};

use super::case::Case;
use crate::wire::{Compression, Request, Signal, Transport};

/// Rows that the cases ask about, in the order in which they are sent.
const ROWS: [(Signal, &str); 4] = [
    (Signal::Logs, "logs.json"),
    (Signal::Traces, "traces.json"),
    (Signal::Traces, "traces_again.json"),
    (Signal::Metrics, "metrics.json"),
];

pub(super) fn folder() -> PathBuf {
    repository().join("tests/cases/api")
}

/// A server that has the rows in memory.
pub(super) async fn server_with_rows(options: &[&str]) -> TestServer {
    let server = TestServer::start(options).await;
    for (signal, name) in ROWS {
        let body = std::fs::read(folder().join("data").join(name)).expect("the rows are there");
        let answer = Request::new(signal, &body, Compression::None).send(&server, Transport::HttpJson).await;
        assert!(answer.is_success() && answer.partial.is_none(), "{name}: {answer:?}");
    }
    server
}

#[tokio::test]
async fn every_question_gets_its_answer_from_memory_and_from_blocks() {
    let mut server = server_with_rows(&["--store-flush-interval", "1h"]).await;
    let cases = all();
    let mut failures = run(&server.api(), &cases, "memory").await;
    server.terminate();
    assert!(server.ended().await.success());
    server.restart().await;
    assert_eq!(server.api().ask("/api/v1/status", &[]).await["memtable"]["rows"], 0, "the rows are in blocks");
    failures.extend(run(&server.api(), &cases, "blocks").await);
    println!("tests/cases/api {}/{}", 2 * cases.len() - failures.len(), 2 * cases.len());
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// Every case and the name of its file.
fn all() -> Vec<(String, Case)> {
    let entries = std::fs::read_dir(folder()).expect("the cases are there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    paths.sort();
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    paths.iter().flat_map(|path| Case::read(path).into_iter().map(move |case| (name(path), case))).collect()
}

async fn run(api: &Api, cases: &[(String, Case)], place: &str) -> Vec<String> {
    let mut failures = Vec::new();
    for (file, case) in cases {
        if let Err(problem) = case.run(api).await {
            failures.push(format!("{file}: {} (from {place}): {problem}", case.name));
        }
    }
    failures
}
