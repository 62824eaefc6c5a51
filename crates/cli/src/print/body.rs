//! A log record's body as text for people.

use protocol::LogRecord;

use super::json;

/// A log record's body as text: as it is, or as compact JSON; the event's name where there is no body.
pub(crate) fn body_text(log: &LogRecord) -> String {
    match (&log.body, &log.event_name) {
        (serde_json::Value::String(text), Some(event)) if text.is_empty() => event.clone(),
        (serde_json::Value::String(text), _) => text.clone(),
        (serde_json::Value::Null, event) => event.clone().unwrap_or_default(),
        (body, _) => json::compact(body),
    }
}
