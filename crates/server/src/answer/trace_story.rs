//! The bodies of `GET /api/v1/traces` and `GET /api/v1/traces/{trace_id}`.

use model::UnixNanos;
use protocol::{
    Coverage, CriticalPath, HostShift, LogRecord, PathSection, PathSpan, Remark, Repair, Span, SpanEvent, SpanLink,
    SpanStatus, TraceAnswer, TraceService, TraceSummary, TracesAnswer,
};
use query::{
    EventRow, LinkRow, PlacedSpan, ServiceShare, SpanRow, StoryLine, StoryLog, TraceStory, TraceView, TracesFound,
};

use super::json_value::json_attributes;
use super::log_records::{log_record, scope};

/// The service of a phantom that the evidence does not name.
const UNKNOWN_SERVICE: &str = "unknown";

/// What stands in the place of a phantom's operation.
const PHANTOM_NAME: &str = "(not received)";

/// What stands in the place of the operation of a service that only logged.
const LOGGED_NAME: &str = "(log records only)";

/// A list of traces.
pub(crate) fn traces_answer(found: &TracesFound, coverage: Coverage) -> TracesAnswer {
    let traces = found.traces.iter().map(|trace| TraceSummary {
        trace_id: trace.trace_id.to_string(),
        root_service: trace.root.as_ref().map(|(service, _)| service.clone()),
        root_name: trace.root.as_ref().map(|(_, name)| name.clone()),
        start_time: trace.start.to_string(),
        duration_ns: trace.duration_ns,
        span_count: trace.span_count,
        error_count: trace.error_count,
        matched_spans: trace.matched_spans,
        services: trace.services.iter().map(trace_service).collect(),
        repairs: trace.repairs.iter().map(|(kind, count)| (kind.as_str().to_owned(), *count)).collect(),
    });
    TracesAnswer { traces: traces.collect(), coverage }
}

/// One trace as a story.
pub(crate) fn trace_answer(story: &TraceStory, view: TraceView, coverage: Coverage) -> TraceAnswer {
    TraceAnswer {
        trace_id: story.trace_id.to_string(),
        view: match view {
            TraceView::Repaired => "repaired".to_owned(),
            TraceView::Raw => "raw".to_owned(),
        },
        start_time: story.start.to_string(),
        duration_ns: story.duration_ns,
        spans: story.lines.iter().map(|line| span(line, story.start)).collect(),
        repairs: story.repairs.iter().map(repair).collect(),
        remarks: story.remarks.iter().map(remark).collect(),
        shifts: story.shifts.iter().map(shift).collect(),
        critical_path: story.critical_path.as_ref().map(|path| critical_path(path, story)),
        logs: story.logs.iter().map(placed_log).collect(),
        services: story.services.iter().map(trace_service).collect(),
        coverage,
    }
}

/// One service's share of a trace.
pub(super) fn trace_service(share: &ServiceShare) -> TraceService {
    TraceService {
        service: share.service.clone(),
        squad: share.squad.clone(),
        span_count: share.span_count,
        error_count: share.error_count,
        log_count: share.log_count,
    }
}

fn repair(repair: &stitch::Repair) -> Repair {
    Repair {
        kind: repair.kind.as_str().to_owned(),
        span_ids: repair.span_ids.iter().map(ToString::to_string).collect(),
        before: repair.before.clone(),
        after: repair.after.clone(),
        method: repair.method.to_string(),
        evidence: repair.evidence.clone(),
        confidence: repair.confidence,
    }
}

fn remark(remark: &stitch::Remark) -> Remark {
    Remark {
        kind: remark.kind.as_str().to_owned(),
        span_ids: remark.span_ids.iter().map(ToString::to_string).collect(),
        noticed: remark.noticed.clone(),
        reason: remark.reason.as_str().to_owned(),
        evidence: remark.evidence.clone(),
    }
}

fn shift(shift: &query::HostShift) -> HostShift {
    let query::HostShift { host, reference, shift_ns, error_ns, pairs, source } = shift;
    let source = match source {
        stitch::ShiftSource::ManyTraces => "many_traces",
        stitch::ShiftSource::OneTrace => "one_trace",
    };
    HostShift {
        host: host.clone(),
        reference: reference.clone(),
        shift_ns: *shift_ns,
        error_ns: *error_ns,
        pairs: *pairs,
        source: source.to_owned(),
    }
}

