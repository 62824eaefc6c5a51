//! Who sent it: OTLP's `Resource`, read once and repeated for all of its records.

use std::sync::Arc;

use arrow::array::{ArrayRef, UInt32Array, UInt64Array};
use model::{Attributes, AttributesWriter, Mark, Marks, ValueRef};

use crate::attributes::AttributeSet;
use crate::columns::{BytesColumn, TextColumn};
use crate::error::DecodeError;
use crate::identity::Identity;
use crate::limits::SHARED_SET_BYTES_MAX;
use crate::text::{shared_text, text};
use crate::wire::Reader;

/// One resource of a request. Its buffers serve the next resource again.
#[derive(Debug)]
pub(crate) struct Resource {
    attributes: AttributeSet,
    dropped: u32,
    schema_url: String,
    entity_refs: AttributesWriter,
    has_entity_refs: bool,
    /// [`Identity::resource_id`].
    pub(crate) id: u64,
    /// What was changed about it, to be said with each of its records.
    pub(crate) marks: Marks,
}

impl Default for Resource {
    fn default() -> Self {
        Self {
            attributes: AttributeSet::of_shared(),
            dropped: 0,
            schema_url: String::new(),
            entity_refs: AttributesWriter::default(),
            has_entity_refs: false,
            id: 0,
            marks: Marks::default(),
        }
    }
}

impl Resource {
    /// Reads the resource and schema URL among the direct fields of a `ResourceLogs` (`-Spans`, `-Metrics`).
    ///
    /// They may stand behind the scopes, so that this pass comes first; it steps over what is not its own.
    pub(crate) fn read(&mut self, parent: Reader<'_>, identity: &mut Identity) -> Result<(), DecodeError> {
        self.attributes.clear();
        self.schema_url.clear();
        self.entity_refs.clear();
        self.marks = Marks::default();
        let mut dropped = 0;
        let mut fields = parent;
        while let Some(field) = fields.next_field()? {
            match field.number {
                1 => self.read_message(field.message("Resource")?, &mut dropped)?,
                3 => {
                    self.schema_url.clear();
                    self.schema_url.push_str(&shared_text(field.bytes()?, &mut self.marks));
                }
                _ => {}
            }
        }
        self.dropped = self.attributes.dropped(dropped);
        self.read_entity_refs(parent)?;
        self.id = identity.resource_id(self.attributes.as_bytes());
        Ok(())
    }

    fn read_message(&mut self, mut resource: Reader<'_>, dropped: &mut u32) -> Result<(), DecodeError> {
        while let Some(field) = resource.next_field()? {
            match field.number {
                1 => self.attributes.push(field.message("KeyValue")?, &mut self.marks)?,
                2 => *dropped = field.uint32()?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Entity references become one list of maps; apart from the rest because a list is written in one go.
    fn read_entity_refs(&mut self, mut parent: Reader<'_>) -> Result<(), DecodeError> {
        self.has_entity_refs = false;
        let list = self.entity_refs.begin_list();
        while let Some(field) = parent.next_field()? {
            if field.number != 1 {
                continue;
            }
            let mut resource = field.message("Resource")?;
            while let Some(field) = resource.next_field()? {
                if field.number == 3 {
                    self.has_entity_refs = true;
                    entity_ref(field.message("EntityRef")?, &mut self.entity_refs, &mut self.marks)?;
                }
            }
        }
        self.entity_refs.end(list);
        if self.entity_refs.as_bytes().len() > SHARED_SET_BYTES_MAX {
            self.has_entity_refs = false;
            self.marks.add(Mark::DroppedAttributes);
        }
        Ok(())
    }

    /// The attribute under the key, if it is text that is not empty.
    fn text(&self, key: &str) -> Option<&str> {
        match Attributes::new(self.attributes.as_bytes()).get(key) {
            Some(ValueRef::Text(text)) if !text.is_empty() => Some(text),
            _ => None,
        }
    }
}

/// Writes one `EntityRef` as a map `{schema_url, type, id_keys, description_keys}`.
fn entity_ref(entity: Reader<'_>, writer: &mut AttributesWriter, marks: &mut Marks) -> Result<(), DecodeError> {
    let (mut schema_url, mut kind): (&[u8], &[u8]) = (&[], &[]);
    let mut fields = entity;
    while let Some(field) = fields.next_field()? {
        match field.number {
            1 => schema_url = field.bytes()?,
            2 => kind = field.bytes()?,
            _ => {}
        }
    }
    let map = writer.begin_map();
    for (key, value) in [("schema_url", schema_url), ("type", kind)] {
        writer.key(key);
        writer.text(&text(value, Mark::CutAttribute, marks));
    }
    for (key, number) in [("id_keys", 3), ("description_keys", 4)] {
        writer.key(key);
        let list = writer.begin_list();
        let mut fields = entity;
        while let Some(field) = fields.next_field()? {
            if field.number == number {
                writer.text(&text(field.bytes()?, Mark::CutAttribute, marks));
            }
        }
        writer.end(list);
    }
    writer.end(map);
    Ok(())
}

/// The resource's columns, in the order of the schema.
#[derive(Debug)]
pub(crate) struct ResourceColumns {
    service_name: TextColumn,
    service_namespace: TextColumn,
    deployment_environment: TextColumn,
    id: Vec<u64>,
    attributes: BytesColumn,
    schema_url: TextColumn,
    dropped: Vec<u32>,
    entity_refs: BytesColumn,
}

impl ResourceColumns {
    pub(crate) fn new(block_bytes: u32) -> Self {
        Self {
            service_name: TextColumn::of_shared(block_bytes),
            service_namespace: TextColumn::of_shared(block_bytes),
            deployment_environment: TextColumn::of_shared(block_bytes),
            id: Vec::new(),
            attributes: BytesColumn::of_shared(block_bytes),
            schema_url: TextColumn::of_shared(block_bytes),
            dropped: Vec::new(),
            entity_refs: BytesColumn::of_shared(block_bytes),
        }
    }

    /// The same resource in that many rows; its bytes are stored once.
    pub(crate) fn repeat(&mut self, resource: &Resource, rows: usize) {
        let text = |key| resource.text(key).unwrap_or_default();
        let environment =
            resource.text("deployment.environment.name").unwrap_or_else(|| text("deployment.environment"));
        self.service_name.repeat_unless_empty(text("service.name"), rows);
        self.service_namespace.repeat_unless_empty(text("service.namespace"), rows);
        self.deployment_environment.repeat_unless_empty(environment, rows);
        self.id.resize(self.id.len() + rows, resource.id);
        self.attributes.repeat(Some(resource.attributes.as_bytes()), rows);
        self.schema_url.repeat_unless_empty(&resource.schema_url, rows);
        self.dropped.resize(self.dropped.len() + rows, resource.dropped);
        self.entity_refs.repeat(resource.has_entity_refs.then(|| resource.entity_refs.as_bytes()), rows);
    }

    pub(crate) fn finish(self) -> [ArrayRef; 8] {
        [
            self.service_name.finish(),
            self.service_namespace.finish(),
            self.deployment_environment.finish(),
            Arc::new(UInt64Array::from(self.id)),
            self.attributes.finish(),
            self.schema_url.finish(),
            Arc::new(UInt32Array::from(self.dropped)),
            self.entity_refs.finish(),
        ]
    }
}
