//! Requests that are taken: whole, in part, or with a mark.

use opentelemetry_proto::tonic::collector::logs::v1::logs_service_client::LogsServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use prost::Message;
use serde_json::json;
use testkit::TestServer;
use testkit::request::{attribute, gauge, logs, metrics, point, record, span, spans};
use tonic::codec::CompressionEncoding;

use super::check::{Expected, PROTOBUF, check};
use crate::wire::{Compression, Request, Signal, Transport};

const TIME: u64 = 1_795_500_000_000_000_000;

/// A request of the signal that is well in every respect, with one record.
fn well(signal: Signal) -> Vec<u8> {
    match signal {
        Signal::Logs => logs("shop", [record(TIME, "hello")]).encode_to_vec(),
        Signal::Traces => spans("shop", [span(7, 7, TIME)]).encode_to_vec(),
        Signal::Metrics => metrics("shop", [gauge("m", [point(TIME, 1)])]).encode_to_vec(),
    }
}

#[tokio::test]
async fn what_is_well_is_taken_and_nothing_is_said() {
    let server = TestServer::start(&[]).await;
    for signal in Signal::ALL {
        for compression in Compression::ALL {
            let request = Request::new(signal, &well(signal), compression);
            check(&server, &format!("{signal:?} {compression:?}"), &request, PROTOBUF, Expected::Accepted).await;
        }
        let empty = Request::new(signal, b"", Compression::None);
        check(&server, "nothing at all", &empty, PROTOBUF, Expected::Accepted).await;
        for compression in Compression::ALL {
            let json = Request::new(signal, b"{}", compression);
            check(&server, "nothing at all", &json, &[Transport::HttpJson], Expected::Accepted).await;
        }
    }
    let identity = Request {
        encoding: "identity".to_owned(),
        ..Request::new(Signal::Logs, &well(Signal::Logs), Compression::None)
    };
    check(&server, "identity by name", &identity, PROTOBUF, Expected::Accepted).await;
    let charset = Request {
        content_type: Some("Application/JSON; charset=utf-8"),
        ..Request::new(Signal::Logs, b"{}", Compression::None)
    };
    check(&server, "a content type with a parameter", &charset, &[Transport::HttpJson], Expected::Accepted).await;

    let api = server.api();
    // Each of two transports sent one record three times, and of logs once more.
    for (table, expected) in [("logs", 8), ("spans", 6), ("metric_numbers", 6)] {
        assert_eq!(api.number(&format!("SELECT count(*) FROM {table}")).await, expected, "{table}");
    }
}

#[tokio::test]
async fn what_cannot_be_kept_is_counted_and_the_rest_is_kept() {
    let server = TestServer::start(&[]).await;
    let clear = spans("shop", [span(1, 1, TIME), span(0, 2, TIME), span(1, 0, TIME)]).encode_to_vec();
    let request = Request::new(Signal::Traces, &clear, Compression::Gzip);
    check(&server, "spans without ids", &request, PROTOBUF, Expected::Partial(2, "id")).await;
    let json = br#"{"resourceSpans":[{"scopeSpans":[{"spans":[
        {"traceId":"00000000000000000000000000000001","spanId":"0000000000000001","name":"kept"},
        {"traceId":"","spanId":"0000000000000001","name":"refused"}]}]}]}"#;
    let request = Request::new(Signal::Traces, json, Compression::None);
    check(&server, "spans without ids", &request, &[Transport::HttpJson], Expected::Partial(1, "id")).await;
    assert_eq!(server.api().number("SELECT count(*) FROM spans").await, 3);
    let traces = &server.api().ask("/api/v1/status", &[]).await["signals"][0];
    assert_eq!((&traces["signal"], &traces["records"], &traces["rejected"]), (&json!("traces"), &json!(3), &json!(5)));
}

#[tokio::test]
async fn what_is_changed_is_kept_marked_and_said() {
    let server = TestServer::start(&[]).await;
    let mut broken = logs("shop", [record(TIME, "caf#")]).encode_to_vec();
    let at = broken.iter().position(|byte| *byte == b'#').expect("the body is in there");
    broken[at] = 0xe9;
    let request = Request::new(Signal::Logs, &broken, Compression::Zstd);
    check(&server, "invalid UTF-8", &request, PROTOBUF, Expected::Partial(0, "marks")).await;

    let json = br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"traceId":"xyz","timeUnixNano":1}]}]}]}"#;
    let request = Request::new(Signal::Logs, json, Compression::None);
    check(&server, "an id that is none", &request, &[Transport::HttpJson], Expected::Partial(0, "marks")).await;

    let mut long = record(TIME, "x".repeat(300_000));
    long.attributes = (0..1_100).map(|n| attribute(&format!("k{n}"), "v")).collect();
    let request = Request::new(Signal::Logs, &logs("shop", [long]).encode_to_vec(), Compression::Gzip);
    check(&server, "long and wide", &request, PROTOBUF, Expected::Partial(0, "1 log record")).await;

    let api = server.api();
    let broken = api.sql("SELECT body, marks FROM logs WHERE marks = 'invalid_utf8'").await;
    assert_eq!(broken, vec![vec![json!("caf\u{fffd}"), json!("invalid_utf8")]; 2]);
    let rows = api.sql("SELECT trace_id FROM logs WHERE marks = 'invalid_id'").await;
    assert_eq!(rows, vec![vec![json!(null)]]);
    let cut =
        "SELECT octet_length(body), dropped_attributes_count FROM logs WHERE marks = 'cut_body,dropped_attributes'";
    let rows = api.sql(cut).await;
    assert_eq!(rows, vec![vec![json!(262_144), json!(100)]; 2]);
}

#[tokio::test]
async fn the_stock_client_is_understood() {
    let server = TestServer::start(&[]).await;
    let address = format!("http://{}", server.otlp_grpc());
    let client = LogsServiceClient::connect(address.clone()).await.unwrap();
    let gzip = CompressionEncoding::Gzip;
    let mut client = client.send_compressed(gzip).accept_compressed(gzip);
    let answer = client.export(logs("shop", [record(TIME, "hello")])).await.unwrap();
    assert_eq!(answer.into_inner().partial_success, None);
    let mut client = TraceServiceClient::connect(address).await.unwrap();
    let answer = client.export(spans("shop", [span(1, 1, TIME), span(0, 1, TIME)])).await.unwrap();
    assert_eq!(answer.into_inner().partial_success.unwrap().rejected_spans, 1);
    assert_eq!(server.api().number("SELECT count(*) FROM logs").await, 1);
}
