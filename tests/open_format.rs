//! Blocks belong to their owner: another program reads every row of them, and gets what we answer.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use testkit::{TestServer, repository};

/// The tables as their folders are called. The cases have rows for each.
const TABLES: [&str; 9] = [
    "logs",
    "spans",
    "links",
    "metric_numbers",
    "metric_histograms",
    "metric_exp_histograms",
    "metric_summaries",
    "exemplars",
    "series",
];

#[tokio::test(flavor = "multi_thread")]
async fn duckdb_reads_every_block_and_gets_the_rows_that_sql_gets() {
    let mut server = TestServer::start(&[]).await;
    for (case, signal) in [("logs", "logs"), ("events", "logs"), ("traces", "traces"), ("metrics", "metrics")] {
        let path = repository().join(format!("tests/cases/otlp/{case}.json"));
        let body = std::fs::read(&path).unwrap();
        let url = format!("http://{}/v1/{signal}", server.otlp_http());
        let request = reqwest::Client::new().post(url).header("content-type", "application/json").body(body);
        assert_eq!(request.send().await.unwrap().status(), 200, "{}", path.display());
    }
    server.terminate();
    assert!(server.ended().await.success(), "{}", server.log());
    server.restart().await;

    let python = env::var_os("TEST_PYTHON").map_or_else(|| repository().join(".venv/bin/python"), PathBuf::from);
    for table in TABLES {
        let output = Command::new(&python)
            .arg(repository().join("tests/open_format/compare.py"))
            .args([&server.api().url(), &server.data_dir().join("blocks").display().to_string(), table])
            .output()
            .unwrap_or_else(|error| panic!("{}: {error}; cargo xtask tools installs it", python.display()));
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        println!("{said}");
    }
}
