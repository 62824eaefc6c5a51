//! A request body as it came off the network, and how it is decoded.

use std::borrow::Cow;

use model::{Signal, UnixNanos};

use crate::admission::{Admission, Everything};
use crate::columns::block_bytes;
use crate::decoded::Decoded;
use crate::envelope;
use crate::error::{DecodeError, DecodeErrorKind};
use crate::json;
use crate::limits::BODY_BYTES_MAX;
use crate::logs::LogRows;
use crate::metrics::MetricRows;
use crate::remote_write::{self, Version};
use crate::spans::SpanRows;
use crate::tally::Tally;

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Binary protobuf: gRPC, and HTTP with `application/x-protobuf`.
    Protobuf,
    /// OTLP's dialect of protobuf JSON: HTTP with `application/json`.
    Json,
    /// Prometheus remote write 1: `prometheus.WriteRequest`. Metrics only.
    RemoteWrite1,
    /// Prometheus remote write 2: `io.prometheus.write.v2.Request`. Metrics only.
    RemoteWrite2,
}

impl Encoding {
    /// The version of remote write, if it is one.
    fn remote_write(self) -> Option<Version> {
        match self {
            Self::Protobuf | Self::Json => None,
            Self::RemoteWrite1 => Some(Version::One),
            Self::RemoteWrite2 => Some(Version::Two),
        }
    }
}

/// One export request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Which of the three export requests the body is.
    pub signal: Signal,
    /// How it is written.
    pub encoding: Encoding,
    /// The body after decompression, without gRPC's length prefix.
    pub body: &'a [u8],
    /// When it was received. Stands in for times that the sender did not give.
    pub received: UnixNanos,
}

/// Decodes a request into the rows of its tables.
///
/// The same request always becomes the same rows, so that replay is this function, too. It takes time and memory
/// in proportion to the body and its records. Records that cannot mean anything are refused one by one and counted in
/// [`Decoded`]; an empty request is no batches.
///
/// # Errors
///
/// When the body as a whole is not an export request, or exceeds what one request may: see [`DecodeErrorKind`].
pub fn decode(request: &Request<'_>) -> Result<Decoded, DecodeError> {
    decode_admitted(request, &mut Everything)
}

/// [`decode`], as far as it is admitted: points of series that are not are refused like those that mean nothing, and
/// [`Decoded::series_refused`] lists them. A decision for the same series makes the same rows again.
///
/// # Errors
///
/// As [`decode`], and when there is no room.
pub fn decode_admitted(request: &Request<'_>, admission: &mut dyn Admission) -> Result<Decoded, DecodeError> {
    if request.body.len() > BODY_BYTES_MAX {
        let message = format!("the body is longer than {BODY_BYTES_MAX} bytes; send smaller batches");
        return Err(DecodeError::new(DecodeErrorKind::TooLarge, message));
    }
    decode_body(request, admission).map_err(|error| explain(request, &error))
}

fn decode_body(request: &Request<'_>, admission: &mut dyn Admission) -> Result<Decoded, DecodeError> {
    let mut tally = Tally::new(request.received, admission);
    // What the columns hold of the body.
    tally.take_room(request.body.len())?;
    let body = match (request.encoding, request.encoding.remote_write()) {
        (_, Some(version)) => {
            if request.signal != Signal::Metrics {
                return Err(DecodeError::malformed("remote write is of metrics only"));
            }
            tally.take_room(request.body.len())?;
            Cow::Owned(remote_write::to_protobuf(version, request.body, &mut tally)?)
        }
        (Encoding::Json, None) => {
            tally.take_room(request.body.len())?;
            Cow::Owned(json::to_protobuf(request.signal, request.body)?)
        }
        (_, None) => Cow::Borrowed(request.body),
    };
    let block_bytes = block_bytes(request.body.len());
    Ok(match request.signal {
        Signal::Traces => {
            let mut rows = SpanRows::new(tally, block_bytes);
            envelope::read(&body, &mut rows)?;
            Decoded::new(rows.finish())
        }
        Signal::Logs => {
            let mut rows = LogRows::new(tally, block_bytes);
            envelope::read(&body, &mut rows)?;
            Decoded::new(rows.finish())
        }
        Signal::Metrics => {
            let mut rows = MetricRows::new(tally, block_bytes);
            if request.encoding.remote_write().is_some() {
                rows = rows.of_remote_write();
            }
            envelope::read(&body, &mut rows)?;
            let (batches, series_refused, tally) = rows.finish();
            Decoded { series_refused, ..Decoded::new((batches, tally)) }
        }
    })
}

fn said(error: &DecodeError, what: &str) -> DecodeError {
    DecodeError::new(error.kind(), format!("{what}: {error}"))
}

/// Says what was expected, and what to do where the body looks like something else.
fn explain(request: &Request<'_>, error: &DecodeError) -> DecodeError {
    let signal = request.signal;
    let encoding = match request.encoding {
        Encoding::Protobuf => "protobuf",
        Encoding::Json => "JSON",
        Encoding::RemoteWrite1 => return said(error, "cannot decode the body as prometheus.WriteRequest"),
        Encoding::RemoteWrite2 => return said(error, "cannot decode the body as io.prometheus.write.v2.Request"),
    };
    let hint = match (error.kind(), request.encoding, request.body) {
        (DecodeErrorKind::Malformed, _, [0x1f, 0x8b, ..]) => "; it looks like gzip: set content-encoding: gzip",
        (DecodeErrorKind::Malformed, Encoding::Protobuf, [b'{', ..]) => {
            "; it looks like JSON: set content-type: application/json"
        }
        (DecodeErrorKind::Malformed, Encoding::Json, [b'\n', ..]) => {
            "; it looks like protobuf: set content-type: application/x-protobuf"
        }
        (DecodeErrorKind::Malformed, ..) => "; check that the exporter sends this signal to this path",
        _ => "",
    };
    DecodeError::new(error.kind(), format!("cannot decode the body as OTLP {signal} in {encoding}: {error}{hint}"))
}
