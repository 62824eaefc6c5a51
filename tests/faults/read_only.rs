//! A folder that cannot be written, at start and later.

use serde_json::json;
use testkit::{Process, TestServer, eventually, nunchi};

use super::check_refused;
use super::journal::Journal;
use super::volume::WriteProtected;
use crate::wire::Transport;

#[tokio::test]
async fn a_start_on_a_folder_that_cannot_be_written_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let protected = WriteProtected::new(folder.path());
    let data_dir = match protected {
        Some(_) => folder.path().to_owned(),
        // Nobody may write there, not even root.
        None => {
            println!("mounting is not allowed here: a folder in /proc stands for one that cannot be written");
            "/proc/nunchi".into()
        }
    };
    let mut command = nunchi();
    command.arg("server").arg("--data-dir").arg(&data_dir);
    for port in ["--listen-otlp-grpc", "--listen-otlp-http", "--listen-api"] {
        command.args([port, "127.0.0.1:0"]);
    }
    let mut server = Process::start("a server", &mut command);
    let ended = server.ended().await;
    let said = server.settled_output().await;
    assert_eq!(ended.code(), Some(1), "{said}");
    for words in [&*data_dir.to_string_lossy(), "cannot be written", "--data-dir"] {
        assert!(said.contains(words), "does not say {words:?}:\n{said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

#[tokio::test]
async fn a_folder_that_becomes_read_only_refuses_answers_questions_and_goes_on_once_it_can_be_written() {
    // Every flush fails meanwhile, and memory may hold next to nothing.
    let options = ["--store-flush-bytes", "1MiB", "--store-memtable-bytes-max", "2MiB", "--store-flush-interval", "1s"];
    let server = TestServer::start(&options).await;
    let mut journal = Journal::default();
    for transport in [Transport::Grpc, Transport::HttpProtobuf, Transport::HttpJson] {
        assert!(journal.send(&server, transport, 1_000).await.is_success());
    }
    let protected = WriteProtected::new(server.data_dir());
    let words = match protected {
        Some(_) => "the disk is read-only",
        None => {
            println!("mounting is not allowed here: a file in the place of a folder keeps blocks from being written");
            let blocks = server.data_dir().join("blocks");
            std::fs::rename(&blocks, server.data_dir().join("elsewhere")).unwrap();
            std::fs::write(&blocks, "").unwrap();
            "the memtable is full"
        }
    };
    eventually("a request to be refused", async || {
        (!journal.send(&server, Transport::HttpProtobuf, 100_000).await.is_success()).then_some(())
    })
    .await;
    for transport in [Transport::Grpc, Transport::HttpProtobuf, Transport::HttpJson] {
        check_refused(&journal.send(&server, transport, 1_000).await, words);
    }
    let status = server.api().ask("/api/v1/status", &[]).await;
    assert_eq!(status["wal"]["poisoned"], false, "{status}");
    match protected {
        Some(protected) => {
            journal.check(&server, "while it cannot be written").await;
            assert_eq!(status["disk"]["read_only"], json!(true), "{status}");
            drop(protected);
        }
        None => {
            let blocks = server.data_dir().join("blocks");
            std::fs::remove_file(&blocks).unwrap();
            std::fs::rename(server.data_dir().join("elsewhere"), &blocks).unwrap();
        }
    }
    eventually("requests to be taken again", async || {
        journal.send(&server, Transport::HttpProtobuf, 1_000).await.is_success().then_some(())
    })
    .await;
    journal.check(&server, "once it can be written").await;
}
