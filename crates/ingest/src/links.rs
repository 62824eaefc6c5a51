//! The `links` of spans.

use std::sync::Arc;

use arrow::array::{ArrayRef, StructArray, UInt32Array};
use model::{Batch, Mark, Marks, SpanId, TraceId, link_fields};

use crate::attributes::AttributeSet;
use crate::columns::{BytesColumn, IdColumn, ListOffsets, TextColumn};
use crate::error::DecodeError;
use crate::link_rows::{LinkRows, LinkingSpan};
use crate::tally::Tally;
use crate::text::text;
use crate::wire::Reader;

/// The column `links`, and the rows of the table of that name.
#[derive(Debug)]
pub(crate) struct LinksColumn {
    attribute_set: AttributeSet,
    trace_id: IdColumn<{ TraceId::BYTES }>,
    span_id: IdColumn<{ SpanId::BYTES }>,
    trace_state: TextColumn,
    flags: Vec<u32>,
    attributes: BytesColumn,
    dropped_attributes_count: Vec<u32>,
    offsets: ListOffsets,
    pub(crate) rows: LinkRows,
}

impl LinksColumn {
    pub(crate) fn new(block_bytes: u32) -> Self {
        Self {
            attribute_set: AttributeSet::default(),
            trace_id: IdColumn::new(),
            span_id: IdColumn::new(),
            trace_state: TextColumn::new(block_bytes),
            flags: Vec::new(),
            attributes: BytesColumn::new(block_bytes),
            dropped_attributes_count: Vec::new(),
            offsets: ListOffsets::new(),
            rows: LinkRows::new(block_bytes),
        }
    }

    /// Adds a link of the current span. A link without ids still says something by its attributes: it is kept,
    /// and the span marked.
    pub(crate) fn push(
        &mut self,
        mut link: Reader<'_>,
        from: LinkingSpan,
        tally: &mut Tally<'_>,
        marks: &mut Marks,
    ) -> Result<(), DecodeError> {
        tally.take_row()?;
        self.attribute_set.clear();
        let (mut trace_id, mut span_id, mut trace_state) = (&[][..], &[][..], &[][..]);
        let (mut flags, mut dropped) = (0, 0);
        while let Some(field) = link.next_field()? {
            match field.number {
                1 => trace_id = field.bytes()?,
                2 => span_id = field.bytes()?,
                3 => trace_state = field.bytes()?,
                4 => self.attribute_set.push(field.message("KeyValue")?, marks)?,
                5 => dropped = field.uint32()?,
                6 => flags = field.fixed32()?,
                _ => {}
            }
        }
        let (trace_id, span_id) = (TraceId::from_bytes(trace_id).ok(), SpanId::from_bytes(span_id).ok());
        match (trace_id, span_id) {
            (Some(trace_id), Some(span_id)) => self.rows.push(from, (trace_id, span_id), flags),
            _ => marks.add(Mark::InvalidId),
        }
        self.trace_id.push(trace_id.as_ref().map(TraceId::as_bytes));
        self.span_id.push(span_id.as_ref().map(SpanId::as_bytes));
        self.trace_state.push_unless_empty(&text(trace_state, Mark::CutBody, marks));
        self.flags.push(flags);
        self.attributes.push(self.attribute_set.as_bytes());
        self.dropped_attributes_count.push(self.attribute_set.dropped(dropped));
        Ok(())
    }

    /// Ends the links of the current span.
    pub(crate) fn end_span(&mut self) {
        self.offsets.push(self.flags.len());
    }

    /// The column, and the batch of the table where there is one.
    pub(crate) fn finish(self) -> (ArrayRef, Option<Batch>) {
        let columns: Vec<ArrayRef> = vec![
            self.trace_id.finish(),
            self.span_id.finish(),
            self.trace_state.finish(),
            Arc::new(UInt32Array::from(self.flags)),
            self.attributes.finish(),
            Arc::new(UInt32Array::from(self.dropped_attributes_count)),
        ];
        let column = self.offsets.finish(Arc::new(StructArray::new(link_fields(), columns, None)));
        (column, self.rows.finish())
    }
}
