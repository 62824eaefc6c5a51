//! Names and values of labels, each held once and known by a number.

use std::collections::HashMap;
use std::sync::Arc;

/// What a text takes besides its bytes, about: its counts, its number, its place in the table.
const TEXT_BYTES: usize = 88;

/// Texts by number, and numbers by text.
#[derive(Debug, Default)]
pub(super) struct Texts {
    texts: Vec<Arc<str>>,
    numbers: HashMap<Arc<str>, u32>,
    bytes: usize,
}

impl Texts {
    /// The number of the text, a new one where it was not known.
    pub(super) fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).expect("memory is bounded far below 2^32 texts");
        let shared: Arc<str> = text.into();
        self.bytes += text.len() + TEXT_BYTES;
        self.texts.push(Arc::clone(&shared));
        self.numbers.insert(shared, number);
        number
    }

    /// The number of a text that is known.
    pub(super) fn known(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// The text with a number that was given out.
    pub(super) fn text(&self, number: u32) -> &Arc<str> {
        &self.texts[number as usize]
    }

    /// Bytes of memory, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}
