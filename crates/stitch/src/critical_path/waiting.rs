//! Whether a parent waits for a child at all. Spans do not say so; their kinds hint at it.

use crate::{Row, Source, SpanInput, SpanKind};

/// Whether `parent` may be waiting for `child`.
///
/// A consumer works when the message reaches it, which may be long after it was sent: its producer does not wait, and
/// neither does a span of another service, whose own producer may have been lost. Consumers below a span of their
/// own service are waited for: a client library that has received a batch processes the messages one by one. Links,
/// as OpenTracing's "follows from" becomes, make no parent in the first place. Of a service that only logged nobody says
/// that anyone waited for it, and its time is not known: its records lie somewhere in it.
pub(super) fn waits(parent: &Row<'_>, child: &Row<'_>, spans: &[SpanInput<'_>]) -> bool {
    if matches!(child.source, Source::Logged { .. }) {
        return false;
    }
    let Some(child) = span(child, spans) else { return true };
    if child.kind != SpanKind::Consumer {
        return true;
    }
    match span(parent, spans) {
        Some(parent) => parent.kind != SpanKind::Producer && !are_different(parent.service, child.service),
        // A phantom is as long as its children, so that it waits for them says nothing and costs nothing.
        None => true,
    }
}

/// Whether both services are known, and not the same.
fn are_different(service: &str, other: &str) -> bool {
    !service.is_empty() && !other.is_empty() && service != other
}

fn span<'s, 'a>(row: &Row<'_>, spans: &'s [SpanInput<'a>]) -> Option<&'s SpanInput<'a>> {
    match row.source {
        Source::Arrived(span) => spans.get(span),
        Source::Phantom { .. } | Source::Logged { .. } => None,
    }
}
