//! One set of attributes in the making, used again for every record.

use model::{AttributesWriter, Mark, Marks};

use crate::any_value::ValueWriter;
use crate::error::DecodeError;
use crate::limits::ATTRIBUTES_MAX;
use crate::wire::Reader;

/// Collects the repeated `attributes` of a message; keeps the first [`ATTRIBUTES_MAX`].
#[derive(Debug, Default)]
pub(crate) struct AttributeSet {
    writer: AttributesWriter,
    seen: usize,
}

impl AttributeSet {
    /// Forgets what was collected and keeps the memory.
    #[inline]
    pub(crate) fn clear(&mut self) {
        self.writer.clear();
        self.seen = 0;
    }

    /// Adds the attribute that a `KeyValue` message is.
    #[inline]
    pub(crate) fn push(&mut self, key_value: Reader<'_>, marks: &mut Marks) -> Result<(), DecodeError> {
        self.seen += 1;
        if self.seen > ATTRIBUTES_MAX {
            marks.add(Mark::DroppedAttributes);
            return Ok(());
        }
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
        let here = self.seen.saturating_sub(ATTRIBUTES_MAX);
        by_sender.saturating_add(u32::try_from(here).unwrap_or(u32::MAX))
    }
}
