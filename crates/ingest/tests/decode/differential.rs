//! Arbitrary requests become exactly the rows that the plain conversion gives, in protobuf and in JSON.

use ingest::{DecodeError, Decoded};
use model::Signal;
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use prost::Message;
use prost_reflect::DynamicMessage;

use crate::reference::{self, Expected};
use crate::reorder::{reordered, request_descriptor};
use crate::rows::{decode_json, decode_protobuf, rows};
use crate::strategies;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn logs_become_what_the_plain_conversion_gives(request in strategies::logs()) {
        check(Signal::Logs, &request.encode_to_vec(), &reference::logs(&request))?;
    }

    #[test]
    fn spans_become_what_the_plain_conversion_gives(request in strategies::traces()) {
        check(Signal::Traces, &request.encode_to_vec(), &reference::spans(&request))?;
    }

    #[test]
    fn points_become_what_the_plain_conversion_gives(request in strategies::metrics()) {
        check(Signal::Metrics, &request.encode_to_vec(), &reference::metrics(&request))?;
    }
}

fn check(signal: Signal, protobuf: &[u8], expected: &Expected) -> TestCaseResult {
    check_decoded(decode_protobuf(signal, protobuf), expected)?;
    check_decoded(decode_protobuf(signal, &reordered(&request_descriptor(signal), protobuf)), expected)?;
    check_decoded(decode_json(signal, otlp_json(signal, protobuf).as_bytes()), expected)
}

fn check_decoded(decoded: Result<Decoded, DecodeError>, expected: &Expected) -> TestCaseResult {
    let decoded = decoded.map_err(|error| TestCaseError::fail(error.to_string()))?;
    let found = Expected {
        rows: rows(&decoded),
        records: decoded.records,
        rejected: decoded.rejected,
        marked: decoded.marked,
        newest: decoded.newest.map(model::UnixNanos::get),
    };
    prop_assert_eq!(found.rows.join("\n"), expected.rows.join("\n"));
    prop_assert_eq!(&found, expected);
    Ok(())
}

/// The request in OTLP's JSON, by way of an independent implementation of protobuf's JSON.
fn otlp_json(signal: Signal, protobuf: &[u8]) -> String {
    let message = DynamicMessage::decode(request_descriptor(signal), protobuf).unwrap();
    let mut json = serde_json::to_value(message).unwrap();
    ids_as_hex(&mut json);
    json.to_string()
}

/// Ids are the one thing that OTLP writes in another way than protobuf: in hex.
fn ids_as_hex(json: &mut serde_json::Value) {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    match json {
        serde_json::Value::Object(object) => {
            for (key, value) in object {
                match value.as_str() {
                    Some(id) if ["traceId", "spanId", "parentSpanId"].contains(&key.as_str()) => {
                        *value = model::hex(&STANDARD.decode(id).unwrap()).into();
                    }
                    _ => ids_as_hex(value),
                }
            }
        }
        serde_json::Value::Array(elements) => elements.iter_mut().for_each(ids_as_hex),
        _ => {}
    }
}
