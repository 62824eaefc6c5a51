//! From a request's bytes to its acknowledgement: the one write path of all transports.
//!
//! ```text
//! otlp_http, remote_write, otlp_grpc → body (under a cap, counted against the budget)
//!                      → delivery: decompress under a cap → decode as far as it is admitted → append → acknowledged
//! ```
//!
//! | file | what |
//! |---|---|
//! | `delivery.rs` | one request, whatever the transport: decompress, decode, append |
//! | `outcome.rs` | what a sender is told, before any transport puts it into its own words |
//! | `decoding.rs` | one body on its way to rows: memory is counted before it is taken |
//! | `encoding.rs` | how a body is compressed, and how it is undone |
//! | `frame.rs` | what the log keeps of a request, and how it becomes the same rows again |
//! | `budget.rs` | bytes of requests in work at once; bytes per tenant and second |
//! | `series_gate.rs` | how many series a tenant may have at once |
//! | `body.rs` | a request's body, read under a cap and the budget |
//! | `door.rs` | what comes in by HTTP: who sends it, and its body |
//! | `otlp_http.rs` | OTLP over HTTP |
//! | `remote_write.rs` | Prometheus remote write |
//! | `otlp_grpc.rs` | OTLP over gRPC, with the raw message bytes |
//! | `messages.rs` | the few protobuf messages of answers |

mod outcome;
mod encoding;
mod frame;
mod budget;
mod series_gate;
mod body;
mod decoding;
mod delivery;
mod messages;
mod door;
mod remote_write;
mod otlp_http;
mod otlp_grpc;

pub(crate) use body::discard_body;
pub(crate) use budget::{Budget, TenantRates};
pub(crate) use delivery::Receiver;
pub(crate) use frame::decode_frame;
pub(crate) use otlp_grpc::otlp_grpc_routes;
pub(crate) use otlp_http::{otlp_http_routes, prometheus_receiver_routes};
pub(crate) use outcome::Refusal;
pub(crate) use series_gate::{SeriesGate, SeriesUse};

/// Bytes of a request after decompression, inclusive. What OTLP recommends.
pub(crate) const BODY_BYTES_MAX: usize = 64 << 20;

/// Bytes of a compressed request before decompression, inclusive. Telemetry compresses at least fourfold.
pub(crate) const COMPRESSED_BYTES_MAX: usize = 16 << 20;
