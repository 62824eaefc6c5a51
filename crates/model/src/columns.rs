//! Columns that several tables share, and the Arrow types that all of them use.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, TimeUnit};

use crate::{SpanId, TraceId};

/// Metadata key of a column whose bytes are a set of attributes or one value.
pub const CONTENT_KEY: &str = "nunchi.content";
/// Content of a column that holds sets of attributes in [`crate::CODEC`].
pub const CONTENT_ATTRIBUTES: &str = "attributes";
/// Content of a column that holds one encoded value each.
pub const CONTENT_VALUE: &str = "value";
/// Content of a column that holds ids, shown as hex.
pub const CONTENT_ID: &str = "id";

/// UTC time in nanoseconds.
pub(crate) fn time_type() -> DataType {
    DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()))
}

pub(crate) fn time(name: &str) -> Field {
    Field::new(name, time_type(), false)
}

pub(crate) fn optional_time(name: &str) -> Field {
    Field::new(name, time_type(), true)
}

pub(crate) fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8View, true)
}

pub(crate) fn required_text(name: &str) -> Field {
    Field::new(name, DataType::Utf8View, false)
}

pub(crate) fn count(name: &str) -> Field {
    Field::new(name, DataType::UInt32, false)
}

pub(crate) fn attributes(name: &str) -> Field {
    content(Field::new(name, DataType::BinaryView, false), CONTENT_ATTRIBUTES)
}

pub(crate) fn value(name: &str) -> Field {
    content(Field::new(name, DataType::BinaryView, true), CONTENT_VALUE)
}

pub(crate) fn trace_id() -> Field {
    id("trace_id", TraceId::BYTES)
}

pub(crate) fn span_id(name: &str) -> Field {
    id(name, SpanId::BYTES)
}

/// An id of so many bytes.
pub(crate) fn id(name: &str, bytes: usize) -> Field {
    content(Field::new(name, DataType::FixedSizeBinary(bytes as i32), true), CONTENT_ID)
}

pub(crate) fn list(name: &str, item: DataType) -> Field {
    Field::new(name, DataType::List(Arc::new(Field::new("item", item, false))), false)
}

/// Who sent it: the same columns in every table that has them.
///
/// - `service_name`, `service_namespace`, `deployment_environment`: from the resource's attributes
///   `service.name`, `service.namespace`, `deployment.environment.name` (or the older `deployment.environment`).
/// - `resource_id`: xxh3-64 of the resource's attributes in canonical order; equal resources have equal ids.
/// - `resource_attributes`, `resource_schema_url`, `resource_dropped_attributes_count`: as sent.
/// - `resource_entity_refs`: OTLP's `entity_refs` as a list value; null where none were sent.
/// - `scope_*`: the instrumentation scope, as sent.
pub(crate) fn resource_and_scope() -> Vec<Field> {
    vec![
        text("service_name"),
        text("service_namespace"),
        text("deployment_environment"),
        Field::new("resource_id", DataType::UInt64, false),
        attributes("resource_attributes"),
        text("resource_schema_url"),
        count("resource_dropped_attributes_count"),
        value("resource_entity_refs"),
        text("scope_name"),
        text("scope_version"),
        attributes("scope_attributes"),
        text("scope_schema_url"),
        count("scope_dropped_attributes_count"),
    ]
}

fn content(field: Field, content: &str) -> Field {
    field.with_metadata([(CONTENT_KEY.to_owned(), content.to_owned())].into())
}
