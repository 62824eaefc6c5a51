//! A message that one span takes from the queue and another processes waits until it is processed: two hops of it,
//! or a hop and a parent, are one.

use std::collections::{HashMap, HashSet};

use model::TraceId;

use super::hop::HopKind;
use super::stop::{MessageKey, Role, SpanRef, Stop};

/// A hop in the making: the stops at its ends, as far as they have arrived.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) kind: HopKind,
    pub(super) from: (SpanRef, Option<&'a Stop>),
    pub(super) to: (SpanRef, Option<&'a Stop>),
    pub(super) through: Option<&'a Stop>,
    pub(super) evidence: Vec<String>,
    pub(super) confidence: f64,
}

impl<'a> Draft<'a> {
    /// The stop at its far end, if that takes messages from the queue for others.
    fn receiver(&self) -> Option<&'a Stop> {
        self.to.1.filter(|to| to.role() == Role::Receives)
    }

    fn is_to_processing(&self) -> bool {
        self.to.1.is_some_and(|to| to.role() == Role::Processes)
    }

    /// What two hops of one message have in common.
    fn way(&self) -> (SpanRef, TraceId) {
        (self.from.0, self.to.0.trace_id)
    }
}

/// The spans that process what one span received.
#[derive(Debug, Default)]
struct Processing<'a> {
    count: usize,
    first: Option<&'a Stop>,
    by_message: HashMap<MessageKey<'a>, &'a Stop>,
}

impl<'a> Processing<'a> {
    /// Takes in the next one, by start.
    fn add(&mut self, stop: &'a Stop) {
        self.count += 1;
        self.first.get_or_insert(stop);
        if let Some(message) = stop.message() {
            self.by_message.entry(message).or_insert(stop);
        }
    }

    /// The one that processes what `from` sent, where so many hops lead to the receiver.
    fn of(&self, from: Option<&Stop>, hops_into_receiver: usize) -> Option<&'a Stop> {
        let message = from.and_then(Stop::message);
        let same = message.and_then(|message| self.by_message.get(&message)).copied();
        // One message, one that processes it. Of several, nothing says which is whose.
        same.or(self.first.filter(|_| self.count == 1 && hops_into_receiver == 1))
    }
}

/// Leads hops that end where a message is received on to where it is processed.
pub(super) fn lead_to_processing<'a>(drafts: Vec<Draft<'a>>, stops: &'a [Stop]) -> Vec<Draft<'a>> {
    let mut processing: HashMap<SpanRef, Processing<'_>> = HashMap::new();
    let mut by_start: Vec<&Stop> = stops.iter().filter(|stop| stop.role() == Role::Processes).collect();
    by_start.sort_by_key(|stop| (stop.start, stop.span));
    for stop in by_start {
        if let Some(span_id) = stop.parent_span_id {
            processing.entry(SpanRef { span_id, ..stop.span }).or_default().add(stop);
        }
    }
    let (mut into, mut received, mut processed) = (HashMap::new(), HashMap::new(), HashSet::new());
    for draft in &drafts {
        *into.entry(draft.to.0).or_insert(0) += 1;
        if let Some(receiver) = draft.receiver() {
            let first = received.entry(draft.way()).or_insert(receiver);
            if (receiver.start, receiver.span) < (first.start, first.span) {
                *first = receiver;
            }
        } else if draft.is_to_processing() {
            processed.insert(draft.way());
        }
    }
    let lead = |mut draft: Draft<'a>| {
        let Some(receiver) = draft.receiver() else {
            draft.through = received.get(&draft.way()).copied().filter(|_| draft.is_to_processing());
            return Some(draft);
        };
        if processed.contains(&draft.way()) {
            return None;
        }
        let hops_into_receiver = into[&receiver.span];
        let next = processing.get(&receiver.span).and_then(|next| next.of(draft.from.1, hops_into_receiver));
        if let Some(next) = next {
            draft.evidence.push(format!("span {} processes what that received", next.span.span_id));
            draft.through = Some(receiver);
            draft.to = (next.span, Some(next));
        }
        Some(draft)
    };
    drafts.into_iter().filter_map(lead).collect()
}
