//! Each bomb, and what may come of it.

use serde_json::Value;
use testkit::TestServer;
use tokio::task::JoinSet;

use super::bombs;
use super::confined::Confined;
use crate::wire::{Answer, Compression, Request, Signal, Status, Transport};

/// Senders at once.
const SENDERS: usize = 8;

/// What a sender may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// It is taken, or may be later; in the end it is.
    TakenInTheEnd,
    /// It is refused for good, or may come later.
    Refused(u16),
}

struct Bomb {
    signal: Signal,
    body: fn(u64) -> Vec<u8>,
    requests: u64,
    told: Told,
    /// Asked of the server afterwards.
    then: &'static [(&'static str, &'static [(&'static str, &'static str)])],
}

async fn check(name: &str, bomb: Bomb) {
    let confined = Confined::start(&["--query-timeout", "120s"]).await;
    let server = &confined.server;
    let mut senders = JoinSet::new();
    let address = server.otlp_http().to_owned();
    for sender in 0..SENDERS as u64 {
        let (name, address) = (name.to_owned(), address.clone());
        let Bomb { signal, body, requests, told, .. } = bomb;
        senders.spawn(async move {
            for number in (sender..requests).step_by(SENDERS) {
                let compression = Compression::ALL[1 + number as usize % 2];
                let request = tokio::task::spawn_blocking(move || Request::new(signal, &body(number), compression))
                    .await
                    .unwrap();
                send(&name, &address, &request, told).await;
            }
        });
    }
    while let Some(sent) = senders.join_next().await {
        sent.unwrap();
    }
    flushed(server).await;
    println!("{name}: peak {} MiB before anything is asked", server.peak_resident_bytes() >> 20);
    for (path, parameters) in bomb.then {
        let reply = server.api().get(path, parameters).await;
        println!("{name}: {path} is answered {} with {} KiB", reply.status, reply.bytes.len() >> 10);
        assert!(reply.status.is_success() || reply.status == 422 || reply.status == 404, "{name}: {}", reply.text);
    }
    confined.check(name).await;
}

async fn send(name: &str, address: &str, request: &Request, told: Told) {
    let mut connection = crate::wire::Connection::open(address, Transport::HttpProtobuf).await.unwrap();
    loop {
        let answer: Answer = connection.call(request).await.unwrap_or_else(|broken| panic!("{name}: {broken:?}"));
        match (answer.status, told) {
            (Status::Http(200), Told::TakenInTheEnd) => return,
            (Status::Http(503), Told::Refused(_)) if answer.retry_after.is_some() => return,
            (Status::Http(503), Told::TakenInTheEnd) if answer.retry_after.is_some() => {
                testkit::pause(std::time::Duration::from_millis(200)).await;
            }
            (Status::Http(status), Told::Refused(expected)) if status == expected => return,
            _ => panic!("{name}: {answer:?}"),
        }
    }
}

/// Waits until everything is in blocks.
async fn flushed(server: &TestServer) {
    testkit::eventually("the memtable to be empty", async || {
        let status: Value = server.api().ask("/api/v1/status", &[]).await;
        (status["memtable"]["rows"] == 0).then_some(())
    })
    .await;
}

const ALL: (&str, &str) = ("from", "0");
const LOGS: &[(&str, &[(&str, &str)])] = &[
    ("/api/v1/logs", &[ALL, ("limit", "10000")]),
    ("/api/v1/logs", &[ALL, ("limit", "10"), ("q", "nowhere")]),
    ("/api/v1/services", &[ALL]),
];

macro_rules! bombs {
    ($($name:ident: $signal:ident $body:ident x $requests:literal, $told:expr, $then:expr;)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let bomb = Bomb {
                signal: Signal::$signal,
                body: bombs::$body,
                requests: $requests,
                told: $told,
                then: $then,
            };
            check(&stringify!($name).replace('_', " "), bomb).await;
        }
    )*};
}

bombs! {
    records_with_ten_thousand_attributes: Logs records_with_many_attributes x 40, Told::TakenInTheEnd, LOGS;
    resources_with_ten_thousand_attributes: Logs resources_with_many_attributes x 24, Told::TakenInTheEnd, LOGS;
    events_with_ten_thousand_attributes: Traces events_with_many_attributes x 40, Told::TakenInTheEnd,
        &[("/api/v1/traces/00000000000000000000000000000007", &[])];
    every_record_has_a_new_key: Logs records_with_new_keys x 100, Told::TakenInTheEnd, LOGS;
    every_record_is_of_a_new_resource: Logs records_of_new_resources x 100, Told::TakenInTheEnd, LOGS;
    every_span_has_a_new_name: Traces spans_with_new_names x 100, Told::TakenInTheEnd,
        &[("/api/v1/traces", &[ALL]), ("/api/v1/services", &[ALL])];
    every_span_is_of_one_trace: Traces spans_of_one_trace x 100, Told::TakenInTheEnd,
        &[("/api/v1/traces/00000000000000000000000000000007", &[]), ("/api/v1/traces", &[ALL])];
    records_of_two_bytes: Logs empty_records x 8, Told::TakenInTheEnd, LOGS;
    more_records_of_two_bytes_than_have_room: Logs too_many_empty_records x 16, Told::Refused(413), LOGS;
    records_of_a_large_resource: Logs records_of_a_large_resource x 8, Told::TakenInTheEnd, LOGS;
    every_record_is_of_a_new_large_resource: Logs records_of_new_large_resources x 48, Told::TakenInTheEnd, LOGS;
    bodies_of_a_quarter_of_a_mebibyte: Logs large_bodies x 24, Told::TakenInTheEnd, LOGS;
    one_body_of_sixty_mebibytes: Logs one_huge_body x 16, Told::Refused(413), LOGS;
    values_nested_without_end: Logs nested x 40, Told::Refused(400), &[];
    bodies_that_expand_beyond_the_limit: Logs zeros x 24, Told::Refused(413), &[];
}
