//! The labels of a series, checked.

use crate::error::DecodeError;
use crate::wire::{Field, Reader};

/// One label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Label<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
}

/// Labels as they are read. A list that is not valid cannot be told from others by what it says, so all of it is refused.
#[derive(Debug, Default)]
pub(super) struct LabelReader<'a> {
    labels: Vec<Label<'a>>,
    is_valid: bool,
}

impl<'a> LabelReader<'a> {
    /// Begins a list.
    pub(super) fn clear(&mut self) {
        self.labels.clear();
        self.is_valid = true;
    }

    /// A `Label` of version 1.
    pub(super) fn push(&mut self, field: &Field<'a>) -> Result<(), DecodeError> {
        let (mut name, mut value) = (&[][..], &[][..]);
        let mut fields: Reader<'a> = field.message("Label")?;
        while let Some(field) = fields.next_field()? {
            match field.number {
                1 => name = field.bytes()?,
                2 => value = field.bytes()?,
                _ => {}
            }
        }
        self.push_pair(name, value);
        Ok(())
    }

    /// References of version 2: name, value, name, value.
    pub(super) fn push_references(&mut self, field: &Field<'a>, symbols: &[&'a [u8]]) -> Result<(), DecodeError> {
        let mut name: Option<&[u8]> = None;
        let mut is_known = true;
        let labels = &mut *self;
        field.each_varint(|reference| {
            let Some(symbol) = usize::try_from(reference).ok().and_then(|at| symbols.get(at).copied()) else {
                is_known = false;
                return;
            };
            match name.take() {
                None => name = Some(symbol),
                Some(name) => labels.push_pair(name, symbol),
            }
        })?;
        self.is_valid &= is_known && name.is_none();
        Ok(())
    }

    fn push_pair(&mut self, name: &'a [u8], value: &'a [u8]) {
        match (str::from_utf8(name), str::from_utf8(value)) {
            (Ok(name), Ok(value)) if !name.is_empty() => {
                // An empty label is one that is not there.
                if !value.is_empty() {
                    self.labels.push(Label { name, value });
                }
            }
            _ => self.is_valid = false,
        }
    }

    /// The labels by name; `None` where one is not text, has no name, or comes twice.
    pub(super) fn checked(&mut self) -> Option<&[Label<'a>]> {
        self.labels.sort_unstable();
        let is_unique = self.labels.array_windows().all(|[before, after]| before.name != after.name);
        (self.is_valid && is_unique).then_some(&self.labels)
    }
}
