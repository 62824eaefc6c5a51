//! Typed access to the cells of a batch by column name.

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int32Type, Int64Type, TimestampNanosecondType, UInt32Type, UInt64Type};
use model::UnixNanos;

/// A batch whose cells are asked for one by one. A column that is absent or of another type reads as null.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cells<'a> {
    batch: &'a RecordBatch,
}

impl<'a> Cells<'a> {
    pub(crate) fn new(batch: &'a RecordBatch) -> Self {
        Self { batch }
    }

    pub(crate) fn text(&self, name: &str, row: usize) -> Option<&'a str> {
        let column = self.column(name, row)?;
        match column.data_type() {
            DataType::Utf8View => Some(column.as_string_view().value(row)),
            DataType::Utf8 => Some(column.as_string::<i32>().value(row)),
            _ => None,
        }
    }

    pub(crate) fn bytes(&self, name: &str, row: usize) -> Option<&'a [u8]> {
        let column = self.column(name, row)?;
        match column.data_type() {
            DataType::BinaryView => Some(column.as_binary_view().value(row)),
            DataType::Binary => Some(column.as_binary::<i32>().value(row)),
            DataType::FixedSizeBinary(_) => Some(column.as_fixed_size_binary().value(row)),
            _ => None,
        }
    }

    pub(crate) fn time(&self, name: &str, row: usize) -> Option<UnixNanos> {
        let column = self.column(name, row)?;
        column.as_primitive_opt::<TimestampNanosecondType>().map(|times| UnixNanos::new(times.value(row)))
    }

    pub(crate) fn int(&self, name: &str, row: usize) -> Option<i64> {
        let column = self.column(name, row)?;
        match column.data_type() {
            DataType::Int64 => Some(column.as_primitive::<Int64Type>().value(row)),
            DataType::Int32 => Some(i64::from(column.as_primitive::<Int32Type>().value(row))),
            DataType::UInt64 => i64::try_from(column.as_primitive::<UInt64Type>().value(row)).ok(),
            DataType::UInt32 => Some(i64::from(column.as_primitive::<UInt32Type>().value(row))),
            // Percentiles of integers; saturates, as `as` does.
            DataType::Float64 => Some(column.as_primitive::<Float64Type>().value(row) as i64),
            _ => None,
        }
    }

    pub(crate) fn uint(&self, name: &str, row: usize) -> Option<u64> {
        let column = self.column(name, row)?;
        column.as_primitive_opt::<UInt64Type>().map(|numbers| numbers.value(row))
    }

    pub(crate) fn float(&self, name: &str, row: usize) -> Option<f64> {
        let column = self.column(name, row)?;
        column.as_primitive_opt::<Float64Type>().map(|numbers| numbers.value(row))
    }

    pub(crate) fn bool(&self, name: &str, row: usize) -> Option<bool> {
        let column = self.column(name, row)?;
        column.as_boolean_opt().map(|values| values.value(row))
    }

    pub(crate) fn count(&self, name: &str, row: usize) -> u32 {
        self.int(name, row).and_then(|count| u32::try_from(count).ok()).unwrap_or_default()
    }

    /// The rows of a list cell; `None` where the column is not a list.
    pub(crate) fn list(&self, name: &str, row: usize) -> Option<ArrayRef> {
        self.column(name, row)?.as_list_opt::<i32>().map(|list| list.value(row))
    }

    fn column(&self, name: &str, row: usize) -> Option<&'a ArrayRef> {
        self.batch.column_by_name(name).filter(|column| column.is_valid(row))
    }
}
