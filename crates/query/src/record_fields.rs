//! What a text query can name in a record: well-known fields, then attributes wherever they stand.
//!
//! | field | logs | spans |
//! |---|---|---|
//! | (no field) | body | name and status message |
//! | `service`, `trace_id`, `span_id`, `scope`, `scope_version` | yes | yes |
//! | `severity`, `severity_number`, `event` | yes | |
//! | `name`, `kind`, `status`, `duration` (nanoseconds), `event` (names of its events) | | yes |
//! | any other | attributes of the record, its resource and its scope | and of its events and links |
//!
//! A field that an attribute has too is looked up in both. `otel.scope.name`, `otel.scope.version` and `span.kind` are
//! what these are called where they had to become attributes.

use std::borrow::Cow;
use std::collections::BTreeSet;

use arrow::array::{Array, AsArray};
use model::{Attributes, Table, TextNode, TextQuery, TextRecord, TextTerm, ValueRef, hex};

use crate::cells::Cells;

/// One row as a text query sees it.
pub(crate) struct TextRow<'a> {
    pub(crate) fields: &'a RecordFields<'a>,
    pub(crate) row: usize,
}

impl TextRecord for TextRow<'_> {
    fn text(&self) -> Cow<'_, str> {
        self.fields.text(self.row)
    }

    fn any_value(&self, field: &str, test: &mut dyn FnMut(ValueRef<'_>) -> bool) -> bool {
        self.fields.any_value(self.row, field, test)
    }
}

/// The fields of the rows of one batch.
#[derive(Debug)]
pub(crate) struct RecordFields<'a> {
    table: Table,
    cells: Cells<'a>,
}

impl<'a> RecordFields<'a> {
    pub(crate) fn new(table: Table, cells: Cells<'a>) -> Self {
        Self { table, cells }
    }

