//! What spans, and their links, should become.

use model::{Mark, Marks, hex};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::{Span, span};

use super::{Expected, RECEIVED, Row, Source, attribute_text, attributes, entries, optional_id, optional_time};

pub(crate) fn spans(request: &ExportTraceServiceRequest) -> Expected {
    let (mut expected, mut links) = (Expected::default(), Vec::new());
    for resource in &request.resource_spans {
        for scope in &resource.scope_spans {
            let source = Source {
                resource: resource.resource.clone().unwrap_or_default(),
                resource_schema_url: &resource.schema_url,
                scope: scope.scope.clone().unwrap_or_default(),
                scope_schema_url: &scope.schema_url,
            };
            for span in &scope.spans {
                self::span(span, &source, &mut expected);
                links.extend(span.links.iter().filter_map(|link| link_row(span, link, &source)));
            }
        }
    }
    expected.rows.extend(links);
    expected
}

fn span(span: &Span, source: &Source<'_>, expected: &mut Expected) {
    let mut marks = Marks::default();
    let (Some(trace_id), Some(span_id)) = (valid_id(&span.trace_id, 16), valid_id(&span.span_id, 8)) else {
        expected.rejected += 1;
        return;
    };
    let (start, duration) = times(span, &mut marks);
    let parent = optional_id(&span.parent_span_id, 8, &mut marks);
    let mut row = Row::new("spans");
    row.required("start_time", start);
    row.required("duration_ns", duration);
    row.required("received_time", RECEIVED.get());
    row.optional("trace_id", Some(trace_id));
    row.optional("span_id", Some(span_id));
    row.optional("parent_span_id", parent);
    row.text("trace_state", &span.trace_state);
    row.required("flags", span.flags);
    row.required("name", format!("{:?}", span.name));
    row.required("kind", span.kind);
    let status = span.status.clone().unwrap_or_default();
    row.required("status_code", status.code);
    row.text("status_message", &status.message);
    row.required("events", format!("[{}]", span.events.iter().map(event).collect::<Vec<_>>().join(", ")));
    let links: Vec<_> = span.links.iter().map(|link| self::link(link, &mut marks)).collect();
    row.required("links", format!("[{}]", links.join(", ")));
    if let Some(exception) = span.events.iter().find(|event| event.name == "exception") {
        let attributes = attributes(&exception.attributes);
        row.text("exception_type", &attribute_text(&attributes, "exception.type").unwrap_or_default());
        row.text("exception_message", &attribute_text(&attributes, "exception.message").unwrap_or_default());
    }
    row.required("attributes", entries(&attributes(&span.attributes)));
    row.required("dropped_attributes_count", span.dropped_attributes_count);
    row.required("dropped_events_count", span.dropped_events_count);
    row.required("dropped_links_count", span.dropped_links_count);
    row.marks(marks);
    source.show(&mut row);
    expected.accept(start, marks);
    expected.rows.push(row.0);
}

fn valid_id(id: &[u8], length: usize) -> Option<String> {
    (id.len() == length && id.iter().any(|byte| *byte != 0)).then(|| hex(id))
}

fn times(span: &Span, marks: &mut Marks) -> (i64, i64) {
    match (optional_time(span.start_time_unix_nano), optional_time(span.end_time_unix_nano)) {
        (Some(start), Some(_)) => {
            let duration = i128::from(span.end_time_unix_nano) - i128::from(span.start_time_unix_nano);
            (start, duration.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
        }
        (Some(start), None) => {
            marks.add(Mark::NoEndTime);
            (start, 0)
        }
        (None, Some(end)) => {
            marks.add(Mark::TimeFromObserved);
            (end, 0)
        }
        (None, None) => {
            marks.add(Mark::NoEndTime);
            marks.add(Mark::TimeFromReceipt);
            (RECEIVED.get(), 0)
        }
    }
}

fn event(event: &span::Event) -> String {
    let time = optional_time(event.time_unix_nano).unwrap_or(0);
    let (name, attributes) = (&event.name, entries(&attributes(&event.attributes)));
    let dropped = event.dropped_attributes_count;
    format!("(time: {time}, name: {name:?}, attributes: {attributes}, dropped_attributes_count: {dropped})")
}

/// The row of a link from one trace to another.
fn link_row(span: &Span, link: &span::Link, source: &Source<'_>) -> Option<String> {
    let (from_trace_id, from_span_id) = (valid_id(&span.trace_id, 16)?, valid_id(&span.span_id, 8)?);
    let (trace_id, span_id) = (valid_id(&link.trace_id, 16)?, valid_id(&link.span_id, 8)?);
    if trace_id == from_trace_id {
        return None;
    }
    let mut row = Row::new("links");
    row.required("time", times(span, &mut Marks::default()).0);
    row.optional("trace_id", Some(trace_id));
    row.optional("span_id", Some(span_id));
    row.optional("from_trace_id", Some(from_trace_id));
    row.optional("from_span_id", Some(from_span_id));
    row.required("flags", link.flags);
    source.show(&mut row);
    Some(row.0)
}

fn link(link: &span::Link, marks: &mut Marks) -> String {
    let (trace_id, span_id) = (valid_id(&link.trace_id, 16), valid_id(&link.span_id, 8));
    if trace_id.is_none() || span_id.is_none() {
        marks.add(Mark::InvalidId);
    }
    let null = || "null".to_owned();
    let state = if link.trace_state.is_empty() { null() } else { format!("{:?}", link.trace_state) };
    format!(
        "(trace_id: {}, span_id: {}, trace_state: {state}, flags: {}, attributes: {}, dropped_attributes_count: {})",
        trace_id.unwrap_or_else(null),
        span_id.unwrap_or_else(null),
        link.flags,
        entries(&attributes(&link.attributes)),
        link.dropped_attributes_count,
    )
}
