//! One request: its bytes, how they are compressed, what is claimed about them.

use std::io::Write;

use bytes::{BufMut, Bytes, BytesMut};
use testkit::TestServer;

use super::answer::Answer;
use super::connection::Connection;

/// How a request travels, and with which encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Grpc,
    HttpProtobuf,
    HttpJson,
}

/// What a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Logs,
    Traces,
    Metrics,
}

impl Signal {
    pub(crate) const ALL: [Signal; 3] = [Signal::Logs, Signal::Traces, Signal::Metrics];

    /// The path of OTLP/HTTP.
    pub(crate) fn http_path(self) -> &'static str {
        match self {
            Signal::Logs => "/v1/logs",
            Signal::Traces => "/v1/traces",
            Signal::Metrics => "/v1/metrics",
        }
    }

    /// The path of OTLP/gRPC.
    pub(crate) fn grpc_path(self) -> &'static str {
        match self {
            Signal::Logs => "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
            Signal::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            Signal::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
}

impl Compression {
    pub(crate) const ALL: [Compression; 3] = [Compression::None, Compression::Gzip, Compression::Zstd];

    /// The name in `content-encoding` and `grpc-encoding`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Compression::None => "identity",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
        }
    }

    pub(crate) fn compress(self, clear: &[u8]) -> Vec<u8> {
        match self {
            Compression::None => clear.to_vec(),
            Compression::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(clear).expect("memory does not fail");
                encoder.finish().expect("memory does not fail")
            }
            Compression::Zstd => zstd::encode_all(clear, 1).expect("memory does not fail"),
        }
    }
}

/// One request, before it is put into the words of a transport. Each claim can be a lie.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) signal: Signal,
    /// As they go over the wire: compressed, if they are said to be.
    pub(crate) body: Bytes,
    /// The claim in `content-encoding` or `grpc-encoding`; not sent where it is empty.
    pub(crate) encoding: String,
    /// The claim in `content-type`; where it is `None`, the transport's right one.
    pub(crate) content_type: Option<&'static str>,
    /// The claim in the prefix of a gRPC message; where it is `None`, the truth.
    pub(crate) grpc_length: Option<u32>,
    /// The value of `authorization`.
    pub(crate) authorization: Option<&'static str>,
}

impl Request {
    /// A request that claims nothing but the truth.
    pub(crate) fn new(signal: Signal, clear: &[u8], compression: Compression) -> Self {
        let encoding = if compression == Compression::None { "" } else { compression.name() };
        Self {
            signal,
            body: compression.compress(clear).into(),
            encoding: encoding.to_owned(),
            content_type: None,
            grpc_length: None,
            authorization: None,
        }
    }

    /// Sends it and returns what the sender is told.
    pub(crate) async fn send(&self, server: &TestServer, transport: Transport) -> Answer {
        let address = if transport == Transport::Grpc { server.otlp_grpc() } else { server.otlp_http() };
        let mut connection = Connection::open(address, transport).await.expect("the port is open");
        connection.call(self).await.unwrap_or_else(|broken| panic!("no answer by {transport:?}: {broken:?}"))
    }

    /// The body as a message of gRPC: a flag, a length, the bytes.
    pub(crate) fn grpc_message(&self) -> Bytes {
        let length = u32::try_from(self.body.len()).expect("no test sends 4 GiB");
        let mut message = BytesMut::with_capacity(5 + self.body.len());
        message.put_u8(u8::from(!self.encoding.is_empty() && self.encoding != "identity"));
        message.put_u32(self.grpc_length.unwrap_or(length));
        message.put_slice(&self.body);
        message.freeze()
    }
}
