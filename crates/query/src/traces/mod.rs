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

mod row;
mod find;
mod search;
mod repaired;
mod summary;
mod story;

pub use row::{EventRow, LinkRow, SpanRow};
pub use search::{SpanStatusFilter, TraceQuestion, TracesFound};
pub use story::{PlacedSpan, StoryLine, TraceStory, TraceView};
pub use summary::{ServiceShare, TraceSummary};
