//! The columns of `logs`: one row is one log record.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};

use crate::columns::{attributes, count, optional_time, resource_and_scope, span_id, text, time, trace_id, value};

/// - `time`: when it happened; where the sender gave none, `observed_time`, else the time of receipt (then marked).
/// - `observed_time`: when the collector saw it. `received_time`: when Nunchi did.
/// - `severity_number`: 0 (unset) to 24. `severity_text`: the sender's word.
/// - `body`: the text; a structured body as JSON. `body_value`: the structured body, typed; null for text.
/// - `event_name`, `trace_id` (16 bytes), `span_id` (8 bytes), `flags`: as sent; null where empty.
/// - `attributes`, `dropped_attributes_count`: as sent; our own limits add to the count.
/// - `marks`: comma-separated words for what was changed on arrival; null for nothing. See [`crate::Mark`].
/// - the resource and scope columns.
pub(crate) fn schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        let mut fields = vec![
            time("time"),
            optional_time("observed_time"),
            time("received_time"),
            Field::new("severity_number", DataType::Int32, false),
            text("severity_text"),
            text("body"),
            value("body_value"),
            text("event_name"),
            trace_id(),
            span_id("span_id"),
            Field::new("flags", DataType::UInt32, false),
            attributes("attributes"),
            count("dropped_attributes_count"),
            text("marks"),
        ];
        fields.extend(resource_and_scope());
        Arc::new(Schema::new(fields))
    });
    Arc::clone(&SCHEMA)
}
