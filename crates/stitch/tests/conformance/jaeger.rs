//! A trace as Jaeger writes it in JSON, as the spans that OTLP would have brought.

use std::collections::HashMap;

use model::{SpanId, UnixNanos};
use serde_json::{Map, Value};
use stitch::{SpanInput, SpanKind};

/// Jaeger counts in microseconds.
const NANOS_PER_MICRO: i64 = 1_000;

/// One trace, with Jaeger's ids for ours.
pub(crate) struct JaegerTrace<'v> {
    pub(crate) spans: Vec<SpanInput<'v>>,
    ids: HashMap<&'v str, SpanId>,
}

impl<'v> JaegerTrace<'v> {
    /// Of an object with `spans` and `processes`. An id may be any text there, so they are numbered.
    pub(crate) fn read(trace: &'v Value) -> Self {
        let mut ids = HashMap::new();
        let spans: &'v [Value] = trace["spans"].as_array().expect("a trace has spans");
        for span in spans {
            number(&mut ids, text(&span["spanID"]));
        }
        let spans = spans.iter().zip(0..).map(|(span, order)| read_span(span, order, &trace["processes"], &mut ids));
        Self { spans: spans.collect(), ids }
    }

    /// Jaeger's id of a span.
    pub(crate) fn id(&self, span_id: SpanId) -> &'v str {
        self.ids.iter().find(|(_, id)| **id == span_id).map(|(text, _)| *text).expect("every id has been numbered")
    }
}

fn read_span<'v>(
    span: &'v Value,
    received_order: u64,
    processes: &'v Value,
    ids: &mut HashMap<&'v str, SpanId>,
) -> SpanInput<'v> {
    let micros = |key: &str| span[key].as_i64().expect("times are whole numbers").saturating_mul(NANOS_PER_MICRO);
    let span_id = number(ids, text(&span["spanID"]));
    SpanInput {
        parent_span_id: parent(span).map(|parent| number(ids, parent)),
        start: UnixNanos::new(micros("startTime")),
        duration_ns: micros("duration"),
        kind: kind(span),
        service: text(&processes[text(&span["processID"])]["serviceName"]),
        name: text(&span["operationName"]),
        is_error: tags(span).any(|tag| tag["key"] == "error" && tag["value"] != false),
        received_order,
        ..SpanInput::bare(span_id)
    }
}

/// The first reference within the trace that says "child of" or, without one, "follows from".
fn parent(span: &Value) -> Option<&str> {
    let references = span["references"].as_array().map_or(&[][..], Vec::as_slice);
    let trace_of = |of: &Value| of.get("traceID").and_then(Value::as_str).map(str::to_owned);
    let within = |reference: &&Value| trace_of(reference).is_none_or(|id| trace_of(span).is_none_or(|own| own == id));
    let of_kind = |kind: &str| references.iter().filter(within).find(|reference| reference["refType"] == kind);
    of_kind("CHILD_OF").or_else(|| of_kind("FOLLOWS_FROM")).map(|reference| text(&reference["spanID"]))
}

fn kind(span: &Value) -> SpanKind {
    let kind = tags(span).find(|tag| tag["key"] == "span.kind").and_then(|tag| tag["value"].as_str());
    let kinds = [SpanKind::Server, SpanKind::Client, SpanKind::Producer, SpanKind::Consumer];
    let known = |kind: &str| kinds.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(kind));
    kind.and_then(known).unwrap_or(SpanKind::Internal)
}

fn tags(span: &Value) -> impl Iterator<Item = &Map<String, Value>> {
    span["tags"].as_array().into_iter().flatten().filter_map(Value::as_object)
}

fn number<'v>(ids: &mut HashMap<&'v str, SpanId>, id: &'v str) -> SpanId {
    let next = ids.len() as u64 + 1;
    *ids.entry(id).or_insert_with(|| SpanId::from_bytes(&next.to_be_bytes()).expect("numbers start at 1"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
