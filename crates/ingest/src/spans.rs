//! OTLP traces → rows of `spans`, and of `links`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, Int64Array, UInt32Array};
use model::{Batch, Mark, Marks, SpanId, Table, TraceId, UnixNanos};

use crate::attributes::AttributeSet;
use crate::columns::{BytesColumn, IdColumn, TextColumn, optional_span_id, repeated_time, set_time, times};
use crate::decoded::batch;
use crate::envelope::{Names, Rows};
use crate::error::DecodeError;
use crate::events::EventsColumn;
use crate::link_rows::LinkingSpan;
use crate::links::LinksColumn;
use crate::rejection::Rejection;
use crate::source::{Source, SourceColumns};
use crate::tally::Tally;
use crate::text::text;
use crate::wire::Reader;

/// The columns of `spans` while they grow.
#[derive(Debug)]
pub(crate) struct SpanRows<'a> {
    pub(crate) tally: Tally<'a>,
    attribute_set: AttributeSet,
    start_time: Vec<i64>,
    duration_ns: Vec<i64>,
    trace_id: IdColumn<{ TraceId::BYTES }>,
    span_id: IdColumn<{ SpanId::BYTES }>,
    parent_span_id: IdColumn<{ SpanId::BYTES }>,
    trace_state: TextColumn,
    flags: Vec<u32>,
    name: TextColumn,
    kind: Vec<i32>,
    status_code: Vec<i32>,
    status_message: TextColumn,
    events: EventsColumn,
    links: LinksColumn,
    attributes: BytesColumn,
    dropped_attributes_count: Vec<u32>,
    dropped_events_count: Vec<u32>,
    dropped_links_count: Vec<u32>,
    marks: TextColumn,
    source: SourceColumns,
}

/// The scalar fields of a `Span`; the last of each wins.
#[derive(Debug, Default)]
struct Span<'a> {
    trace_id: &'a [u8],
    span_id: &'a [u8],
    trace_state: &'a [u8],
    parent_span_id: &'a [u8],
    flags: u32,
    name: &'a [u8],
    kind: i32,
    start: u64,
    end: u64,
    dropped_attributes_count: u32,
    dropped_events_count: u32,
    dropped_links_count: u32,
    status_message: &'a [u8],
    status_code: i32,
}

impl<'a> SpanRows<'a> {
    pub(crate) fn new(tally: Tally<'a>, block_bytes: u32) -> Self {
        Self {
            tally,
            attribute_set: AttributeSet::default(),
            start_time: Vec::new(),
            duration_ns: Vec::new(),
            trace_id: IdColumn::new(),
            span_id: IdColumn::new(),
            parent_span_id: IdColumn::new(),
            trace_state: TextColumn::new(block_bytes),
            flags: Vec::new(),
            name: TextColumn::new(block_bytes),
            kind: Vec::new(),
            status_code: Vec::new(),
            status_message: TextColumn::new(block_bytes),
            events: EventsColumn::new(block_bytes),
            links: LinksColumn::new(block_bytes),
            attributes: BytesColumn::new(block_bytes),
            dropped_attributes_count: Vec::new(),
            dropped_events_count: Vec::new(),
            dropped_links_count: Vec::new(),
            marks: TextColumn::new(block_bytes),
            source: SourceColumns::new(block_bytes),
        }
    }

    /// Adds the row of a span whose ids are valid. `record` is read again for its events and links: only now is
    /// it known that the span is kept.
    fn push(
        &mut self,
        (trace_id, span_id): (TraceId, SpanId),
        span: &Span<'_>,
        record: Reader<'_>,
        mut marks: Marks,
    ) -> Result<(), DecodeError> {
        let (start, duration_ns) = span_times(span, self.tally.received, &mut marks);
        self.start_time.push(start.get());
        self.duration_ns.push(duration_ns);
        self.trace_id.push(Some(trace_id.as_bytes()));
        self.span_id.push(Some(span_id.as_bytes()));
        self.parent_span_id.push(optional_span_id(span.parent_span_id, &mut marks).as_ref().map(SpanId::as_bytes));
        self.trace_state.push_unless_empty(&text(span.trace_state, Mark::CutBody, &mut marks));
        self.flags.push(span.flags);
        self.name.push(&text(span.name, Mark::CutBody, &mut marks));
        self.kind.push(span.kind);
        self.status_code.push(span.status_code);
        self.status_message.push_unless_empty(&text(span.status_message, Mark::CutBody, &mut marks));
        self.attributes.push(self.attribute_set.as_bytes());
        self.dropped_attributes_count.push(self.attribute_set.dropped(span.dropped_attributes_count));
        self.dropped_events_count.push(span.dropped_events_count);
        self.dropped_links_count.push(span.dropped_links_count);

        let linking = LinkingSpan { start, trace_id, span_id };
        let mut fields = record;
        while let Some(field) = fields.next_field()? {
            match field.number {
                11 => self.events.push(field.message("Event")?, &mut self.tally, &mut marks)?,
                13 => self.links.push(field.message("Link")?, linking, &mut self.tally, &mut marks)?,
                _ => {}
            }
        }
        self.events.end_span();
        self.links.end_span();
        self.marks.push_marks(marks);
        self.source.push_row();
        self.tally.accept(start, marks);
        Ok(())
    }