fn critical_path(path: &stitch::CriticalPath, story: &TraceStory) -> CriticalPath {
    let id = |row: usize| story.lines[row].span_id.to_string();
    // The sum of the spans' times: asked once, as it goes through all of them.
    let whole = path.duration_ns();
    let sections = path.sections.iter().map(|section| PathSection {
        span_id: id(section.row),
        row: section.row as u64,
        start_offset_ns: offset(section.from, story.start),
        duration_ns: section.duration_ns(),
    });
    let spans = path.spans.iter().map(|span| PathSpan {
        span_id: id(span.row),
        row: span.row as u64,
        self_ns: span.self_ns,
        share: if whole == 0 { 0.0 } else { span.self_ns as f64 / whole as f64 },
    });
    CriticalPath { duration_ns: whole, sections: sections.collect(), spans: spans.collect() }
}

fn placed_log(log: &StoryLog) -> LogRecord {
    let shown_time = (log.shown != log.record.time).then(|| log.shown.to_string());
    LogRecord { shown_time, ..log_record(&log.record) }
}

fn span(line: &StoryLine, trace_start: UnixNanos) -> Span {
    let marks: Vec<String> = line.marks.iter().map(|mark| (*mark).to_owned()).collect();
    match &line.span {
        PlacedSpan::Arrived(row) => arrived(line, row, marks, trace_start),
        PlacedSpan::Phantom(service) => {
            let service = service.as_deref().unwrap_or(UNKNOWN_SERVICE);
            not_arrived(line, (service, PHANTOM_NAME), marks, trace_start)
        }
        PlacedSpan::Logged(service) => not_arrived(line, (service, LOGGED_NAME), marks, trace_start),
    }
}

fn arrived(line: &StoryLine, row: &SpanRow, mut marks: Vec<String>, trace_start: UnixNanos) -> Span {
    marks.extend(row.marks.iter().cloned());
    Span {
        span_id: row.span_id.to_string(),
        parent_span_id: row.parent_span_id.map(|id| id.to_string()),
        depth: line.depth,
        marks,
        name: row.name.clone(),
        kind: row.kind.to_owned(),
        service: row.service.clone(),
        start_time: line.start.to_string(),
        start_offset_ns: offset(line.start, trace_start),
        duration_ns: offset(line.end, line.start),
        status: SpanStatus { code: row.status.to_owned(), message: row.status_message.clone() },
        trace_state: row.trace_state.clone(),
        flags: row.flags,
        attributes: json_attributes(&row.attributes),
        resource: json_attributes(&row.resource),
        scope: scope(&row.scope),
        events: row.events.iter().map(|event| span_event(event, offset(line.start, row.start), trace_start)).collect(),
        links: row.links.iter().map(span_link).collect(),
        dropped_attributes_count: row.dropped_attributes_count,
        dropped_events_count: row.dropped_events_count,
        dropped_links_count: row.dropped_links_count,
    }
}

fn not_arrived(line: &StoryLine, (service, name): (&str, &str), marks: Vec<String>, trace_start: UnixNanos) -> Span {
    Span {
        span_id: line.span_id.to_string(),
        parent_span_id: None,
        depth: line.depth,
        marks,
        name: name.to_owned(),
        kind: "unspecified".to_owned(),
        service: service.to_owned(),
        start_time: line.start.to_string(),
        start_offset_ns: offset(line.start, trace_start),
        duration_ns: offset(line.end, line.start),
        status: SpanStatus { code: "unset".to_owned(), message: String::new() },
        trace_state: String::new(),
        flags: 0,
        attributes: Default::default(),
        resource: Default::default(),
        scope: Default::default(),
        events: Vec::new(),
        links: Vec::new(),
        dropped_attributes_count: 0,
        dropped_events_count: 0,
        dropped_links_count: 0,
    }
}

/// An event, moved with its span where the clock of its host is off.
fn span_event(event: &EventRow, moved_ns: i64, trace_start: UnixNanos) -> SpanEvent {
    let time = UnixNanos::new(event.time.get().saturating_add(moved_ns));
    SpanEvent {
        time: time.to_string(),
        offset_ns: offset(time, trace_start),
        name: event.name.clone(),
        attributes: json_attributes(&event.attributes),
        dropped_attributes_count: event.dropped_attributes_count,
    }
}

fn span_link(link: &LinkRow) -> SpanLink {
    SpanLink {
        trace_id: link.trace_id.map(|id| id.to_string()).unwrap_or_default(),
        span_id: link.span_id.map(|id| id.to_string()).unwrap_or_default(),
        trace_state: link.trace_state.clone(),
        flags: link.flags,
        attributes: json_attributes(&link.attributes),
        dropped_attributes_count: link.dropped_attributes_count,
    }
}

fn offset(time: UnixNanos, from: UnixNanos) -> i64 {
    time.get().saturating_sub(from.get())
}
