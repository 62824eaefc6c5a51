//! OTLP bytes in, Arrow batches out. Pure: no I/O, no clock, no state between requests.
//!
//! [`decode`] takes one [`Request`] as it came off the network and gives [`Decoded`]: the rows of its tables
//! ([`Batch`]) and what the sender must be told. gRPC, HTTP and replay all go through it; [`decode_admitted`] asks an
//! [`Admission`] on the way for memory and for each series.
//!
//! The way of a record: `wire` steps through protobuf's fields where they lie in the body; `envelope` walks
//! resources and scopes; `logs`, `spans` and `metrics` match a record's fields by number and push them into
//! columns; `any_value` writes attributes straight into the codec of the attribute columns. JSON is first
//! rewritten as protobuf by `json` and then takes the same way. What is odd but means something is kept with a
//! mark; what cannot mean anything is refused record by record (`rejection`); all limits stand in `limits`.

mod request;
mod admission;
mod decoded;
mod error;
mod envelope;
mod logs;
mod body;
mod body_json;
mod spans;
mod events;
mod links;
mod link_rows;
mod metrics;
mod source;
mod resource;
mod scope;
mod attributes;
mod any_value;
mod text;
mod identity;
mod columns;
mod tally;
mod rejection;
mod wire;
mod wire_writer;
mod json;
mod remote_write;
mod limits;

pub use admission::Admission;
pub use decoded::Decoded;
pub use error::{DecodeError, DecodeErrorKind};
pub use model::Batch;
pub use request::{Encoding, Request, decode, decode_admitted};
