//! Columns of the digest tables while they are filled.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int32Array, Int64Array, ListArray, RecordBatch, StructArray};
use arrow::array::{StringViewArray, TimestampNanosecondArray, UInt64Array};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Fields};
use model::Table;

/// Times in nanoseconds.
pub(super) fn times(nanos: impl Iterator<Item = i64>) -> ArrayRef {
    Arc::new(TimestampNanosecondArray::from_iter_values(nanos).with_timezone("UTC"))
}

/// Texts, null where there is none.
pub(super) fn texts<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(StringViewArray::from_iter(texts))
}

/// Counts and ids.
pub(super) fn unsigned(numbers: impl Iterator<Item = u64>) -> ArrayRef {
    Arc::new(UInt64Array::from_iter_values(numbers))
}

/// Counts that may be taken back.
pub(super) fn signed(numbers: impl Iterator<Item = i64>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(numbers))
}

/// Counts with weights.
pub(super) fn floats(numbers: impl Iterator<Item = f64>) -> ArrayRef {
    Arc::new(Float64Array::from_iter_values(numbers))
}

/// Lists of two numbers each.
pub(super) fn lists_of_counts(fields: Fields, lists: &[Vec<(i32, f64)>]) -> ArrayRef {
    let items = || lists.iter().flatten();
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int32Array::from_iter_values(items().map(|(bucket, _)| *bucket))),
        floats(items().map(|(_, calls)| *calls)),
    ];
    lists_of(fields, lists.iter().map(Vec::len), columns)
}

/// Lists of structs, whose columns are given one after the other.
pub(super) fn lists_of(fields: Fields, lengths: impl Iterator<Item = usize>, columns: Vec<ArrayRef>) -> ArrayRef {
    let item = arrow::datatypes::Field::new("item", DataType::Struct(fields.clone()), false);
    let items = StructArray::new(fields, columns, None);
    Arc::new(ListArray::new(Arc::new(item), OffsetBuffer::from_lengths(lengths), Arc::new(items), None))
}

/// The rows of a digest table.
pub(super) fn rows(table: Table, columns: Vec<ArrayRef>) -> RecordBatch {
    RecordBatch::try_new(table.schema(), columns).expect("the columns of the table, all as long")
}
