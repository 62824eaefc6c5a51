//! From nodes to rows: depth-first, so that every parent stands above its children.

use crate::Row;
use crate::forest::Node;

/// Puts nodes, of which no chain of parents may be a cycle, in the order of a waterfall. A stack on the heap does the
/// walking, because a chain may be as long as the trace.
pub(crate) fn depth_first<'a>(nodes: &[Node<'a>]) -> Vec<Row<'a>> {
    let families = Families::new(nodes);
    let mut rows: Vec<Row<'a>> = Vec::with_capacity(nodes.len());
    let mut stack: Vec<(usize, Option<usize>)> = Vec::new();
    stack.extend(families.children(None).iter().rev().map(|&root| (root, None)));
    while let Some((index, parent)) = stack.pop() {
        let node = &nodes[index];
        let row = rows.len();
        rows.push(Row {
            span_id: node.span_id,
            source: node.source,
            parent,
            depth: parent.map_or(0, |parent| rows[parent].depth.saturating_add(1)),
            start: node.start,
            end: node.end,
            marks: node.marks,
        });
        stack.extend(families.children(Some(index)).iter().rev().map(|&child| (child, Some(row))));
    }
    debug_assert_eq!(rows.len(), nodes.len(), "every node hangs on a root, as cycles are cut");
    rows
}

/// Children by parent, in two flat arrays: a list for each of 100 000 nodes would cost more than the nodes.
struct Families {
    /// All nodes, grouped by parent: the roots first, then the children of node 0, of node 1, ….
    members: Vec<usize>,
    /// Where the children of each slot start in `members`; slot 0 is "no parent", slot n + 1 is node n.
    starts: Vec<usize>,
}

impl Families {
    fn new(nodes: &[Node<'_>]) -> Self {
        let mut starts = vec![0; nodes.len() + 2];
        for node in nodes {
            starts[slot(node.parent) + 1] += 1;
        }
        for slot in 1..starts.len() {
            starts[slot] += starts[slot - 1];
        }
        let mut in_place: Vec<usize> = (0..nodes.len()).collect();
        in_place.sort_by(|&a, &b| nodes[a].place(&nodes[b]));
        let mut free = starts.clone();
        let mut members = vec![0; nodes.len()];
        for index in in_place {
            let slot = slot(nodes[index].parent);
            members[free[slot]] = index;
            free[slot] += 1;
        }
        Self { members, starts }
    }

    /// The children of a node, or the roots, in their order.
    fn children(&self, parent: Option<usize>) -> &[usize] {
        let slot = slot(parent);
        &self.members[self.starts[slot]..self.starts[slot + 1]]
    }
}

fn slot(parent: Option<usize>) -> usize {
    parent.map_or(0, |parent| parent + 1)
}
