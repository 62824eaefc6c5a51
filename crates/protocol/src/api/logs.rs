//! `GET /api/v1/logs`: log records that match a selector and a text query.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Attributes, Coverage};

/// Matching log records, in the order asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LogsAnswer {
    /// The records.
    pub logs: Vec<LogRecord>,
    /// Give this back as `cursor` for the next page; absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// How much of the truth this rests on.
    pub coverage: Coverage,
}

/// One log record with everything its sender said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LogRecord {
    /// When it happened, RFC 3339. Where the sender gave no time, when it was observed or received.
    pub time: String,
    /// When the collector saw it, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_time: Option<String>,
    /// `TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR` or `FATAL`, from the number, else from the sender's text; `UNSET` without either.
    pub severity: String,
    /// OpenTelemetry severity number, 0 (unset) to 24.
    pub severity_number: i32,
    /// The sender's own word for the severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity_text: Option<String>,
    /// The body: a string, or whatever structure the sender gave.
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
    /// The event's name, where the record is an event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_name: Option<String>,
    /// The trace it belongs to, 32 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The span it belongs to, 16 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span_id: Option<String>,
    /// W3C trace flags and OpenTelemetry's own, as sent.
    pub flags: u32,
    /// `service.name`; empty where the sender gave none.
    pub service: String,
    /// The record's attributes.
    #[schema(value_type = Object)]
    pub attributes: Attributes,
    /// The resource's attributes: who sent it.
    #[schema(value_type = Object)]
    pub resource: Attributes,
    /// The instrumentation scope.
    pub scope: Scope,
    /// Attributes that the sender, or our limits, left out.
    pub dropped_attributes_count: u32,
    /// What was changed on arrival: `cut_body`, `cut_attribute`, `dropped_attributes`, `invalid_utf8`,
    /// `time_from_observed`, `time_from_receipt`, `invalid_id`, `cut_nesting`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<String>,
}

/// The instrumentation scope a record came through.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Scope {
    /// The scope's name, usually a library.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its attributes.
    #[schema(value_type = Object)]
    pub attributes: Attributes,
}
