//! A full disk.

use std::time::{Duration, Instant};

use serde_json::json;
use testkit::{TestServer, eventually};

use super::check_refused;
use super::journal::Journal;
use super::volume::Volume;
use crate::wire::Transport;

/// How soon the first request is refused once there is no room.
const REFUSED_WITHIN: Duration = Duration::from_secs(1);

/// A round is disturbed where the machine has other things to do for a second; not each of these is.
const ROUNDS: usize = 3;

/// Bytes of a record: each takes a page or two of the volume.
const SMALL: usize = 4_000;

/// Bytes of a record that fills the volume in some hundred requests.
const LARGE: usize = 200_000;

#[tokio::test]
async fn a_full_disk_refuses_in_time_answers_questions_and_goes_on_by_itself() {
    let volume = Volume::new();
    let mut options = volume.options();
    options.extend(["--store-flush-interval", "1s"].map(str::to_owned));
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let mut server = TestServer::launch(volume.folder(), &options).await;
    server.ready().await;
    let mut journal = Journal::default();
    let mut soonest = Duration::MAX;
    for round in 0..ROUNDS {
        for transport in [Transport::Grpc, Transport::HttpProtobuf, Transport::HttpJson].repeat(3) {
            let answer = journal.send(&server, transport, SMALL).await;
            assert!(answer.is_success(), "round {round}: {answer:?}");
        }
        volume.fill();
        let filled = Instant::now();
        eventually("a request to be refused", async || {
            (!journal.send(&server, Transport::HttpProtobuf, SMALL).await.is_success()).then_some(())
        })
        .await;
        soonest = soonest.min(filled.elapsed());

        for transport in [Transport::Grpc, Transport::HttpProtobuf, Transport::HttpJson].repeat(20) {
            check_refused(&journal.send(&server, transport, SMALL).await, "the disk");
        }
        journal.check(&server, "while the disk is full").await;
        let api = server.api();
        let status = api.ask("/api/v1/status", &[]).await;
        assert_eq!((&status["disk"]["full"], &status["wal"]["poisoned"]), (&json!(true), &json!(false)), "{status}");
        assert_eq!(api.get("/readyz", &[]).await.status, 200, "questions are answered");
        let metrics = api.get("/metrics", &[]).await.text;
        assert!(metrics.contains("\nnunchi_disk_full 1\n"), "{metrics}");

        volume.make_room();
        eventually("requests to be taken again", async || {
            journal.send(&server, Transport::HttpProtobuf, SMALL).await.is_success().then_some(())
        })
        .await;
        journal.check(&server, "once there is room").await;
    }
    assert!(soonest <= REFUSED_WITHIN, "refused after {soonest:?}");
    let refusals = server.log().matches("requests are refused").count();
    assert!(refusals <= 2 * ROUNDS, "said {refusals} times, for {ROUNDS} changes:\n{}", server.log());

    // What was taken before, between and after is found by a start that follows a kill.
    server.kill();
    server.restart().await;
    journal.check(&server, "after a kill").await;
}

#[tokio::test]
async fn a_store_that_fills_its_disk_by_itself_keeps_room_for_what_it_has_taken() {
    let volume = Volume::new();
    let options = volume.options();
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let mut server = TestServer::launch(volume.folder(), &options).await;
    server.ready().await;
    let mut journal = Journal::default();
    // A flush makes room now and then; what does not compress comes back as large as it went.
    let mut refused_in_a_row = 0;
    while refused_in_a_row < 20 {
        let answer = journal.send(&server, Transport::HttpProtobuf, LARGE).await;
        refused_in_a_row = if answer.is_success() { 0 } else { refused_in_a_row + 1 };
        if !answer.is_success() {
            check_refused(&answer, "the disk");
            eventually("memory to be flushed", async || {
                let status = server.api().ask("/api/v1/status", &[]).await;
                (status["memtable"]["rows"] == 0).then_some(())
            })
            .await;
        }
    }
    assert!(journal.acknowledged() > 30, "{}", journal.acknowledged());
    journal.check(&server, "on a disk that it filled").await;
    let status = server.api().ask("/api/v1/status", &[]).await;
    assert_eq!(status["wal"]["poisoned"], false, "{status}");
    let log = server.log();
    assert!(!log.contains("failed, and is tried again"), "a flush found no room:\n{log}");
    server.restart().await;
    journal.check(&server, "after a start on a disk that it filled").await;
}
