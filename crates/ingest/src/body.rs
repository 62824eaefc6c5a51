//! A log record's body: text to read and search, and beside it the typed value where it is not text.

use arrow::array::ArrayRef;
use model::{AttributesWriter, Mark, Marks, ValueRef};

use crate::any_value::{AnyValue, ValueWriter};
use crate::body_json;
use crate::columns::{BytesColumn, TextColumn};
use crate::error::DecodeError;
use crate::limits::TEXT_BYTES_MAX;
use crate::text::text;
use crate::wire::Reader;

/// The columns `body` and `body_value`.
#[derive(Debug)]
pub(crate) struct BodyColumns {
    body: TextColumn,
    body_value: BytesColumn,
    value: AttributesWriter,
    json: Vec<u8>,
}

impl BodyColumns {
    pub(crate) fn new(block_bytes: u32) -> Self {
        Self {
            body: TextColumn::new(block_bytes),
            body_value: BytesColumn::new(block_bytes),
            value: AttributesWriter::new(),
            json: Vec::new(),
        }
    }

    /// Adds a row. A body that is present but empty has no text and the value null; an absent one has neither.
    pub(crate) fn push(&mut self, body: Option<Reader<'_>>, marks: &mut Marks) -> Result<(), DecodeError> {
        let Some(body) = body else {
            self.body.push_null();
            self.body_value.push_null();
            return Ok(());
        };
        let body = AnyValue::read(body)?;
        if let AnyValue::Text(bytes) = body {
            self.body.push(&text(bytes, Mark::CutBody, marks));
            self.body_value.push_null();
            return Ok(());
        }
        self.value.clear();
        ValueWriter { writer: &mut self.value, marks, cut: Mark::CutBody }.value(body)?;
        self.body_value.push(self.value.as_bytes());
        if matches!(body, AnyValue::Null) {
            self.body.push_null();
        } else {
            self.push_json(marks);
        }
        Ok(())
    }

    fn push_json(&mut self, marks: &mut Marks) {
        let value = ValueRef::decode(self.value.as_bytes()).expect("was just written");
        self.json.clear();
        body_json::write(value, TEXT_BYTES_MAX, &mut self.json);
        self.body.push(&text(&self.json, Mark::CutBody, marks));
    }

    /// `body`, `body_value`.
    pub(crate) fn finish(self) -> [ArrayRef; 2] {
        [self.body.finish(), self.body_value.finish()]
    }
}
