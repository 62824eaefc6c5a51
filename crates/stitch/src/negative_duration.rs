//! Repair `negative_duration`: a span ended before it started, because its sender's clock was set back meanwhile. It
//! is shown with no length at its start.

use crate::forest::Node;
use crate::{Mark, Repair, RepairKind, Source, SpanInput, confidence};

/// One repair for each such node, in their order.
pub(crate) fn repairs(nodes: &[Node<'_>], spans: &[SpanInput<'_>]) -> Vec<Repair> {
    let mut backward: Vec<&Node<'_>> = nodes.iter().filter(|node| node.has(Mark::NegativeDuration)).collect();
    backward.sort_by(|a, b| a.place(b));
    let mut repairs = Vec::new();
    for node in backward {
        if let Source::Arrived(span) = node.source {
            repairs.push(repair(&spans[span]));
        }
    }
    repairs
}

fn repair(span: &SpanInput<'_>) -> Repair {
    let times = format!("its sender's clock read {} at its start and {} at its end", span.start, span.end_as_sent());
    Repair {
        kind: RepairKind::NegativeDuration,
        span_ids: vec![span.span_id],
        before: format!("span {} has a duration of {} ns", span.span_id, span.duration_ns),
        after: "it is shown with no length at its start".to_owned(),
        method: "a span cannot end before it starts",
        evidence: vec![times],
        confidence: confidence::NEGATIVE_DURATION,
    }
}
