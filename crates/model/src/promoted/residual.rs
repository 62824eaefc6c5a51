//! The codec of residuals: what is left of a set when some of its values are in promoted columns.
//!
//! Version 1, named [`RESIDUAL_CODEC`] in the metadata of a block that has any:
//!
//! ```text
//! residual := item*                       to the end of the bytes
//! item     := 0 length:varint entries     entries that stayed, exactly as the set has them; length in bytes
//!           | number+1:varint             the entry is in promoted column `number` of the set
//! ```
//!
//! Items are in the order of the set, so that order, types and repeated keys come back as sent. A column is named
//! at most once. Entries that stayed are copied and not looked at, so even bytes that are no entries come back.
//! The reader trusts nothing: bytes that are not a residual end the iteration with an error and never panic.

use super::PROMOTED_COLUMNS_MAX;
use crate::attributes::{put_varint, read_varint, take};
use crate::{Attributes, ValueRef};

/// Name and version of this codec, as blocks carry it in their metadata.
pub const RESIDUAL_CODEC: &str = "nunchi.residual.1";

/// Bytes that are not a residual, or that do not fit the promoted columns beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("damaged attributes: the bytes are not a {RESIDUAL_CODEC} residual of the promoted columns")]
pub struct DamagedResidual;

/// What is left of a set, encoded. Cheap to copy; looks nothing up until asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Residual<'a> {
    bytes: &'a [u8],
}

/// A piece of a residual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResidualItem<'a> {
    /// Entries that stayed.
    Stayed(Attributes<'a>),
    /// One entry, whose value is in the promoted column with this number among those of the set. The column is
    /// not known to exist.
    Promoted(usize),
}

impl<'a> Residual<'a> {
    /// Over the bytes of a set's column in a block that has promoted keys of the set.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The items in the order of the set, no column twice. After an error nothing more comes.
    pub fn iter(&self) -> impl Iterator<Item = Result<ResidualItem<'a>, DamagedResidual>> + use<'a> {
        let (mut rest, mut seen) = (self.bytes, 0u128);
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let item = read_item(&mut rest, &mut seen);
            if item.is_none() {
                rest = &[];
            }
            Some(item.ok_or(DamagedResidual))
        })
    }

    /// The first value under the key among the entries that stayed.
    ///
    /// Ask the promoted columns of the key first: where one has a value it is the first under the key, and what
    /// stayed came later.
    pub fn get(&self, key: &str) -> Option<ValueRef<'a>> {
        self.iter().map_while(Result::ok).find_map(|item| match item {
            ResidualItem::Stayed(entries) => entries.get(key),
            ResidualItem::Promoted(_) => None,
        })
    }
}

fn read_item<'a>(rest: &mut &'a [u8], seen: &mut u128) -> Option<ResidualItem<'a>> {
    let tag = read_varint(rest)?;
    let Some(number) = tag.checked_sub(1) else {
        let length = usize::try_from(read_varint(rest)?).ok()?;
        return Some(ResidualItem::Stayed(Attributes::new(take(rest, length)?)));
    };
    let number = usize::try_from(number).ok().filter(|number| *number < PROMOTED_COLUMNS_MAX)?;
    let bit = 1 << number;
    // A column named again and again would make gigabytes of a few bytes.
    if *seen & bit != 0 {
        return None;
    }
    *seen |= bit;
    Some(ResidualItem::Promoted(number))
}

/// Adds entries that stay. None leave no trace.
pub(super) fn put_stayed(residual: &mut Vec<u8>, entries: &[u8]) {
    if !entries.is_empty() {
        residual.push(0);
        put_varint(residual, entries.len() as u64);
        residual.extend_from_slice(entries);
    }
}

/// Adds a reference to the promoted column with this number.
pub(super) fn put_promoted(residual: &mut Vec<u8>, number: usize) {
    put_varint(residual, number as u64 + 1);
}

const _: () = assert!(PROMOTED_COLUMNS_MAX <= u128::BITS as usize);
