//! The stitched view: each span once and in its place, what is missing stood in for, every change in the ledger.

use crate::arrivals::{Arrivals, Parent};
use crate::forest::Node;
use crate::missing_parent::Orphan;
use crate::{
    Mark, Source, SpanInput, Story, Surroundings, clock_skew, cycles, duplicates, missing_parent, negative_duration,
    order, shared_ids,
};

/// Stitches all copies of all spans of one trace, in any order, into one story, by what these say alone.
///
/// Never fails and never panics, whatever the spans say. Takes O(n log n) time and O(n) memory.
pub fn stitch<'a>(spans: &[SpanInput<'a>]) -> Story<'a> {
    stitch_within(spans, &Surroundings::default())
}

/// The same, with what is known from outside the trace: clocks, addresses, usual callers.
pub fn stitch_within<'a>(spans: &[SpanInput<'a>], surroundings: &Surroundings<'a>) -> Story<'a> {
    let arrivals = Arrivals::new(spans);
    let (mut nodes, orphans) = shown_nodes(&arrivals);
    let rings = cycles::cut(&mut nodes);
    // Before phantoms are made: they reach over their children as these are shown.
    let correction = clock_skew::correct(&mut nodes, spans, surroundings);
    let mut repairs = duplicates::repairs(&arrivals);
    repairs.extend(shared_ids::repairs(&arrivals));
    repairs.extend(missing_parent::repair(&mut nodes, spans, orphans, surroundings));
    repairs.extend(cycles::repairs(&nodes, &rings));
    repairs.extend(negative_duration::repairs(&nodes, spans));
    repairs.extend(correction.repairs);
    let story = Story::new(order::depth_first(&nodes), repairs);
    Story { shifts: correction.shifts, remarks: correction.remarks, ..story }
}

/// A node for every shown copy, in the order of the input and linked where the parent has arrived; and those where it
/// has not.
fn shown_nodes<'a>(arrivals: &Arrivals<'_, 'a>) -> (Vec<Node<'a>>, Vec<Orphan>) {
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
