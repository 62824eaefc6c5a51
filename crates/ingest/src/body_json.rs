//! A structured body as compact JSON, for people and for text search. The typed value is kept beside it.
//!
//! Bytes become `{"base64":"…"}`; `NaN`, `Infinity` and `-Infinity` become those words in quotes. Order and repeated
//! keys stay as sent.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::ValueRef;

const INFALLIBLE: &str = "writing to memory cannot fail";

/// Appends the value; stops between values once `out` is longer than `bytes_max`, so that at most one text more is
/// written than will be kept. Values of the codec nest at most [`model::VALUE_DEPTH_MAX`] deep, and so does this.
pub(crate) fn write(value: ValueRef<'_>, bytes_max: usize, out: &mut Vec<u8>) {
    if out.len() > bytes_max {
        return;
    }
    match value {
        ValueRef::Null => out.extend_from_slice(b"null"),
        ValueRef::Bool(value) => write!(out, "{value}").expect(INFALLIBLE),
        ValueRef::Int(value) => write!(out, "{value}").expect(INFALLIBLE),
        ValueRef::Float(value) if value.is_finite() => serde_json::to_writer(out, &value).expect(INFALLIBLE),
        ValueRef::Float(value) if value.is_nan() => out.extend_from_slice(b"\"NaN\""),
        ValueRef::Float(value) if value > 0.0 => out.extend_from_slice(b"\"Infinity\""),
        ValueRef::Float(_) => out.extend_from_slice(b"\"-Infinity\""),
        ValueRef::Text(value) => serde_json::to_writer(out, value).expect(INFALLIBLE),
        ValueRef::Bytes(value) => {
            write!(out, "{{\"base64\":\"{}\"}}", STANDARD.encode(value)).expect(INFALLIBLE);
        }
        ValueRef::List(list) => {
            out.push(b'[');
            let mut separator: &[u8] = b"";
            for value in list.iter().map_while(Result::ok) {
                if out.len() > bytes_max {
                    return;
                }
                out.extend_from_slice(separator);
                separator = b",";
                write(value, bytes_max, out);
            }
            out.push(b']');
        }
        ValueRef::Map(map) => {
            out.push(b'{');
            let mut separator: &[u8] = b"";
            for entry in map.iter().map_while(Result::ok) {
                if out.len() > bytes_max {
                    return;
                }
                out.extend_from_slice(separator);
                separator = b",";
                serde_json::to_writer(&mut *out, entry.key).expect(INFALLIBLE);
                out.push(b':');
                write(entry.value, bytes_max, out);
            }
            out.push(b'}');
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{AttributesWriter, Value};

    use super::*;

    #[track_caller]
    fn check(value: Value, expected: &str) {
        let mut writer = AttributesWriter::new();
        writer.value(&value);
        let mut out = Vec::new();
        write(ValueRef::decode(writer.as_bytes()).unwrap(), 100, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn every_type_has_one_form() {
        check(Value::Null, "null");
        check(Value::Bool(true), "true");
        check(Value::Int(i64::MIN), "-9223372036854775808");
        check(Value::Float(0.1), "0.1");
        check(Value::Float(1.0), "1.0");
        check(Value::Float(f64::NAN), "\"NaN\"");
        check(Value::Float(f64::INFINITY), "\"Infinity\"");
        check(Value::Float(f64::NEG_INFINITY), "\"-Infinity\"");
        check(Value::Text("a\"\n\u{e9}".to_owned()), "\"a\\\"\\n\u{e9}\"");
        check(Value::Bytes(vec![0xfb, 0xff]), "{\"base64\":\"+/8=\"}");
        check(Value::List(vec![Value::Int(1), Value::List(vec![])]), "[1,[]]");
        let map = vec![("a".to_owned(), Value::Int(1)), ("a".to_owned(), Value::Map(vec![]))];
        check(Value::Map(map), "{\"a\":1,\"a\":{}}");
    }

    #[test]
    fn a_value_longer_than_the_limit_stops_being_written() {
        let mut writer = AttributesWriter::new();
        writer.value(&Value::List(vec![Value::Text("x".repeat(30)); 1_000]));
        let mut out = Vec::new();
        write(ValueRef::decode(writer.as_bytes()).unwrap(), 100, &mut out);
        assert!((100..200).contains(&out.len()), "{}", out.len());
    }
}
