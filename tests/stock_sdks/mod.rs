//! A Node service that asks a Python service, both with the stock SDKs of OpenTelemetry, seen as an operator sees them.
//!
//! | file | what |
//! |---|---|
//! | `shop.rs` | the two services and a server that both have sent everything to; not a test |
//! | `outline.rs` | a trace as indented lines; not a test |
//! | `api.rs` | what they sent, by API: one story, its log lines, services, metrics |
//! | `terminal.rs` | the same by `nunchi trace`, `logs`, `traces` and `services` |
//! | `page.rs` | the same in a browser: walks the journeys of `ui/e2e` |
//!
//! Node sends over gRPC and Python over HTTP, so that one story has come by both.

mod api;
mod outline;
mod page;
mod shop;
mod terminal;
