//! Stops and links → hops.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::hop::{Hop, HopEnd, HopKind, Queue};
use super::receipt::{Draft, lead_to_processing};
use super::stop::{Link, MessageKey, Role, SpanRef, Stop};
use super::waiting::measure;

/// The span that takes the message names the one that sent it as its parent: both were told by the message itself.
const PARENT: f64 = 0.99;

/// A link from the span that takes a message, or to the one that sent it: the context came with the message.
const MESSAGE_LINK: f64 = 0.97;

/// A link of other spans. It says that they belong together; that the linked one was before is only usual.
const OTHER_LINK: f64 = 0.8;

/// A link to or from a span that has not arrived, of which nothing else is known.
const LINK_TO_ABSENT: f64 = 0.7;

/// One message id of one queue at both ends. Ids are unique by agreement, and some senders count from one again with
/// each start; where spans of several traces sent a message of that id, the sender is one of these.
const MESSAGE: f64 = 0.7;

/// The hops between the stops, each once, by when the work went on.
///
/// A span is given once. Links may lead to and from spans that are not among the stops. There is at most one hop per
/// link, and one more per stop. Time is O(n log n).
pub fn hops(stops: &[Stop], links: &[Link]) -> Vec<Hop> {
    let known: HashMap<SpanRef, &Stop> = stops.iter().map(|stop| (stop.span, stop)).collect();
    let mut drafts: Vec<Draft<'_>> = stops.iter().filter_map(|stop| by_parent(stop, &known)).collect();
    let mut drawn: HashSet<Link> = drafts.iter().map(|draft| Link { from: draft.from.0, to: draft.to.0 }).collect();
    drafts.extend(links.iter().filter(|link| drawn.insert(**link)).map(|link| by_link(*link, &known)));
    drafts.extend(by_message(stops, &drafts));
    let mut hops: Vec<Hop> = lead_to_processing(drafts, stops).into_iter().map(finish).collect();
    hops.sort_by(|a, b| {
        let key = |hop: &Hop| (hop.received_at.or(hop.sent_at), hop.from.span, hop.to.span);
        key(a).cmp(&key(b))
    });
    hops
}

fn by_parent<'a>(to: &'a Stop, known: &HashMap<SpanRef, &'a Stop>) -> Option<Draft<'a>> {
    let parent = SpanRef { span_id: to.parent_span_id?, ..to.span };
    let from = known.get(&parent).filter(|from| to.role().takes() && from.role() == Role::Sends)?;
    let evidence = format!("span {} names span {}, which sends, as its parent", to.span.span_id, parent.span_id);
    Some(Draft {
        kind: HopKind::Parent,
        from: (parent, Some(from)),
        to: (to.span, Some(to)),
        through: None,
        evidence: vec![evidence],
        confidence: PARENT,
    })
}

fn by_link<'a>(link: Link, known: &HashMap<SpanRef, &'a Stop>) -> Draft<'a> {
    let (from, to) = (known.get(&link.from).copied(), known.get(&link.to).copied());
    let mut evidence = vec![format!("span {} links to span {}", link.to.span_id, link.from.span_id)];
    for (span, stop) in [(link.from, from), (link.to, to)] {
        if stop.is_none() {
            evidence.push(format!("span {} of trace {} is not at hand", span.span_id, span.trace_id));
        }
    }
    let is_of_message = to.is_some_and(|to| to.role().takes()) || from.is_some_and(|from| from.role() == Role::Sends);
    let confidence = match (is_of_message, from.is_some() && to.is_some()) {
        (true, _) => MESSAGE_LINK,
        (false, true) => OTHER_LINK,
        (false, false) => LINK_TO_ABSENT,
    };
    Draft { kind: HopKind::Link, from: (link.from, from), to: (link.to, to), through: None, evidence, confidence }
}

/// Hops of messages of which nothing but their id tells where they come from.
fn by_message<'a>(stops: &'a [Stop], drafts: &[Draft<'a>]) -> Vec<Draft<'a>> {
    // What has not arrived may be what sent it.
    let is_sender = |draft: &&Draft<'_>| draft.from.1.is_none_or(|from| from.role() == Role::Sends);
    let told: HashSet<SpanRef> = drafts.iter().filter(is_sender).map(|draft| draft.to.0).collect();
    let mut senders: BTreeMap<MessageKey<'_>, Vec<&Stop>> = BTreeMap::new();
    for stop in stops.iter().filter(|stop| stop.role() == Role::Sends) {
        if let Some(message) = stop.message() {
            senders.entry(message).or_default().push(stop);
        }
    }
    senders.values_mut().for_each(|senders| senders.sort_by_key(|sender| (sender.start, sender.span)));
    let is_told = |stop: &Stop| {
        let parent = stop.parent_span_id.map(|span_id| SpanRef { span_id, ..stop.span });
        told.contains(&stop.span) || parent.is_some_and(|parent| told.contains(&parent))
    };
    let takers = stops.iter().filter(|stop| stop.role().takes() && !is_told(stop));
    takers
        .filter_map(|to| {
            let message = to.message()?;
            let senders = senders.get(&message)?;
            // The last that sent it before it was taken; where clocks say that none did, the first.
            let before = senders.partition_point(|sender| sender.start <= to.start);
            let from = *senders.get(before.saturating_sub(1))?;
            let traces: HashSet<_> = senders.iter().take(TRACES_COUNTED_MAX).map(|from| from.span.trace_id).collect();
            let MessageKey { system, destination, message_id } = message;
            let mut evidence = vec![format!("both name message {message_id:?} of {destination:?} ({system})")];
            if traces.len() > 1 {
                evidence.push(format!("spans of {} traces sent a message of that id: this one last", traces.len()));
            }
            Some(Draft {
                kind: HopKind::Message,
                from: (from.span, Some(from)),
                to: (to.span, Some(to)),
                through: None,
                evidence,
                confidence: MESSAGE / f64::from(u32::try_from(traces.len()).unwrap_or(u32::MAX)),
            })
        })
        .collect()
}

/// More senders of one id are not told apart any further, so that one id for all messages costs no quadratic time.
const TRACES_COUNTED_MAX: usize = 32;

fn finish(draft: Draft<'_>) -> Hop {
    let end = |span, stop: Option<&Stop>| HopEnd { span, service: stop.map(|stop| stop.service.clone()) };
    let (from, to) = (draft.from.1, draft.to.1);
    let mut hop = Hop {
        kind: draft.kind,
        from: end(draft.from.0, from),
        to: end(draft.to.0, to),
        through: draft.through.map(|stop| end(stop.span, Some(stop))),
        queue: queue(from, to),
        sent_at: None,
        received_at: None,
        waiting_ns: None,
        evidence: draft.evidence,
        confidence: draft.confidence,
    };
    measure(&mut hop, from, to);
    hop
}

/// The queue between the two, as the far side calls it, else the near one.
fn queue(from: Option<&Stop>, to: Option<&Stop>) -> Option<Queue> {
    let far = to.filter(|to| to.role().takes());
    let near = from.filter(|from| from.role() == Role::Sends);
    far.or(near)?;
    let first = |text: fn(&Stop) -> &str| {
        [far, near].into_iter().flatten().map(text).find(|text| !text.is_empty()).unwrap_or_default().to_owned()
    };
    Some(Queue { system: first(|stop| &stop.messaging.system), destination: first(|stop| &stop.messaging.destination) })
}
