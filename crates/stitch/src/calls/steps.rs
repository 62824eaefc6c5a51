//! Each span in its place: in whose service it is, whether work arrives with it, and whether it calls.

use super::Node;
use crate::{Mark, Row, Source, SpanInput, SpanKind};

/// The spans of a trace, parents before their children.
pub(super) struct Steps<'s, 'a> {
    pub(super) all: Vec<Step<'s, 'a>>,
}

/// One span.
pub(super) struct Step<'s, 'a> {
    /// Its index in the input.
    pub(super) copy: usize,
    pub(super) span: &'s SpanInput<'a>,
    pub(super) parent: Option<usize>,
    /// In whose service it is: its own or, if it names none and does not receive, its parent's. Empty if not known.
    pub(super) service: &'a str,
    /// Whether work arrives in its service with it.
    pub(super) is_arrival: bool,
    /// Whether it calls, or sends a message.
    pub(super) is_sending: bool,
    /// The nearest step from itself upwards, within the work of one arrival, that calls.
    pub(super) sender: Option<usize>,
    /// The nearest step from itself upwards with which work arrived.
    arrival: Option<usize>,
    /// Whether work arrives, or a call is made, below it: then it is not the call itself.
    is_answered: bool,
}

impl<'s, 'a> Steps<'s, 'a> {
    /// Of rows that are in the raw order: parents above their children, and no phantoms.
    pub(super) fn new(rows: &[Row<'_>], spans: &'s [SpanInput<'a>]) -> Self {
        let mut steps = Self { all: Vec::with_capacity(rows.len()) };
        for row in rows {
            let Source::Arrived(copy) = row.source else { unreachable!("every node that was planted has arrived") };
            let step = steps.below(row, copy, &spans[copy]);
            steps.all.push(step);
        }
        for step in (0..steps.all.len()).rev() {
            let is_a_call = steps.all[step].is_arrival || steps.call_of(step).is_some();
            if let Some(parent) = steps.all[step].parent {
                steps.all[parent].is_answered |= is_a_call || steps.all[step].is_answered;
            }
        }
        steps
    }

    /// What a step calls, if it is the call itself.
    pub(super) fn call_of(&self, step: usize) -> Option<Node<'a>> {
        let Step { span, is_sending: true, is_answered, .. } = &self.all[step] else { return None };
        // Who consumes a message does not answer it.
        let sent = if span.kind == SpanKind::Producer { Node::queue(&span.peer) } else { None };
        sent.or_else(|| if *is_answered { None } else { Node::called_by(&span.peer) })
    }

    /// The step of a row whose parent's step is known.
    fn below(&self, row: &Row<'_>, copy: usize, span: &'s SpanInput<'a>) -> Step<'s, 'a> {
        let number = self.all.len();
        let parent = row.parent.map(|parent| &self.all[parent]);
        let above = parent.map_or("", |parent| parent.service);
        let is_receiving = span.kind.is_receiving();
        let service = if span.service.is_empty() && !is_receiving { above } else { span.service };
        let is_arrival = match parent {
            Some(parent) if is_receiving => !self.is_work_within(span, parent),
            Some(_) => !above.is_empty() && service != above,
            // An orphan that does not receive began in its parent's process, in work that arrived before it.
            None => is_receiving || !row.has(Mark::Orphan),
        };
        let is_sending = match span.kind {
            SpanKind::Client | SpanKind::Producer => true,
            SpanKind::Unspecified => Node::named_by(&span.peer).is_some(),
            SpanKind::Internal | SpanKind::Server | SpanKind::Consumer => false,
        };
        let inherited = if is_arrival { None } else { parent.and_then(|parent| parent.sender) };
        Step {
            copy,
            span,
            parent: row.parent,
            service,
            is_arrival,
            is_sending,
            sender: if is_sending { Some(number) } else { inherited },
            arrival: if is_arrival { Some(number) } else { parent.and_then(|parent| parent.arrival) },
            is_answered: false,
        }
    }

    /// Whether a receiving span is a consumer that works on what a consumer of its own service has taken: it counts once.
    fn is_work_within(&self, span: &SpanInput<'a>, parent: &Step<'_, 'a>) -> bool {
        if span.kind != SpanKind::Consumer || span.service != parent.service || parent.sender.is_some() {
            return false;
        }
        let Some(taken) = parent.arrival.map(|arrival| self.all[arrival].span) else { return false };
        taken.kind == SpanKind::Consumer && (span.peer.queue.is_empty() || span.peer.queue == taken.peer.queue)
    }
}
