//! Damage on disk, as whoever runs a server deals with it: stop, check, repair, start.

use std::fs;
use std::path::{Path, PathBuf};

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Api, TestServer, nunchi};

/// Sends one log record, and stops the server, which leaves it in a block.
async fn send_and_stop(server: &mut TestServer, body: &str) {
    let record = json!({ "timeUnixNano": "1795500000000000000", "body": { "stringValue": body } });
    let request = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": [record] }] }] });
    let port = Api::new(server.otlp_http());
    let sent = port.send(port.request(Method::POST, "/v1/logs").json(&request)).await;
    assert_eq!(sent.status, 200, "{sent:?}");
    server.terminate();
    assert!(server.ended().await.success());
}

/// The exit code of `nunchi store` with these arguments, and the JSON that it wrote.
async fn store(verb: &str, folder: &Path, more: &[&str]) -> (i32, Value) {
    let mut command = nunchi();
    command.args(["store", verb, "-o", "json"]).arg(folder).args(more);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    let json = if output.stdout.is_empty() { Value::Null } else { serde_json::from_slice(&output.stdout).unwrap() };
    (output.status.code().unwrap(), json)
}

fn parquet_files(folder: &Path) -> Vec<PathBuf> {
    let (mut pending, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = pending.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                pending.push(path);
            } else if path.extension().is_some_and(|extension| extension == "parquet") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

#[tokio::test]
async fn a_damaged_block_is_told_set_aside_and_the_rest_is_served() {
    let mut server = TestServer::start(&[]).await;
    let folder = server.data_dir().to_owned();
    assert_eq!(store("check", &folder, &[]).await, (2, Value::Null), "a server is running on it");
    send_and_stop(&mut server, "first").await;
    server.restart().await;
    send_and_stop(&mut server, "second").await;
    assert_eq!(store("check", &folder, &[]).await.1["clean"], json!(true));

    let damaged = parquet_files(&folder.join("blocks")).remove(0);
    let mut bytes = fs::read(&damaged).unwrap();
    bytes[100] ^= 1;
    fs::write(&damaged, &bytes).unwrap();
    let (code, checkup) = store("check", &folder, &[]).await;
    let finding = &checkup["findings"][0];
    assert_eq!((code, &finding["kind"], &finding["rows_lost"]), (1, &json!("rows"), &json!(1)), "{checkup}");
    assert_eq!(finding["block"]["table"], json!("logs"));

    let all_of_time = [("from", "2020-01-01T00:00:00Z")];
    server.restart().await;
    let found = server.api().ask("/api/v1/logs", &all_of_time).await;
    assert_eq!(found["coverage"]["blocks_failed"], json!(1), "{found}");
    assert_eq!(found["logs"].as_array().unwrap().len(), 1, "{found}");
    server.terminate();
    server.ended().await;

    assert_eq!(store("repair", &folder, &["--dry-run"]).await.0, 1);
    assert!(fs::exists(&damaged).unwrap(), "a dry run moves nothing");
    let (code, repaired) = store("repair", &folder, &[]).await;
    assert_eq!((code, &repaired["left"]), (0, &json!([])), "{repaired}");
    let aside = folder.join("quarantine").join(damaged.strip_prefix(&folder).unwrap());
    assert_eq!(fs::read(aside).unwrap(), bytes);
    assert_eq!(store("check", &folder, &[]).await.0, 0);
    server.restart().await;
    let found = server.api().ask("/api/v1/logs", &all_of_time).await;
    assert_eq!((found["logs"].as_array().unwrap().len(), &found["coverage"]["complete"]), (1, &json!(true)), "{found}");
}
