//! One process: config, listeners, routes, background loops, start and stop order.
//!
//! ```text
//! 4317 OTLP/gRPC ┐
//! 4318 OTLP/HTTP ┴ receive → ingest (decode) → store (durable, visible) → acknowledged
//! 4319 page, API ── routes → query (answers) → answer (JSON, CSV, Arrow)
//! ```
//!
//! [`run`] is the whole life of a server; [`settings`] makes its options from defaults, file,
//! environment and flags.

mod config;
mod log;
mod run;
mod phase;
mod auth;
mod listen;
mod receive;
mod routes;
mod answer;
mod page;
mod self_metrics;
mod tries;
mod kept_memory;
mod background;

pub use config::{ConfigError, Listen, ServerOptions, Settings, settings};
pub use log::{LogFormat, LogSettings};
pub use routes::openapi_document;
pub use run::run;
