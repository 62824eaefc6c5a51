//! OTLP over gRPC, with the raw message bytes.
//!
//! The log keeps a request's body as it came, still compressed, and decodes it by the same path as
//! HTTP's. A gRPC framework would decompress and decode first, and answers an oversized message with
//! a code that OTLP senders retry. So the framing of a unary call, five bytes before one message, is
//! undone here; statuses and their details come from tonic.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::{BufMut, Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::{BodyExt, Full};
use ingest::Encoding;
use model::{Signal, TenantId};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use super::body::{discard_body, read_body};
use super::budget::Share;
use super::delivery::{Delivery, Receiver};
use super::encoding::Compression;
use super::messages::accepted_protobuf;
use super::outcome::{Accepted, Refusal};
use super::{BODY_BYTES_MAX, COMPRESSED_BYTES_MAX};
use crate::auth::Auth;
use crate::self_metrics::Transport;

/// A flag byte and a length before each message.
const PREFIX_BYTES: usize = 5;

#[derive(Clone, Debug)]
struct Door {
    receiver: Arc<Receiver>,
    auth: Arc<Auth>,
}

/// The routes of the OTLP/gRPC port.
pub(crate) fn otlp_grpc_routes(receiver: Arc<Receiver>, auth: Arc<Auth>) -> Router {
    let mut router = Router::new();
    for signal in Signal::ALL {
        let service = match signal {
            Signal::Traces => "trace.v1.TraceService",
            Signal::Logs => "logs.v1.LogsService",
            Signal::Metrics => "metrics.v1.MetricsService",
        };
        let handler =
            move |State(door): State<Door>, request: Request| async move { receive(&door, signal, request).await };
        router = router.route(&format!("/opentelemetry.proto.collector.{service}/Export"), post(handler));
    }
    router.fallback(unknown_method).with_state(Door { receiver, auth })
}

async fn receive(door: &Door, signal: Signal, request: Request) -> Response {
    let content_type = request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    if !content_type.starts_with(b"application/grpc") {
        // The gRPC specification asks for this status where the peer does not speak gRPC at all.
        let hint = "this port takes OTLP over gRPC; OTLP over HTTP is on another (default 4318)";
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, hint).into_response();
    }
    match take(door, signal, request).await {
        Ok(accepted) => respond(&accepted),
        Err(refusal) => status_of(&refusal).into_http::<Body>(),
    }
}

async fn take(door: &Door, signal: Signal, request: Request) -> Result<Accepted, Refusal> {
    let receiver = &door.receiver;
    let outcome = admit(door, request).await;
    let (tenant, compression, body, share) = outcome.inspect_err(|refusal| {
        receiver.metrics.request(signal, Transport::Grpc, refusal.word());
    })?;
    let (transport, encoding) = (Transport::Grpc, Encoding::Protobuf);
    receiver.deliver(Delivery { tenant, signal, transport, encoding, compression, body, share }).await
}

/// Who sends, how the message is compressed, the message, and what it takes of the budget.
async fn admit(door: &Door, request: Request) -> Result<(TenantId, Compression, Bytes, Share), Refusal> {
    let (head, body) = request.into_parts();
    let tenant = door.auth.tenant_of(&head.headers).ok_or(Refusal::Unauthenticated);
    let (tenant, offered) = match tenant.and_then(|tenant| Ok((tenant, compression_of(&head.headers)?))) {
        Ok(admitted) => admitted,
        Err(refusal) => {
            discard_body(body).await;
            return Err(refusal);
        }
    };
    let bytes_max = PREFIX_BYTES + if offered == Compression::None { BODY_BYTES_MAX } else { COMPRESSED_BYTES_MAX };
    let mut share = Share::default();
    let body = read_body(body, bytes_max, &door.receiver.budget, &mut share).await?;
    let (compression, message) = unframe(body, offered)?;
    Ok((tenant, compression, message, share))
}

fn compression_of(headers: &HeaderMap) -> Result<Compression, Refusal> {
    let name = headers.get("grpc-encoding").map_or(Ok(""), HeaderValue::to_str).unwrap_or("?");
    Compression::from_header(name).ok_or_else(|| {
        Refusal::Unsupported(format!("grpc-encoding {name:?} is not spoken here: use gzip, zstd or identity"))
    })
}

