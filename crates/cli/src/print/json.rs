//! JSON whose strings are safe to print: what JSON itself leaves raw (DEL, C1, bidirectional controls) is
//! written as `\uXXXX`, which every reader turns back into the same text.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

use super::escape::is_hostile;

/// Writes `value` over several lines, indented, with a line break at the end.
pub(crate) fn write_document<V: Serialize>(out: &mut dyn Write, value: &V) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Escaped(PrettyFormatter::new())))?;
    out.write_all(b"\n")
}

/// Writes `value` on one line, with a line break at the end.
pub(crate) fn write_line<V: Serialize>(out: &mut dyn Write, value: &V) -> io::Result<()> {
    write_compact(out, value)?;
    out.write_all(b"\n")
}

/// Writes `{"tag":value}` on one line, so that a reader knows what a line is.
pub(crate) fn write_tagged<V: Serialize>(out: &mut dyn Write, tag: &str, value: &V) -> io::Result<()> {
    write!(out, "{{\"{tag}\":")?;
    write_compact(out, value)?;
    out.write_all(b"}\n")
}

/// Writes `value` on one line, without a line break.
pub(crate) fn write_compact<V: Serialize>(out: &mut dyn Write, value: &V) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(&mut *out, Escaped(CompactFormatter)))?;
    Ok(())
}

/// `value` on one line; the value must be one that serialises without error, such as a JSON value.
pub(crate) fn compact(value: &serde_json::Value) -> String {
    let mut text = Vec::new();
    write_compact(&mut text, value).expect("a JSON value always serialises, and a vector takes all");
    String::from_utf8(text).expect("JSON is UTF-8")
}

/// A formatter that escapes what JSON allows raw but a terminal must not get.
struct Escaped<F>(F);

macro_rules! forwarded {
    ($($method:ident($($argument:ident: $type:ty),*)),* $(,)?) => {
        $(fn $method<W: ?Sized + Write>(&mut self, out: &mut W $(, $argument: $type)*) -> io::Result<()> {
            self.0.$method(out $(, $argument)*)
        })*
    };
}

impl<F: Formatter> Formatter for Escaped<F> {
    forwarded!(
        begin_array(),
        end_array(),
        begin_array_value(first: bool),
        end_array_value(),
        begin_object(),
        end_object(),
        begin_object_key(first: bool),
        end_object_key(),
        begin_object_value(),
        end_object_value(),
    );

    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(is_hostile) {
            let (plain, tail) = rest.split_at(at);
            out.write_all(plain.as_bytes())?;
            let c = tail.chars().next().expect("find pointed at a character");
            // All hostile characters lie in the basic plane, so one escape says each.
            write!(out, "\\u{:04x}", u32::from(c))?;
            rest = &tail[c.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(value: serde_json::Value, expected: &str) {
        assert_eq!(compact(&value), expected);
        assert_eq!(serde_json::from_str::<serde_json::Value>(expected).unwrap(), value);
    }

    #[test]
    fn hostile_characters_are_escaped_and_read_back_the_same() {
        check(json!("\x1b[2J\r\n\t\0"), r#""\u001b[2J\r\n\t\u0000""#);
        check(json!("\u{7f}\u{9b}31m\u{85}"), r#""\u007f\u009b31m\u0085""#);
        check(json!("a\u{202e}b\u{2066}\u{200f}"), r#""a\u202eb\u2066\u200f""#);
        check(json!("눈치 \" \\ 👩‍💻"), r#""눈치 \" \\ 👩‍💻""#);
    }

    #[test]
    fn keys_are_escaped_too() {
        check(json!({"\u{9b}": {"k": [1, 2.5, null, true]}}), r#"{"\u009b":{"k":[1,2.5,null,true]}}"#);
    }

    #[test]
    fn a_document_is_indented() {
        let mut out = Vec::new();
        write_document(&mut out, &json!({"a": [1, {}], "b": "\u{7f}"})).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": \"\\u007f\"\n}\n");
    }
}
