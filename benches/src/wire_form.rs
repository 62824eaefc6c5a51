//! How a request goes over the wire.

use std::io::{self, Write};

use bytes::Bytes;
use clap::ValueEnum;

/// How bodies are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Compression {
    /// Not at all.
    None,
    /// As most SDKs do when told to.
    Gzip,
    /// As a collector does at its best.
    Zstd,
}

/// What carries the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Transport {
    /// OTLP/HTTP with protobuf.
    Http,
    /// OTLP/gRPC.
    Grpc,
}

/// Transport and compression together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WireForm {
    /// What carries it.
    pub transport: Transport,
    /// How it is compressed.
    pub compression: Compression,
}

impl Compression {
    /// Its word in `content-encoding` and `grpc-encoding`.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "identity",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    fn compress(self, clear: Vec<u8>) -> io::Result<Vec<u8>> {
        match self {
            Self::None => Ok(clear),
            Self::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(&clear)?;
                encoder.finish()
            }
            // The collector's default level.
            Self::Zstd => zstd::encode_all(&clear[..], 3),
        }
    }
}

impl WireForm {
    /// The protobuf as the body of an HTTP request.
    pub fn body(self, clear: Vec<u8>) -> io::Result<Bytes> {
        let compressed = self.compression.compress(clear)?;
        match self.transport {
            Transport::Http => Ok(compressed.into()),
            // A flag for compressed, and the length.
            Transport::Grpc => {
                let length = u32::try_from(compressed.len()).map_err(io::Error::other)?;
                let flag = [u8::from(self.compression != Compression::None)];
                Ok([&flag[..], &length.to_be_bytes(), &compressed].concat().into())
            }
        }
    }
}
