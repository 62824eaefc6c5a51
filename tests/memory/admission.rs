//! What does not fit now is told so at once, and who keeps memory without using it does not keep it for long.

use std::fs;
use std::time::{Duration, Instant};

use prost::Message;
use testkit::request::{logs, record};
use testkit::{TestServer, eventually};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tonic::Code;

use super::bombs::TIME;
use crate::answers::{Expected, PROTOBUF, Retry, check};
use crate::wire::{Compression, Request, Signal, Transport};

/// Far above what an answer takes on a busy machine, and below any wait of the server's own.
const AT_ONCE: Duration = Duration::from_secs(5);

const KIB: usize = 1024;

/// A request of about so many bytes, in the clear.
fn request(bytes: usize) -> Request {
    let records = (0..bytes.div_ceil(100 * KIB)).map(|_| record(TIME, "x".repeat(bytes.min(100 * KIB))));
    Request::new(Signal::Logs, &logs("shop", records).encode_to_vec(), Compression::None)
}

/// A sender by HTTP/1 that announces so many bytes, sends fewer, and then says nothing.
async fn silent_sender(server: &TestServer, announced: usize, sent: usize) -> TcpStream {
    let mut stream = TcpStream::connect(server.otlp_http()).await.unwrap();
    let head = format!(
        "POST /v1/logs HTTP/1.1\r\nhost: shop\r\ncontent-type: application/x-protobuf\r\ncontent-length: {announced}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![0; sent]).await.unwrap();
    stream
}

#[tokio::test]
async fn a_full_memtable_says_come_back_until_it_is_flushed() {
    let sizes = ["--store-flush-bytes", "1MiB", "--store-memtable-bytes-max", "2MiB"];
    let server = TestServer::start(&sizes).await;
    // A file where a folder must be: no flush succeeds.
    let in_the_way = server.data_dir().join("blocks/default");
    let large = request(3_000 * KIB);
    fs::write(&in_the_way, "").unwrap();
    check(&server, "while there is room", &large, &[Transport::Grpc], Expected::Accepted).await;
    let begin = Instant::now();
    let full = Expected::Refused(503, Code::Unavailable, Retry::Later, "the memtable is full");
    check(&server, "beyond it", &request(1), PROTOBUF, full).await;
    assert!(begin.elapsed() < AT_ONCE, "it took {:?}", begin.elapsed());

    fs::remove_file(&in_the_way).unwrap();
    eventually("a flush", async || request(1).send(&server, Transport::Grpc).await.is_success().then_some(())).await;
}

#[tokio::test]
async fn memory_that_is_announced_is_not_kept_from_others() {
    let server = TestServer::start(&["--receive-in-flight-bytes-max", "1MiB"]).await;
    let mut senders = Vec::new();
    for _ in 0..20 {
        senders.push(silent_sender(&server, 500 * KIB, 100).await);
    }
    check(&server, "beside senders that announce much", &request(100 * KIB), PROTOBUF, Expected::Accepted).await;
}

#[tokio::test]
async fn memory_that_is_kept_without_use_is_given_back_soon() {
    let server = TestServer::start(&["--receive-in-flight-bytes-max", "1MiB"]).await;
    let mut senders = vec![silent_sender(&server, 900 * KIB, 800 * KIB).await];
    let large = request(300 * KIB);
    let not_now = Expected::Refused(503, Code::Unavailable, Retry::Later, "receive.in_flight_bytes_max");
    // The silent sender's bytes come by another connection, and none knows when.
    eventually("the memory to be taken", async || {
        let begin = Instant::now();
        let answer = large.send(&server, Transport::HttpProtobuf).await;
        assert!(begin.elapsed() < AT_ONCE, "it took {:?}", begin.elapsed());
        if answer.is_success() {
            // The two may have met, and then it is the silent sender that was refused.
            senders.push(silent_sender(&server, 900 * KIB, 800 * KIB).await);
            return None;
        }
        Some(())
    })
    .await;
    let begin = Instant::now();
    check(&server, "while it is kept", &large, PROTOBUF, not_now).await;
    assert!(begin.elapsed() < AT_ONCE, "it took {:?}", begin.elapsed());
    check(&server, "what is small", &request(1), PROTOBUF, Expected::Accepted).await;
    eventually("the memory to be free", async || large.send(&server, Transport::Grpc).await.is_success().then_some(()))
        .await;
    drop(senders);
}