/// The one message of a unary call, and whether it is compressed.
fn unframe(mut body: Bytes, offered: Compression) -> Result<(Compression, Bytes), Refusal> {
    let malformed = |what: &str| Refusal::Undecodable(format!("the grpc message {what}"));
    if body.len() < PREFIX_BYTES {
        return Err(malformed("is shorter than its prefix"));
    }
    let prefix = body.split_to(PREFIX_BYTES);
    let length = u32::from_be_bytes([prefix[1], prefix[2], prefix[3], prefix[4]]) as usize;
    if length > BODY_BYTES_MAX {
        return Err(Refusal::TooLarge(format!(
            "the request is larger than {BODY_BYTES_MAX} bytes: send smaller batches"
        )));
    }
    match length.cmp(&body.len()) {
        std::cmp::Ordering::Less => Err(malformed("is followed by more: a unary call has one")),
        std::cmp::Ordering::Greater => Err(malformed("is shorter than its prefix says")),
        std::cmp::Ordering::Equal => match (prefix[0], offered) {
            (0, _) => Ok((Compression::None, body)),
            (1, Compression::None) => Err(malformed("is flagged as compressed and grpc-encoding does not say how")),
            (1, compression) => Ok((compression, body)),
            _ => Err(malformed("has an unknown flag")),
        },
    }
}

fn respond(accepted: &Accepted) -> Response {
    let message = accepted_protobuf(accepted);
    let mut framed = BytesMut::with_capacity(PREFIX_BYTES + message.len());
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).expect("an answer is a few bytes"));
    framed.put_slice(&message);
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let body = Full::new(framed.freeze()).with_trailers(async { Some(Ok(trailers)) });
    let headers = [(CONTENT_TYPE.as_str(), "application/grpc"), ("grpc-accept-encoding", "identity,gzip,zstd")];
    (headers, Body::new(body)).into_response()
}

fn status_of(refusal: &Refusal) -> Status {
    let code = match refusal {
        Refusal::Undecodable(_) => Code::InvalidArgument,
        Refusal::Unauthenticated => Code::Unauthenticated,
        Refusal::Unsupported(_) => Code::Unimplemented,
        // Without RetryInfo this code means: do not send it again.
        Refusal::TooLarge(_) => Code::ResourceExhausted,
        Refusal::OverRate(_) | Refusal::Unavailable(..) => Code::Unavailable,
    };
    match refusal.retry_after() {
        Some(delay) => Status::with_error_details(code, refusal.message(), ErrorDetails::with_retry_info(Some(delay))),
        None => Status::new(code, refusal.message()),
    }
}

async fn unknown_method() -> Response {
    Status::unimplemented("this port takes OTLP: the Export calls of its trace, logs and metrics services")
        .into_http::<Body>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &[u8], offered: Compression, expected: Result<(Compression, &[u8]), &str>) {
        match (unframe(Bytes::copy_from_slice(body), offered), expected) {
            (Ok((compression, message)), Ok((expected, bytes))) => {
                assert_eq!((compression, &message[..]), (expected, bytes))
            }
            (Err(refusal), Err(words)) => assert!(refusal.message().contains(words), "{}", refusal.message()),
            (outcome, expected) => panic!("{outcome:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn the_frame_of_a_unary_call_is_undone() {
        check(b"\0\0\0\0\0", Compression::None, Ok((Compression::None, b"")));
        check(b"\0\0\0\0\x03abc", Compression::Gzip, Ok((Compression::None, b"abc")));
        check(b"\x01\0\0\0\x03abc", Compression::Zstd, Ok((Compression::Zstd, b"abc")));
        check(b"\x01\0\0\0\x03abc", Compression::None, Err("does not say how"));
        check(b"\0\0\0\0\x04abc", Compression::None, Err("shorter than its prefix says"));
        check(b"\0\0\0\0\x02abc", Compression::None, Err("followed by more"));
        check(b"\0\xff\xff\xff\xff", Compression::None, Err("larger than"));
        check(b"\x02\0\0\0\x01a", Compression::None, Err("unknown flag"));
        check(b"\0\0", Compression::None, Err("shorter than its prefix"));
    }
}
