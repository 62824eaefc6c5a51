//! OTLP logs → rows of `logs`.

use std::sync::Arc;

use arrow::array::{ArrayRef, Int32Array, UInt32Array};
use model::{Batch, Mark, Marks, SpanId, Table, TraceId, UnixNanos};

use crate::attributes::AttributeSet;
use crate::body::BodyColumns;
use crate::columns::{
    BytesColumn, IdColumn, TextColumn, optional_span_id, optional_times, optional_trace_id, repeated_time, set_time,
    times,
};
use crate::decoded::batch;
use crate::envelope::{Names, Rows};
use crate::error::DecodeError;
use crate::source::{Source, SourceColumns};
use crate::tally::Tally;
use crate::text::text;
use crate::wire::Reader;

/// The columns of `logs` while they grow.
#[derive(Debug)]
pub(crate) struct LogRows<'a> {
    pub(crate) tally: Tally<'a>,
    attribute_set: AttributeSet,
    time: Vec<i64>,
    observed_time: Vec<Option<i64>>,
    severity_number: Vec<i32>,
    severity_text: TextColumn,
    body: BodyColumns,
    event_name: TextColumn,
    trace_id: IdColumn<{ TraceId::BYTES }>,
    span_id: IdColumn<{ SpanId::BYTES }>,
    flags: Vec<u32>,
    attributes: BytesColumn,
    dropped_attributes_count: Vec<u32>,
    marks: TextColumn,
    source: SourceColumns,
}

/// The scalar fields of a `LogRecord`; the last of each wins.
#[derive(Debug, Default)]
struct LogRecord<'a> {
    time: u64,
    observed_time: u64,
    severity_number: i32,
    severity_text: &'a [u8],
    body: Option<Reader<'a>>,
    dropped_attributes_count: u32,
    flags: u32,
    trace_id: &'a [u8],
    span_id: &'a [u8],
    event_name: &'a [u8],
}

impl<'a> LogRows<'a> {
    pub(crate) fn new(tally: Tally<'a>, block_bytes: u32) -> Self {
        Self {
            tally,
            attribute_set: AttributeSet::default(),
            time: Vec::new(),
            observed_time: Vec::new(),
            severity_number: Vec::new(),
            severity_text: TextColumn::new(block_bytes),
            body: BodyColumns::new(block_bytes),
            event_name: TextColumn::new(block_bytes),
            trace_id: IdColumn::new(),
            span_id: IdColumn::new(),
            flags: Vec::new(),
            attributes: BytesColumn::new(block_bytes),
            dropped_attributes_count: Vec::new(),
            marks: TextColumn::new(block_bytes),
            source: SourceColumns::new(block_bytes),
        }
    }

    fn push(&mut self, log: &LogRecord<'_>, mut marks: Marks) -> Result<(), DecodeError> {
        let time = log_time(log, self.tally.received, &mut marks);
        self.time.push(time.get());
        self.observed_time.push(set_time(log.observed_time).map(UnixNanos::get));
        self.severity_number.push(log.severity_number);
        self.severity_text.push_unless_empty(&text(log.severity_text, Mark::CutBody, &mut marks));
        self.body.push(log.body, &mut marks)?;
        self.event_name.push_unless_empty(&text(log.event_name, Mark::CutBody, &mut marks));
        self.trace_id.push(optional_trace_id(log.trace_id, &mut marks).as_ref().map(TraceId::as_bytes));
        self.span_id.push(optional_span_id(log.span_id, &mut marks).as_ref().map(SpanId::as_bytes));
        self.flags.push(log.flags);
        self.attributes.push(self.attribute_set.as_bytes());
        self.dropped_attributes_count.push(self.attribute_set.dropped(log.dropped_attributes_count));
        self.marks.push_marks(marks);
        self.source.push_row();
        self.tally.accept(time, marks);
        Ok(())
    }

    /// The batch, unless there are no rows; and the counts.
    pub(crate) fn finish(self) -> (Vec<Batch>, Tally<'a>) {
        let rows = self.time.len();
        let [body, body_value] = self.body.finish();
        let mut columns: Vec<ArrayRef> = vec![
            times(self.time),
            optional_times(self.observed_time),
            repeated_time(self.tally.received, rows),
            Arc::new(Int32Array::from(self.severity_number)),
            self.severity_text.finish(),
            body,
            body_value,
            self.event_name.finish(),
            self.trace_id.finish(),
            self.span_id.finish(),
            Arc::new(UInt32Array::from(self.flags)),
            self.attributes.finish(),
            Arc::new(UInt32Array::from(self.dropped_attributes_count)),
            self.marks.finish(),
        ];
        columns.extend(self.source.finish());
        (batch(Table::Logs, columns).into_iter().collect(), self.tally)
    }
}

impl Rows for LogRows<'_> {
    const NAMES: Names = Names {
        request: "ExportLogsServiceRequest",
        resource: "ResourceLogs",
        scope: "ScopeLogs",
        record: "LogRecord",
    };

    fn begin_scope(&mut self, _: &Source) {}

    fn record(&mut self, mut record: Reader<'_>, source: &Source) -> Result<(), DecodeError> {
        self.tally.take_row()?;
        self.attribute_set.clear();
        let mut marks = source.marks();
        let mut log = LogRecord::default();
        while let Some(field) = record.next_field()? {
            match field.number {
                1 => log.time = field.fixed64()?,
                2 => log.severity_number = field.int32()?,
                3 => log.severity_text = field.bytes()?,
                5 => log.body = Some(field.message("AnyValue")?),
                6 => self.attribute_set.push(field.message("KeyValue")?, &mut marks)?,
                7 => log.dropped_attributes_count = field.uint32()?,
                8 => log.flags = field.fixed32()?,
                9 => log.trace_id = field.bytes()?,
                10 => log.span_id = field.bytes()?,
                11 => log.observed_time = field.fixed64()?,
                12 => log.event_name = field.bytes()?,
                _ => {}
            }
        }
        self.push(&log, marks)
    }

    fn end_scope(&mut self, source: &Source) {
        self.source.end_scope(&source.scope);
    }

    fn end_resource(&mut self, source: &Source) {
        self.source.end_resource(&source.resource);
    }
}

/// When it happened, or the best that is known.
#[inline]
fn log_time(log: &LogRecord<'_>, received: UnixNanos, marks: &mut Marks) -> UnixNanos {
    if let Some(time) = set_time(log.time) {
        return time;
    }
    if let Some(observed) = set_time(log.observed_time) {
        marks.add(Mark::TimeFromObserved);
        return observed;
    }
    marks.add(Mark::TimeFromReceipt);
    received
}
