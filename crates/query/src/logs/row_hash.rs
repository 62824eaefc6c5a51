//! The tie-breaker that makes pages exact.
//!
//! Many records share a time. Ordering by time and then by a hash of everything else that the record says
//! gives an order that is the same for every page and wherever the record is stored. Records that tie even
//! then say the same thing, so it does not matter which of them comes first.

use std::hash::Hasher;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Int32Type, TimeUnit, TimestampNanosecondType, UInt32Type, UInt64Type};
use xxhash_rust::xxh3::Xxh3;

/// Columns that follow from others that are hashed: the time comes before the hash, the rest stands for `resource_id`.
const IMPLIED: [&str; 5] =
    ["time", "service_name", "service_namespace", "deployment_environment", "resource_attributes"];

/// The hash of each log record of a batch with all columns of `logs`.
pub(super) fn row_hashes(batch: &RecordBatch) -> Vec<u64> {
    let schema = batch.schema();
    let hashed =
        schema.fields().iter().zip(batch.columns()).filter(|(field, _)| !IMPLIED.contains(&field.name().as_str()));
    let columns: Vec<&ArrayRef> = hashed.map(|(_, column)| column).collect();
    let hash = |row| {
        let mut hasher = Xxh3::new();
        for column in &columns {
            add_cell(&mut hasher, column, row);
        }
        hasher.finish()
    };
    (0..batch.num_rows()).map(hash).collect()
}

/// Adds a cell and its length, so that neighbouring cells cannot be taken for one another, nor nothing for empty.
fn add_cell(hasher: &mut Xxh3, column: &ArrayRef, row: usize) {
    let number;
    let bytes: &[u8] = match column.data_type() {
        _ if column.is_null(row) => return hasher.write_u64(u64::MAX),
        DataType::Utf8View => column.as_string_view().value(row).as_bytes(),
        DataType::BinaryView => column.as_binary_view().value(row),
        DataType::FixedSizeBinary(_) => column.as_fixed_size_binary().value(row),
        DataType::UInt64 => {
            number = column.as_primitive::<UInt64Type>().value(row).to_le_bytes();
            &number
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            number = column.as_primitive::<TimestampNanosecondType>().value(row).to_le_bytes();
            &number
        }
        DataType::Int32 => {
            number = i64::from(column.as_primitive::<Int32Type>().value(row)).to_le_bytes();
            &number
        }
        DataType::UInt32 => {
            number = u64::from(column.as_primitive::<UInt32Type>().value(row)).to_le_bytes();
            &number
        }
        other => unreachable!("logs have no column of type {other}"),
    };
    hasher.write_u64(bytes.len() as u64);
    hasher.write(bytes);
}
