//! Requests that are refused for what they are, for who sends them, or for how much they send.

use std::io::Write;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use prost::Message;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use reqwest::Method;
use testkit::request::{logs, record};
use testkit::{Api, TestServer};
use tonic::Code;

use super::check::{
    Expected, OVER_RATE, PROTOBUF, Retry, TOO_LARGE, UNAUTHENTICATED, UNDECODABLE, UNSUPPORTED_ENCODING, check,
    check_answer,
};
use crate::wire::{Compression, GrpcConnection, Request, Signal, Status, Transport, answer_of};

const TIME: u64 = 1_795_500_000_000_000_000;
const MIB: usize = 1 << 20;
const JSON: &[Transport] = &[Transport::HttpJson];
const HTTP: &[Transport] = &[Transport::HttpProtobuf, Transport::HttpJson];
const EVERY: &[Transport] = &[Transport::Grpc, Transport::HttpProtobuf, Transport::HttpJson];

fn hello() -> Vec<u8> {
    logs("shop", [record(TIME, "hello")]).encode_to_vec()
}

/// So many zeros, compressed to a few kilobytes.
fn bomb(compression: Compression, bytes: usize) -> Request {
    let zeros = vec![0; MIB];
    let body = match compression {
        Compression::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            (0..bytes / MIB).for_each(|_| encoder.write_all(&zeros).unwrap());
            encoder.finish().unwrap()
        }
        _ => {
            let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
            (0..bytes / MIB).for_each(|_| encoder.write_all(&zeros).unwrap());
            encoder.finish().unwrap()
        }
    };
    Request {
        body: body.into(),
        encoding: compression.name().to_owned(),
        ..Request::new(Signal::Logs, b"", Compression::None)
    }
}

/// Bytes that do not become smaller, so that a body of them is as large as it claims.
fn noise(bytes: usize) -> Bytes {
    let mut noise = vec![0; bytes];
    StdRng::seed_from_u64(1).fill_bytes(&mut noise);
    noise.into()
}

#[tokio::test]
async fn what_cannot_be_decoded_is_dropped_by_its_sender() {
    let server = TestServer::start(&[]).await;
    let hello = hello();
    let plain = |body: &[u8]| Request::new(Signal::Logs, body, Compression::None);
    let claimed = |body: &[u8], encoding: &str| Request { encoding: encoding.to_owned(), ..plain(body) };
    for (name, request) in [
        ("a group that is never closed", plain(&[0x0b])),
        ("a body cut in the middle", plain(&hello[..hello.len() / 2])),
        ("a length beyond the end", plain(&[0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f])),
        ("a varint without end", plain(&[0xff; 11])),
        ("plain bytes said to be gzip", claimed(&hello, "gzip")),
        ("plain bytes said to be zstd", claimed(&hello, "zstd")),
        ("gzip cut in the middle", claimed(&Compression::Gzip.compress(&hello)[..20], "gzip")),
        ("zstd cut in the middle", claimed(&Compression::Zstd.compress(&hello)[..20], "zstd")),
    ] {
        check(&server, name, &request, PROTOBUF, UNDECODABLE).await;
    }
    for (name, body) in [
        ("no JSON", "resourceLogs"),
        ("JSON cut in the middle", r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"#),
        ("a list for an object", r#"{"resourceLogs":[[]]}"#),
        ("a number that is none", r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"soon"}]}]}]}"#),
        ("nothing", ""),
    ] {
        check(&server, name, &plain(body.as_bytes()), JSON, UNDECODABLE).await;
    }
    let nested = |depth: usize| format!("{}{}", r#"{"a":["#.repeat(depth), "]}".repeat(depth));
    let list = |depth: usize| format!("{}{}", r#"{"arrayValue":{"values":["#.repeat(depth), "]}}".repeat(depth));
    let known = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{}}}]}}]}}]}}"#, list(10_000));
    check(&server, "a value nested without end", &plain(known.as_bytes()), JSON, UNDECODABLE).await;
    check(&server, "what is unknown, nested without end", &plain(nested(100_000).as_bytes()), JSON, Expected::Accepted)
        .await;
    assert_eq!(server.api().number("SELECT count(*) FROM logs").await, 0);
}

