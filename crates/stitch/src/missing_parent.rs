//! Repair `missing_parent`: spans name a parent that has not arrived. All children of one absent parent are put under
//! one phantom, which stands for it: it has the absent id, spans its children, and belongs to the service that the
//! evidence names, if any does.

use model::SpanId;

use crate::evidence::{list, quote};
use crate::forest::Node;
use crate::phantom_service::Origin;
use crate::{Mark, Marks, Repair, RepairKind, Source, SpanInput, Surroundings};

/// A node, and the id under which its parent should have arrived.
pub(crate) struct Orphan {
    pub(crate) node: usize,
    pub(crate) parent: SpanId,
}

/// Adds one phantom for each absent parent to the nodes, hangs the orphans on it, and says so.
pub(crate) fn repair<'a>(
    nodes: &mut Vec<Node<'a>>,
    spans: &[SpanInput<'a>],
    mut orphans: Vec<Orphan>,
    surroundings: &Surroundings<'a>,
) -> Vec<Repair> {
    orphans.sort_unstable_by(|a, b| {
        a.parent.cmp(&b.parent).then_with(|| nodes[a.node].place(&nodes[b.node])).then(a.node.cmp(&b.node))
    });
    let mut repairs = Vec::new();
    for siblings in orphans.chunk_by(|a, b| a.parent == b.parent) {
        let children = siblings.iter().filter_map(|orphan| match nodes[orphan.node].source {
            Source::Arrived(span) => Some(&spans[span]),
            Source::Phantom { .. } | Source::Logged { .. } => None,
        });
        let origin = Origin::of(&children.collect::<Vec<_>>(), surroundings);
        let phantom = phantom(nodes, siblings, origin.service);
        repairs.push(entry(nodes, spans, siblings, &origin));
        for orphan in siblings {
            nodes[orphan.node].parent = Some(nodes.len());
        }
        nodes.push(phantom);
    }
    repairs
}

/// The node that stands for the absent parent of these siblings.
fn phantom<'a>(nodes: &[Node<'a>], siblings: &[Orphan], service: Option<&'a str>) -> Node<'a> {
    let first = &nodes[siblings[0].node];
    let mut marks = Marks::default();
    marks.insert(Mark::Phantom);
    Node {
        span_id: siblings[0].parent,
        source: Source::Phantom { service },
        received_order: 0,
        parent: None,
        // The siblings are sorted by start.
        start: first.start,
        end: siblings.iter().map(|orphan| nodes[orphan.node].end).fold(first.end, Ord::max),
        marks,
    }
}

fn entry(nodes: &[Node<'_>], spans: &[SpanInput<'_>], siblings: &[Orphan], origin: &Origin<'_>) -> Repair {
    let parent = siblings[0].parent;
    let children = || siblings.iter().map(|orphan| &nodes[orphan.node]);
    let who = if siblings.len() == 1 { "1 span names".to_owned() } else { format!("{} spans name", siblings.len()) };
    let owner = origin.service.map_or_else(|| "an unknown service".to_owned(), quote);
    let named_by = list(children().map(|node| describe(node, spans)), ", ");
    Repair {
        kind: RepairKind::MissingParent,
        span_ids: std::iter::once(parent).chain(children().map(|node| node.span_id)).collect(),
        before: format!("{who} a parent that has not arrived: {parent}"),
        after: format!("a phantom span of {owner} stands for it, from its first child's start to its last child's end"),
        method: "spans that name the same absent parent share one phantom",
        evidence: std::iter::once(format!("{parent} is named as the parent by {named_by}"))
            .chain(origin.evidence.iter().cloned())
            .collect(),
        confidence: origin.confidence,
    }
}

fn describe(node: &Node<'_>, spans: &[SpanInput<'_>]) -> String {
    match node.source {
        Source::Arrived(span) => {
            let span = &spans[span];
            format!("{} ({} span {} of {})", node.span_id, span.kind.as_str(), quote(span.name), quote(span.service))
        }
        Source::Phantom { .. } | Source::Logged { .. } => node.span_id.to_string(),
    }
}
