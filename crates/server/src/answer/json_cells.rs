//! Cells of a SQL answer as JSON.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{
    DataType, Field, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampNanosecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use model::{Attributes, CONTENT_ATTRIBUTES, CONTENT_KEY, CONTENT_VALUE, UnixNanos, Value, ValueRef, hex};
use serde_json::{Map, Value as Json};

use super::json_value::{json_attributes, json_float, json_value};

/// Lists and structs nest at most so deep in an answer.
const DEPTH_MAX: usize = 32;

/// One cell. Attribute columns become objects, ids hex, times RFC 3339; what JSON has no form for becomes text.
pub(super) fn json_cell(column: &ArrayRef, field: &Field, row: usize) -> Json {
    cell(column, field, row, 0)
}

fn cell(column: &ArrayRef, field: &Field, row: usize, depth: usize) -> Json {
    if column.is_null(row) || depth > DEPTH_MAX {
        return Json::Null;
    }
    match column.data_type() {
        // A column of this type has no validity to look at: every cell is null.
        DataType::Null => Json::Null,
        DataType::Boolean => Json::Bool(column.as_boolean().value(row)),
        DataType::Int8 => Json::from(column.as_primitive::<Int8Type>().value(row)),
        DataType::Int16 => Json::from(column.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => Json::from(column.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => Json::from(column.as_primitive::<Int64Type>().value(row)),
        DataType::UInt8 => Json::from(column.as_primitive::<UInt8Type>().value(row)),
        DataType::UInt16 => Json::from(column.as_primitive::<UInt16Type>().value(row)),
        DataType::UInt32 => Json::from(column.as_primitive::<UInt32Type>().value(row)),
        DataType::UInt64 => Json::from(column.as_primitive::<UInt64Type>().value(row)),
        DataType::Float32 => json_float(f64::from(column.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => json_float(column.as_primitive::<Float64Type>().value(row)),
        DataType::Utf8 => Json::from(column.as_string::<i32>().value(row)),
        DataType::LargeUtf8 => Json::from(column.as_string::<i64>().value(row)),
        DataType::Utf8View => Json::from(column.as_string_view().value(row)),
        DataType::Binary => bytes(column.as_binary::<i32>().value(row), field),
        DataType::BinaryView => bytes(column.as_binary_view().value(row), field),
        DataType::FixedSizeBinary(_) => Json::from(hex(column.as_fixed_size_binary().value(row))),
        DataType::Timestamp(arrow::datatypes::TimeUnit::Nanosecond, _) => {
            let time = UnixNanos::new(column.as_primitive::<TimestampNanosecondType>().value(row));
            Json::from(time.to_string())
        }
        DataType::List(item) => items(&column.as_list::<i32>().value(row), item, depth),
        DataType::LargeList(item) => items(&column.as_list::<i64>().value(row), item, depth),
        DataType::FixedSizeList(item, _) => items(&column.as_fixed_size_list().value(row), item, depth),
        DataType::Struct(fields) => {
            let columns = column.as_struct().columns();
            let members = fields.iter().zip(columns);
            Json::Object(
                members
                    .map(|(field, column)| (field.name().clone(), cell(column, field, row, depth + 1)))
                    .collect::<Map<_, _>>(),
            )
        }
        DataType::Decimal128(..) | DataType::Decimal256(..) => number(text(column, row)),
        _ => text(column, row),
    }
}

fn items(items: &ArrayRef, field: &Field, depth: usize) -> Json {
    (0..items.len()).map(|row| cell(items, field, row, depth + 1)).collect()
}

/// Bytes by what the column holds; hex where it does not say.
fn bytes(bytes: &[u8], field: &Field) -> Json {
    match field.metadata().get(CONTENT_KEY).map(String::as_str) {
        Some(CONTENT_ATTRIBUTES) => {
            Json::Object(json_attributes(&Attributes::new(bytes).to_entries().unwrap_or_default()))
        }
        Some(CONTENT_VALUE) => {
            let value = ValueRef::decode(bytes).and_then(ValueRef::to_value);
            json_value(&value.unwrap_or(Value::Null))
        }
        _ => Json::from(hex(bytes)),
    }
}

/// Dates, intervals, decimals and the like, as Arrow writes them.
fn text(column: &ArrayRef, row: usize) -> Json {
    let options = FormatOptions::default();
    match ArrayFormatter::try_new(column.as_ref(), &options) {
        Ok(formatter) => Json::from(formatter.value(row).to_string()),
        Err(_) => Json::Null,
    }
}

/// A decimal as a number, which it becomes where an unsigned column meets a signed one, as in `count / 4`.
/// One with more digits than a JSON reader keeps stays text.
fn number(text: Json) -> Json {
    /// Decimal digits that every double keeps.
    const DIGITS_MAX: usize = 15;
    let Json::String(digits) = &text else { return text };
    if digits.bytes().filter(u8::is_ascii_digit).count() > DIGITS_MAX {
        return text;
    }
    match (digits.parse::<i64>(), digits.parse::<f64>()) {
        (Ok(whole), _) => Json::from(whole),
        (_, Ok(fraction)) => json_float(fraction),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::Decimal128Array;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_decimal_is_a_number_unless_a_reader_would_lose_digits() {
        let check = |value: i128, scale: i8, expected: Json| {
            let decimals = Decimal128Array::from(vec![value]).with_precision_and_scale(38, scale).unwrap();
            let column: ArrayRef = Arc::new(decimals);
            let field = Field::new("n", column.data_type().clone(), true);
            assert_eq!(json_cell(&column, &field, 0), expected);
        };
        check(3, 0, json!(3));
        check(-275, 2, json!(-2.75));
        check(1_234_567_890_123_456_789, 0, json!("1234567890123456789"));
    }
}
