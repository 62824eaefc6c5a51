//! What the sender is told, in the words of either transport.

use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use serde_json::Value;
use tonic::Code;

/// What the sender is told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    /// In the transport's own numbers.
    pub(crate) status: Status,
    /// When to come back, if that may help.
    pub(crate) retry_after: Option<Duration>,
    /// What was refused of a request that was taken; `None` when all is well.
    pub(crate) partial: Option<Partial>,
    /// What the sender can write into its log.
    pub(crate) message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Http(u16),
    Grpc(Code),
}

/// A request that was taken, but not whole or not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Partial {
    pub(crate) rejected: i64,
    pub(crate) message: String,
}

impl Answer {
    /// Whether what was not rejected is durable.
    pub(crate) fn is_success(&self) -> bool {
        matches!(self.status, Status::Http(200) | Status::Grpc(Code::Ok))
    }
}

impl Partial {
    /// From the body of a success. The answers for the three signals differ in names only.
    pub(crate) fn of_protobuf(body: &[u8]) -> Option<Self> {
        let response = ExportTraceServiceResponse::decode(body).expect("the answer is OTLP's");
        assert!(response.partial_success.is_some() || body.is_empty(), "an answer that says nothing is empty");
        response
            .partial_success
            .map(|partial| Self { rejected: partial.rejected_spans, message: partial.error_message })
    }

    /// From the body of a success in OTLP's JSON.
    pub(crate) fn of_json(body: &str) -> Option<Self> {
        if body == "{}" {
            return None;
        }
        let body: Value = serde_json::from_str(body).expect("the answer is JSON");
        let partial = body["partialSuccess"].as_object().expect("an answer that is not empty says what was partial");
        let count = partial.iter().find(|(key, _)| key.starts_with("rejected")).map_or("0", |(_, count)| {
            // OTLP's JSON has 64-bit integers as strings.
            count.as_str().expect("the count is a string")
        });
        let message = partial["errorMessage"].as_str().expect("the message is a string");
        Some(Self { rejected: count.parse().expect("the count is a number"), message: message.to_owned() })
    }
}