#[tokio::test]
async fn a_message_of_grpc_is_framed() {
    let server = TestServer::start(&[]).await;
    let honest = Request::new(Signal::Logs, &hello(), Compression::None);
    let longer = Request { grpc_length: Some(1_000), ..honest.clone() };
    check(&server, "a length beyond the end", &longer, &[Transport::Grpc], UNDECODABLE).await;
    let shorter = Request { grpc_length: Some(3), ..honest.clone() };
    check(&server, "more than one message", &shorter, &[Transport::Grpc], UNDECODABLE).await;
    let lie = Request { grpc_length: Some(u32::MAX), ..honest };
    check(&server, "a length of four gigabytes", &lie, &[Transport::Grpc], TOO_LARGE).await;
}

#[tokio::test]
async fn what_is_not_spoken_is_named() {
    let server = TestServer::start(&[]).await;
    for encoding in ["br", "deflate", "snappy", "gzip, gzip"] {
        let request =
            Request { encoding: encoding.to_owned(), ..Request::new(Signal::Traces, &hello(), Compression::None) };
        check(&server, encoding, &request, EVERY, UNSUPPORTED_ENCODING).await;
    }
    let not_spoken = |words| Expected::Refused(415, Code::Unimplemented, Retry::Never, words);
    for content_type in ["text/plain", "", "application/x-protobuf2", "application/grpc"] {
        let request =
            Request { content_type: Some(content_type), ..Request::new(Signal::Logs, &hello(), Compression::None) };
        check(&server, content_type, &request, HTTP, not_spoken("use application/x-protobuf")).await;
    }
    // What is not gRPC at all is told so in HTTP's own number.
    let plain =
        Request { content_type: Some("application/json"), ..Request::new(Signal::Logs, b"{}", Compression::None) };
    assert_eq!(plain.send(&server, Transport::Grpc).await.status, Status::Http(415));
}

#[tokio::test]
async fn a_wrong_door_is_told_apart_from_a_wrong_request() {
    let server = TestServer::start(&[]).await;
    let port = Api::new(server.otlp_http());
    for (method, path, status, words) in [
        (Method::GET, "/v1/logs", 405, "POST"),
        (Method::PUT, "/v1/traces", 405, "POST"),
        (Method::POST, "/v1/profiles", 404, "/v1/traces"),
        (Method::POST, "/v1/logs/", 404, "/v1/traces"),
        (Method::GET, "/", 404, "4319"),
    ] {
        let answer = answer_of(&port.send(port.request(method.clone(), path)).await);
        let expected = Expected::Refused(status, Code::Ok, Retry::Never, words);
        check_answer(&format!("{method} {path}"), &answer, expected);
    }
    let reply = port.send(port.request(Method::GET, "/v1/logs")).await;
    assert_eq!(reply.header("allow"), "POST");

    let request = Request::new(Signal::Logs, &hello(), Compression::None);
    let connection = GrpcConnection::open(server.otlp_grpc()).await;
    for path in ["/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export", "/v1/logs", "/"] {
        let answer = connection.call_with(&request, path, Full::new(request.grpc_message()).boxed()).await;
        let unknown = Expected::Refused(415, Code::Unimplemented, Retry::Never, "this port takes OTLP");
        check_answer(path, &answer, unknown);
    }
}

