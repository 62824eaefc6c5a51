//! One log record, read from a batch.

use arrow::array::RecordBatch;
use model::{Attributes, SpanId, TraceId, UnixNanos, Value, ValueRef};

use crate::cells::Cells;
use crate::record_fields::severity_word;

/// A log record with everything its sender said.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRow {
    /// When it happened.
    pub time: UnixNanos,
    /// When the collector saw it.
    pub observed_time: Option<UnixNanos>,
    /// `TRACE` to `FATAL`, the sender's word, or `UNSET`.
    pub severity: String,
    /// 0 to 24.
    pub severity_number: i32,
    /// The sender's word.
    pub severity_text: Option<String>,
    /// Text or structure.
    pub body: Value,
    /// The event's name.
    pub event_name: Option<String>,
    /// The trace it belongs to.
    pub trace_id: Option<TraceId>,
    /// The span it belongs to.
    pub span_id: Option<SpanId>,
    /// As sent.
    pub flags: u32,
    /// `service.name`; empty where not given.
    pub service: String,
    /// The record's attributes.
    pub attributes: Vec<(String, Value)>,
    /// The resource's attributes.
    pub resource: Vec<(String, Value)>,
    /// The instrumentation scope.
    pub scope: ScopeRow,
    /// Attributes left out.
    pub dropped_attributes_count: u32,
    /// What was changed on arrival, in the words of [`model::Mark`].
    pub marks: Vec<String>,
}

/// An instrumentation scope.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScopeRow {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its attributes.
    pub attributes: Vec<(String, Value)>,
}

impl LogRow {
    /// Every row of a batch with all columns of `logs`.
    pub(crate) fn read_all(batch: &RecordBatch) -> impl Iterator<Item = Self> {
        let cells = Cells::new(batch);
        (0..batch.num_rows()).map(move |row| Self::read(&cells, row))
    }

    fn read(cells: &Cells<'_>, row: usize) -> Self {
        let text = |column: &str| cells.text(column, row).map(str::to_owned);
        let severity_number = cells.int("severity_number", row);
        let body = match cells.bytes("body_value", row).map(ValueRef::decode) {
            Some(Ok(value)) => value.to_value().unwrap_or(Value::Null),
            _ => cells.text("body", row).map_or(Value::Null, |body| Value::Text(body.to_owned())),
        };
        Self {
            time: cells.time("time", row).unwrap_or_default(),
            observed_time: cells.time("observed_time", row),
            severity: severity_word(severity_number, cells.text("severity_text", row)),
            severity_number: severity_number.and_then(|number| i32::try_from(number).ok()).unwrap_or_default(),
            severity_text: text("severity_text"),
            body,
            event_name: text("event_name"),
            trace_id: cells.bytes("trace_id", row).and_then(|id| TraceId::from_bytes(id).ok()),
            span_id: cells.bytes("span_id", row).and_then(|id| SpanId::from_bytes(id).ok()),
            flags: cells.count("flags", row),
            service: text("service_name").unwrap_or_default(),
            attributes: attributes(cells, "attributes", row),
            resource: attributes(cells, "resource_attributes", row),
            scope: ScopeRow::read(cells, row),
            dropped_attributes_count: cells.count("dropped_attributes_count", row),
            marks: marks(cells, row),
        }
    }
}

impl ScopeRow {
    pub(crate) fn read(cells: &Cells<'_>, row: usize) -> Self {
        let text = |column: &str| cells.text(column, row).unwrap_or_default().to_owned();
        Self {
            name: text("scope_name"),
            version: text("scope_version"),
            attributes: attributes(cells, "scope_attributes", row),
        }
    }
}

/// The attributes in a column, as far as they are whole.
pub(crate) fn attributes(cells: &Cells<'_>, column: &str, row: usize) -> Vec<(String, Value)> {
    let set = Attributes::new(cells.bytes(column, row).unwrap_or_default());
    let entries = set.iter().map_while(Result::ok);
    entries.map(|entry| (entry.key.to_owned(), entry.value.to_value().unwrap_or(Value::Null))).collect()
}

/// The words of the `marks` column.
pub(crate) fn marks(cells: &Cells<'_>, row: usize) -> Vec<String> {
    cells.text("marks", row).map(|marks| marks.split(',').map(str::to_owned).collect()).unwrap_or_default()
}
