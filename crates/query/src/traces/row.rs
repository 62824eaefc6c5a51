//! One span, read from a batch.

use arrow::array::{Array, AsArray, RecordBatch};
use model::{SpanId, TraceId, UnixNanos, Value};

use crate::cells::Cells;
use crate::logs::ScopeRow;
use crate::logs::{attributes, marks};
use crate::record_fields::{span_kind, span_status};

/// A span with everything its sender said.
#[derive(Clone, Debug, PartialEq)]
pub struct SpanRow {
    /// When it began.
    pub start: UnixNanos,
    /// How long it took; negative where the sender's clock went backwards.
    pub duration_ns: i64,
    /// When Nunchi got it.
    pub received: UnixNanos,
    /// Its trace.
    pub trace_id: TraceId,
    /// Its id.
    pub span_id: SpanId,
    /// Its parent; `None` on a root.
    pub parent_span_id: Option<SpanId>,
    /// W3C trace state.
    pub trace_state: String,
    /// As sent.
    pub flags: u32,
    /// The operation.
    pub name: String,
    /// OTLP's kind as a word.
    pub kind: &'static str,
    /// `unset`, `ok` or `error`.
    pub status: &'static str,
    /// The sender's words about the status.
    pub status_message: String,
    /// `service.name`; empty where not given.
    pub service: String,
    /// What happened during it.
    pub events: Vec<EventRow>,
    /// Other spans it belongs to.
    pub links: Vec<LinkRow>,
    /// The span's attributes.
    pub attributes: Vec<(String, Value)>,
    /// The resource's attributes.
    pub resource: Vec<(String, Value)>,
    /// The instrumentation scope.
    pub scope: ScopeRow,
    /// Attributes left out.
    pub dropped_attributes_count: u32,
    /// Events left out.
    pub dropped_events_count: u32,
    /// Links left out.
    pub dropped_links_count: u32,
    /// What was changed on arrival, in the words of [`model::Mark`].
    pub marks: Vec<String>,
}

/// Something that happened during a span.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    /// When.
    pub time: UnixNanos,
    /// What.
    pub name: String,
    /// Its attributes.
    pub attributes: Vec<(String, Value)>,
    /// Attributes left out.
    pub dropped_attributes_count: u32,
}

/// A pointer to a span elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkRow {
    /// Its trace; `None` where the sender's was not an id.
    pub trace_id: Option<TraceId>,
    /// Its span; `None` where the sender's was not an id.
    pub span_id: Option<SpanId>,
    /// W3C trace state.
    pub trace_state: String,
    /// As sent.
    pub flags: u32,
    /// Its attributes.
    pub attributes: Vec<(String, Value)>,
    /// Attributes left out.
    pub dropped_attributes_count: u32,
}

impl SpanRow {
    /// Every row of a batch with all columns of `spans`. A row without ids, which ingest never makes, is passed over.
    pub(crate) fn read_all(batch: &RecordBatch) -> impl Iterator<Item = Self> {
        let cells = Cells::new(batch);
        (0..batch.num_rows()).filter_map(move |row| Self::read(&cells, row))
    }

    /// Whether it ended with an error.
    pub fn is_error(&self) -> bool {
        self.status == "error"
    }

    fn read(cells: &Cells<'_>, row: usize) -> Option<Self> {
        let text = |column: &str| cells.text(column, row).unwrap_or_default().to_owned();
        Some(Self {
            start: cells.time("start_time", row).unwrap_or_default(),
            duration_ns: cells.int("duration_ns", row).unwrap_or_default(),
            received: cells.time("received_time", row).unwrap_or_default(),
            trace_id: TraceId::from_bytes(cells.bytes("trace_id", row)?).ok()?,
            span_id: SpanId::from_bytes(cells.bytes("span_id", row)?).ok()?,
            parent_span_id: cells.bytes("parent_span_id", row).and_then(|id| SpanId::from_bytes(id).ok()),
            trace_state: text("trace_state"),
            flags: cells.count("flags", row),
            name: text("name"),
            kind: span_kind(cells.int("kind", row)),
            status: span_status(cells.int("status_code", row)),
            status_message: text("status_message"),
            service: text("service_name"),
            events: nested(cells, "events", row, EventRow::read),
            links: nested(cells, "links", row, LinkRow::read),
            attributes: attributes(cells, "attributes", row),
            resource: attributes(cells, "resource_attributes", row),
            scope: ScopeRow::read(cells, row),
            dropped_attributes_count: cells.count("dropped_attributes_count", row),
            dropped_events_count: cells.count("dropped_events_count", row),
            dropped_links_count: cells.count("dropped_links_count", row),
            marks: marks(cells, row),
        })
    }
}

impl EventRow {
    fn read(cells: &Cells<'_>, row: usize) -> Self {
        Self {
            time: cells.time("time", row).unwrap_or_default(),
            name: cells.text("name", row).unwrap_or_default().to_owned(),
            attributes: attributes(cells, "attributes", row),
            dropped_attributes_count: cells.count("dropped_attributes_count", row),
        }
    }
}

impl LinkRow {
    fn read(cells: &Cells<'_>, row: usize) -> Self {
        Self {
            trace_id: cells.bytes("trace_id", row).and_then(|id| TraceId::from_bytes(id).ok()),
            span_id: cells.bytes("span_id", row).and_then(|id| SpanId::from_bytes(id).ok()),
            trace_state: cells.text("trace_state", row).unwrap_or_default().to_owned(),
            flags: cells.count("flags", row),
            attributes: attributes(cells, "attributes", row),
            dropped_attributes_count: cells.count("dropped_attributes_count", row),
        }
    }
}

/// The items of a list of structs, read as rows of a small batch.
fn nested<T>(cells: &Cells<'_>, column: &str, row: usize, read: impl Fn(&Cells<'_>, usize) -> T) -> Vec<T> {
    let Some(items) = cells.list(column, row).filter(|items| !items.is_empty()) else { return Vec::new() };
    let Some(items) = items.as_struct_opt() else { return Vec::new() };
    let batch = RecordBatch::from(items.clone());
    let cells = Cells::new(&batch);
    (0..batch.num_rows()).map(|row| read(&cells, row)).collect()
}

/// The text under a key, where it is text.
pub(crate) fn text_of<'a>(entries: &'a [(String, Value)], key: &str) -> Option<&'a str> {
    entries.iter().find(|(name, _)| name == key).and_then(|(_, value)| match value {
        Value::Text(text) => Some(text.as_str()),
        _ => None,
    })
}
