//! The product as its users meet it: the program that was built before, started as a process, asked from outside.
//!
//! | file | what |
//! |---|---|
//! | `wire/` | OTLP as it goes over the wire; not a test |
//! | `answers/` | what senders are told, by every transport |
//! | `crash.rs` | kill -9 under load: what was acknowledged is there, once |
//! | `conformance/` | the vectors of others, over the wire |
//! | `stock_sdks/` | services with the stock SDKs, by API, terminal and page |

mod answers;
mod conformance;
mod crash;
mod stock_sdks;
mod wire;
