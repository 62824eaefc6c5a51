//! Links to spans of other traces → rows of `links`.

use std::sync::Arc;

use arrow::array::{ArrayRef, UInt32Array};
use model::{Batch, SpanId, Table, TraceId, UnixNanos};

use crate::columns::{IdColumn, times};
use crate::decoded::batch;
use crate::source::{Source, SourceColumns};

/// The span that links are read of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LinkingSpan {
    pub(crate) start: UnixNanos,
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
}

/// The columns of `links` while they grow. Most requests have no links: nothing is allocated before the first.
#[derive(Debug)]
pub(crate) struct LinkRows {
    time: Vec<i64>,
    trace_id: IdColumn<{ TraceId::BYTES }>,
    span_id: IdColumn<{ SpanId::BYTES }>,
    from_trace_id: IdColumn<{ TraceId::BYTES }>,
    from_span_id: IdColumn<{ SpanId::BYTES }>,
    flags: Vec<u32>,
    source: SourceColumns,
}

impl LinkRows {
    pub(crate) fn new(block_bytes: u32) -> Self {
        Self {
            time: Vec::new(),
            trace_id: IdColumn::new(),
            span_id: IdColumn::new(),
            from_trace_id: IdColumn::new(),
            from_span_id: IdColumn::new(),
            flags: Vec::new(),
            source: SourceColumns::new(block_bytes),
        }
    }

    /// Adds a link, unless it leads to its own trace. Its row of the request's budget is the link's own: both together
    /// have no more columns than a span.
    pub(crate) fn push(&mut self, from: LinkingSpan, (trace_id, span_id): (TraceId, SpanId), flags: u32) {
        if trace_id == from.trace_id {
            return;
        }
        self.time.push(from.start.get());
        self.trace_id.push(Some(trace_id.as_bytes()));
        self.span_id.push(Some(span_id.as_bytes()));
        self.from_trace_id.push(Some(from.trace_id.as_bytes()));
        self.from_span_id.push(Some(from.span_id.as_bytes()));
        self.flags.push(flags);
        self.source.push_row();
    }

    pub(crate) fn end_scope(&mut self, source: &Source) {
        self.source.end_scope(&source.scope);
    }

    pub(crate) fn end_resource(&mut self, source: &Source) {
        self.source.end_resource(&source.resource);
    }

    /// The batch; `None` without rows.
    pub(crate) fn finish(self) -> Option<Batch> {
        if self.time.is_empty() {
            return None;
        }
        let mut columns: Vec<ArrayRef> = vec![
            times(self.time),
            self.trace_id.finish(),
            self.span_id.finish(),
            self.from_trace_id.finish(),
            self.from_span_id.finish(),
            Arc::new(UInt32Array::from(self.flags)),
        ];
        columns.extend(self.source.finish());
        batch(Table::Links, columns)
    }
}
