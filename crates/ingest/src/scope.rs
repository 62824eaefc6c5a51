//! Which library said it: OTLP's `InstrumentationScope`, read once and repeated for all of its records.

use std::sync::Arc;

use arrow::array::{ArrayRef, UInt32Array};
use model::Marks;

use crate::attributes::AttributeSet;
use crate::columns::{BytesColumn, TextColumn};
use crate::error::DecodeError;
use crate::identity::Identity;
use crate::text::shared_text;
use crate::wire::Reader;

/// One instrumentation scope of a request. Its buffers serve the next scope again.
#[derive(Debug)]
pub(crate) struct Scope {
    name: String,
    version: String,
    attributes: AttributeSet,
    schema_url: String,
    dropped: u32,
    /// What was changed about it, to be said with each of its records.
    pub(crate) marks: Marks,
}

impl Default for Scope {
    fn default() -> Self {
        let (name, version, schema_url) = Default::default();
        let attributes = AttributeSet::of_shared();
        Self { name, version, attributes, schema_url, dropped: 0, marks: Marks::default() }
    }
}

impl Scope {
    /// Reads the scope and schema URL among the direct fields of a `ScopeLogs` (`-Spans`, `-Metrics`).
    ///
    /// They may stand behind the records, so that this pass comes first; it steps over what is not its own.
    pub(crate) fn read(&mut self, mut parent: Reader<'_>) -> Result<(), DecodeError> {
        self.name.clear();
        self.version.clear();
        self.attributes.clear();
        self.schema_url.clear();
        self.marks = Marks::default();
        let mut dropped = 0;
        while let Some(field) = parent.next_field()? {
            match field.number {
                1 => self.read_message(field.message("InstrumentationScope")?, &mut dropped)?,
                3 => replace(&mut self.schema_url, field.bytes()?, &mut self.marks),
                _ => {}
            }
        }
        self.dropped = self.attributes.dropped(dropped);
        Ok(())
    }

    /// [`Identity::scope_id`].
    pub(crate) fn id(&self, identity: &mut Identity) -> u64 {
        identity.scope_id(&self.name, &self.version, self.attributes.as_bytes())
    }

    fn read_message(&mut self, mut scope: Reader<'_>, dropped: &mut u32) -> Result<(), DecodeError> {
        while let Some(field) = scope.next_field()? {
            match field.number {
                1 => replace(&mut self.name, field.bytes()?, &mut self.marks),
                2 => replace(&mut self.version, field.bytes()?, &mut self.marks),
                3 => self.attributes.push(field.message("KeyValue")?, &mut self.marks)?,
                4 => *dropped = field.uint32()?,
                _ => {}
            }
        }
        Ok(())
    }
}

fn replace(target: &mut String, bytes: &[u8], marks: &mut Marks) {
    target.clear();
    target.push_str(&shared_text(bytes, marks));
}

/// The scope's columns, in the order of the schema.
#[derive(Debug)]
pub(crate) struct ScopeColumns {
    name: TextColumn,
    version: TextColumn,
    attributes: BytesColumn,
    schema_url: TextColumn,
    dropped: Vec<u32>,
}

impl ScopeColumns {
    pub(crate) fn new(block_bytes: u32) -> Self {
        Self {
            name: TextColumn::of_shared(block_bytes),
            version: TextColumn::of_shared(block_bytes),
            attributes: BytesColumn::of_shared(block_bytes),
            schema_url: TextColumn::of_shared(block_bytes),
            dropped: Vec::new(),
        }
    }

    /// The same scope in that many rows; its bytes are stored once.
    pub(crate) fn repeat(&mut self, scope: &Scope, rows: usize) {
        self.name.repeat_unless_empty(&scope.name, rows);
        self.version.repeat_unless_empty(&scope.version, rows);
        self.attributes.repeat(Some(scope.attributes.as_bytes()), rows);
        self.schema_url.repeat_unless_empty(&scope.schema_url, rows);
        self.dropped.resize(self.dropped.len() + rows, scope.dropped);
    }

    pub(crate) fn finish(self) -> [ArrayRef; 5] {
        [
            self.name.finish(),
            self.version.finish(),
            self.attributes.finish(),
            self.schema_url.finish(),
            Arc::new(UInt32Array::from(self.dropped)),
        ]
    }
}
