//! OTLP as it goes over the wire: one request, every transport, and what the sender is told.
//!
//! | file | what |
//! |---|---|
//! | `request.rs` | one request: its bytes, how they are compressed, what is claimed about them |
//! | `http.rs` | by HTTP/1, with the stock client of the tests |
//! | `grpc.rs` | by gRPC over HTTP/2, by hand: a stock client could not lie about lengths |
//! | `connection.rs` | one sender's connection, which may break |
//! | `answer.rs` | what the sender is told, in the words of either transport |

mod answer;
mod connection;
mod grpc;
mod http;
mod request;

pub(crate) use answer::{Answer, Status};
pub(crate) use connection::Connection;
pub(crate) use grpc::GrpcConnection;
pub(crate) use http::answer_of;
pub(crate) use request::{Compression, Request, Signal, Transport};
