//! One stretch of time on a critical path.

use model::UnixNanos;

/// A stretch of time in which everything waited for one span, and that span for none of its children.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Section {
    /// Index of the span's row in the story.
    pub row: usize,
    /// First instant inside.
    pub from: UnixNanos,
    /// First instant after; always later than `from`.
    pub to: UnixNanos,
}

impl Section {
    /// How long it is, in nanoseconds; never 0.
    pub fn duration_ns(&self) -> u64 {
        self.to.get().abs_diff(self.from.get())
    }
}
