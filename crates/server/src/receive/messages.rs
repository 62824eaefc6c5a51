//! The few protobuf messages of answers.
//!
//! The three `Export…ServiceResponse` messages of OTLP differ in names only: field 1 is the partial
//! success, whose field 1 counts what was rejected and field 2 says why.

use model::Signal;
use prost::Message;
use serde_json::{Map, Value, json};

use super::outcome::Accepted;

#[derive(Clone, PartialEq, Message)]
struct ExportResponse {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<PartialSuccess>,
}

#[derive(Clone, PartialEq, Message)]
struct PartialSuccess {
    #[prost(int64, tag = "1")]
    rejected: i64,
    #[prost(string, tag = "2")]
    error_message: String,
}

/// `google.rpc.Status`, which OTLP over HTTP sends with an error.
#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

/// The answer to an accepted request, as protobuf. Empty when all is well.
pub(super) fn accepted_protobuf(accepted: &Accepted) -> Vec<u8> {
    let partial_success = is_partial(accepted).then(|| PartialSuccess {
        rejected: i64::try_from(accepted.rejected).unwrap_or(i64::MAX),
        error_message: accepted.message.clone(),
    });
    ExportResponse { partial_success }.encode_to_vec()
}

/// The answer to an accepted request, as OTLP JSON.
pub(super) fn accepted_json(signal: Signal, accepted: &Accepted) -> Value {
    if !is_partial(accepted) {
        return json!({});
    }
    let count = match signal {
        Signal::Traces => "rejectedSpans",
        Signal::Logs => "rejectedLogRecords",
        Signal::Metrics => "rejectedDataPoints",
    };
    let mut partial = Map::new();
    if accepted.rejected > 0 {
        partial.insert(count.to_owned(), Value::String(accepted.rejected.to_string()));
    }
    partial.insert("errorMessage".to_owned(), Value::String(accepted.message.clone()));
    json!({ "partialSuccess": partial })
}

/// The body of an error, as protobuf.
pub(super) fn status_protobuf(code: tonic::Code, message: String) -> Vec<u8> {
    Status { code: code as i32, message }.encode_to_vec()
}

/// The body of an error, as JSON.
pub(super) fn status_json(code: tonic::Code, message: &str) -> Value {
    json!({ "code": code as i32, "message": message })
}

fn is_partial(accepted: &Accepted) -> bool {
    accepted.rejected > 0 || !accepted.message.is_empty()
}
