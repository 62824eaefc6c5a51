//! OTLP over HTTP: `POST /v1/{traces,logs,metrics}`, protobuf and JSON.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use http::header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use ingest::Encoding;
use model::Signal;
use tonic::Code;

use super::body::discard_body;
use super::delivery::{Delivery, Receiver};
use super::door::{Admitted, Door};
use super::encoding::Compression;
use super::messages::{accepted_json, accepted_protobuf, status_json, status_protobuf};
use super::outcome::{Accepted, Refusal};
use super::remote_write::write;
use crate::auth::Auth;
use crate::self_metrics::Transport;

/// The routes of the OTLP/HTTP port.
pub(crate) fn otlp_http_routes(receiver: Arc<Receiver>, auth: Arc<Auth>) -> Router {
    let mut router = Router::new();
    for signal in Signal::ALL {
        router = router.route(&format!("/v1/{signal}"), receives(signal));
    }
    let door = Door { receiver: Arc::clone(&receiver), auth: Arc::clone(&auth) };
    router.with_state(door).merge(prometheus_receiver_routes(receiver, auth)).fallback(unknown_path)
}

/// Where Prometheus and those who write as it does send metrics: the same on the OTLP/HTTP port and on the API's.
pub(crate) fn prometheus_receiver_routes(receiver: Arc<Receiver>, auth: Arc<Auth>) -> Router {
    Router::new()
        .route("/prometheus/api/v1/write", post(write).fallback(only_post))
        .route("/prometheus/api/v1/otlp/v1/metrics", receives(Signal::Metrics))
        .with_state(Door { receiver, auth })
}

/// Takes export requests of the signal.
fn receives(signal: Signal) -> MethodRouter<Door> {
    let handler =
        move |State(door): State<Door>, request: Request| async move { receive(&door, signal, request).await };
    post(handler).fallback(only_post)
}

async fn receive(door: &Door, signal: Signal, request: Request) -> Response {
    let encoding = match encoding_of(request.headers()) {
        Ok(encoding) => encoding,
        Err(refusal) => {
            door.receiver.metrics.request(signal, Transport::Http, refusal.word());
            discard_body(request.into_body()).await;
            // A sender whose type is not spoken is answered in OTLP's default.
            return refuse(&refusal, Encoding::Protobuf);
        }
    };
    match (take(door, signal, encoding, request).await, encoding) {
        (Ok(accepted), Encoding::Json) => axum::Json(accepted_json(signal, &accepted)).into_response(),
        (Ok(accepted), _) => protobuf(StatusCode::OK, accepted_protobuf(&accepted)),
        (Err(refusal), encoding) => refuse(&refusal, encoding),
    }
}

async fn take(door: &Door, signal: Signal, encoding: Encoding, request: Request) -> Result<Accepted, Refusal> {
    let receiver = &door.receiver;
    let outcome = door.admit(request, compression_of).await;
    let Admitted { tenant, compression, body, share } = outcome.inspect_err(|refusal| {
        receiver.metrics.request(signal, Transport::Http, refusal.word());
    })?;
    let transport = Transport::Http;
    receiver.deliver(Delivery { tenant, signal, transport, encoding, compression, body, share }).await
}

fn encoding_of(headers: &HeaderMap) -> Result<Encoding, Refusal> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/x-protobuf" | "application/protobuf" => Ok(Encoding::Protobuf),
        "application/json" => Ok(Encoding::Json),
        other => Err(Refusal::Unsupported(format!(
            "content-type {other:?} is not spoken here: use application/x-protobuf or application/json"
        ))),
    }
}

fn compression_of(headers: &HeaderMap) -> Result<Compression, Refusal> {
    let name = headers.get(CONTENT_ENCODING).map_or(Ok(""), HeaderValue::to_str).unwrap_or("?");
    Compression::from_header(name).ok_or_else(|| {
        Refusal::Unsupported(format!("content-encoding {name:?} is not spoken here: use gzip, zstd or none"))
    })
}

fn refuse(refusal: &Refusal, encoding: Encoding) -> Response {
    let status = refusal.status();
    let code = match refusal {
        Refusal::Undecodable(_) => Code::InvalidArgument,
        Refusal::Unauthenticated => Code::Unauthenticated,
        Refusal::Unsupported(_) => Code::Unimplemented,
        Refusal::TooLarge(_) => Code::ResourceExhausted,
        Refusal::OverRate(_) | Refusal::Unavailable(..) => Code::Unavailable,
    };
    let message = refusal.message();
    let mut response = match encoding {
        Encoding::Json => (status, axum::Json(status_json(code, &message))).into_response(),
        _ => protobuf(status, status_protobuf(code, message)),
    };
    if let Some(delay) = refusal.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(delay.as_secs()));
    }
    response
}

fn protobuf(status: StatusCode, body: Vec<u8>) -> Response {
    (status, [(CONTENT_TYPE, "application/x-protobuf")], body).into_response()
}

async fn only_post() -> Response {
    let hint = "send telemetry with POST; ask for it on the API's port";
    (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "POST")], hint).into_response()
}

async fn unknown_path() -> Response {
    let hint = "this port takes OTLP at /v1/traces, /v1/logs and /v1/metrics, and remote write at /prometheus/api/v1/write; the page and the API are on another (default 4319)";
    (StatusCode::NOT_FOUND, hint).into_response()
}
