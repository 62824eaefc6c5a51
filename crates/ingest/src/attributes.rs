//! One set of attributes in the making, used again for every record.

use model::{AttributesWriter, Mark, Marks};

use crate::any_value::ValueWriter;
use crate::error::DecodeError;
use crate::limits::{ATTRIBUTES_MAX, SHARED_SET_BYTES_MAX};
use crate::wire::Reader;

/// Collects the repeated `attributes` of a message; keeps the first [`ATTRIBUTES_MAX`].
#[derive(Debug)]
pub(crate) struct AttributeSet {
    writer: AttributesWriter,
    wire_bytes_max: usize,
    wire_bytes: usize,
    kept: usize,
    dropped: usize,
}

impl Default for AttributeSet {
    /// Of what one record says.
    fn default() -> Self {
        Self { writer: AttributesWriter::default(), wire_bytes_max: usize::MAX, wire_bytes: 0, kept: 0, dropped: 0 }
    }
}

impl AttributeSet {
    /// Of what many records share; keeps [`SHARED_SET_BYTES_MAX`], too.
    pub(crate) fn of_shared() -> Self {
        Self { wire_bytes_max: SHARED_SET_BYTES_MAX, ..Self::default() }
    }

    /// Forgets what was collected and keeps the memory.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.writer.clear();
        (self.wire_bytes, self.kept, self.dropped) = (0, 0, 0);
    }

    /// Adds the attribute that a `KeyValue` message is.
    #[inline]
    pub(crate) fn push(&mut self, key_value: Reader<'_>, marks: &mut Marks) -> Result<(), DecodeError> {
        let wire_bytes = self.wire_bytes.saturating_add(key_value.length());
        if self.kept == ATTRIBUTES_MAX || wire_bytes > self.wire_bytes_max {
            self.dropped += 1;
            marks.add(Mark::DroppedAttributes);
            return Ok(());
        }
        self.kept += 1;
        self.wire_bytes = wire_bytes;
        ValueWriter { writer: &mut self.writer, marks, cut: Mark::CutAttribute }.key_value(key_value)
    }

    /// The set, encoded.
    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.writer.as_bytes()
    }

    /// What was dropped in all: by the sender, who said so, and here.
    #[inline]
    pub(crate) fn dropped(&self, by_sender: u32) -> u32 {
        by_sender.saturating_add(u32::try_from(self.dropped).unwrap_or(u32::MAX))
    }
}
