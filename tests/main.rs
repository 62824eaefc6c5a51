//! The product as its users meet it: the program that was built before, started as a process, asked from outside.
//!
//! | file | what |
//! |---|---|
//! | `wire/` | OTLP as it goes over the wire; not a test |
//! | `answers/` | what senders are told, by every transport |
//! | `api/` | the native API: questions and the answers they must get |
//! | `grafana.rs` | what Grafana asks of the Prometheus API |
//! | `remote_write.rs` | what Prometheus writes, and what it is told |
//! | `config.rs` | options that cannot be used are refused by name |
//! | `memory/` | what is small on the wire and large in memory: bounded, and answered |
//! | `hostile.rs` | bytes that mean nothing, in great numbers |
//! | `damage.rs` | damage on disk, checked and set aside |
//! | `demo.rs` | the demo shop, and its faults |
//! | `open_format.rs` | another program reads our blocks |
//! | `crash/` | `kill -9` under load: acknowledged ⊆ stored ⊆ sent |
//! | `faults/` | disks that are full, read-only or broken |
//! | `conformance/` | the vectors of others, over the wire |
//! | `stock_sdks/` | services with the stock SDKs, by API, terminal and page |

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "all of this is a test, also between the functions that clippy knows as one"
)]

mod answers;
mod api;
mod config;
mod conformance;
mod crash;
mod damage;
mod demo;
mod faults;
mod grafana;
mod hostile;
mod memory;
mod open_format;
mod remote_write;
mod stock_sdks;
mod wire;
