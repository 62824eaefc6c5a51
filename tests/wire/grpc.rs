//! By gRPC over HTTP/2, by hand: a stock client could not lie about lengths.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::header::HeaderMap;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tonic::Code;
use tonic_types::StatusExt;

use super::answer::{Answer, Partial, Status};
use super::connection::Broken;
use super::request::Request;

/// A body that a test may also send in pieces.
pub(crate) type Body = BoxBody<Bytes, Infallible>;

/// One HTTP/2 connection to an OTLP/gRPC port.
#[derive(Debug)]
pub(crate) struct GrpcConnection {
    address: String,
    sender: SendRequest<Body>,
}

impl GrpcConnection {
    pub(crate) async fn open(address: &str) -> Self {
        Self::try_open(address).await.expect("the port is open and speaks HTTP/2")
    }

    pub(super) async fn try_open(address: &str) -> Result<Self, Broken> {
        let stream = TcpStream::connect(address).await.map_err(Broken::new)?;
        stream.set_nodelay(true).map_err(Broken::new)?;
        let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.map_err(Broken::new)?;
        // The connection ends with its last request; how it ends is told to each of them.
        tokio::spawn(async move { drop(connection.await) });
        Ok(Self { address: address.to_owned(), sender })
    }

    /// Sends the request whole.
    pub(crate) async fn call(&self, request: &Request) -> Answer {
        self.try_call(request).await.expect("the server answers")
    }

    pub(super) async fn try_call(&self, request: &Request) -> Result<Answer, Broken> {
        self.exchange(request, request.signal.grpc_path(), Full::new(request.grpc_message()).boxed()).await
    }

    /// Sends the request to another path, or with another body.
    pub(crate) async fn call_with(&self, request: &Request, path: &str, body: Body) -> Answer {
        self.exchange(request, path, body).await.expect("the server answers")
    }

    async fn exchange(&self, request: &Request, path: &str, body: Body) -> Result<Answer, Broken> {
        let mut http = hyper::Request::post(format!("http://{}{path}", self.address))
            .header("te", "trailers")
            .header("content-type", request.content_type.unwrap_or("application/grpc"));
        if !request.encoding.is_empty() {
            http = http.header("grpc-encoding", &request.encoding);
        }
        if let Some(authorization) = request.authorization {
            http = http.header("authorization", authorization);
        }
        let http = http.body(body).expect("the request is well formed");
        let response = self.sender.clone().send_request(http).await.map_err(Broken::new)?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map_err(Broken::new)?;
        let trailers = body.trailers().cloned();
        if parts.status != hyper::StatusCode::OK {
            return Ok(Answer {
                status: Status::Http(parts.status.as_u16()),
                retry_after: None,
                partial: None,
                message: String::from_utf8_lossy(&body.to_bytes()).into_owned(),
            });
        }
        // An answer without a message has its status in the headers.
        let said = trailers.unwrap_or(parts.headers);
        Ok(answer_of(&said, &body.to_bytes()))
    }
}

fn answer_of(said: &HeaderMap, body: &[u8]) -> Answer {
    let status = tonic::Status::from_header_map(said).expect("an answer of gRPC has a status");
    let retry_after = status.get_details_retry_info().and_then(|info| info.retry_delay);
    let partial = if status.code() == Code::Ok {
        let message = body.get(5..).expect("a message has a prefix of five bytes");
        assert_eq!(body[..5], [&[0], &u32::try_from(message.len()).expect("it is short").to_be_bytes()[..]].concat());
        Partial::of_protobuf(message)
    } else {
        assert!(body.is_empty(), "an error has no message");
        None
    };
    Answer { status: Status::Grpc(status.code()), retry_after, partial, message: status.message().to_owned() }
}
