//! The raw view: what arrived, untouched. Every copy has a row, times are as sent, and nothing is added.

use crate::arrivals::{Arrivals, Parent};
use crate::forest::Node;
use crate::{Mark, Source, SpanInput, Story, cycles, order};

/// Arranges every arrived copy in a tree by the parents they name, without repairing anything.
///
/// An orphan is a further root. Children hang on the newest copy of the span they name (of a shared id, on the side
/// whose work they are); its other copies hang beside it, without children. A cycle has no top: its earliest span is
/// put where a root would be. What [`stitch`](crate::stitch) would repair is marked the same way here, except that
/// there are no phantoms and no word of clocks.
pub fn arrange<'a>(spans: &[SpanInput<'a>]) -> Story<'a> {
    let arrivals = Arrivals::new(spans);
    let mut nodes: Vec<Node<'a>> = Vec::with_capacity(spans.len());
    for (copy, span) in spans.iter().enumerate() {
        let mut marks = arrivals.marks(copy);
        let parent = match arrivals.named_parent(copy) {
            Parent::Arrived(parent) => Some(parent),
            Parent::Missing(_) => {
                marks.insert(Mark::Orphan);
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
            end: span.end_as_sent(),
            marks,
        });
    }
    cycles::cut(&mut nodes);
    Story::new(order::depth_first(&nodes), Vec::new())
}
