//! The hops of a journey: where work goes from one span to another through a queue or along a link.
//!
//! | file | what |
//! |---|---|
//! | `stop.rs` | a span at which a hop may begin or end |
//! | `hop.rs` | one hop, its queue and how long the work waited in it |
//! | `hops.rs` | stops and links → hops |
//! | `receipt.rs` | of a message that is received and then processed, one hop |
//! | `waiting.rs` | how long the work waited |
//! | `connected.rs` | the traces that hops connect |
//! | `depths.rs` | how many hops each trace is from where the work began |
//!
//! ```text
//! producer ──► queue ──► (receive) ──► process
//!  from                   through       to
//! ```
//!
//! A hop is known because a span names the other as its parent or links to it or, where neither does, because both name
//! the same message of the same queue. Nothing is moved and nothing is hidden: a wait that is negative, which says
//! that two clocks are apart, is shown as it is.

mod connected;
mod depths;
mod hop;
mod hops;
mod receipt;
mod stop;
mod waiting;

pub use connected::connected;
pub use depths::depths;
pub use hop::{Hop, HopEnd, HopKind, Queue};
pub use hops::hops;
pub use stop::{Link, MessageKey, Messaging, Role, SpanRef, Stop};
