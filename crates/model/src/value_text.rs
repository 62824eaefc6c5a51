//! A value as text: how SQL, text queries and selectors see what is not text.

use crate::{VALUE_DEPTH_MAX, ValueRef, hex};

/// Scalars as written in JSON, bytes as hex; lists and maps as JSON-like text. `None` for null.
///
/// Lists and maps below [`VALUE_DEPTH_MAX`] are left out, as `…`.
pub fn value_text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Text(text) => Some(text.to_owned()),
        other => {
            let mut text = String::new();
            write_value(&mut text, other, 0);
            Some(text)
        }
    }
}

fn write_value(text: &mut String, value: ValueRef<'_>, depth: usize) {
    match value {
        ValueRef::Null => text.push_str("null"),
        ValueRef::Bool(value) => text.push_str(if value { "true" } else { "false" }),
        ValueRef::Int(value) => text.push_str(&value.to_string()),
        ValueRef::Float(value) => text.push_str(&value.to_string()),
        ValueRef::Text(value) => text.push_str(&format!("{value:?}")),
        ValueRef::Bytes(value) => text.push_str(&hex(value)),
        // The writer's bound holds for what we stored; the reader's own bound holds for damage.
        ValueRef::List(_) | ValueRef::Map(_) if depth > VALUE_DEPTH_MAX => text.push('…'),
        ValueRef::List(list) => {
            text.push('[');
            for (index, value) in list.iter().map_while(Result::ok).enumerate() {
                text.push_str(if index > 0 { "," } else { "" });
                write_value(text, value, depth + 1);
            }
            text.push(']');
        }
        ValueRef::Map(map) => {
            text.push('{');
            for (index, entry) in map.iter().map_while(Result::ok).enumerate() {
                text.push_str(if index > 0 { "," } else { "" });
                text.push_str(&format!("{:?}:", entry.key));
                write_value(text, entry.value, depth + 1);
            }
            text.push('}');
        }
    }
}