    /// The columns that the query looks at in a record of the table; some come twice.
    pub(crate) fn columns_of(table: Table, query: &TextQuery) -> Vec<&'static str> {
        let mut columns = Vec::new();
        add_columns(table, query.root(), &mut columns);
        columns
    }

    /// The keys of attributes that the query looks at.
    pub(crate) fn keys_of(query: &TextQuery) -> Vec<String> {
        let mut keys = BTreeSet::new();
        add_keys(query.root(), &mut keys);
        keys.into_iter().collect()
    }

    /// Whether all values under the field stand in attributes.
    pub(crate) fn is_attribute(table: Table, field: &str) -> bool {
        well_known_columns(table, field).is_empty()
    }

    /// What words are searched in.
    pub(crate) fn text(&self, row: usize) -> Cow<'a, str> {
        if self.table != Table::Spans {
            return Cow::Borrowed(self.cells.text("body", row).unwrap_or_default());
        }
        let name = self.cells.text("name", row).unwrap_or_default();
        match self.cells.text("status_message", row) {
            Some(message) => Cow::Owned(format!("{name}\n{message}")),
            None => Cow::Borrowed(name),
        }
    }

    /// Whether any value under the field passes the test.
    pub(crate) fn any_value(&self, row: usize, field: &str, test: &mut dyn FnMut(ValueRef<'_>) -> bool) -> bool {
        if self.any_well_known(row, field, test) {
            return true;
        }
        let own = ["attributes", "resource_attributes", "scope_attributes"];
        own.iter().any(|column| any_attribute(self.cells.bytes(column, row), field, test))
            || (self.table == Table::Spans
                && ["events", "links"].iter().any(|list| self.any_nested_attribute(list, row, field, test)))
    }

    fn any_well_known(&self, row: usize, field: &str, test: &mut dyn FnMut(ValueRef<'_>) -> bool) -> bool {
        let cells = self.cells;
        let text = |column: &str| cells.text(column, row).map(ValueRef::Text);
        let int = |column: &str| cells.int(column, row).map(ValueRef::Int);
        let value = match (field, self.table) {
            ("body" | "message", Table::Logs) => text("body"),
            ("service" | "service_name", _) => text("service_name"),
            ("scope" | "scope_name" | "otel.scope.name", _) => text("scope_name"),
            ("scope_version" | "otel.scope.version", _) => text("scope_version"),
            ("severity_number", Table::Logs) => int("severity_number"),
            ("event" | "event_name", Table::Logs) => text("event_name"),
            ("name" | "operation", Table::Spans) => text("name"),
            ("status_message", Table::Spans) => text("status_message"),
            ("duration", Table::Spans) => int("duration_ns"),
            ("kind" | "span.kind", Table::Spans) => Some(ValueRef::Text(span_kind(cells.int("kind", row)))),
            ("status", Table::Spans) => Some(ValueRef::Text(span_status(cells.int("status_code", row)))),
            ("trace_id" | "span_id" | "parent_span_id", _) => {
                return cells.bytes(field, row).is_some_and(|id| test(ValueRef::Text(&hex(id))));
            }
            ("severity" | "level", Table::Logs) => return self.any_severity(row, test),
            ("event" | "event_name", Table::Spans) => return self.any_event_name(row, test),
            _ => None,
        };
        value.is_some_and(test)
    }

    /// The severity in the spellings that people try: `ERROR`, `error`, and the sender's own word.
    fn any_severity(&self, row: usize, test: &mut dyn FnMut(ValueRef<'_>) -> bool) -> bool {
        let own = self.cells.text("severity_text", row);
        let word = severity_word(self.cells.int("severity_number", row), own);
        test(ValueRef::Text(&word))
            || test(ValueRef::Text(&word.to_lowercase()))
            || own.is_some_and(|own| test(ValueRef::Text(own)))
    }

    fn any_event_name(&self, row: usize, test: &mut dyn FnMut(ValueRef<'_>) -> bool) -> bool {
        let Some(events) = self.cells.list("events", row) else { return false };
        let Some(names) = events.as_struct().column_by_name("name") else { return false };
        names.as_string_view().iter().flatten().any(|name| test(ValueRef::Text(name)))
    }

    fn any_nested_attribute(
        &self,
        list: &str,
        row: usize,
        field: &str,
        test: &mut dyn FnMut(ValueRef<'_>) -> bool,
    ) -> bool {
        let Some(items) = self.cells.list(list, row) else { return false };
        if items.is_empty() {
            return false;
        }
        let Some(sets) = items.as_struct().column_by_name("attributes") else { return false };
        sets.as_binary_view().iter().any(|set| any_attribute(set, field, test))
    }
}

fn add_keys(node: &TextNode, keys: &mut BTreeSet<String>) {
    match node {
        TextNode::Term(TextTerm::Field { name, .. }) => _ = keys.insert(name.clone()),
        TextNode::Term(_) => {}
        TextNode::Not(node) => add_keys(node, keys),
        TextNode::And(nodes) | TextNode::Or(nodes) => nodes.iter().for_each(|node| add_keys(node, keys)),
    }
}

fn add_columns(table: Table, node: &TextNode, columns: &mut Vec<&'static str>) {
    match node {
        TextNode::Term(TextTerm::Everything) => {}
        TextNode::Term(TextTerm::Words(_) | TextTerm::Pattern(_)) => {
            columns.extend(table.text_columns());
        }
        TextNode::Term(TextTerm::Field { name, .. }) => {
            columns.extend(well_known_columns(table, name));
            columns.extend(["attributes", "resource_attributes", "scope_attributes"]);
            if table == Table::Spans {
                columns.extend(["events", "links"]);
            }
        }
        TextNode::Not(node) => add_columns(table, node, columns),
        TextNode::And(nodes) | TextNode::Or(nodes) => {
            nodes.iter().for_each(|node| add_columns(table, node, columns));
        }
    }
}

/// The columns that [`RecordFields::any_well_known`] reads.
fn well_known_columns(table: Table, field: &str) -> &'static [&'static str] {
    match (field, table) {
        ("body" | "message", Table::Logs) => &["body"],
        ("service" | "service_name", _) => &["service_name"],
        ("scope" | "scope_name" | "otel.scope.name", _) => &["scope_name"],
        ("scope_version" | "otel.scope.version", _) => &["scope_version"],
        ("severity_number", Table::Logs) => &["severity_number"],
        ("severity" | "level", Table::Logs) => &["severity_number", "severity_text"],
        ("event" | "event_name", Table::Logs) => &["event_name"],
        ("event" | "event_name", Table::Spans) => &["events"],
        ("name" | "operation", Table::Spans) => &["name"],
        ("status_message", Table::Spans) => &["status_message"],
        ("duration", Table::Spans) => &["duration_ns"],
        ("kind" | "span.kind", Table::Spans) => &["kind"],
        ("status", Table::Spans) => &["status_code"],
        ("trace_id", _) => &["trace_id"],
        ("span_id", _) => &["span_id"],
        ("parent_span_id", Table::Spans) => &["parent_span_id"],
        _ => &[],
    }
}

fn any_attribute(set: Option<&[u8]>, field: &str, test: &mut dyn FnMut(ValueRef<'_>) -> bool) -> bool {
    let Some(set) = set else { return false };
    let values = Attributes::new(set).iter().map_while(Result::ok).filter(|entry| entry.key == field);
    values.map(|entry| entry.value).any(test)
}

/// `TRACE` to `FATAL` from the number, else the sender's word, else `UNSET`.
pub(crate) fn severity_word(number: Option<i64>, text: Option<&str>) -> String {
    let from_number = match number.unwrap_or_default() {
        1..=4 => "TRACE",
        5..=8 => "DEBUG",
        9..=12 => "INFO",
        13..=16 => "WARN",
        17..=20 => "ERROR",
        21..=24 => "FATAL",
        _ => return text.filter(|text| !text.is_empty()).map_or_else(|| "UNSET".to_owned(), str::to_uppercase),
    };
    from_number.to_owned()
}

/// OTLP's span kind as a word.
pub(crate) fn span_kind(kind: Option<i64>) -> &'static str {
    match kind {
        Some(1) => "internal",
        Some(2) => "server",
        Some(3) => "client",
        Some(4) => "producer",
        Some(5) => "consumer",
        _ => "unspecified",
    }
}

/// OTLP's status code as a word.
pub(crate) fn span_status(code: Option<i64>) -> &'static str {
    match code {
        Some(1) => "ok",
        Some(2) => "error",
        _ => "unset",
    }
}
