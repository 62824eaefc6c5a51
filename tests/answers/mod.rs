//! What senders are told: every row of the table of answers, over every transport.
//!
//! | outcome | HTTP | gRPC | the sender |
//! |---|---|---|---|
//! | all well | 200, nothing said | OK, nothing said | goes on |
//! | some records refused or changed | 200 + partial success | OK + partial success | goes on |
//! | undecodable | 400 | INVALID_ARGUMENT | drops it |
//! | no or a wrong token | 401 | UNAUTHENTICATED | drops it |
//! | a type, encoding or method that is not spoken | 415 (404, 405) | UNIMPLEMENTED (HTTP 415) | drops it |
//! | too large | 413 | RESOURCE_EXHAUSTED without RetryInfo | drops it |
//! | over the tenant's rate | 429 + Retry-After | UNAVAILABLE + RetryInfo | comes back |
//! | not now: starting, stopping, out of budget | 503 + Retry-After | UNAVAILABLE + RetryInfo | comes back |
//!
//! Senders drop a batch on 408 and 500, and send it again on OUT_OF_RANGE and ABORTED: none of these is ever said.

mod check;
mod lifetime;
mod refused;
mod taken;

pub(crate) use check::{Expected, PROTOBUF, Retry, check};
