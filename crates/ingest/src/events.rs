//! The `events` of spans, and the exception columns that are read from them.

use std::sync::Arc;

use arrow::array::{ArrayRef, StructArray, UInt32Array};
use model::{Attributes, Mark, Marks, UnixNanos, ValueRef, event_fields};

use crate::attributes::AttributeSet;
use crate::columns::{BytesColumn, ListOffsets, TextColumn, times};
use crate::error::DecodeError;
use crate::tally::Tally;
use crate::text::text;
use crate::wire::Reader;

/// The columns `events`, `exception_type` and `exception_message`.
#[derive(Debug)]
pub(crate) struct EventsColumn {
    attribute_set: AttributeSet,
    time: Vec<i64>,
    name: TextColumn,
    attributes: BytesColumn,
    dropped_attributes_count: Vec<u32>,
    offsets: ListOffsets,
    /// Whether the current span already had an event named `exception`.
    has_exception: bool,
    exception_type: TextColumn,
    exception_message: TextColumn,
}

impl EventsColumn {
    pub(crate) fn new(block_bytes: u32) -> Self {
        Self {
            attribute_set: AttributeSet::default(),
            time: Vec::new(),
            name: TextColumn::new(block_bytes),
            attributes: BytesColumn::new(block_bytes),
            dropped_attributes_count: Vec::new(),
            offsets: ListOffsets::new(),
            has_exception: false,
            exception_type: TextColumn::new(block_bytes),
            exception_message: TextColumn::new(block_bytes),
        }
    }

    /// Adds an event to the current span.
    pub(crate) fn push(
        &mut self,
        mut event: Reader<'_>,
        tally: &mut Tally<'_>,
        marks: &mut Marks,
    ) -> Result<(), DecodeError> {
        tally.take_row()?;
        self.attribute_set.clear();
        let (mut time, mut name, mut dropped) = (0, &[][..], 0);
        while let Some(field) = event.next_field()? {
            match field.number {
                1 => time = field.fixed64()?,
                2 => name = field.bytes()?,
                3 => self.attribute_set.push(field.message("KeyValue")?, marks)?,
                4 => dropped = field.uint32()?,
                _ => {}
            }
        }
        let name = text(name, Mark::CutBody, marks);
        // As sent: an event without a time is the span's, not the moment's, and stays at zero.
        self.time.push(UnixNanos::from_wire(time).get());
        self.name.push(&name);
        self.attributes.push(self.attribute_set.as_bytes());
        self.dropped_attributes_count.push(self.attribute_set.dropped(dropped));
        if name == "exception" && !self.has_exception {
            self.has_exception = true;
            let attributes = Attributes::new(self.attribute_set.as_bytes());
            push_attribute(&mut self.exception_type, attributes, "exception.type");
            push_attribute(&mut self.exception_message, attributes, "exception.message");
        }
        Ok(())
    }

    /// Ends the events of the current span.
    pub(crate) fn end_span(&mut self) {
        self.offsets.push(self.time.len());
        if !std::mem::take(&mut self.has_exception) {
            self.exception_type.push_null();
            self.exception_message.push_null();
        }
    }

    /// `events`, `exception_type`, `exception_message`.
    pub(crate) fn finish(self) -> [ArrayRef; 3] {
        let columns: Vec<ArrayRef> = vec![
            times(self.time),
            self.name.finish(),
            self.attributes.finish(),
            Arc::new(UInt32Array::from(self.dropped_attributes_count)),
        ];
        let events = self.offsets.finish(Arc::new(StructArray::new(event_fields(), columns, None)));
        [events, self.exception_type.finish(), self.exception_message.finish()]
    }
}

/// The attribute under the key if it is text; null where it is not, or empty.
fn push_attribute(column: &mut TextColumn, attributes: Attributes<'_>, key: &str) {
    match attributes.get(key) {
        Some(ValueRef::Text(text)) => column.push_unless_empty(text),
        _ => column.push_null(),
    }
}
