//! OTLP over HTTP: `POST /v1/{traces,logs,metrics}`, protobuf and JSON.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use http::header::{ALLOW, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use ingest::Encoding;
use model::{Signal, TenantId};
use tonic::Code;

use super::body::{discard_body, read_body};
use super::budget::Share;
use super::delivery::{Delivery, Receiver};
use super::encoding::Compression;
use super::messages::{accepted_json, accepted_protobuf, status_json, status_protobuf};
use super::outcome::{Accepted, Refusal};
use super::{BODY_BYTES_MAX, COMPRESSED_BYTES_MAX};
use crate::auth::Auth;
use crate::self_metrics::Transport;

/// What the routes need.
#[derive(Clone, Debug)]
struct Door {
    receiver: Arc<Receiver>,
    auth: Arc<Auth>,
}

/// The routes of the OTLP/HTTP port.
pub(crate) fn otlp_http_routes(receiver: Arc<Receiver>, auth: Arc<Auth>) -> Router {
    let mut router = Router::new();
    for signal in Signal::ALL {
        let handler =
            move |State(door): State<Door>, request: Request| async move { receive(&door, signal, request).await };
        router = router.route(&format!("/v1/{signal}"), post(handler).fallback(only_post));
    }
    router.fallback(unknown_path).with_state(Door { receiver, auth })
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
        (Ok(accepted), Encoding::Protobuf) => protobuf(StatusCode::OK, accepted_protobuf(&accepted)),
        (Ok(accepted), Encoding::Json) => axum::Json(accepted_json(signal, &accepted)).into_response(),
        (Err(refusal), encoding) => refuse(&refusal, encoding),
    }
}

async fn take(door: &Door, signal: Signal, encoding: Encoding, request: Request) -> Result<Accepted, Refusal> {
    let receiver = &door.receiver;
    let outcome = admit(door, request).await;
    let (tenant, compression, body, share) = outcome.inspect_err(|refusal| {
        receiver.metrics.request(signal, Transport::Http, refusal.word());
    })?;
    let transport = Transport::Http;
    receiver.deliver(Delivery { tenant, signal, transport, encoding, compression, body, share }).await
}

/// Who sends, how the body is compressed, the body, and what it takes of the budget.
async fn admit(door: &Door, request: Request) -> Result<(TenantId, Compression, Bytes, Share), Refusal> {
    let (head, body) = request.into_parts();
    let tenant = door.auth.tenant_of(&head.headers).ok_or(Refusal::Unauthenticated);
    let (tenant, compression) = match tenant.and_then(|tenant| Ok((tenant, compression_of(&head.headers)?))) {
        Ok(admitted) => admitted,
        Err(refusal) => {
            discard_body(body).await;
            return Err(refusal);
        }
    };
    let bytes_max = if compression == Compression::None { BODY_BYTES_MAX } else { COMPRESSED_BYTES_MAX };
    let mut share = Share::default();
    let body = read_body(body, bytes_max, &door.receiver.budget, &mut share).await?;
    Ok((tenant, compression, body, share))
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
    let (status, code) = match refusal {
        Refusal::Undecodable(_) => (StatusCode::BAD_REQUEST, Code::InvalidArgument),
        Refusal::Unauthenticated => (StatusCode::UNAUTHORIZED, Code::Unauthenticated),
        Refusal::Unsupported(_) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::Unimplemented),
        Refusal::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, Code::ResourceExhausted),
        Refusal::OverRate(_) => (StatusCode::TOO_MANY_REQUESTS, Code::Unavailable),
        Refusal::Unavailable(..) => (StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable),
    };
    let message = refusal.message();
    let mut response = match encoding {
        Encoding::Protobuf => protobuf(status, status_protobuf(code, message)),
        Encoding::Json => (status, axum::Json(status_json(code, &message))).into_response(),
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
    let hint = "this port takes OTLP at /v1/traces, /v1/logs and /v1/metrics; the page and the API are on another (default 4319)";
    (StatusCode::NOT_FOUND, hint).into_response()
}
