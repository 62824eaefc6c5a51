//! Spans while they are being put in their places: nodes with a link to their parent, in no order.

use std::cmp::Ordering;

use model::{SpanId, UnixNanos};

use crate::{Mark, Marks, Source};

/// One row to be.
pub(crate) struct Node<'a> {
    pub(crate) span_id: SpanId,
    pub(crate) source: Source<'a>,
    /// Decides between copies of one span in the raw view, and between the sides of a shared id: the older first.
    pub(crate) received_order: u64,
    /// Index of the parent's node.
    pub(crate) parent: Option<usize>,
    pub(crate) start: UnixNanos,
    pub(crate) end: UnixNanos,
    pub(crate) marks: Marks,
}

impl Node<'_> {
    /// The order of siblings, of roots, and of what is "earliest" wherever stitching has to choose. It does not
    /// depend on the order of the input, so neither does the story.
    pub(crate) fn place(&self, other: &Self) -> Ordering {
        (self.start, self.span_id, self.received_order).cmp(&(other.start, other.span_id, other.received_order))
    }

    pub(crate) fn has(&self, mark: Mark) -> bool {
        self.marks.contains(mark)
    }
}
