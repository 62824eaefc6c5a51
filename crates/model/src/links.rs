//! The columns of `links`: one row is one link from a span of one trace to a span of another, found by where it leads.
//!
//! Links are stored with the spans that have them, which leads forward. These rows lead back: who links to a span.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::columns::{id, resource_and_scope, span_id, time, trace_id};
use crate::{SpanId, TraceId};

/// - `time`: when the span that has the link began.
/// - `trace_id`, `span_id`: where the link leads.
/// - `from_trace_id`, `from_span_id`: the span that has it. Never of the trace that it leads to: what is in one trace
///   needs no finding.
/// - `flags`: of the link, as sent. What else it says stands in `links` of `spans`.
/// - the resource and scope columns: of the span that has it.
pub(crate) fn schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        let mut fields = vec![
            time("time"),
            trace_id(),
            span_id("span_id"),
            id("from_trace_id", TraceId::BYTES),
            id("from_span_id", SpanId::BYTES),
            Field::new("flags", DataType::UInt32, false),
        ];
        fields.extend(resource_and_scope());
        Arc::new(Schema::new(fields))
    });
    Arc::clone(&SCHEMA)
}
