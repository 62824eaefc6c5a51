//! One sender's connection, which may break.

use std::error::Error;

use testkit::Api;

use super::answer::Answer;
use super::grpc::GrpcConnection;
use super::http;
use super::request::{Request, Transport};

/// A way to one server by one transport.
#[derive(Debug)]
pub(crate) enum Connection {
    Grpc(GrpcConnection),
    HttpProtobuf(Api),
    HttpJson(Api),
}

/// The server did not answer, or not to the end: whether it has the request, nobody knows.
#[derive(Debug)]
pub(crate) struct Broken {
    #[expect(dead_code, reason = "for whoever reads a failed test")]
    cause: Box<dyn Error + Send + Sync>,
}

impl Broken {
    pub(super) fn new(cause: impl Error + Send + Sync + 'static) -> Self {
        Self { cause: Box::new(cause) }
    }
}

impl Connection {
    pub(crate) async fn open(address: &str, transport: Transport) -> Result<Self, Broken> {
        Ok(match transport {
            Transport::Grpc => Self::Grpc(GrpcConnection::try_open(address).await?),
            Transport::HttpProtobuf => Self::HttpProtobuf(Api::new(address)),
            Transport::HttpJson => Self::HttpJson(Api::new(address)),
        })
    }

    /// Sends the request and returns what the sender is told.
    pub(crate) async fn call(&mut self, request: &Request) -> Result<Answer, Broken> {
        match self {
            Self::Grpc(connection) => connection.try_call(request).await,
            Self::HttpProtobuf(port) => http::post(port, request, "application/x-protobuf").await.map_err(Broken::new),
            Self::HttpJson(port) => http::post(port, request, "application/json").await.map_err(Broken::new),
        }
    }
}
