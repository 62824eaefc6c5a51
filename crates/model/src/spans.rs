//! The columns of `spans`: one row is one span, always.

use std::sync::{Arc, LazyLock};

use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};

use crate::columns::{attributes, count, list, required_text, resource_and_scope, span_id, text, time, trace_id};

/// - `start_time`; `duration_ns`: end minus start, negative where the sender's clock went backwards.
/// - `received_time`: when Nunchi got it; of two spans with one id the later wins.
/// - `trace_id` (16 bytes), `span_id`, `parent_span_id` (8 bytes; null on a root), `trace_state`, `flags`.
/// - `name`; `kind`: OTLP's number (0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer).
/// - `status_code`: 0 unset, 1 ok, 2 error. `status_message`.
/// - `events`, `links`: as sent, in order.
/// - `exception_type`, `exception_message`: of the first event named `exception`.
/// - `attributes` and the `dropped_…_count`s: as sent; our own limits add to the counts.
/// - `marks`: comma-separated words for what was changed on arrival; null for nothing. See [`crate::Mark`].
/// - the resource and scope columns.
pub(crate) fn schema() -> SchemaRef {
    static SCHEMA: LazyLock<SchemaRef> = LazyLock::new(|| {
        let mut fields = vec![
            time("start_time"),
            Field::new("duration_ns", DataType::Int64, false),
            time("received_time"),
            trace_id(),
            span_id("span_id"),
            span_id("parent_span_id"),
            text("trace_state"),
            Field::new("flags", DataType::UInt32, false),
            required_text("name"),
            Field::new("kind", DataType::Int32, false),
            Field::new("status_code", DataType::Int32, false),
            text("status_message"),
            list("events", DataType::Struct(event_fields())),
            list("links", DataType::Struct(link_fields())),
            text("exception_type"),
            text("exception_message"),
            attributes("attributes"),
            count("dropped_attributes_count"),
            count("dropped_events_count"),
            count("dropped_links_count"),
            text("marks"),
        ];
        fields.extend(resource_and_scope());
        Arc::new(Schema::new(fields))
    });
    Arc::clone(&SCHEMA)
}

/// The fields of one of a span's `events`.
pub fn event_fields() -> Fields {
    vec![time("time"), required_text("name"), attributes("attributes"), count("dropped_attributes_count")].into()
}

/// The fields of one of a span's `links`. Ids are null where the sender's were not ids.
pub fn link_fields() -> Fields {
    vec![
        trace_id(),
        span_id("span_id"),
        text("trace_state"),
        Field::new("flags", DataType::UInt32, false),
        attributes("attributes"),
        count("dropped_attributes_count"),
    ]
    .into()
}
