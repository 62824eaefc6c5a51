//! From a request's bytes to its acknowledgement: the one write path of all transports.
//!
//! ```text
//! otlp_http, otlp_grpc → body (under a cap, counted against the budget)
//!                      → delivery: decompress under a cap → decode → append → acknowledged
//! ```
//!
//! | file | what |
//! |---|---|
//! | `delivery.rs` | one request, whatever the transport: decompress, decode, append |
//! | `outcome.rs` | what a sender is told, before any transport puts it into its own words |
//! | `encoding.rs` | how a body is compressed and encoded; the numbers frames carry |
//! | `budget.rs` | bytes of requests in work at once; bytes per tenant and second |
//! | `body.rs` | a request's body, read under a cap and the budget |
//! | `otlp_http.rs` | OTLP over HTTP |
//! | `otlp_grpc.rs` | OTLP over gRPC, with the raw message bytes |
//! | `messages.rs` | the few protobuf messages of answers |

mod outcome;
mod encoding;
mod budget;
mod body;
mod delivery;
mod messages;
mod otlp_http;
mod otlp_grpc;

pub(crate) use budget::{Budget, TenantRates};
pub(crate) use delivery::Receiver;
pub(crate) use encoding::decode_frame;
pub(crate) use otlp_grpc::otlp_grpc_routes;
pub(crate) use otlp_http::otlp_http_routes;
pub(crate) use outcome::Refusal;

/// Bytes of a request after decompression, inclusive. What OTLP recommends.
pub(crate) const BODY_BYTES_MAX: usize = 64 << 20;

/// Bytes of a compressed request before decompression, inclusive. Telemetry compresses at least fourfold.
pub(crate) const COMPRESSED_BYTES_MAX: usize = 16 << 20;
