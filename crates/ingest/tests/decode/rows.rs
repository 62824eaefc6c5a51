//! Decoded batches as text: one line per table and row, then one per column that is neither null nor, where it
//! cannot be null, zero or empty.

use std::fmt::Write;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StructArray};
use arrow::datatypes::{
    DataType, Field, Float64Type, Int32Type, Int64Type, TimestampNanosecondType, UInt32Type, UInt64Type,
};
use ingest::{DecodeError, Decoded, Encoding, Request, decode};
use model::{Attributes, CONTENT_ATTRIBUTES, CONTENT_KEY, Signal, UnixNanos, Value, ValueRef, hex};

/// When all requests of these tests are received.
pub(crate) const RECEIVED: UnixNanos = UnixNanos::new(1_795_500_000_000_000_000);

pub(crate) fn decode_protobuf(signal: Signal, body: &[u8]) -> Result<Decoded, DecodeError> {
    checked(decode(&Request { signal, encoding: Encoding::Protobuf, body, received: RECEIVED }))
}

pub(crate) fn decode_json(signal: Signal, body: &[u8]) -> Result<Decoded, DecodeError> {
    checked(decode(&Request { signal, encoding: Encoding::Json, body, received: RECEIVED }))
}

/// What holds of every answer.
fn checked(decoded: Result<Decoded, DecodeError>) -> Result<Decoded, DecodeError> {
    let decoded = decoded?;
    assert_eq!(decoded.rejected > 0, decoded.rejections.is_some());
    for batch in &decoded.batches {
        assert_eq!(batch.rows.schema(), batch.table.schema());
        assert!(batch.rows.num_rows() > 0);
        batch.rows.columns().iter().for_each(|column| column.to_data().validate_full().unwrap());
    }
    Ok(decoded)
}

/// All rows of all batches.
pub(crate) fn rows(decoded: &Decoded) -> Vec<String> {
    let mut rows = Vec::new();
    for batch in &decoded.batches {
        for row in 0..batch.rows.num_rows() {
            rows.push(format!("{}\n{}", batch.table, row_text(&batch.rows, row)));
        }
    }
    rows
}

/// One column of one row, as `rows` shows it; `None` where it shows nothing.
pub(crate) fn cell(decoded: &Decoded, row: usize, column: &str) -> Option<String> {
    let batch = &decoded.batches[0].rows;
    let index = batch.schema().index_of(column).unwrap();
    cell_text(batch.schema().field(index), batch.column(index), row)
}

fn row_text(batch: &RecordBatch, row: usize) -> String {
    let mut text = String::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        if let Some(cell) = cell_text(field, column, row) {
            writeln!(text, "  {}: {cell}", field.name()).unwrap();
        }
    }
    text
}

fn cell_text(field: &Field, column: &ArrayRef, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    let text = value_text(field, column, row);
    let is_default = ["0", "0.0", "\"\"", "{}", "[]"].contains(&text.as_str());
    (field.is_nullable() || !is_default).then_some(text)
}

fn value_text(field: &Field, column: &ArrayRef, row: usize) -> String {
    if column.is_null(row) {
        return "null".to_owned();
    }
    match field.data_type() {
        DataType::Timestamp(..) => column.as_primitive::<TimestampNanosecondType>().value(row).to_string(),
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).to_string(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::UInt32 => column.as_primitive::<UInt32Type>().value(row).to_string(),
        DataType::UInt64 => column.as_primitive::<UInt64Type>().value(row).to_string(),
        DataType::Float64 => format!("{:?}", column.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::Utf8View => format!("{:?}", column.as_string_view().value(row)),
        DataType::FixedSizeBinary(_) => hex(column.as_fixed_size_binary().value(row)),
        DataType::BinaryView => {
            let bytes = column.as_binary_view().value(row);
            if field.metadata().get(CONTENT_KEY).map(String::as_str) == Some(CONTENT_ATTRIBUTES) {
                entries(&Attributes::new(bytes).to_entries().unwrap())
            } else {
                any(&ValueRef::decode(bytes).unwrap().to_value().unwrap())
            }
        }
        DataType::List(item) => {
            let values = column.as_list::<i32>().value(row);
            let values: Vec<_> = (0..values.len()).map(|index| value_text(item, &values, index)).collect();
            format!("[{}]", values.join(", "))
        }
        DataType::Struct(_) => struct_text(column.as_struct(), row),
        other => panic!("no column has type {other}"),
    }
}

fn struct_text(column: &StructArray, row: usize) -> String {
    let fields: Vec<_> = column
        .fields()
        .iter()
        .zip(column.columns())
        .map(|(field, column)| format!("{}: {}", field.name(), value_text(field, column, row)))
        .collect();
    format!("({})", fields.join(", "))
}

/// A set of attributes as text.
pub(crate) fn entries(entries: &[(String, Value)]) -> String {
    let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{key:?}: {}", any(value))).collect();
    format!("{{{}}}", entries.join(", "))
}

/// A value as text that tells all types apart.
pub(crate) fn any(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => format!("{value:?}f"),
        Value::Text(value) => format!("{value:?}"),
        Value::Bytes(value) => format!("0x{}", hex(value)),
        Value::List(values) => format!("[{}]", values.iter().map(any).collect::<Vec<_>>().join(", ")),
        Value::Map(map) => entries(map),
    }
}
