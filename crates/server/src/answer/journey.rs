//! The body of `GET /api/v1/journeys/{trace_id}`.

use model::UnixNanos;
use protocol::{Coverage, HopEnd, HopQueue, JourneyAnswer, JourneyHop, JourneyTrace, TraceBeyond};
use query::Journey;

use super::trace_story::trace_service;

/// All traces of one piece of work.
pub(crate) fn journey_answer(journey: &Journey, coverage: Coverage) -> JourneyAnswer {
    JourneyAnswer {
        trace_id: journey.trace_id.to_string(),
        start_time: journey.start.to_string(),
        duration_ns: journey.duration_ns,
        traces: journey.traces.iter().map(journey_trace).collect(),
        hops: journey.hops.iter().map(hop).collect(),
        missing: journey.missing.iter().map(trace_beyond).collect(),
        not_followed: journey.not_followed.iter().map(trace_beyond).collect(),
        coverage,
    }
}

fn journey_trace(trace: &query::JourneyTrace) -> JourneyTrace {
    let summary = &trace.summary;
    JourneyTrace {
        trace_id: summary.trace_id.to_string(),
        distance: trace.distance,
        depth: trace.depth,
        root_service: summary.root.as_ref().map(|(service, _)| service.clone()),
        root_name: summary.root.as_ref().map(|(_, name)| name.clone()),
        start_time: summary.start.to_string(),
        duration_ns: summary.duration_ns,
        span_count: summary.span_count,
        error_count: summary.error_count,
        repair_count: trace.repair_count,
        services: summary.services.iter().map(trace_service).collect(),
    }
}

fn hop(hop: &stitch::Hop) -> JourneyHop {
    let time = |time: Option<UnixNanos>| time.map(|time| time.to_string());
    let said = |text: &String| Some(text).filter(|text| !text.is_empty()).cloned();
    JourneyHop {
        kind: hop.kind.as_str().to_owned(),
        from: hop_end(&hop.from),
        to: hop_end(&hop.to),
        through: hop.through.as_ref().map(hop_end),
        queue: hop
            .queue
            .as_ref()
            .map(|queue| HopQueue { system: said(&queue.system), destination: said(&queue.destination) }),
        sent_at: time(hop.sent_at),
        received_at: time(hop.received_at),
        waiting_ns: hop.waiting_ns,
        evidence: hop.evidence.clone(),
        confidence: hop.confidence,
    }
}

fn hop_end(end: &stitch::HopEnd) -> HopEnd {
    HopEnd {
        trace_id: end.span.trace_id.to_string(),
        span_id: end.span.span_id.to_string(),
        service: end.service.clone(),
    }
}

fn trace_beyond(trace: &query::TraceBeyond) -> TraceBeyond {
    TraceBeyond { trace_id: trace.trace_id.to_string(), distance: trace.distance }
}
