//! A small shop of instrumented services: something to look at before one's own services send anything.
//!
//! Seven services run as nine pods in one process, each on a port of 127.0.0.1. They call each other over HTTP and
//! hand W3C trace context along. Each pod has its own providers of the stock OpenTelemetry SDK and its own resource,
//! so that what arrives at the server is what nine separate processes in Kubernetes would send. Nothing here is
//! global: no tracer provider, no propagator, no subscriber.
//!
//! ```text
//! load ─▶ web ×2 ─┬─▶ recommendation ─────────────▶ database
//!                 ├─▶ inventory ──────────────────▶ database
//!                 └─▶ checkout ×2 ─┬─▶ inventory ─▶ database
//!                                  ├─▶ payment ───▶ database
//!                                  ├──────────────▶ database
//!                                  └─▶ orders ┄┄▶ shipping ─▶ database
//!                                      queue      (a trace of its own, linked to the order's)
//! ```
//!
//! The tour: [`DemoArgs`] is the command line; `shop` opens everything and closes it again; a `cluster` is what all
//! pods stand on (who listens where, which faults are on, where telemetry goes); a `pod` is who a process is; a
//! `service` is what every pod does with a request; `call` is how one asks another; `services` holds what each one
//! sells. [`Fault`]s are switched through the `control` port while the shop runs. Two of them distort the telemetry
//! itself (`distortion`), the others make a service misbehave.

mod args;
mod shop;

mod cluster;
mod directory;
mod pod;

mod service;
mod services;

mod call;
mod failure;
mod order;
mod queue;

mod delivery;
mod distortion;
mod telemetry;

mod control;
mod fault;
mod load;
mod rollout;
mod say;

#[cfg(test)]
mod tests;

pub use args::{DemoArgs, run};
pub use fault::{Fault, faults};
