//! What a trace waited for: at each instant of its time, the one span that everything else was waiting for.
//!
//! | file | what |
//! |---|---|
//! | `path.rs` | the path: its sections, and the self time of each span on it |
//! | `section.rs` | one stretch of time on the path, and whose it is |
//! | `operation_time.rs` | the path's time by service and operation |
//! | `waiting.rs` | whether a parent waits for a child at all |
//! | `windows.rs` | what of each span's time can lie on the path |
//! | `siblings.rs` | which sibling a span waited for |
//! | `walk.rs` | from the top's end backwards to its start |
//!
//! ```text
//! checkout ├────────────────────────────────────┤   earliest first: checkout, price, checkout,
//! cart       ├────────┤                             payment, bank, payment, checkout
//! price         ├──────────┤
//! payment                     ├──────────┤          cart is off the path: nothing waited for it
//! bank                           ├────┤             once it had ended, while price ran
//! ```
//!
//! The walk goes backwards from the end of the top span. The child that finished last is what its parent waited for,
//! so the path enters it there, and leaves it at its start; before that, the child that finished last before *that*
//! start, and so on. What no child has is the parent's own: its *self time*. This is the method of Jaeger's page and
//! of Uber's CRISP ("CRISP: Critical Path Analysis of Large-Scale Microservice Architectures", USENIX ATC 2022),
//! which differ in details. Ours:
//!
//! - A child counts with the time that it has within its parent's, as that counts in turn. A child wholly outside is
//!   not waited for, and nor is anything below it.
//! - A consumer is not waited for by its producer, nor by another service than its own (`waiting.rs`).
//! - Of children that finish together, the one that began first is waited for; of these, the upper row.
//! - A child is before its sibling if it ended no later than the sibling began. As in CRISP, an overlap below a
//!   hundredth of their parent's time is forgiven (`siblings.rs`), but no instant is counted twice.
//!
//! So the sections of a path cover the time of its top without a gap, and each instant once.

mod operation_time;
mod path;
mod section;
mod siblings;
mod waiting;
mod walk;
mod windows;

pub use operation_time::OperationTime;
pub use path::{CriticalPath, PathSpan};
pub use section::Section;

use crate::{SpanInput, Story};

/// The critical path of each tree of the story, in the order of their tops.
///
/// `spans` is what the story was made of. Takes O(n log n) time and O(n) memory, and never panics.
///
/// A trace with several tops has several paths, which may overlap in time: that one of them waited for another is
/// not known.
pub fn critical_paths(story: &Story<'_>, spans: &[SpanInput<'_>]) -> Vec<CriticalPath> {
    let tops = (0..story.rows.len()).filter(|&row| story.rows[row].parent.is_none());
    tops.filter_map(|top| critical_path(story, spans, top)).collect()
}

/// The critical path of the row `top` and what is below it, as if the trace began there: for an operation in the
/// middle of traces. `None` if there is no such row.
///
/// `spans` is what the story was made of.
pub fn critical_path(story: &Story<'_>, spans: &[SpanInput<'_>], top: usize) -> Option<CriticalPath> {
    let below = story.rows.get(top.checked_add(1)?..)?;
    // Depth-first: what hangs on the top, or on something that does, follows without a gap.
    let hangs = |(row, parent): (usize, Option<usize>)| parent.is_some_and(|parent| (top..row).contains(&parent));
    let parents = below.iter().map(|row| row.parent);
    let size = 1 + (top + 1..).zip(parents).take_while(|&row| hangs(row)).count();
    let windows = windows::Windows::new(&story.rows, spans, top..top + size);
    Some(walk::walk(&windows))
}
