//! What tests need to meet the product as its users do: the real program as a process of its own.
//!
//! ```text
//! program()          where the program is that was built before
//! Process            a child with its output: lines are waited for, and it ends when it is dropped
//! TestServer         `nunchi server` on free ports and a folder of its own; killed, stopped, started again
//! Api                questions to a server, answers as JSON
//! eventually()       waits until something holds, with a deadline
//! request            OTLP requests in a line or two
//! remote_write       the messages of Prometheus remote write
//! ```
//!
//! Only tests and benches depend on this crate, and it depends on none of ours: what it starts is what was shipped.
//! Everything fails by panicking with what was seen, because a test has nobody to return an error to.

mod api;
mod deadline;
mod process;
mod program;
pub mod remote_write;
pub mod request;
mod server;

pub use api::{Api, Reply};
pub use deadline::{DEADLINE, eventually, pause};
pub use process::Process;
pub use program::{program, repository};
pub use server::{TestServer, nunchi};