    /// The batch of each table that has rows; and the counts.
    pub(crate) fn finish(self) -> (Vec<Batch>, Tally<'a>) {
        let rows = self.start_time.len();
        let (links, link_rows) = self.links.finish();
        let [events, exception_type, exception_message] = self.events.finish();
        let mut columns: Vec<ArrayRef> = vec![
            times(self.start_time),
            Arc::new(Int64Array::from(self.duration_ns)),
            repeated_time(self.tally.received, rows),
            self.trace_id.finish(),
            self.span_id.finish(),
            self.parent_span_id.finish(),
            self.trace_state.finish(),
            Arc::new(UInt32Array::from(self.flags)),
            self.name.finish(),
            Arc::new(Int32Array::from(self.kind)),
            Arc::new(Int32Array::from(self.status_code)),
            self.status_message.finish(),
            events,
            links,
            exception_type,
            exception_message,
            self.attributes.finish(),
            Arc::new(UInt32Array::from(self.dropped_attributes_count)),
            Arc::new(UInt32Array::from(self.dropped_events_count)),
            Arc::new(UInt32Array::from(self.dropped_links_count)),
            self.marks.finish(),
        ];
        columns.extend(self.source.finish());
        (batch(Table::Spans, columns).into_iter().chain(link_rows).collect(), self.tally)
    }
}

impl Rows for SpanRows<'_> {
    const NAMES: Names =
        Names { request: "ExportTraceServiceRequest", resource: "ResourceSpans", scope: "ScopeSpans", record: "Span" };

    fn begin_scope(&mut self, _: &Source) {}

    fn record(&mut self, record: Reader<'_>, source: &Source) -> Result<(), DecodeError> {
        self.tally.take_row()?;
        self.attribute_set.clear();
        let mut marks = source.marks();
        let mut span = Span::default();
        let mut fields = record;
        while let Some(field) = fields.next_field()? {
            match field.number {
                1 => span.trace_id = field.bytes()?,
                2 => span.span_id = field.bytes()?,
                3 => span.trace_state = field.bytes()?,
                4 => span.parent_span_id = field.bytes()?,
                5 => span.name = field.bytes()?,
                6 => span.kind = field.int32()?,
                7 => span.start = field.fixed64()?,
                8 => span.end = field.fixed64()?,
                9 => self.attribute_set.push(field.message("KeyValue")?, &mut marks)?,
                10 => span.dropped_attributes_count = field.uint32()?,
                12 => span.dropped_events_count = field.uint32()?,
                14 => span.dropped_links_count = field.uint32()?,
                15 => read_status(field.message("Status")?, &mut span)?,
                16 => span.flags = field.fixed32()?,
                _ => {}
            }
        }
        let Ok(trace_id) = TraceId::from_bytes(span.trace_id) else {
            self.tally.reject(Rejection::TraceId, 1);
            return Ok(());
        };
        let Ok(span_id) = SpanId::from_bytes(span.span_id) else {
            self.tally.reject(Rejection::SpanId, 1);
            return Ok(());
        };
        self.push((trace_id, span_id), &span, record, marks)
    }

    fn end_scope(&mut self, source: &Source) {
        self.source.end_scope(&source.scope);
        self.links.rows.end_scope(source);
    }

    fn end_resource(&mut self, source: &Source) {
        self.source.end_resource(&source.resource);
        self.links.rows.end_resource(source);
    }
}

fn read_status<'a>(mut status: Reader<'a>, span: &mut Span<'a>) -> Result<(), DecodeError> {
    while let Some(field) = status.next_field()? {
        match field.number {
            2 => span.status_message = field.bytes()?,
            3 => span.status_code = field.int32()?,
            _ => {}
        }
    }
    Ok(())
}

/// When it began, and how long it took. A span that never ended took no time; one that never began, began as it
/// ended, or when we heard of it.
#[inline]
fn span_times(span: &Span<'_>, received: UnixNanos, marks: &mut Marks) -> (UnixNanos, i64) {
    match (set_time(span.start), set_time(span.end)) {
        (Some(start), Some(_)) => {
            let duration = i128::from(span.end) - i128::from(span.start);
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
            marks.add(Mark::TimeFromReceipt);
            marks.add(Mark::NoEndTime);
            (received, 0)
        }
    }
}
