//! Repair `late_root`: a root begins later than spans directly below it, by the clock of its own host. No clock explains
//! that: its span was opened late, as by a gateway whose middleware opens spans of its own first. It is shown from the
//! start of the earliest of them.

use crate::evidence::{duration, quote};
use crate::forest::Node;
use crate::{Mark, Repair, RepairKind, Source, SpanInput, SpanKind, confidence};

/// A root may be so much later than its children, inclusive, and is left alone: two clocks of one host, such as a
/// browser's and its worker's, are coarse, and some count in whole milliseconds.
const LATE_NS_MIN: i64 = 1_000_000;

/// The children of a root that begin before it.
struct Early {
    earliest: usize,
    count: usize,
}

/// Moves the start of each late root to its earliest child's, marks it, and says so.
pub(crate) fn repair(nodes: &mut [Node<'_>], spans: &[SpanInput<'_>]) -> Vec<Repair> {
    let mut late: Vec<(usize, Early)> = find(nodes, spans);
    late.sort_by(|(a, _), (b, _)| nodes[*a].place(&nodes[*b]).then(a.cmp(b)));
    let mut repairs = Vec::new();
    for (root, early) in late {
        repairs.push(entry(&nodes[root], &nodes[early.earliest], early.count, spans));
        nodes[root].start = nodes[early.earliest].start;
        nodes[root].marks.insert(Mark::LateRoot);
    }
    repairs
}

fn find(nodes: &[Node<'_>], spans: &[SpanInput<'_>]) -> Vec<(usize, Early)> {
    let mut early_below: Vec<Option<Early>> = Vec::new();
    early_below.resize_with(nodes.len(), || None);
    for (number, child) in nodes.iter().enumerate() {
        let Some(root) = child.parent.filter(|&root| nodes[root].has(Mark::Root)) else { continue };
        if !is_begun_by(&nodes[root], child, spans) || child.start >= nodes[root].start {
            continue;
        }
        let early = early_below[root].get_or_insert(Early { earliest: number, count: 0 });
        early.count += 1;
        if child.place(&nodes[early.earliest]).is_lt() {
            early.earliest = number;
        }
    }
    let late_ns =
        |root: usize, early: &Early| nodes[root].start.get().saturating_sub(nodes[early.earliest].start.get());
    let found = early_below.into_iter().enumerate().filter_map(|(root, early)| Some((root, early?)));
    found.filter(|(root, early)| late_ns(*root, early) > LATE_NS_MIN).collect()
}

/// Whether the child cannot have begun before the root did: it is by the same clock, and was not begun by something else.
fn is_begun_by(root: &Node<'_>, child: &Node<'_>, spans: &[SpanInput<'_>]) -> bool {
    let (Source::Arrived(root), Source::Arrived(child)) = (root.source, child.source) else { return false };
    let (root, child) = (&spans[root], &spans[child]);
    !root.host.is_empty() && root.host == child.host && child.kind != SpanKind::Consumer && !child.has_links
}

fn entry(root: &Node<'_>, earliest: &Node<'_>, count: usize, spans: &[SpanInput<'_>]) -> Repair {
    let span = |node: &Node<'_>| match node.source {
        Source::Arrived(span) => Some(&spans[span]),
        Source::Phantom { .. } | Source::Logged { .. } => None,
    };
    let late = duration(root.start.get().saturating_sub(earliest.start.get()));
    let name = |node: &Node<'_>| quote(span(node).map_or("", |span| span.name));
    let (id, first) = (root.span_id, earliest.span_id);
    let host = quote(span(root).map_or("", |span| span.host));
    let service = quote(span(earliest).map_or("", |span| span.service));
    let who = match count {
        1 => "1 span directly below it begins".to_owned(),
        _ => format!("{count} spans directly below it begin"),
    };
    Repair {
        kind: RepairKind::LateRoot,
        span_ids: vec![id, first],
        before: format!("root {id} begins {late} after a span directly below it"),
        after: format!("it is shown from the start of {first}"),
        method: "a span does not begin before what is above it; by one host's clock, the one above was opened late",
        evidence: vec![
            format!("{first} ({} of {service}) begins {late} before {id} ({})", name(earliest), name(root)),
            format!("by the clock of {host}, {who} before it"),
        ],
        confidence: confidence::LATE_ROOT,
    }
}
