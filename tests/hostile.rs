//! Bytes that mean nothing, in great numbers: each is answered, and the server goes on.

use prost::Message;
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use testkit::TestServer;
use testkit::request::{attribute, gauge, logs, metrics, point, record, span, spans};
use tonic::Code;

use crate::wire::{Compression, Connection, Request, Signal, Status, Transport};

/// Bodies for each signal by each transport.
const BODIES: usize = 400;

const TIME: u64 = 1_795_500_000_000_000_000;

#[tokio::test]
async fn random_bytes_are_answered_and_change_nothing() {
    let mut server = TestServer::start(&[]).await;
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    for transport in [Transport::Grpc, Transport::HttpProtobuf, Transport::HttpJson] {
        let address = if transport == Transport::Grpc { server.otlp_grpc() } else { server.otlp_http() };
        let mut connection = Connection::open(address, transport).await.expect("the port is open");
        for signal in Signal::ALL {
            let seeds = [well(signal, transport), Vec::new()];
            for _ in 0..BODIES {
                let request = hostile(&mut random, signal, &seeds);
                let answer = connection.call(&request).await.unwrap_or_else(|broken| {
                    panic!("seed {seed}: no answer to {signal:?} by {transport:?}: {broken:?}: {:?}", request.body)
                });
                let is_told = matches!(
                    answer.status,
                    Status::Http(200 | 400 | 413 | 415)
                        | Status::Grpc(
                            Code::Ok | Code::InvalidArgument | Code::ResourceExhausted | Code::Unimplemented
                        )
                );
                assert!(is_told && answer.retry_after.is_none(), "seed {seed}: {answer:?} to {:?}", request.body);
            }
        }
    }
    assert!(server.is_running());
    assert!(!server.log().contains("panicked"), "{}", server.log());
    assert_eq!(server.api().get("/readyz", &[]).await.status, 200);
    // What was understood after all is stored, can be read back, and outlives a kill.
    for table in ["logs", "spans", "metric_numbers", "series"] {
        let rows = server.api().number(&format!("SELECT count(*) FROM {table}")).await;
        server.api().sql(&format!("SELECT * FROM {table}")).await;
        println!("{rows} rows of {table} were understood");
    }
    let rows = server.api().number("SELECT count(*) FROM logs").await;
    server.restart().await;
    assert_eq!(server.api().number("SELECT count(*) FROM logs").await, rows);
    assert_eq!(server.api().ask("/api/v1/status", &[]).await["wal"]["damaged_frames"], 0);
}

/// A body from which hostile ones are made.
fn well(signal: Signal, transport: Transport) -> Vec<u8> {
    let mut record = record(TIME, "hello");
    record.attributes = vec![attribute("key", "value")];
    let (logs, spans) = (logs("shop", [record]), spans("shop", [span(7, 7, TIME)]));
    let metrics = metrics("shop", [gauge("m", [point(TIME, 1)])]);
    let json = |value: serde_json::Result<Vec<u8>>| value.expect("OTLP has a form in JSON");
    match (signal, transport) {
        (Signal::Logs, Transport::HttpJson) => json(serde_json::to_vec(&logs)),
        (Signal::Traces, Transport::HttpJson) => json(serde_json::to_vec(&spans)),
        (Signal::Metrics, Transport::HttpJson) => json(serde_json::to_vec(&metrics)),
        (Signal::Logs, _) => logs.encode_to_vec(),
        (Signal::Traces, _) => spans.encode_to_vec(),
        (Signal::Metrics, _) => metrics.encode_to_vec(),
    }
}

/// Noise, or a good body with some of its bytes changed, cut off, or doubled; under a true or a false claim.
fn hostile(random: &mut StdRng, signal: Signal, seeds: &[Vec<u8>]) -> Request {
    let mut body = seeds[random.random_range(0..seeds.len())].clone();
    if body.is_empty() {
        body = vec![0; random.random_range(0..300)];
        random.fill_bytes(&mut body);
    }
    for _ in 0..random.random_range(0..5) {
        let at = random.random_range(0..=body.len());
        match random.random_range(0..4) {
            0 if at < body.len() => body[at] = random.random(),
            1 => body.truncate(at),
            2 => body.insert(at, random.random()),
            _ => body.extend_from_within(at..),
        }
    }
    let compression = Compression::ALL[random.random_range(0..3)];
    let mut request = Request::new(signal, &body, compression);
    if random.random_ratio(1, 4) {
        request.body = body.into();
    }
    if random.random_ratio(1, 20) {
        request.encoding = "br".to_owned();
    }
    request
}
