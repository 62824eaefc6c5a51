//! The rows of an SQL query.

use std::collections::HashSet;
use std::io::{self, Write};

use protocol::{ColumnInfo, SqlAnswer};
use serde_json::Value;

use super::colour::Tone;
use super::csv;
use super::json;
use super::output::RowsOutput;
use super::screen::Screen;
use super::table::{Cell, Column, Table};

/// Writes the answer in the form asked for. The table has its header even without rows: it says what was asked.
pub(crate) fn write(out: &mut dyn Write, screen: Screen, output: RowsOutput, answer: &SqlAnswer) -> io::Result<()> {
    match output {
        RowsOutput::Table => table(answer).write(out, screen),
        RowsOutput::Json => json::write_document(out, answer),
        RowsOutput::Ndjson => {
            let names = distinct_names(&answer.columns);
            answer.rows.iter().try_for_each(|row| write_object(out, &names, row))
        }
        RowsOutput::Csv => {
            csv::write_header(out, answer.columns.iter().map(|column| column.name.as_str()))?;
            answer.rows.iter().try_for_each(|row| csv::write_row(out, row.iter().map(csv::Cell::Json)))
        }
    }
}

fn table(answer: &SqlAnswer) -> Table {
    let mut table = Table::named(answer.columns.iter().map(|column| (column.name.as_str(), kind(column))));
    for row in &answer.rows {
        // A row that is too short or too long is the server's mistake, and shown as far as it goes.
        let cells = row.iter().chain(std::iter::repeat(&Value::Null)).take(answer.columns.len()).map(cell);
        table.row(cells.collect());
    }
    table
}

fn kind(column: &ColumnInfo) -> Column {
    let numeric = ["Int", "UInt", "Float", "Decimal"].iter().any(|prefix| column.data_type.starts_with(prefix));
    if numeric { Column::Number("") } else { Column::Text("") }
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::new(Tone::Faint, "NULL"),
        Value::String(text) => text.as_str().into(),
        value => json::compact(value).into(),
    }
}

/// Writes one row as an object whose keys stand in the order of the columns.
fn write_object(out: &mut dyn Write, names: &[String], row: &[Value]) -> io::Result<()> {
    out.write_all(b"{")?;
    for (at, (name, value)) in names.iter().zip(row).enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        json::write_compact(out, name)?;
        out.write_all(b":")?;
        json::write_compact(out, value)?;
    }
    out.write_all(b"}\n")
}

/// Column names as keys: a join may name two columns alike, an object must not, so the second gets `_2`.
fn distinct_names(columns: &[ColumnInfo]) -> Vec<String> {
    let mut taken: HashSet<String> = columns.iter().map(|column| column.name.clone()).collect();
    let mut seen: HashSet<&str> = HashSet::new();
    let mut names = Vec::with_capacity(columns.len());
    for column in columns {
        let mut name = column.name.clone();
        if !seen.insert(&column.name) {
            let free = (2..).map(|number| format!("{}_{number}", column.name)).find(|name| !taken.contains(name));
            name = free.expect("there are more numbers than columns");
            taken.insert(name.clone());
        }
        names.push(name);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use protocol::Coverage;
    use serde_json::json;

    fn sample() -> SqlAnswer {
        let column = |name: &str, data_type: &str| ColumnInfo { name: name.into(), data_type: data_type.into() };
        SqlAnswer {
            columns: vec![column("service", "Utf8"), column("count", "Int64"), column("service", "Utf8View")],
            rows: vec![
                vec![json!("web"), json!(12), json!(null)],
                vec![json!("check\x1b[2Jout"), json!(-3), json!({"k": "v\u{9b}"})],
                vec![json!("=1+1"), json!(1.5), json!("two\nlines")],
            ],
            coverage: Coverage::default(),
        }
    }

    #[track_caller]
    fn check(output: RowsOutput, expected: &Expect) {
        let mut out = Vec::new();
        write(&mut out, Screen::PIPE, output, &sample()).unwrap();
        expected.assert_eq(&String::from_utf8(out).unwrap());
    }

    #[test]
    fn rows_as_a_table() {
        check(
            RowsOutput::Table,
            &expect![[r#"
            service       count  service
            web              12  NULL
            check␛[2Jout     -3  {"k":"v\u009b"}
            =1+1            1.5  two⏎lines
        "#]],
        );
    }

    #[test]
    fn rows_as_lines_of_json_have_distinct_keys() {
        check(
            RowsOutput::Ndjson,
            &expect![[r#"
            {"service":"web","count":12,"service_2":null}
            {"service":"check\u001b[2Jout","count":-3,"service_2":{"k":"v\u009b"}}
            {"service":"=1+1","count":1.5,"service_2":"two\nlines"}
        "#]],
        );
    }

    #[test]
    fn rows_as_csv() {
        check(
            RowsOutput::Csv,
            &expect![[r#"
            service,count,service
            web,12,
            check␛[2Jout,-3,"{""k"":""v\u009b""}"
            '=1+1,1.5,"two
            lines"
        "#]],
        );
    }

    #[test]
    fn a_short_row_is_filled_and_no_columns_print_nothing() {
        let mut answer = sample();
        answer.rows = vec![vec![], vec![json!(1); 9]];
        write(&mut Vec::new(), Screen::PIPE, RowsOutput::Table, &answer).unwrap();
        answer.columns.clear();
        let mut out = Vec::new();
        write(&mut out, Screen::PIPE, RowsOutput::Table, &answer).unwrap();
        assert!(out.is_empty());
    }
}
