//! Who called, and who was called.

use super::steps::{Step, Steps};
use super::{Call, Node, Sides};
use crate::{SpanInput, SpanKind};

/// The call with which work arrives in the service of a step; `None` if it does not, or the service has no name.
pub(super) fn arrival<'a>(steps: &Steps<'_, 'a>, number: usize) -> Option<Call<'a>> {
    let step = &steps.all[number];
    if !step.is_arrival {
        return None;
    }
    let sender = step.parent.and_then(|parent| steps.all[parent].sender).map(|sender| &steps.all[sender]);
    let named = sender.map_or("", |sender| sender.span.peer.service);
    let callee = Node::service(step.service).or_else(|| Node::service(named))?;
    let queue = if step.span.kind == SpanKind::Consumer { queue(step, sender) } else { None };
    // Behind a queue it is the queue that asks, and the producer's call is to that.
    let client = sender.filter(|_| queue.is_none());
    // A span that calls has no word of how the work was that it is part of; the one that asked for that work has.
    let is_told_by_client = step.is_sending && client.is_some();
    let told_by = client.filter(|_| is_told_by_client).map_or(step.span, |client| client.span);
    let failed_at_server = !step.is_sending && step.span.is_error;
    let (client, server) = (client.map(|client| (client.copy, client.span.is_error)), Some(step.copy));
    let failed_at_client = client.is_some_and(|(_, is_error)| is_error);
    let client = client.map(|(copy, _)| copy);
    Some(Call {
        caller: queue.or_else(|| caller(steps, step)),
        seen_by: Sides::of(client, server),
        is_error: failed_at_server || failed_at_client,
        client,
        server,
        ..told(callee, told_by)
    })
}

/// The call to what a step calls, of which nothing arrived; `None` if it calls nothing, or something arrived.
pub(super) fn call<'a>(steps: &Steps<'_, 'a>, number: usize) -> Option<Call<'a>> {
    let step = &steps.all[number];
    let callee = steps.call_of(number)?;
    Some(Call {
        caller: Node::service(step.service),
        is_error: step.span.is_error,
        client: Some(step.copy),
        ..told(callee, step.span)
    })
}

/// A call to `callee` as one span tells it, seen by its client.
fn told<'a>(callee: Node<'a>, span: &SpanInput<'a>) -> Call<'a> {
    Call {
        caller: None,
        callee,
        operation: span.name,
        seen_by: Sides::Client,
        start: span.start,
        duration_ns: span.duration_ns.max(0),
        is_error: false,
        begins_error: false,
        weight: span.sampling_weight,
        client: None,
        server: None,
    }
}

/// The queue from which a consumer took its message: by its own word or else its sender's.
fn queue<'a>(consumer: &Step<'_, 'a>, sender: Option<&Step<'_, 'a>>) -> Option<Node<'a>> {
    Node::queue(&consumer.span.peer).or_else(|| sender.and_then(|sender| Node::queue(&sender.span.peer)))
}

/// The service that called: the one above it or, where that is not known, the one that it names itself.
fn caller<'a>(steps: &Steps<'_, 'a>, step: &Step<'_, 'a>) -> Option<Node<'a>> {
    let above = step.parent.map_or("", |parent| steps.all[parent].service);
    let named = if step.span.kind.is_receiving() { step.span.peer.service } else { "" };
    Node::service(above).or_else(|| Node::service(named))
}
