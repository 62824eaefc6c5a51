//! Spans at which hops may begin or end.

use std::collections::{HashMap, HashSet};

use model::{SpanId, Value};
use stitch::{Messaging, Role, SpanRef, Stop};

use super::limits::{JOURNEY_LINKS_PER_TRACE_MAX, STOP_TEXT_BYTES_MAX};
use crate::traces::row::SpanRow;
use crate::traces::story::kind_of;

/// The names of each attribute, today's first.
const SYSTEM: &[&str] = &["messaging.system"];
const DESTINATION: &[&str] = &["messaging.destination.name", "messaging.destination"];
const MESSAGE_ID: &[&str] = &["messaging.message.id", "messaging.message_id"];
const OPERATION: &[&str] = &["messaging.operation.type", "messaging.operation"];

/// The stops among the spans of one trace, by start: those that links lead to or from, and those that are about a
/// message. Of copies of a span the last one given counts. Also whether there were more than are returned.
pub(super) fn stops_of(spans: &[SpanRow], linked: &HashSet<SpanId>) -> (Vec<Stop>, bool) {
    let mut stops: HashMap<SpanId, Stop> = HashMap::new();
    for span in spans {
        let stop = stop_of(span);
        if linked.contains(&span.span_id) || stop.role() != Role::Bystander {
            stops.insert(span.span_id, stop);
        }
    }
    let is_cut = stops.len() > JOURNEY_LINKS_PER_TRACE_MAX;
    let mut stops: Vec<Stop> = stops.into_values().collect();
    stops.sort_by_key(|stop| (!linked.contains(&stop.span.span_id), stop.start, stop.span));
    stops.truncate(JOURNEY_LINKS_PER_TRACE_MAX);
    (stops, is_cut)
}

fn stop_of(span: &SpanRow) -> Stop {
    let text = |keys: &[&str]| keys.iter().find_map(|key| short_text(&span.attributes, key)).unwrap_or_default();
    let messaging = Messaging {
        system: text(SYSTEM),
        destination: text(DESTINATION),
        message_id: text(MESSAGE_ID),
        operation: text(OPERATION),
    };
    Stop {
        span: SpanRef { trace_id: span.trace_id, span_id: span.span_id },
        parent_span_id: span.parent_span_id,
        service: cut(&span.service).to_owned(),
        kind: kind_of(span.kind),
        start: span.start,
        duration_ns: span.duration_ns,
        messaging,
    }
}

/// The text or number under the key, unless it is too long to tell anything.
fn short_text(attributes: &[(String, Value)], key: &str) -> Option<String> {
    let (_, value) = attributes.iter().find(|(name, _)| name == key)?;
    match value {
        Value::Text(text) if (1..=STOP_TEXT_BYTES_MAX).contains(&text.len()) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        _ => None,
    }
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(STOP_TEXT_BYTES_MAX)]
}
