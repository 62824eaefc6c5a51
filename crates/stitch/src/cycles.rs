//! Repair `parent_cycle`: a chain of parents leads back to where it began, so no span of it hangs on a root. The ring
//! is cut above its earliest span, which becomes the top of a tree.

use model::SpanId;

use crate::evidence::list;
use crate::forest::Node;
use crate::{Mark, Repair, RepairKind, confidence};

/// The nodes of one cycle: the one above which it was cut first, then its parent, and so on round.
pub(crate) struct Ring(Vec<usize>);

/// Finds every cycle, marks its nodes, and cuts it. Afterwards every chain of parents ends.
pub(crate) fn cut(nodes: &mut [Node<'_>]) -> Vec<Ring> {
    let mut rings = find(nodes);
    for Ring(ring) in &mut rings {
        for &node in ring.iter() {
            nodes[node].marks.insert(Mark::Cycle);
        }
        let earliest = (0..ring.len())
            .min_by(|&a, &b| nodes[ring[a]].place(&nodes[ring[b]]).then(ring[a].cmp(&ring[b])))
            .expect("a ring has at least one node");
        ring.rotate_left(earliest);
        nodes[ring[0]].parent = None;
    }
    rings.sort_by(|Ring(a), Ring(b)| nodes[a[0]].place(&nodes[b[0]]));
    rings
}

/// One repair for each ring.
pub(crate) fn repairs(nodes: &[Node<'_>], rings: &[Ring]) -> Vec<Repair> {
    rings.iter().map(|ring| repair(nodes, ring)).collect()
}

fn repair(nodes: &[Node<'_>], Ring(ring): &Ring) -> Repair {
    let span_ids: Vec<SpanId> = ring.iter().map(|&node| nodes[node].span_id).collect();
    let top = span_ids[0];
    match span_ids.len() {
        1 => Repair {
            kind: RepairKind::ParentCycle,
            span_ids,
            before: format!("span {top} names itself as its parent"),
            after: "it is the top of a tree".to_owned(),
            method: "a span is not its own parent",
            evidence: vec![format!("its id and its parent's id are both {top}")],
            confidence: confidence::CYCLE_OF_ONE,
        },
        length => Repair {
            kind: RepairKind::ParentCycle,
            before: format!(
                "the parents of {length} spans lead round in a circle: {} < {top}",
                list(span_ids.iter(), " < ")
            ),
            span_ids,
            after: format!("the circle is cut above {top}, which is the top of a tree"),
            method: "a circle has no top, so its earliest span is taken for it",
            evidence: vec![format!("no span of the circle starts before {top}")],
            confidence: confidence::CYCLE_OF_MANY,
        },
    }
}

/// Follows the parents from every node until a node that was seen before: on the same walk, it closes a ring.
fn find(nodes: &[Node<'_>]) -> Vec<Ring> {
    const UNSEEN: usize = usize::MAX;
    let mut seen_on_walk = vec![UNSEEN; nodes.len()];
    let mut rings = Vec::new();
    for walk in 0..nodes.len() {
        let mut next = Some(walk);
        while let Some(node) = next {
            if seen_on_walk[node] == UNSEEN {
                seen_on_walk[node] = walk;
                next = nodes[node].parent;
                continue;
            }
            if seen_on_walk[node] == walk {
                rings.push(ring_through(nodes, node));
            }
            break;
        }
    }
    rings
}

fn ring_through(nodes: &[Node<'_>], start: usize) -> Ring {
    let mut ring = vec![start];
    let mut next = nodes[start].parent;
    while let Some(node) = next.filter(|&node| node != start) {
        ring.push(node);
        next = nodes[node].parent;
    }
    Ring(ring)
}
