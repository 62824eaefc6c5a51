//! Prometheus remote write, versions 1 and 2: `POST /prometheus/api/v1/write`.
//!
//! | outcome | status | the sender |
//! |---|---|---|
//! | accepted | 204 | goes on |
//! | accepted in part | 400, and how many were written | drops the rest, which the text names |
//! | undecodable | 400 | drops it |
//! | unauthenticated, unsupported, too large | 401, 415, 413 | drops it |
//! | over the tenant's rate, unavailable | 429, 503 + Retry-After | comes back |
//!
//! The rules are those of the specification of remote write 2.0; answers to version 2 say what was written.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use ingest::Encoding;
use model::Signal;

use super::body::discard_body;
use super::delivery::Delivery;
use super::door::{Admitted, Door};
use super::encoding::Compression;
use super::outcome::{Accepted, Refusal};
use crate::self_metrics::Transport;

/// The message of version 1, which is meant where the content type names none.
const MESSAGE_1: &str = "prometheus.WriteRequest";

/// The message of version 2.
const MESSAGE_2: &str = "io.prometheus.write.v2.Request";

/// How many of each kind were written.
const WRITTEN: [HeaderName; 3] = [
    HeaderName::from_static("x-prometheus-remote-write-samples-written"),
    HeaderName::from_static("x-prometheus-remote-write-histograms-written"),
    HeaderName::from_static("x-prometheus-remote-write-exemplars-written"),
];

pub(super) async fn write(State(door): State<Door>, request: Request) -> Response {
    let encoding = match encoding_of(request.headers()) {
        Ok(encoding) => encoding,
        Err(refusal) => {
            door.receiver.metrics.request(Signal::Metrics, Transport::Http, refusal.word());
            discard_body(request.into_body()).await;
            return refuse(&refusal);
        }
    };
    let mut response = match take(&door, encoding, request).await {
        Ok(accepted) if accepted.rejected == 0 => with_written(StatusCode::NO_CONTENT.into_response(), accepted),
        Ok(accepted) => {
            let text = accepted.message.clone();
            with_written((StatusCode::BAD_REQUEST, text).into_response(), accepted)
        }
        Err(refusal) => with_written(refuse(&refusal), Accepted::default()),
    };
    if encoding == Encoding::RemoteWrite1 {
        WRITTEN.iter().for_each(|name| drop(response.headers_mut().remove(name)));
    }
    response
}

async fn take(door: &Door, encoding: Encoding, request: Request) -> Result<Accepted, Refusal> {
    let (signal, transport) = (Signal::Metrics, Transport::Http);
    let admitted = door.admit(request, compression_of).await;
    let Admitted { tenant, compression, body, share } = admitted.inspect_err(|refusal| {
        door.receiver.metrics.request(signal, transport, refusal.word());
    })?;
    door.receiver.deliver(Delivery { tenant, signal, transport, encoding, compression, body, share }).await
}

fn encoding_of(headers: &HeaderMap) -> Result<Encoding, Refusal> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let unsupported = || {
        Refusal::Unsupported(format!(
            "content-type {content_type:?} is not spoken here: use application/x-protobuf, with proto={MESSAGE_1} or proto={MESSAGE_2}"
        ))
    };
    // Senders of version 1 were not bound to name it.
    if content_type.is_empty() {
        return Ok(Encoding::RemoteWrite1);
    }
    let mut parts = content_type.split(';').map(str::trim);
    if !parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/x-protobuf")) {
        return Err(unsupported());
    }
    let named = parts.find_map(|parameter| {
        let (key, message) = parameter.split_once('=')?;
        key.trim().eq_ignore_ascii_case("proto").then(|| message.trim().trim_matches('"'))
    });
    match named {
        None | Some(MESSAGE_1) => Ok(Encoding::RemoteWrite1),
        Some(MESSAGE_2) => Ok(Encoding::RemoteWrite2),
        Some(_) => Err(unsupported()),
    }
}

fn compression_of(headers: &HeaderMap) -> Result<Compression, Refusal> {
    let name = headers.get(CONTENT_ENCODING).map_or(Ok(""), HeaderValue::to_str).unwrap_or("?");
    if name.is_empty() || name.eq_ignore_ascii_case("snappy") {
        return Ok(Compression::Snappy);
    }
    Err(Refusal::Unsupported(format!("content-encoding {name:?} is not spoken here: remote write uses snappy")))
}

fn refuse(refusal: &Refusal) -> Response {
    let mut response = (refusal.status(), refusal.message()).into_response();
    if let Some(delay) = refusal.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(delay.as_secs()));
    }
    response
}

fn with_written(mut response: Response, accepted: Accepted) -> Response {
    let Accepted { numbers, histograms, exemplars, .. } = accepted;
    for (name, count) in WRITTEN.into_iter().zip([numbers, histograms, exemplars]) {
        response.headers_mut().insert(name, HeaderValue::from(count));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(content_type: &str, expected: Option<Encoding>) {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, content_type.parse().unwrap())]);
        assert_eq!(encoding_of(&headers).ok(), expected, "{content_type}");
    }

    #[test]
    fn the_content_type_names_the_message() {
        check("application/x-protobuf", Some(Encoding::RemoteWrite1));
        check("Application/X-Protobuf; proto=prometheus.WriteRequest", Some(Encoding::RemoteWrite1));
        check("application/x-protobuf;proto=io.prometheus.write.v2.Request", Some(Encoding::RemoteWrite2));
        check(
            "application/x-protobuf; charset=utf-8; Proto=\"io.prometheus.write.v2.Request\"",
            Some(Encoding::RemoteWrite2),
        );
        check("application/x-protobuf;proto=io.prometheus.write.v3.Request", None);
        check("application/json", None);
        check("", Some(Encoding::RemoteWrite1));
    }
}
