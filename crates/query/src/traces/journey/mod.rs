//! A journey: all traces that belong to one piece of work, across links and queues.
//!
//! | file | what |
//! |---|---|
//! | `limits.rs` | how far a journey is followed |
//! | `answer.rs` | the journey that is told |
//! | `walk.rs` | from trace to trace, breadth first, both ways |
//! | `reading.rs` | one trace of it: its line, its stops, its links |
//! | `stops.rs` | spans at which hops may begin or end |
//! | `messages.rs` | traces that name the same messages |
//!
//! ```text
//! trace ─► spans ─► links they have          ─► traces before
//!       ─► `links` of this trace             ─► traces after
//!       ─► messages that no link tells of    ─► traces either way
//! ```
//!
//! Nothing of it knows a time range. Traces are read one after the other, and of each no more is kept than its line and
//! its stops.

mod answer;
mod limits;
mod messages;
mod reading;
mod stops;
mod walk;

pub use answer::{Journey, JourneyTrace, TraceBeyond};
pub use limits::{
    JOURNEY_DEPTH_MAX, JOURNEY_HOPS_MAX, JOURNEY_LINKS_PER_TRACE_MAX, JOURNEY_SPANS_MAX, JOURNEY_TRACES_MAX,
};
