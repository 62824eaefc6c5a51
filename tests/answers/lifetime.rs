//! What senders are told while the server starts and while it stops.

use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::channel::Channel;
use prost::Message;
use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::json;
use testkit::request::{logs, record};
use testkit::{TestServer, eventually};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tonic::Code;

use super::check::{Expected, PROTOBUF, Retry, check, check_answer};
use crate::wire::{Compression, GrpcConnection, Request, Signal};

const TIME: u64 = 1_795_500_000_000_000_000;

fn hello() -> Request {
    Request::new(Signal::Logs, &logs("shop", [record(TIME, "hello")]).encode_to_vec(), Compression::None)
}

#[tokio::test]
async fn a_starting_server_says_come_back() {
    let data_dir = tempfile::tempdir().unwrap();
    // A pipe in the place of the lock file: opening it waits for somebody at the other end, and with it the start.
    let lock = data_dir.path().join("LOCK");
    mknodat(CWD, &lock, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let mut server = TestServer::launch(data_dir, &[]).await;
    let not_yet = Expected::Refused(503, Code::Unavailable, Retry::Later, "the server is starting");
    check(&server, "while it starts", &hello(), PROTOBUF, not_yet).await;
    let api = server.api();
    assert_eq!(api.get("/healthz", &[]).await.status, 200);
    let reply = api.get("/readyz", &[]).await;
    assert_eq!((reply.status.as_u16(), reply.text.trim()), (503, "starting"));
    let reply = api.get("/api/v1/logs", &[]).await;
    assert_eq!((reply.status.as_u16(), reply.json()["error"]["code"].as_str()), (503, Some("starting")));

    let other_end = tokio::task::spawn_blocking(move || std::fs::File::open(lock).unwrap()).await.unwrap();
    server.ready().await;
    check(&server, "once it is ready", &hello(), PROTOBUF, Expected::Accepted).await;
    drop(other_end);
    server.terminate();
    assert!(server.ended().await.success());
}

/// A request by HTTP/1 of which only half is there when the server is told to stop.
#[tokio::test]
async fn a_stopping_server_refuses_what_comes_by_http() {
    let mut server = TestServer::start(&[]).await;
    let body = hello().body;
    let mut stream = TcpStream::connect(server.otlp_http()).await.unwrap();
    let head = format!(
        "POST /v1/logs HTTP/1.1\r\nhost: shop\r\ncontent-type: application/x-protobuf\r\nexpect: 100-continue\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server says so when it begins to read the body: from then on the request is in work.
    let mut interim = [0; 25];
    stream.read_exact(&mut interim).await.unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");

    server.terminate();
    server.logs("draining").await;
    stream.write_all(&body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    let retry = answer.lines().find_map(|line| line.strip_prefix("retry-after: ")).expect("it says when to come back");
    assert!((1..=30).contains(&retry.parse::<u64>().unwrap()), "{retry}");
    assert!(answer.contains("the server is stopping"), "{answer}");
    assert!(server.ended().await.success());
}

/// A call by gRPC of which only half is there when the server is told to stop.
#[tokio::test]
async fn a_stopping_server_refuses_what_comes_by_grpc() {
    let mut server = TestServer::start(&[]).await;
    let request = hello();
    let message = request.grpc_message();
    let connection = GrpcConnection::open(server.otlp_grpc()).await;
    let (mut sender, body) = Channel::<Bytes>::new(1);
    sender.send_data(message.slice(..8)).await.unwrap();
    let half = connection.call_with(&request, Signal::Logs.grpc_path(), body.map_err(|never| match never {}).boxed());
    let (answer, ()) = tokio::join!(half, async {
        // One connection is read in order: once a later call is answered, the half of the earlier one is there.
        eventually("a later call on the connection", async || {
            connection.call(&request).await.is_success().then_some(())
        })
        .await;
        server.terminate();
        server.logs("draining").await;
        sender.send_data(message.slice(8..)).await.unwrap();
        drop(sender);
    });
    let not_now = Expected::Refused(503, Code::Unavailable, Retry::Later, "the server is stopping");
    check_answer("half a call", &answer, not_now);
    assert!(server.ended().await.success());
}

#[tokio::test]
async fn a_stopped_server_leaves_nothing_to_replay() {
    let mut server = TestServer::start(&[]).await;
    check(&server, "before it stops", &hello(), PROTOBUF, Expected::Accepted).await;
    server.terminate();
    assert!(server.ended().await.success());
    server.restart().await;
    assert!(server.log().contains("replayed the write-ahead log frames=0"), "{}", server.log());
    let status = server.api().ask("/api/v1/status", &[]).await;
    assert_eq!((&status["memtable"]["rows"], &status["wal"]["damaged_frames"]), (&json!(0), &json!(0)));
    assert_eq!(server.api().number("SELECT count(*) FROM logs").await, 2);
}
