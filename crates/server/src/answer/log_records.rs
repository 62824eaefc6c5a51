//! The bodies of `GET /api/v1/logs` and of its histogram.

use std::time::Duration;

use protocol::{Coverage, LogBucket, LogHistogramAnswer, LogRecord, LogsAnswer, Scope};
use query::{Bucket, Histogram, LEVELS, LogRow, LogsFound, ScopeRow};

use super::json_value::{json_attributes, json_value};

/// A page of log records.
pub(crate) fn logs_answer(found: &LogsFound, coverage: Coverage) -> LogsAnswer {
    LogsAnswer {
        logs: found.logs.iter().map(log_record).collect(),
        next_cursor: found.next.map(|cursor| cursor.to_string()),
        coverage,
    }
}

/// How many log records there are, over time.
pub(crate) fn log_histogram_answer(found: &Histogram, step: Duration, coverage: Coverage) -> LogHistogramAnswer {
    let bucket = |bucket: &Bucket| {
        let levels = LEVELS.iter().zip(bucket.levels).filter(|(_, count)| *count > 0);
        LogBucket {
            start: bucket.start.to_string(),
            count: bucket.count,
            levels: levels.map(|(level, count)| ((*level).to_owned(), count)).collect(),
        }
    };
    let buckets = found.buckets.iter().map(bucket).collect();
    LogHistogramAnswer { buckets, step_seconds: step.as_secs_f64(), coverage }
}

/// One log record.
pub(crate) fn log_record(row: &LogRow) -> LogRecord {
    LogRecord {
        time: row.time.to_string(),
        shown_time: None,
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