#[tokio::test]
async fn what_is_too_large_is_never_asked_for_again() {
    let server = TestServer::start(&[]).await;
    let compressed = Request { encoding: "gzip".to_owned(), body: noise(16 * MIB + 1), ..bomb(Compression::Gzip, 0) };
    check(&server, "16 MiB and a byte, compressed", &compressed, EVERY, TOO_LARGE).await;
    let clear = Request { body: vec![0; 64 * MIB + 1].into(), ..Request::new(Signal::Logs, b"", Compression::None) };
    check(&server, "64 MiB and a byte", &clear, EVERY, TOO_LARGE).await;
    for compression in [Compression::Gzip, Compression::Zstd] {
        let bomb = bomb(compression, 65 * MIB);
        assert!(bomb.body.len() < MIB, "it is small on the wire");
        check(&server, &format!("a bomb of {compression:?}"), &bomb, EVERY, TOO_LARGE).await;
    }
    let memory = server.api().ask("/api/v1/status", &[]).await["memory_rss_bytes"].as_u64().unwrap();
    assert!(memory < 1 << 30, "{memory} bytes are resident after the bombs");
    check(
        &server,
        "what is well",
        &Request::new(Signal::Logs, &hello(), Compression::None),
        PROTOBUF,
        Expected::Accepted,
    )
    .await;
}

#[tokio::test]
async fn a_tenant_over_its_rate_is_told_when_to_come_back() {
    let server = TestServer::start(&["--receive-tenant-bytes-per-second", "1000"]).await;
    let small = Request::new(Signal::Logs, &hello(), Compression::None);
    check(&server, "within the rate", &small, PROTOBUF, Expected::Accepted).await;
    let large =
        Request::new(Signal::Logs, &logs("shop", [record(TIME, "x".repeat(5_000))]).encode_to_vec(), Compression::None);
    check(&server, "over the rate", &large, PROTOBUF, OVER_RATE).await;
    let json = Request::new(Signal::Logs, format!("{{}}{}", " ".repeat(5_000)).as_bytes(), Compression::None);
    check(&server, "over the rate", &json, JSON, OVER_RATE).await;
}

#[tokio::test]
async fn what_would_not_fit_into_memory_alone_is_never_asked_for_again() {
    let server = TestServer::start(&["--receive-in-flight-bytes-max", "64KiB"]).await;
    let large = Request::new(
        Signal::Logs,
        &logs("shop", [record(TIME, "x".repeat(100_000))]).encode_to_vec(),
        Compression::None,
    );
    let never = Expected::Refused(413, Code::ResourceExhausted, Retry::Never, "receive.in_flight_bytes_max");
    check(&server, "more than fits", &large, EVERY, never).await;
    // Small on the wire, and more than fits once it is decompressed.
    let packed = Request::new(
        Signal::Logs,
        &logs("shop", [record(TIME, "x".repeat(100_000))]).encode_to_vec(),
        Compression::Zstd,
    );
    check(&server, "more than fits in the clear", &packed, PROTOBUF, never).await;
    check(&server, "what fits", &Request::new(Signal::Logs, &hello(), Compression::None), PROTOBUF, Expected::Accepted)
        .await;
}

#[tokio::test]
async fn a_server_with_a_token_takes_nothing_without_it() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "0123456789abcdef0123").unwrap();
    let server = TestServer::start(&["--auth-token-file", file.path().to_str().unwrap()]).await;
    let with = |authorization| Request { authorization, ..Request::new(Signal::Logs, &hello(), Compression::None) };
    for wrong in [None, Some("Bearer 0123456789abcdef0124"), Some("Bearer "), Some("Basic 0123456789abcdef0123")] {
        check(&server, &format!("{wrong:?}"), &with(wrong), EVERY, UNAUTHENTICATED).await;
    }
    let right = Some("Bearer 0123456789abcdef0123");
    check(&server, "the right token", &with(right), PROTOBUF, Expected::Accepted).await;

    let api = server.api();
    assert_eq!(api.get("/api/v1/logs", &[]).await.status, 401);
    assert_eq!(api.get("/api/v1/status", &[]).await.json()["error"]["code"], "unauthenticated");
    assert_eq!(api.get("/healthz", &[]).await.status, 200, "those who run the server need no token for its health");
    let request = api.request(Method::GET, "/api/v1/logs").bearer_auth("0123456789abcdef0123");
    let logs = api.send(request).await.json();
    assert_eq!(logs["logs"].as_array().unwrap().len(), 2);
}
