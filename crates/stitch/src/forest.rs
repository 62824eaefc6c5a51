//! Spans while they are being put in their places: nodes with a link to their parent, in no order.

use std::cmp::Ordering;

use model::{SpanId, UnixNanos};

use crate::arrivals::{Arrivals, Parent};
use crate::missing_parent::Orphan;
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

/// A node for every shown copy, in the order of the input and linked where the parent has arrived; and those where it
/// has not.
pub(crate) fn plant<'a>(arrivals: &Arrivals<'_, 'a>) -> (Vec<Node<'a>>, Vec<Orphan>) {
    let spans = arrivals.spans();
    let shown: Vec<usize> = (0..spans.len()).filter(|&copy| arrivals.is_shown(copy)).collect();
    let mut node_of = vec![0; spans.len()];
    for (node, &copy) in shown.iter().enumerate() {
        node_of[copy] = node;
    }
    let mut nodes = Vec::with_capacity(shown.len());
    let mut orphans = Vec::new();
    for (node, &copy) in shown.iter().enumerate() {
        let span = &spans[copy];
        let mut marks = arrivals.marks(copy);
        let parent = match arrivals.client_side(copy).map_or_else(|| arrivals.named_parent(copy), Parent::Arrived) {
            Parent::Arrived(parent) => Some(node_of[parent]),
            Parent::Missing(parent) => {
                marks.insert(Mark::Orphan);
                orphans.push(Orphan { node, parent });
                None
            }
            Parent::None => {
                marks.insert(Mark::Root);
                None
            }
        };
        nodes.push(Node {
            span_id: span.span_id,
            source: Source::Arrived(copy),
            received_order: span.received_order,
            parent,
            start: span.start,
            end: span.end_as_sent().max(span.start),
            marks,
        });
    }
    (nodes, orphans)
}
