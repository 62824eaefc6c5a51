//! The forms in which an attribute is asked for.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int64Array, StringViewBuilder};
use arrow::datatypes::DataType;
use model::{PromotedKind, ValueRef, value_text};

/// The type a call gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Form {
    Text,
    Int,
    Float,
    Bool,
}

impl Form {
    pub(super) const ALL: [Self; 4] = [Self::Text, Self::Int, Self::Float, Self::Bool];

    /// The function that asks for it.
    pub(super) fn function_name(self) -> &'static str {
        match self {
            Self::Text => "attr",
            Self::Int => "attr_i64",
            Self::Float => "attr_f64",
            Self::Bool => "attr_bool",
        }
    }

    pub(super) fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8View,
            Self::Int => DataType::Int64,
            Self::Float => DataType::Float64,
            Self::Bool => DataType::Boolean,
        }
    }

    /// Whether a value of the kind can have this form at all.
    pub(super) fn may_be_read_from(self, kind: PromotedKind) -> bool {
        match kind {
            PromotedKind::Text => true,
            PromotedKind::Int | PromotedKind::Float => self != Self::Bool,
            PromotedKind::Bool => matches!(self, Self::Text | Self::Bool),
        }
    }

    /// A column of the values in this form; null where a value has none.
    pub(super) fn column<'a>(self, values: impl ExactSizeIterator<Item = Option<ValueRef<'a>>>) -> ArrayRef {
        match self {
            Self::Int => Arc::new(values.map(|value| value.and_then(as_int)).collect::<Int64Array>()),
            Self::Float => Arc::new(values.map(|value| value.and_then(as_float)).collect::<Float64Array>()),
            Self::Bool => Arc::new(values.map(|value| value.and_then(as_bool)).collect::<BooleanArray>()),
            Self::Text => {
                let mut texts = StringViewBuilder::with_capacity(values.len());
                for value in values {
                    match value {
                        // The most frequent by far, so not through a copy.
                        Some(ValueRef::Text(text)) => texts.append_value(text),
                        value => texts.append_option(value.and_then(value_text)),
                    }
                }
                Arc::new(texts.finish())
            }
        }
    }
}

fn as_int(value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Int(value) => Some(value),
        // 2^63 is the first double too large; everything below converts exactly when it is whole.
        ValueRef::Float(value) if value.fract() == 0.0 && value.abs() < 9.2e18 => Some(value as i64),
        ValueRef::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn as_float(value: ValueRef<'_>) -> Option<f64> {
    match value {
        ValueRef::Int(value) => Some(value as f64),
        ValueRef::Float(value) => Some(value),
        ValueRef::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn as_bool(value: ValueRef<'_>) -> Option<bool> {
    match value {
        ValueRef::Bool(value) => Some(value),
        ValueRef::Text("true") => Some(true),
        ValueRef::Text("false") => Some(false),
        _ => None,
    }
}
