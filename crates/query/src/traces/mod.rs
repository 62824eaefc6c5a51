//! Traces: found by id, searched, summed up, told as stories.
//!
//! | file | what |
//! |---|---|
//! | `row.rs` | one span, read from a batch |
//! | `find.rs` | all spans and log records of one trace, wherever they are, with no time range |
//! | `search.rs` | traces of which a span matches |
//! | `repaired.rs` | traces in which something was repaired |
//! | `summary.rs` | one line about a trace |
//! | `story.rs` | one trace, stitched, with its log records |
//! | `story_log.rs` | when a log record is shown |
//! | `host_shift.rs` | by how much a host was moved |
//! | `sample.rs` | one trace among many of one operation |
//! | `profile.rs` | where the time of an operation goes, and what sets slow and failing traces apart |
//! | `journey/` | all traces that belong to one piece of work |

mod row;
mod find;
mod search;
mod repaired;
mod summary;
mod story;
mod story_log;
mod host_shift;
mod sample;
mod profile;
mod journey;

pub(crate) use find::find;
pub use host_shift::HostShift;
pub use journey::{
    JOURNEY_DEPTH_MAX, JOURNEY_HOPS_MAX, JOURNEY_LINKS_PER_TRACE_MAX, JOURNEY_SPANS_MAX, JOURNEY_TRACES_MAX, Journey,
    JourneyTrace, TraceBeyond,
};
pub use profile::{
    ContrastFound, Difference, OperationShare, PROFILE_TRACES_MAX, ProfileExample, ProfileFound, ProfileQuestion,
};
pub use row::{EventRow, LinkRow, SpanRow};
pub use search::{SpanStatusFilter, TraceQuestion, TracesFound};
pub(crate) use story::not_found;
pub use story::{PlacedSpan, StoryLine, TraceStory, TraceView};
pub use story_log::StoryLog;
pub use summary::{ServiceShare, TraceSummary};
