//! Values of labels: a typed value as the text that the Collector and Prometheus make of it.

use std::collections::BTreeMap;
use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use model::{VALUE_DEPTH_MAX, ValueRef};

/// Text as it is; numbers and truth values as in JSON; bytes in base64; lists and maps as JSON, of which keys are sorted.
/// Empty for what is empty, and for a list or map with a number that JSON does not have.
pub(super) fn label_value(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Text(text) => text.to_owned(),
        ValueRef::Bool(value) => value.to_string(),
        ValueRef::Int(value) => value.to_string(),
        ValueRef::Float(value) if value.is_nan() => "NaN".to_owned(),
        ValueRef::Float(value) if value.is_infinite() => if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned(),
        ValueRef::Float(value) => float_text(value),
        ValueRef::Bytes(bytes) => BASE64_STANDARD.encode(bytes),
        ValueRef::List(_) | ValueRef::Map(_) => {
            let mut json = String::new();
            if write_json(&mut json, value, 0).is_some() { json } else { String::new() }
        }
    }
}

fn write_json(json: &mut String, value: ValueRef<'_>, depth: usize) -> Option<()> {
    match value {
        ValueRef::Null => json.push_str("null"),
        ValueRef::Text(text) => write_text(json, text),
        ValueRef::Bool(value) => json.push_str(if value { "true" } else { "false" }),
        ValueRef::Int(value) => json.push_str(&value.to_string()),
        ValueRef::Float(value) if !value.is_finite() => return None,
        ValueRef::Float(value) => json.push_str(&float_text(value)),
        ValueRef::Bytes(bytes) => write_text(json, &BASE64_STANDARD.encode(bytes)),
        // What we store nests no deeper; damage might.
        ValueRef::List(_) | ValueRef::Map(_) if depth > VALUE_DEPTH_MAX => return None,
        ValueRef::List(list) => {
            json.push('[');
            for (number, value) in list.iter().map_while(Result::ok).enumerate() {
                json.push_str(if number > 0 { "," } else { "" });
                write_json(json, value, depth + 1)?;
            }
            json.push(']');
        }
        ValueRef::Map(map) => {
            let entries: BTreeMap<&str, ValueRef<'_>> =
                map.iter().map_while(Result::ok).map(|entry| (entry.key, entry.value)).collect();
            json.push('{');
            for (number, (key, value)) in entries.into_iter().enumerate() {
                json.push_str(if number > 0 { "," } else { "" });
                write_text(json, key);
                json.push(':');
                write_json(json, value, depth + 1)?;
            }
            json.push('}');
        }
    }
    Some(())
}

fn write_text(json: &mut String, text: &str) {
    json.push('"');
    for char in text.chars() {
        match char {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            '\0'..='\u{1f}' | '\u{2028}' | '\u{2029}' => {
                write!(json, "\\u{:04x}", char as u32).expect("a string takes everything");
            }
            char => json.push(char),
        }
    }
    json.push('"');
}

/// The shortest digits that are this number, with an exponent where it is very small or large.
fn float_text(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return value.to_string();
    }
    let text = format!("{value:e}");
    if text.contains("e-") { text } else { text.replace('e', "e+") }
}

#[cfg(test)]
mod tests {
    use model::{Attributes, AttributesWriter, Value};

    use super::*;

    #[test]
    fn values_are_the_text_that_a_collector_makes_of_them() {
        let text = |text: &str| Value::Text(text.to_owned());
        let map = |entries: &[(&str, Value)]| {
            Value::Map(entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
        };
        let cases = [
            (Value::Null, ""),
            (text("<a>"), "<a>"),
            (Value::Bool(true), "true"),
            (Value::Int(-5), "-5"),
            (Value::Float(1.0), "1"),
            (Value::Float(0.1), "0.1"),
            (Value::Float(-0.0), "-0"),
            (Value::Float(1e-7), "1e-7"),
            (Value::Float(1.5e21), "1.5e+21"),
            (Value::Float(1e20), "100000000000000000000"),
            (Value::Float(f64::NAN), "NaN"),
            (Value::Float(f64::NEG_INFINITY), "-Infinity"),
            (Value::Bytes(b"hello".to_vec()), "aGVsbG8="),
            (Value::Bytes(b"abc".to_vec()), "YWJj"),
            (Value::Bytes(vec![255]), "/w=="),
            (Value::List(vec![text("a\"<\n"), Value::Int(1), Value::Null]), r#"["a\"<\n",1,null]"#),
            (Value::List(vec![]), "[]"),
            (Value::List(vec![Value::Float(f64::NAN)]), ""),
            (
                map(&[("b", Value::Int(1)), ("a", Value::List(vec![Value::Bytes(vec![255])])), ("b", Value::Int(2))]),
                r#"{"a":["/w=="],"b":2}"#,
            ),
        ];
        for (value, expected) in cases {
            let mut writer = AttributesWriter::new();
            writer.key("k");
            writer.value(&value);
            let value = Attributes::new(writer.as_bytes()).get("k").unwrap();
            assert_eq!(label_value(value), expected);
        }
    }
}
