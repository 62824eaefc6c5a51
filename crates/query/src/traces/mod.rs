//! Traces: found by id, searched, summed up, told as stories.
//!
//! | file | what |
//! |---|---|
//! | `row.rs` | one span, read from a batch |
//! | `find.rs` | all spans and log records of one trace, wherever they are, with no time range |
//! | `search.rs` | traces of which a span matches |
//! | `summary.rs` | one line about a trace |
//! | `story.rs` | one trace, stitched, with its log records |
//! | `journey/` | all traces that belong to one piece of work |

mod row;
mod find;
mod search;
mod summary;
mod story;
mod journey;

pub use journey::{
    JOURNEY_DEPTH_MAX, JOURNEY_HOPS_MAX, JOURNEY_LINKS_PER_TRACE_MAX, JOURNEY_SPANS_MAX, JOURNEY_TRACES_MAX, Journey,
    JourneyTrace, TraceBeyond,
};
pub use row::{EventRow, LinkRow, SpanRow};
pub use search::{SpanStatusFilter, TraceQuestion, TracesFound};
pub use story::{PlacedSpan, StoryLine, TraceStory, TraceView};
pub use summary::{ServiceShare, TraceSummary};
