//! The body of `GET /api/v1/logs`.

use protocol::{Coverage, LogRecord, LogsAnswer, Scope};
use query::{LogRow, LogsFound, ScopeRow};

use super::json_value::{json_attributes, json_value};

/// A page of log records.
pub(crate) fn logs_answer(found: &LogsFound, coverage: Coverage) -> LogsAnswer {
    LogsAnswer {
        logs: found.logs.iter().map(log_record).collect(),
        next_cursor: found.next.map(|cursor| cursor.to_string()),
        coverage,
    }
}

/// One log record.
pub(crate) fn log_record(row: &LogRow) -> LogRecord {
    LogRecord {
        time: row.time.to_string(),
        observed_time: row.observed_time.map(|time| time.to_string()),
        severity: row.severity.clone(),
        severity_number: row.severity_number,
        severity_text: row.severity_text.clone(),
        body: json_value(&row.body),
        event_name: row.event_name.clone(),
        trace_id: row.trace_id.map(|id| id.to_string()),
        span_id: row.span_id.map(|id| id.to_string()),
        flags: row.flags,
        service: row.service.clone(),
        attributes: json_attributes(&row.attributes),
        resource: json_attributes(&row.resource),
        scope: scope(&row.scope),
        dropped_attributes_count: row.dropped_attributes_count,
        marks: row.marks.clone(),
    }
}

pub(super) fn scope(row: &ScopeRow) -> Scope {
    Scope { name: row.name.clone(), version: row.version.clone(), attributes: json_attributes(&row.attributes) }
}
