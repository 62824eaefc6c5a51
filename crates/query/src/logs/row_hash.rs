//! The tie-breaker that makes pages exact.
//!
//! Many records share a time. Ordering by time and then by a hash of what the record says gives an
//! order that is the same for every page; records that tie even then say the same thing, so it does
//! not matter which of them comes first.

use std::hash::Hasher;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, UInt64Array};
use arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, col,
};
use xxhash_rust::xxh3::Xxh3;

/// The hash of a log record as an expression over `logs`.
pub(super) fn row_hash() -> Expr {
    let columns = ["body", "attributes", "span_id", "resource_id"].map(col).to_vec();
    ScalarUDF::from(RowHash { signature: Signature::variadic_any(Volatility::Immutable) }).call(columns)
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct RowHash {
    signature: Signature,
}

impl ScalarUDFImpl for RowHash {
    fn name(&self) -> &str {
        "row_hash"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::UInt64)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let rows = arguments.number_rows;
        let columns: Vec<ArrayRef> =
            arguments.args.iter().map(|argument| argument.to_array(rows)).collect::<Result<_>>()?;
        let hashes = (0..rows).map(|row| {
            let mut hasher = Xxh3::new();
            for column in &columns {
                add_cell(&mut hasher, column, row);
            }
            hasher.finish()
        });
        Ok(ColumnarValue::Array(Arc::new(UInt64Array::from_iter_values(hashes))))
    }
}

/// Adds a cell and its length, so that neighbouring cells cannot be taken for one another.
fn add_cell(hasher: &mut Xxh3, column: &ArrayRef, row: usize) {
    let number;
    let bytes: &[u8] = match column.data_type() {
        _ if column.is_null(row) => &[],
        DataType::Utf8View => column.as_string_view().value(row).as_bytes(),
        DataType::BinaryView => column.as_binary_view().value(row),
        DataType::FixedSizeBinary(_) => column.as_fixed_size_binary().value(row),
        DataType::UInt64 => {
            number = column.as_primitive::<arrow::datatypes::UInt64Type>().value(row).to_le_bytes();
            &number
        }
        _ => &[],
    };
    hasher.write_u64(bytes.len() as u64);
    hasher.write(bytes);
}
