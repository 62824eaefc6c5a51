//! By HTTP/1, with the stock client of the tests.

use std::time::Duration;

use prost::Message;
use reqwest::Method;
use testkit::{Api, Reply};
use tonic::Code;
use tonic_types::Status as RpcStatus;

use super::answer::{Answer, Partial, Status};
use super::request::Request;

/// Sends the request to an OTLP/HTTP port.
pub(super) async fn post(port: &Api, request: &Request, content_type: &str) -> reqwest::Result<Answer> {
    let mut builder = port.request(Method::POST, request.signal.http_path());
    builder = builder.header("content-type", request.content_type.unwrap_or(content_type));
    if !request.encoding.is_empty() {
        builder = builder.header("content-encoding", &request.encoding);
    }
    if let Some(authorization) = request.authorization {
        builder = builder.header("authorization", authorization);
    }
    port.try_send(builder.body(request.body.clone())).await.map(|reply| answer_of(&reply))
}

/// What the reply of an OTLP/HTTP port tells the sender.
pub(crate) fn answer_of(reply: &Reply) -> Answer {
    let retry_after = reply.headers.get("retry-after").map(|_| {
        let seconds = reply.header("retry-after").parse().expect("the delay is in whole seconds");
        Duration::from_secs(seconds)
    });
    let is_json = reply.header("content-type") == "application/json";
    let (partial, message) = match (reply.status.as_u16(), is_json) {
        (200, true) => (Partial::of_json(&reply.text), String::new()),
        (200, false) => (Partial::of_protobuf(&reply.bytes), String::new()),
        // Both ports' other paths and methods answer in plain words.
        (404 | 405, _) => (None, reply.text.clone()),
        (_, true) => (None, reply.json()["message"].as_str().expect("an error has a message").to_owned()),
        (_, false) => {
            assert_eq!(reply.header("content-type"), "application/x-protobuf");
            let status = RpcStatus::decode(&reply.bytes[..]).expect("an error is a google.rpc.Status");
            assert_ne!(status.code, Code::Ok as i32, "an error has a code");
            (None, status.message)
        }
    };
    Answer { status: Status::Http(reply.status.as_u16()), retry_after, partial, message }
}
