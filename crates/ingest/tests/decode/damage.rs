//! Damaged and hostile bodies: an error or rows, never a panic, and never memory for what is not there.

use ingest::{DecodeError, DecodeErrorKind, Decoded};
use model::Signal;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use prost::Message;

use crate::rows::{decode_json, decode_protobuf};
use crate::strategies;

fn any_signal() -> impl Strategy<Value = Signal> {
    prop::sample::select(&Signal::ALL[..])
}

/// A valid request of some signal.
fn valid() -> impl Strategy<Value = (Signal, Vec<u8>)> {
    prop_oneof![
        strategies::logs().prop_map(|request| (Signal::Logs, request.encode_to_vec())),
        strategies::traces().prop_map(|request| (Signal::Traces, request.encode_to_vec())),
        strategies::metrics().prop_map(|request| (Signal::Metrics, request.encode_to_vec())),
    ]
}

fn prost_accepts(signal: Signal, body: &[u8]) -> bool {
    match signal {
        Signal::Logs => ExportLogsServiceRequest::decode(body).is_ok(),
        Signal::Traces => ExportTraceServiceRequest::decode(body).is_ok(),
        Signal::Metrics => ExportMetricsServiceRequest::decode(body).is_ok(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn arbitrary_bytes_never_panic(signal in any_signal(), body in any::<Vec<u8>>()) {
        let accepted = decode_protobuf(signal, &body).is_ok();
        prop_assert!(accepted || !prost_accepts(signal, &body));
        let _ = decode_json(signal, &body);
    }

    #[test]
    fn mutated_requests_never_panic_and_what_prost_accepts_is_accepted(
        (signal, mut body) in valid(),
        changes in vec((any::<Index>(), any::<u8>()), 1..4),
    ) {
        for (at, byte) in changes {
            if !body.is_empty() {
                let at = at.index(body.len());
                body[at] = byte;
            }
        }
        let accepted = decode_protobuf(signal, &body).is_ok();
        prop_assert!(accepted || !prost_accepts(signal, &body));
    }

    #[test]
    fn json_with_any_byte_changed_never_panics(at in any::<Index>(), byte in any::<u8>()) {
        for (signal, body) in samples() {
            let mut body = body.as_bytes().to_vec();
            let at = at.index(body.len());
            body[at] = byte;
            let _ = decode_json(signal, &body);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn requests_cut_short_at_every_byte_never_panic((signal, body) in valid()) {
        for end in 0..body.len() {
            let accepted = decode_protobuf(signal, &body[..end]).is_ok();
            prop_assert!(accepted || !prost_accepts(signal, &body[..end]));
        }
    }
}

fn samples() -> [(Signal, &'static str); 3] {
    [
        (Signal::Logs, include_str!("../../testdata/logs-every-field.json")),
        (Signal::Traces, include_str!("../../testdata/traces-every-field.json")),
        (Signal::Metrics, include_str!("../../testdata/metrics-every-kind.json")),
    ]
}

#[test]
fn json_cut_short_at_every_byte_is_an_error() {
    for (signal, body) in samples() {
        for end in 0..body.trim_end().len() {
            assert_kind(decode_json(signal, &body.as_bytes()[..end]), DecodeErrorKind::Malformed);
        }
    }
}

#[track_caller]
fn assert_kind(decoded: Result<Decoded, DecodeError>, expected: DecodeErrorKind) {
    assert_eq!(decoded.expect_err("should be refused").kind(), expected);
}

#[test]
fn lying_lengths_are_refused_without_allocating() {
    // resource_logs of 2^62 bytes, of which three are there.
    let body = [0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40, 1, 2, 3];
    for signal in Signal::ALL {
        assert_kind(decode_protobuf(signal, &body), DecodeErrorKind::Malformed);
    }
}

#[test]
fn groups_are_skipped_or_refused_but_never_followed_down_the_stack() {
    for signal in Signal::ALL {
        // An unknown group with a varint in it, then nothing more.
        assert_eq!(decode_protobuf(signal, &[0x7b, 0x08, 1, 0x7c]).map(|decoded| decoded.records), Ok(0));
        assert_kind(decode_protobuf(signal, &[0x7b; 1 << 20]), DecodeErrorKind::TooDeep);
        // A group where resource_logs belongs.
        assert_kind(decode_protobuf(signal, &[0x0b, 0x0c]), DecodeErrorKind::Malformed);
    }
}

#[test]
fn the_error_says_where_and_what_to_do() {
    let error = decode_protobuf(Signal::Logs, b"{\"resourceLogs\":[]}").unwrap_err().to_string();
    assert_eq!(
        error,
        "cannot decode the body as OTLP logs in protobuf: field 4 claims more bytes than there are, at byte 3 in \
         ExportLogsServiceRequest; it looks like JSON: set content-type: application/json"
    );
    let error = decode_json(Signal::Traces, b"{\n  \"resourceSpans\": 5\n}").unwrap_err().to_string();
    assert_eq!(
        error,
        "cannot decode the body as OTLP traces in JSON: invalid type: integer `5`, expected an array for \
         resourceSpans at line 2 column 20; check that the exporter sends this signal to this path"
    );
    let error = decode_protobuf(Signal::Metrics, &[0x1f, 0x8b, 8, 0]).unwrap_err().to_string();
    assert!(error.ends_with("; it looks like gzip: set content-encoding: gzip"), "{error}");
    let error = decode_json(Signal::Metrics, &[0x0a, 2, 0x12, 0]).unwrap_err().to_string();
    assert!(error.ends_with("; it looks like protobuf: set content-type: application/x-protobuf"), "{error}");
}

#[test]
fn an_empty_request_is_no_batches() {
    for signal in Signal::ALL {
        for decoded in [decode_protobuf(signal, b""), decode_json(signal, b"{}"), decode_json(signal, b" {} ")] {
            let decoded = decoded.unwrap();
            assert!(decoded.batches.is_empty());
            assert_eq!((decoded.records, decoded.rejected, decoded.newest), (0, 0, None));
        }
        for body in ["", "null", "[]", "{} {}", "\"\""] {
            assert_kind(decode_json(signal, body.as_bytes()), DecodeErrorKind::Malformed);
        }
    }
}
