//! One promoted column: which key, of which set, as which type.

use arrow::datatypes::{DataType, Field};

use crate::ValueRef;

/// Promoted columns of a block, over all its sets. A set of column numbers fits into a `u128`, and a schema of
/// thousands of columns would cost more to open than it saves to read.
pub const PROMOTED_COLUMNS_MAX: usize = 128;

/// Bytes of a key that may be promoted. Longer ones are data in the place of a name.
pub const PROMOTED_KEY_BYTES_MAX: usize = 128;

/// A column of attributes whose keys may be promoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttributeSet {
    /// The record's own.
    Record,
    /// The attributes of who sent it.
    Resource,
}

/// The type of a promoted column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PromotedKind {
    /// UTF-8 text.
    Text,
    /// A 64-bit signed integer.
    Int,
    /// A double.
    Float,
    /// A truth value.
    Bool,
}

/// A key of a set as a column of one type. The same key may have a column of each type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PromotedColumn {
    set: AttributeSet,
    kind: PromotedKind,
    key: Box<str>,
}

impl AttributeSet {
    /// Every set whose keys may be promoted.
    pub const ALL: [Self; 2] = [Self::Record, Self::Resource];

    /// The column that holds the sets, or in a block with promoted keys what is left of them.
    pub const fn column(self) -> &'static str {
        match self {
            Self::Record => "attributes",
            Self::Resource => "resource_attributes",
        }
    }

    /// Whether the set's column keeps the promoted entries too, so that it is the same in every block.
    ///
    /// Rows of one resource repeat one set, which a dictionary holds once: keeping it costs nothing, and whoever reads
    /// it reads one column instead of one per promoted key. The sets of records differ, and would be stored twice.
    pub fn is_kept_whole(self) -> bool {
        self == Self::Resource
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Record => "a",
            Self::Resource => "r",
        }
    }
}

impl PromotedKind {
    /// Every type.
    pub const ALL: [Self; 4] = [Self::Text, Self::Int, Self::Float, Self::Bool];

    /// The type whose columns can hold the value; `None` for what is never promoted.
    pub fn of(value: &ValueRef<'_>) -> Option<Self> {
        match value {
            ValueRef::Text(_) => Some(Self::Text),
            ValueRef::Int(_) => Some(Self::Int),
            // The bounds of a row group leave NaN out, and comparisons do not: a NaN in a column would be pruned away.
            ValueRef::Float(value) => (!value.is_nan()).then_some(Self::Float),
            ValueRef::Bool(_) => Some(Self::Bool),
            ValueRef::Null | ValueRef::Bytes(_) | ValueRef::List(_) | ValueRef::Map(_) => None,
        }
    }

    /// The Arrow type.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8View,
            Self::Int => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Bool => DataType::Boolean,
        }
    }

    fn letter(self) -> &'static str {
        match self {
            Self::Text => "s",
            Self::Int => "i",
            Self::Float => "f",
            Self::Bool => "b",
        }
    }
}

impl PromotedColumn {
    /// `None` where the key cannot be a column's name: empty, longer than [`PROMOTED_KEY_BYTES_MAX`], or with
    /// control characters.
    pub fn new(set: AttributeSet, kind: PromotedKind, key: &str) -> Option<Self> {
        let fits = !key.is_empty() && key.len() <= PROMOTED_KEY_BYTES_MAX && !key.chars().any(char::is_control);
        fits.then(|| Self { set, kind, key: key.into() })
    }

    /// The column with this [`Self::name`]; `None` where it is not the name of a promoted column.
    pub fn from_name(name: &str) -> Option<Self> {
        let (prefix, rest) = name.split_once('.')?;
        let (letter, key) = rest.split_once('.')?;
        let set = AttributeSet::ALL.into_iter().find(|set| set.prefix() == prefix)?;
        let kind = PromotedKind::ALL.into_iter().find(|kind| kind.letter() == letter)?;
        Self::new(set, kind, key)
    }

    /// The name in a block: `a.s.http.route` for the text `http.route` of the record, `r.i.process.pid` for an
    /// integer of the resource.
    pub fn name(&self) -> String {
        format!("{}.{}.{}", self.set.prefix(), self.kind.letter(), self.key)
    }

    /// The set that the key is of.
    pub fn set(&self) -> AttributeSet {
        self.set
    }

    /// The type of its values.
    pub fn kind(&self) -> PromotedKind {
        self.kind
    }

    /// The key as sent.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The column as a block has it: null where the row has no such value.
    pub fn field(&self) -> Field {
        Field::new(self.name(), self.kind.data_type(), true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_set_type_and_key() {
        let check = |set, kind, key: &str, name: &str| {
            let column = PromotedColumn::new(set, kind, key).unwrap();
            assert_eq!(column.name(), name);
            assert_eq!(PromotedColumn::from_name(name), Some(column));
        };
        check(AttributeSet::Record, PromotedKind::Text, "http.route", "a.s.http.route");
        check(AttributeSet::Record, PromotedKind::Int, "http.response.status_code", "a.i.http.response.status_code");
        check(AttributeSet::Resource, PromotedKind::Float, ".", "r.f..");
        check(AttributeSet::Resource, PromotedKind::Bool, "a b", "r.b.a b");
    }

    #[test]
    fn what_cannot_be_a_columns_name_is_not_promoted() {
        let long = "k".repeat(PROMOTED_KEY_BYTES_MAX + 1);
        for key in ["", "a\nb", "tab\t", "\u{0}", long.as_str()] {
            assert_eq!(PromotedColumn::new(AttributeSet::Record, PromotedKind::Text, key), None, "{key:?}");
        }
        for name in ["", "a", "a.s", "a.s.", "a.x.k", "x.s.k", "attributes", "time", "as.k"] {
            assert_eq!(PromotedColumn::from_name(name), None, "{name:?}");
        }
    }
}
