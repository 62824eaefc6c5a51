//! A disk that reports errors, by the fail points of the log.

use std::process::Command;

use serde_json::json;
use testkit::{TestServer, eventually, nunchi};

use super::check_refused;
use super::journal::Journal;
use crate::wire::Transport;

/// Requests that are taken before anything fails. Each is a group of its own, as they come one after the other.
const BEFORE: usize = 5;

const BY: [Transport; 3] = [Transport::Grpc, Transport::HttpProtobuf, Transport::HttpJson];

/// A server that meets these faults.
async fn server_with(fail_points: &str) -> TestServer {
    let data_dir = tempfile::tempdir().unwrap();
    let mut command: Command = nunchi();
    command.arg("server").arg("--data-dir").arg(data_dir.path()).env("FAILPOINTS", fail_points);
    for port in ["--listen-otlp-grpc", "--listen-otlp-http", "--listen-api"] {
        command.args([port, "127.0.0.1:0"]);
    }
    TestServer::started_by(command, data_dir).await
}

/// Sends what is taken before the fault.
async fn send_before(journal: &mut Journal, server: &TestServer) {
    for number in 0..BEFORE {
        let answer = journal.send(server, BY[number % BY.len()], 100).await;
        assert!(answer.is_success(), "{answer:?}");
    }
}

/// # Panics
///
/// When the fault did not come: the program was built without the tests, and has no fail points.
fn assert_fault(happened: bool) {
    assert!(happened, "build the program together with its tests: cargo build --workspace --bins --tests");
}

#[tokio::test]
async fn after_a_sync_that_failed_nothing_is_taken_until_a_restart_and_questions_are_answered() {
    let mut server = server_with(&format!("wal::sync={BEFORE}*off->1*return(5)")).await;
    let mut journal = Journal::default();
    send_before(&mut journal, &server).await;
    let answer = journal.send(&server, Transport::HttpProtobuf, 100).await;
    assert_fault(!answer.is_success());
    check_refused(&answer, "the disk cannot be trusted");
    // The disk works again; that it does says nothing about what it had before.
    for transport in BY.repeat(5) {
        check_refused(&journal.send(&server, transport, 100).await, "the disk cannot be trusted");
    }
    journal.check(&server, "after a sync that failed").await;
    let api = server.api();
    let status = api.ask("/api/v1/status", &[]).await;
    assert_eq!((&status["wal"]["poisoned"], &status["disk"]["full"]), (&json!(true), &json!(false)), "{status}");
    let ready = api.get("/readyz", &[]).await;
    assert_eq!((ready.status.as_u16(), ready.text.trim()), (503, "poisoned"));
    assert!(api.get("/metrics", &[]).await.text.contains("\nnunchi_wal_poisoned 1\n"));
    let log = server.log();
    assert_eq!(log.lines().filter(|line| line.contains("WARN") || line.contains("ERROR")).count(), 1, "{log}");

    // A start replays what the disk really has, with nothing of the fault.
    server.restart().await;
    journal.check(&server, "after a restart").await;
    for transport in BY {
        assert!(journal.send(&server, transport, 100).await.is_success());
    }
    journal.check(&server, "a while after a restart").await;
}

#[tokio::test]
async fn a_log_that_finds_no_room_refuses_and_goes_on_by_itself() {
    let server = server_with(&format!("wal::write={BEFORE}*off->20*return(28)->off")).await;
    let mut journal = Journal::default();
    send_before(&mut journal, &server).await;
    let answer = journal.send(&server, Transport::HttpProtobuf, 100).await;
    assert_fault(!answer.is_success());
    for transport in BY {
        check_refused(&journal.send(&server, transport, 100).await, "the disk takes no more");
    }
    let status = server.api().ask("/api/v1/status", &[]).await;
    assert_eq!((&status["wal"]["poisoned"], &status["disk"]["full"]), (&json!(false), &json!(true)), "{status}");
    journal.check(&server, "while there is no room").await;
    eventually("requests to be taken again", async || {
        journal.send(&server, Transport::Grpc, 100).await.is_success().then_some(())
    })
    .await;
    let status = server.api().ask("/api/v1/status", &[]).await;
    assert_eq!(status["disk"]["full"], false, "{status}");
    journal.check(&server, "once there is room").await;
    let log = server.log();
    assert_eq!(log.matches("the disk takes no more wal frames").count(), 1, "said once, not for each request:\n{log}");
    assert!(log.contains("the disk takes wal frames again"), "{log}");
}
