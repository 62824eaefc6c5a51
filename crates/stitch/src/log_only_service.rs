//! Repair `log_only_service`: log records of a service name the trace, and no span of it arrived. One row stands for what
//! it did, from its first record to its last.
//!
//! Where the row hangs, the first that holds:
//!
//! 1. A record names a span that is shown: below that, of several below the one that is named earliest. What makes no spans
//!    of its own logs the id that it was called with.
//! 2. The records lie within the time of the earliest tree: below the top of that.
//! 3. Nowhere: it is the top of a tree.

use std::collections::{BTreeSet, HashMap, HashSet};

use model::{SpanId, UnixNanos};

use crate::evidence::{duration, list, quote};
use crate::forest::Node;
use crate::{ClockShift, LogMention, Mark, Marks, Repair, RepairKind, Source, Trace, confidence};

/// Where the row of a service hangs.
#[derive(Clone, Copy)]
enum Place {
    Below(usize),
    Within(usize),
    Alone,
}

/// Adds one row for each such service, and says so.
pub(crate) fn repair<'a>(nodes: &mut Vec<Node<'a>>, trace: Trace<'_, 'a>, shifts: &[ClockShift<'a>]) -> Vec<Repair> {
    let mentions = unheard_of(trace, shifts);
    if mentions.is_empty() {
        return Vec::new();
    }
    let mut by_id = by_id(nodes, trace);
    let tops = (0..nodes.len()).filter(|&node| nodes[node].parent.is_none());
    let top = tops.min_by(|&a, &b| nodes[a].place(&nodes[b]));
    let mut repairs = Vec::new();
    for records in mentions.chunk_by(|a, b| a.service == b.service) {
        let node = stand_in(records, &by_id);
        let named = records.iter().filter_map(|record| record.span_id);
        let place = match (named.filter_map(|id| by_id.get(&id).copied().flatten()).next(), top) {
            (Some(named), _) => Place::Below(named),
            (None, Some(top)) if nodes[top].start <= node.start && node.end <= nodes[top].end => Place::Within(top),
            (None, _) => Place::Alone,
        };
        by_id.insert(node.span_id, None);
        repairs.push(entry(&node, records, place, nodes));
        let parent = match place {
            Place::Below(parent) | Place::Within(parent) => Some(parent),
            Place::Alone => None,
        };
        nodes.push(Node { parent, ..node });
    }
    repairs
}

/// The records of services without spans, by service and then time, as their hosts are shown.
fn unheard_of<'a>(trace: Trace<'_, 'a>, shifts: &[ClockShift<'a>]) -> Vec<LogMention<'a>> {
    if trace.mentions.is_empty() {
        return Vec::new();
    }
    let with_spans: HashSet<&str> = trace.spans.iter().map(|span| span.service).collect();
    let shift_of: HashMap<&str, i64> = shifts.iter().map(|shift| (shift.host, shift.shift_ns)).collect();
    let unheard_of = |mention: &&LogMention<'a>| !mention.service.is_empty() && !with_spans.contains(mention.service);
    let shown = |mention: &LogMention<'a>| {
        let shift_ns = shift_of.get(mention.host).copied().unwrap_or_default();
        LogMention { time: UnixNanos::new(mention.time.get().saturating_add(shift_ns)), ..*mention }
    };
    let mut mentions: Vec<LogMention<'a>> = trace.mentions.iter().filter(unheard_of).map(shown).collect();
    mentions.sort_unstable_by_key(|mention| (mention.service, mention.time, mention.span_id));
    mentions
}

/// The nodes by their ids; of the two sides of a call, the server's, whose work goes on. `None` for what an earlier
/// service's row has taken.
fn by_id(nodes: &[Node<'_>], trace: Trace<'_, '_>) -> HashMap<SpanId, Option<usize>> {
    let mut by_id: HashMap<SpanId, Option<usize>> = HashMap::with_capacity(nodes.len());
    for (number, node) in nodes.iter().enumerate() {
        let is_server = matches!(node.source, Source::Arrived(span) if trace.spans[span].kind.is_receiving());
        let known = by_id.entry(node.span_id).or_insert(Some(number));
        *known = if is_server { Some(number) } else { *known };
    }
    by_id
}

/// The row, not hung yet. Its id is the first one that its records name and nothing else has: its own span's, which
/// did not arrive.
fn stand_in<'a>(records: &[LogMention<'a>], by_id: &HashMap<SpanId, Option<usize>>) -> Node<'a> {
    let (first, last) = (&records[0], &records[records.len() - 1]);
    let lost = records.iter().filter_map(|record| record.span_id).find(|id| !by_id.contains_key(id));
    let mut marks = Marks::default();
    marks.insert(Mark::Logged);
    Node {
        span_id: lost.unwrap_or_else(|| made_up(first.service, by_id)),
        source: Source::Logged { service: first.service },
        received_order: 0,
        parent: None,
        start: first.time,
        end: last.time,
        marks,
    }
}

/// An id made of a service's name (64-bit FNV-1a), so that it is the same whenever the trace is stitched; the next that
/// is free, if that one is not.
fn made_up(service: &str, by_id: &HashMap<SpanId, Option<usize>>) -> SpanId {
    let hash = service
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let ids = (0..).map(|further| hash.wrapping_add(further).to_be_bytes());
    let mut ids = ids.filter_map(|bytes| SpanId::from_bytes(&bytes).ok());
    ids.find(|id| !by_id.contains_key(id)).expect("a trace has fewer spans than there are ids")
}

fn entry(node: &Node<'_>, records: &[LogMention<'_>], place: Place, nodes: &[Node<'_>]) -> Repair {
    let service = quote(records[0].service);
    let who = if records.len() == 1 { "1 log record".to_owned() } else { format!("{} log records", records.len()) };
    let name = if records.len() == 1 { "names" } else { "name" };
    let named: BTreeSet<SpanId> = records.iter().filter_map(|record| record.span_id).collect();
    let spans_named = match named.len() {
        0 => "no span is named".to_owned(),
        _ => format!("named as the span they belong to: {}", list(named.iter(), ", ")),
    };
    let when = match records.len() {
        1 => "at one instant".to_owned(),
        _ => format!("over {}", duration(node.end.get().saturating_sub(node.start.get()))),
    };
    let (parent, place, confidence) = match place {
        Place::Below(parent) => {
            let id = nodes[parent].span_id;
            (Some(id), format!("below {id}, which they name"), confidence::LOGGED_BELOW_NAMED)
        }
        Place::Within(top) => {
            let id = nodes[top].span_id;
            let is_root = nodes[top].has(Mark::Root);
            let confidence = if is_root { confidence::LOGGED_WITHIN_ROOT } else { confidence::LOGGED_WITHIN_TREE };
            (Some(id), format!("below {id}, the top of the earliest tree, within whose time they lie"), confidence)
        }
        Place::Alone => (None, "as a tree of its own".to_owned(), confidence::LOGGED_ALONE),
    };
    Repair {
        kind: RepairKind::LogOnlyService,
        span_ids: std::iter::once(node.span_id).chain(parent).collect(),
        before: format!("{who} of {service} {name} the trace, and no span of it arrived"),
        after: format!("a row stands for it {place}, from its first record to its last"),
        method: "a service that logs the id of a trace took part in it",
        evidence: vec![format!("{who} of {service} {when}"), spans_named],
        confidence,
    }
}
