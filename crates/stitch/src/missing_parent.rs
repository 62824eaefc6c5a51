//! Repair `missing_parent`: spans name a parent that has not arrived. All children of one absent parent are put under
//! one phantom, which stands for it: it has the absent id, spans its children, and belongs to the service that the
//! evidence names, if any does.

use model::SpanId;

use crate::evidence::{list, quote};
use crate::forest::Node;
use crate::{Mark, Marks, Repair, RepairKind, Source, SpanInput, SpanKind, confidence};

/// A node, and the id under which its parent should have arrived.
pub(crate) struct Orphan {
    pub(crate) node: usize,
    pub(crate) parent: SpanId,
}

/// Adds one phantom for each absent parent to the nodes, hangs the orphans on it, and says so.
pub(crate) fn repair<'a>(nodes: &mut Vec<Node<'a>>, spans: &[SpanInput<'a>], mut orphans: Vec<Orphan>) -> Vec<Repair> {
    orphans.sort_unstable_by(|a, b| {
        a.parent.cmp(&b.parent).then_with(|| nodes[a.node].place(&nodes[b.node])).then(a.node.cmp(&b.node))
    });
    let mut repairs = Vec::new();
    for siblings in orphans.chunk_by(|a, b| a.parent == b.parent) {
        let origin = Origin::of(siblings.iter().filter_map(|orphan| match nodes[orphan.node].source {
            Source::Arrived(span) => Some(&spans[span]),
            Source::Phantom { .. } => None,
        }));
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
        evidence: vec![format!("{parent} is named as the parent by {named_by}"), origin.evidence.clone()],
        confidence: origin.confidence,
    }
}

fn describe(node: &Node<'_>, spans: &[SpanInput<'_>]) -> String {
    match node.source {
        Source::Arrived(span) => {
            let span = &spans[span];
            format!("{} ({} span {} of {})", node.span_id, span.kind.as_str(), quote(span.name), quote(span.service))
        }
        Source::Phantom { .. } => node.span_id.to_string(),
    }
}

/// Which service the absent parent belongs to, and why.
struct Origin<'a> {
    service: Option<&'a str>,
    evidence: String,
    confidence: f64,
}

impl<'a> Origin<'a> {
    /// Judged by the kinds of the children: one that is not the receiving side of a call began in its parent's process.
    fn of<'s>(children: impl Iterator<Item = &'s SpanInput<'a>>) -> Self
    where
        'a: 's,
    {
        let mut local_service: Option<&'a str> = None;
        let (mut local, mut remote, mut all) = (0, 0, 0);
        for child in children {
            all += 1;
            if matches!(child.kind, SpanKind::Server | SpanKind::Consumer) {
                remote += 1;
            }
            // A span without a service is no evidence of one.
            if !child.kind.begins_in_parents_process() || child.service.is_empty() {
                continue;
            }
            if local_service.is_some_and(|service| service != child.service) {
                return Self::unknown("its children began in the processes of different services");
            }
            local_service = Some(child.service);
            local += 1;
        }
        match local_service {
            Some(service) => Self {
                service: Some(service),
                evidence: format!(
                    "internal, client and producer spans begin in their parent's process, and those among its \
                     children ({local} of {all}) are of {}",
                    quote(service)
                ),
                confidence: confidence::MISSING_PARENT_WITH_SERVICE,
            },
            None if remote > 0 => {
                Self::unknown("its children are the receiving sides of calls: the caller is another process")
            }
            None => Self::unknown("its children do not say by their kinds where they began"),
        }
    }

    fn unknown(evidence: &str) -> Self {
        Self { service: None, evidence: evidence.to_owned(), confidence: confidence::MISSING_PARENT }
    }
}
