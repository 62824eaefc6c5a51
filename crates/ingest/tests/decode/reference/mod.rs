//! The plain way from OTLP messages, as `opentelemetry-proto` decodes them, to the same text as `rows`.
//!
//! Written from the tables' documentation and nothing else; it shares no code with the crate. Limits on sizes are
//! left out: arbitrary requests stay below them.

mod logs;
mod spans;
mod metrics;

use model::{AttributesWriter, Mark, Marks, Value, hex};
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::resource::v1::Resource;
use xxhash_rust::xxh3::xxh3_64;

pub(crate) use logs::logs;
pub(crate) use metrics::metrics;
pub(crate) use spans::spans;

use crate::rows::{RECEIVED, any, entries};

/// What `Decoded` should say.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Expected {
    pub(crate) rows: Vec<String>,
    pub(crate) records: u64,
    pub(crate) rejected: u64,
    pub(crate) marked: u64,
    pub(crate) newest: Option<i64>,
}

impl Expected {
    fn accept(&mut self, time: i64, marks: Marks) {
        self.records += 1;
        self.marked += u64::from(Mark::ALL.into_iter().any(|mark| marks.contains(mark) && !is_time(mark)));
        if !marks.contains(Mark::TimeFromReceipt) {
            self.newest = self.newest.max(Some(time));
        }
    }
}

fn is_time(mark: Mark) -> bool {
    matches!(mark, Mark::TimeFromObserved | Mark::TimeFromReceipt)
}

/// One row in the making.
pub(crate) struct Row(String);

impl Row {
    fn new(table: &str) -> Self {
        Self(format!("{table}\n"))
    }

    /// A column that cannot be null; its default is not shown.
    fn required(&mut self, name: &str, cell: impl ToString) {
        let cell = cell.to_string();
        if !["0", "0.0", "\"\"", "{}", "[]"].contains(&cell.as_str()) {
            self.optional(name, Some(cell));
        }
    }

    /// A column that is null where there is no cell.
    fn optional(&mut self, name: &str, cell: Option<impl ToString>) {
        if let Some(cell) = cell {
            self.0 += &format!("  {name}: {}\n", cell.to_string());
        }
    }

    /// A text column that is null where the text is empty.
    fn text(&mut self, name: &str, text: &str) {
        self.optional(name, (!text.is_empty()).then(|| format!("{text:?}")));
    }

    fn marks(&mut self, marks: Marks) {
        self.text("marks", &marks.to_string());
    }
}

fn value(value: Option<&AnyValue>) -> Value {
    match value.and_then(|value| value.value.as_ref()) {
        None | Some(any_value::Value::StringValueStrindex(_)) => Value::Null,
        Some(any_value::Value::StringValue(text)) => Value::Text(text.clone()),
        Some(any_value::Value::BoolValue(value)) => Value::Bool(*value),
        Some(any_value::Value::IntValue(value)) => Value::Int(*value),
        Some(any_value::Value::DoubleValue(value)) => Value::Float(*value),
        Some(any_value::Value::BytesValue(bytes)) => Value::Bytes(bytes.clone()),
        Some(any_value::Value::ArrayValue(list)) => {
            Value::List(list.values.iter().map(|element| self::value(Some(element))).collect())
        }
        Some(any_value::Value::KvlistValue(map)) => Value::Map(attributes(&map.values)),
    }
}

fn attributes(attributes: &[KeyValue]) -> Vec<(String, Value)> {
    attributes.iter().map(|attribute| (attribute.key.clone(), value(attribute.value.as_ref()))).collect()
}

fn attribute_text(attributes: &[(String, Value)], key: &str) -> Option<String> {
    match attributes.iter().find(|(found, _)| found == key) {
        Some((_, Value::Text(text))) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// A time that is null where it is zero.
fn optional_time(nanos: u64) -> Option<i64> {
    (nanos != 0).then(|| i64::try_from(nanos).unwrap_or(i64::MAX))
}

/// An id where none is required.
fn optional_id(id: &[u8], length: usize, marks: &mut Marks) -> Option<String> {
    if id.is_empty() || id == vec![0; length] {
        return None;
    }
    if id.len() != length {
        marks.add(Mark::InvalidId);
        return None;
    }
    Some(hex(id))
}

/// `attributes` in canonical form.
fn canonical(attributes: &[(String, Value)]) -> Vec<u8> {
    let mut encoded: Vec<(&str, Vec<u8>, Vec<u8>)> = Vec::new();
    for (key, value) in attributes {
        let (mut whole, mut alone) = (AttributesWriter::new(), AttributesWriter::new());
        whole.key(key);
        whole.value(value);
        alone.value(value);
        encoded.push((key, alone.as_bytes().to_vec(), whole.as_bytes().to_vec()));
    }
    encoded.sort();
    encoded.into_iter().flat_map(|(_, _, whole)| whole).collect()
}

/// Where records come from.
struct Source<'a> {
    resource: Resource,
    resource_schema_url: &'a str,
    scope: InstrumentationScope,
    scope_schema_url: &'a str,
}

impl Source<'_> {
    fn resource_id(&self) -> u64 {
        xxh3_64(&canonical(&attributes(&self.resource.attributes)))
    }

    fn show(&self, row: &mut Row) {
        let attributes_of_resource = attributes(&self.resource.attributes);
        let text = |key| attribute_text(&attributes_of_resource, key);
        let environment = text("deployment.environment.name").or_else(|| text("deployment.environment"));
        row.text("service_name", &text("service.name").unwrap_or_default());
        row.text("service_namespace", &text("service.namespace").unwrap_or_default());
        row.text("deployment_environment", &environment.unwrap_or_default());
        row.required("resource_id", self.resource_id());
        row.required("resource_attributes", entries(&attributes_of_resource));
        row.text("resource_schema_url", self.resource_schema_url);
        row.required("resource_dropped_attributes_count", self.resource.dropped_attributes_count);
        let texts = |texts: &[String]| Value::List(texts.iter().cloned().map(Value::Text).collect());
        let refs = self.resource.entity_refs.iter().map(|entity| {
            Value::Map(vec![
                ("schema_url".to_owned(), Value::Text(entity.schema_url.clone())),
                ("type".to_owned(), Value::Text(entity.r#type.clone())),
                ("id_keys".to_owned(), texts(&entity.id_keys)),
                ("description_keys".to_owned(), texts(&entity.description_keys)),
            ])
        });
        let refs = Value::List(refs.collect());
        row.optional("resource_entity_refs", (refs != Value::List(vec![])).then(|| any(&refs)));
        row.text("scope_name", &self.scope.name);
        row.text("scope_version", &self.scope.version);
        row.required("scope_attributes", entries(&attributes(&self.scope.attributes)));
        row.text("scope_schema_url", self.scope_schema_url);
        row.required("scope_dropped_attributes_count", self.scope.dropped_attributes_count);
    }
}
