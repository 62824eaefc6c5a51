//! `GET /api/v1/logs`: log records that match a selector and a text query; `/histogram`: how many, over time.

use std::collections::BTreeMap;

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

/// How many log records match, over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LogHistogramAnswer {
    /// Buckets that have records, ascending. Those between them have none.
    pub buckets: Vec<LogBucket>,
    /// How wide a bucket is, seconds. Buckets begin at multiples of it since 1970.
    pub step_seconds: f64,
    /// How much of the truth this rests on. `rows_returned` are the records counted.
    pub coverage: Coverage,
}

/// One step of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LogBucket {
    /// Where it begins, RFC 3339; it ends where the next one begins.
    pub start: String,
    /// Records in it.
    pub count: u64,
    /// The same by level (`unset`, `trace`, `debug`, `info`, `warn`, `error`, `fatal`; only those that occur), where
    /// `by=level` was asked for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<String, u64>,
}

/// One log record with everything its sender said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LogRecord {
    /// When it happened, RFC 3339. Where the sender gave no time, when it was observed or received.
    pub time: String,
    /// When a story shows it, RFC 3339, in one trace's answer: `time`, moved with the spans of its host, whose clock is off
    /// (`shifts`). Absent where that is `time`, and in every other answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown_time: Option<String>,
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
