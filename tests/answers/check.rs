//! One request, every transport it can take, one expectation.

use std::time::Duration;

use testkit::TestServer;
use tonic::Code;

use crate::wire::{Answer, Request, Status, Transport};

/// What a sender must be told.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Expected {
    /// All is well, and nothing else is said.
    Accepted,
    /// The request was taken; so many records were not, and the message says this.
    Partial(i64, &'static str),
    /// The request was not taken: HTTP's number, gRPC's, whether to come back, and what the message says.
    Refused(u16, Code, Retry, &'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retry {
    /// The same bytes would be refused again.
    Never,
    /// The same bytes may be taken in a while.
    Later,
}

pub(super) const UNDECODABLE: Expected = Expected::Refused(400, Code::InvalidArgument, Retry::Never, "cannot decode");
pub(super) const UNAUTHENTICATED: Expected =
    Expected::Refused(401, Code::Unauthenticated, Retry::Never, "authorization: Bearer");
pub(super) const UNSUPPORTED_ENCODING: Expected =
    Expected::Refused(415, Code::Unimplemented, Retry::Never, "use gzip, zstd or");
pub(super) const TOO_LARGE: Expected = Expected::Refused(413, Code::ResourceExhausted, Retry::Never, "larger than");
pub(super) const OVER_RATE: Expected = Expected::Refused(429, Code::Unavailable, Retry::Later, "bytes per second");

/// The transports that carry protobuf.
pub(crate) const PROTOBUF: &[Transport] = &[Transport::Grpc, Transport::HttpProtobuf];

/// Sends the request by each transport and holds what it is told against what it must be told.
pub(crate) async fn check(server: &TestServer, name: &str, request: &Request, by: &[Transport], expected: Expected) {
    for transport in by {
        let answer = request.send(server, *transport).await;
        check_answer(&format!("{name} by {transport:?}"), &answer, expected);
    }
}

/// Holds one answer against what it must be.
pub(crate) fn check_answer(name: &str, answer: &Answer, expected: Expected) {
    match expected {
        Expected::Accepted => {
            assert!(answer.is_success(), "{name}: {answer:?}");
            assert_eq!(answer.partial, None, "{name}");
        }
        Expected::Partial(rejected, words) => {
            assert!(answer.is_success(), "{name}: {answer:?}");
            let partial = answer.partial.as_ref().unwrap_or_else(|| panic!("{name}: nothing is said to be partial"));
            assert_eq!(partial.rejected, rejected, "{name}: {partial:?}");
            assert!(partial.message.contains(words), "{name}: {partial:?} does not say {words:?}");
        }
        Expected::Refused(http, grpc, retry, words) => {
            let right = match answer.status {
                Status::Http(_) => Status::Http(http),
                Status::Grpc(_) => Status::Grpc(grpc),
            };
            assert_eq!(answer.status, right, "{name}: {answer:?}");
            assert!(answer.message.contains(words), "{name}: {answer:?} does not say {words:?}");
            match (retry, answer.retry_after) {
                (Retry::Never, None) => {}
                (Retry::Later, Some(delay)) => {
                    let bounds = Duration::from_secs(1)..=Duration::from_secs(30);
                    assert!(bounds.contains(&delay), "{name}: come back after {delay:?}");
                }
                (retry, delay) => panic!("{name}: a sender should come back {retry:?} and is told {delay:?}"),
            }
        }
    }
}
