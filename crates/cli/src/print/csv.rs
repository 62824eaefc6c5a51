//! Rows of comma-separated values: quoted as RFC 4180 says, with a line feed as the end of a row.
//!
//! Two things RFC 4180 does not think of. A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a
//! tab or a carriage return for a formula, and so would run what a log body says: such a cell gets a `'` in
//! front, unless it is a number. And control characters other than line feed and tab are shown as in tables;
//! where the exact bytes matter, `-o ndjson` has them.

use std::io::{self, Write};

use serde_json::Value;

use super::escape::visible_except;
use super::json;

/// One cell.
#[derive(Clone, Debug)]
pub(crate) enum Cell<'a> {
    /// Text from telemetry.
    Text(&'a str),
    /// A whole number.
    Number(i128),
    /// A number with a fraction, which is finite.
    Float(f64),
    /// A sample as Prometheus writes it, infinities and `NaN` among them.
    Sample(&'a str),
    /// Any JSON value: text as text, `null` as an empty cell, structures as compact JSON.
    Json(&'a serde_json::Value),
    /// Nothing.
    Empty,
}

impl<'a> Cell<'a> {
    /// Text, or nothing.
    pub(crate) fn optional(text: Option<&'a str>) -> Self {
        text.map_or(Self::Empty, Self::Text)
    }
}

impl From<u64> for Cell<'_> {
    fn from(number: u64) -> Self {
        Self::Number(number.into())
    }
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

/// Writes one row.
pub(crate) fn write_row<'a>(out: &mut dyn Write, cells: impl IntoIterator<Item = Cell<'a>>) -> io::Result<()> {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        match cell {
            Cell::Text(text) => write_text(out, text)?,
            Cell::Json(serde_json::Value::String(text)) => write_text(out, text)?,
            // What reads as a number holds no formula.
            Cell::Sample(number) if number.parse::<f64>().is_ok() => out.write_all(number.as_bytes())?,
            Cell::Sample(other) => write_text(out, other)?,
            Cell::Number(number) => write!(out, "{number}")?,
            Cell::Float(number) => write!(out, "{number}")?,
            Cell::Json(serde_json::Value::Number(number)) => write!(out, "{number}")?,
            Cell::Json(serde_json::Value::Null) | Cell::Empty => {}
            Cell::Json(value) => write_text(out, &json::compact(value))?,
        }
    }
    out.write_all(b"\n")
}

/// Writes the header row.
pub(crate) fn write_header<'a>(out: &mut dyn Write, names: impl IntoIterator<Item = &'a str>) -> io::Result<()> {
    write_row(out, names.into_iter().map(Cell::Text))
}

/// Writes every leaf as `path,value`; a list counts its entries from 0.
pub(crate) fn write_figures(out: &mut dyn Write, figures: Value) -> io::Result<()> {
    let mut open = vec![(String::new(), figures)];
    while let Some((path, value)) = open.pop() {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value {
            Value::Object(fields) => {
                // Sorted here, because whether the map is sorted depends on a feature any crate may switch on.
                let mut fields: Vec<_> = fields.into_iter().map(|(name, value)| (below(&name), value)).collect();
                fields.sort_by(|(one, _), (other, _)| other.cmp(one));
                open.extend(fields);
            }
            Value::Array(items) => {
                open.extend(items.into_iter().enumerate().rev().map(|(at, value)| (below(&at.to_string()), value)));
            }
            value => write_row(out, [Cell::Text(&path), Cell::Json(&value)])?,
        }
    }
    Ok(())
}

fn write_text(out: &mut dyn Write, text: &str) -> io::Result<()> {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !text.parse::<f64>().is_ok_and(f64::is_finite);
    let text = visible_except(text, &['\n', '\t']);
    if text.is_empty() {
        // Quoted, so that an empty text differs from nothing.
        return out.write_all(b"\"\"");
    }
    let prefix = if formula { "'" } else { "" };
    if text.contains([',', '"', '\n']) {
        write!(out, "\"{prefix}{}\"", text.replace('"', "\"\""))
    } else {
        write!(out, "{prefix}{text}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(value: serde_json::Value, expected: &str) {
        let mut out = Vec::new();
        write_row(&mut out, [Cell::Json(&value)]).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), format!("{expected}\n"));
    }

    #[test]
    fn cells_are_quoted_as_rfc_4180_says() {
        check(json!("plain text"), "plain text");
        check(json!("a,b"), "\"a,b\"");
        check(json!("say \"hi\""), "\"say \"\"hi\"\"\"");
        check(json!("two\nlines"), "\"two\nlines\"");
        check(json!(""), "\"\"");
        check(json!(null), "");
        check(json!({"k": "v", "n": 1}), "\"{\"\"k\"\":\"\"v\"\",\"\"n\"\":1}\"");
    }

    #[test]
    fn formulas_are_disarmed_and_numbers_left_alone() {
        check(json!("=HYPERLINK(\"http://x\",\"y\")"), "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
        check(json!("+cmd|' /C calc'!A0"), "'+cmd|' /C calc'!A0");
        check(json!("-2+3"), "'-2+3");
        check(json!("@SUM(A1)"), "'@SUM(A1)");
        check(json!("\t=1"), "'\t=1");
        check(json!("\r=1"), "'␍=1");
        check(json!("-inf"), "'-inf");
        check(json!("-12.5"), "-12.5");
        check(json!(-12), "-12");
    }

    #[test]
    fn control_characters_are_shown() {
        check(json!("\x1b[2J\r\u{9b}\u{202e}"), "␛[2J␍\\u{9b}\\u{202e}");
    }

    #[test]
    fn a_row_joins_its_cells_by_commas() {
        let mut out = Vec::new();
        write_row(&mut out, [Cell::Text("a"), 3u64.into(), Cell::optional(None), (-4i64).into()]).unwrap();
        assert_eq!(out, b"a,3,,-4\n");
    }
}
