//! Rows of any table with every column filled from the row's number, and requests that carry them.

use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, BinaryViewArray, BooleanArray, FixedSizeBinaryArray, Float64Array, Int32Array, Int64Array,
    ListArray, RecordBatch, StringViewArray, StructArray, TimestampNanosecondArray, UInt32Array, UInt64Array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, Int64Type, UInt32Type, UInt64Type};
use bytes::Bytes;
use model::{AttributesWriter, Batch, Signal, Table, TenantId, UnixNanos, Value};
use store::Incoming;

/// When most requests of these tests are received: 2026-11-24T06:00:00Z.
pub(crate) const RECEIVED: UnixNanos = UnixNanos::new(1_795_500_000_000_000_000);

/// A row to be. All its cells follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row {
    pub(crate) table: Table,
    /// Unique among the rows of a test.
    pub(crate) id: u32,
    pub(crate) time: UnixNanos,
}

/// Groups that the rows of a table fall into: resources or series. The rows whose id leaves `n` after division are of a
/// resource with the attribute `app` of `gn`.
pub(crate) const GROUPS: u64 = 5;

/// A request that carries the rows. Its body is what [`decode`] makes the same batches from.
pub(crate) fn incoming(tenant: &TenantId, received: UnixNanos, rows: &[Row]) -> Incoming {
    let mut body = Vec::new();
    for row in rows {
        let table = Table::ALL.iter().position(|table| *table == row.table).unwrap() as u8;
        body.push(table);
        body.extend(row.id.to_le_bytes());
        body.extend(row.time.get().to_le_bytes());
    }
    let (tenant, signal) = (tenant.clone(), Signal::Logs);
    Incoming { tenant, signal, codec: 0, received, body: Bytes::from(body), batches: batches(rows) }
}

/// The decoder of these tests' bodies.
pub(crate) fn decode(frame: &wal::Frame) -> Result<Vec<Batch>, String> {
    if !frame.payload.len().is_multiple_of(13) {
        return Err("not a body of these tests".to_owned());
    }
    let row = |bytes: &[u8]| Row {
        table: Table::ALL[usize::from(bytes[0])],
        id: u32::from_le_bytes(bytes[1..5].try_into().unwrap()),
        time: UnixNanos::new(i64::from_le_bytes(bytes[5..].try_into().unwrap())),
    };
    Ok(batches(&frame.payload.chunks_exact(13).map(row).collect::<Vec<_>>()))
}

/// One batch per table that has rows.
pub(crate) fn batches(rows: &[Row]) -> Vec<Batch> {
    let of = |table| rows.iter().copied().filter(|row| row.table == table).collect::<Vec<_>>();
    let tables = Table::ALL.into_iter().map(|table| (table, of(table))).filter(|(_, rows)| !rows.is_empty());
    tables.map(|(table, rows)| Batch { table, rows: batch(table, &rows) }).collect()
}

/// The ids of a batch's rows.
pub(crate) fn ids(table: Table, batch: &RecordBatch) -> Vec<u32> {
    match table {
        Table::Series => numbers(batch, "series_id"),
        Table::Exemplars => signed_numbers(batch, "int_value"),
        Table::Calls => signed_numbers(batch, "seen"),
        Table::Repairs => signed_numbers(batch, "weight"),
        Table::Clocks => numbers(batch, "calls"),
        Table::Sightings => numbers(batch, "spans"),
        _ => batch.column_by_name("flags").unwrap().as_primitive::<UInt32Type>().values().to_vec(),
    }
}

fn numbers(batch: &RecordBatch, column: &str) -> Vec<u32> {
    let column = batch.column_by_name(column).unwrap().as_primitive::<UInt64Type>();
    column.values().iter().map(|number| *number as u32).collect()
}

fn signed_numbers(batch: &RecordBatch, column: &str) -> Vec<u32> {
    let column = batch.column_by_name(column).unwrap().as_primitive::<Int64Type>();
    column.values().iter().map(|number| *number as u32).collect()
}

fn batch(table: Table, rows: &[Row]) -> RecordBatch {
    let ids: Vec<u64> = rows.iter().map(|row| u64::from(row.id)).collect();
    let groups: Vec<u64> = ids.iter().map(|id| id % GROUPS).collect();
    let schema = table.schema();
    let columns = schema.fields().iter().map(|field| match field.name().as_str() {
        name if name == table.time_column() => {
            let times = rows.iter().map(|row| row.time.get());
            Arc::new(TimestampNanosecondArray::from_iter_values(times).with_timezone("UTC")) as ArrayRef
        }
        "series_id" if table == Table::Series => Arc::new(UInt64Array::from(ids.clone())),
        "series_id" | "resource_id" | "group_id" => Arc::new(UInt64Array::from(groups.clone())),
        // What rows are sorted by says the same for all rows of a group, as it does when ingest makes them.
        "metric_name"
        | "service_name"
        | "service_namespace"
        | "deployment_environment"
        | "callee"
        | "service"
        | "host" => cells(field, &if table == Table::Series { ids.clone() } else { groups.clone() }),
        "resource_attributes" if table != Table::Series => sets(field, &groups),
        "attributes" | "resource_attributes" | "scope_attributes" => sets(field, &ids),
        "flags" => Arc::new(UInt32Array::from_iter_values(rows.iter().map(|row| row.id))),
        "int_value" if table == Table::Exemplars => signed(&ids),
        "seen" | "weight" => signed(&ids),
        "calls" if table == Table::Clocks => Arc::new(UInt64Array::from(ids.clone())),
        "spans" if table == Table::Sightings => Arc::new(UInt64Array::from(ids.clone())),
        _ => cells(field, &ids),
    });
    RecordBatch::try_new(Arc::clone(&schema), columns.collect()).unwrap()
}

fn signed(ids: &[u64]) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(ids.iter().map(|id| *id as i64)))
}

/// A column with one cell per seed, null here and there where it may be.
fn cells(field: &Field, seeds: &[u64]) -> ArrayRef {
    let seeds: Vec<u64> = seeds.iter().map(|seed| mix(*seed, field.name())).collect();
    let optional = |seed: &u64| !field.is_nullable() || !seed.is_multiple_of(4);
    let some = || seeds.iter().map(|seed| optional(seed).then_some(*seed));
    match field.data_type() {
        DataType::Timestamp(..) => Arc::new(
            some().map(|seed| seed.map(|seed| seed as i64)).collect::<TimestampNanosecondArray>().with_timezone("UTC"),
        ),
        DataType::Int32 => Arc::new(some().map(|seed| seed.map(|seed| seed as i32)).collect::<Int32Array>()),
        DataType::Int64 => Arc::new(some().map(|seed| seed.map(|seed| seed as i64)).collect::<Int64Array>()),
        DataType::UInt32 => Arc::new(some().map(|seed| seed.map(|seed| seed as u32)).collect::<UInt32Array>()),
        DataType::UInt64 => Arc::new(some().collect::<UInt64Array>()),
        DataType::Float64 => Arc::new(some().map(|seed| seed.map(|seed| seed as f64 / 7.0)).collect::<Float64Array>()),
        DataType::Boolean => Arc::new(some().map(|seed| seed.map(|seed| seed % 2 == 0)).collect::<BooleanArray>()),
        DataType::Utf8View => Arc::new(some().map(|seed| seed.map(text)).collect::<StringViewArray>()),
        DataType::BinaryView => {
            Arc::new(some().map(|seed| seed.map(|seed| text(seed).into_bytes())).collect::<BinaryViewArray>())
        }
        DataType::FixedSizeBinary(width) => {
            // Few different ones, so that a trace has several rows.
            let bytes = some().map(|seed| seed.map(|seed| vec![(seed % 20) as u8 + 1; *width as usize]));
            Arc::new(FixedSizeBinaryArray::try_from_sparse_iter_with_size(bytes, *width).unwrap())
        }
        DataType::List(item) => {
            let lengths = || seeds.iter().map(|seed| (seed % 3) as usize);
            let items: Vec<u64> = seeds
                .iter()
                .zip(lengths())
                .flat_map(|(seed, length)| (0..length as u64).map(|n| seed.wrapping_add(n)))
                .collect();
            Arc::new(ListArray::new(Arc::clone(item), OffsetBuffer::from_lengths(lengths()), cells(item, &items), None))
        }
        DataType::Struct(fields) => {
            let columns = fields.iter().map(|field| cells(field, &seeds)).collect();
            let nulls = field.is_nullable().then(|| NullBuffer::from_iter(seeds.iter().map(optional)));
            Arc::new(StructArray::try_new_with_length(fields.clone(), columns, nulls, seeds.len()).unwrap())
        }
        other => panic!("no cells of type {other}"),
    }
}

/// A column with one set of attributes per seed: keys of many types, some twice, some only in a range of seeds; and
/// here and there bytes that are no set.
fn sets(field: &Field, seeds: &[u64]) -> ArrayRef {
    Arc::new(seeds.iter().map(|seed| Some(set(*seed, field.name()))).collect::<BinaryViewArray>())
}

fn set(seed: u64, name: &str) -> Vec<u8> {
    let random = mix(seed, name);
    let mut set = AttributesWriter::new();
    let mut put = |key: &str, value: Value| {
        set.key(key);
        set.value(&value);
    };
    put("app", Value::Text(format!("g{}", seed % GROUPS)));
    put("http.route", Value::Text(format!("/route/{}", random % 7)));
    put("http.response.status_code", Value::Int(200 + (random % 300) as i64));
    put(&format!("of.{}", seed / 1_000), Value::Float(random as f64 / 7.0));
    if random.is_multiple_of(3) {
        put("user.id", any_value(random >> 8));
    }
    if random.is_multiple_of(5) {
        put("request.id", Value::Text(format!("{random:016x}")));
        put("user.id", any_value(random >> 16));
    }
    if random.is_multiple_of(7) {
        put("retry", Value::Bool(random.is_multiple_of(2)));
        put(&format!("rare.{}", random % 1_000), any_value(random >> 24));
    }
    if random.is_multiple_of(11) {
        put("http.route", Value::Int(random as i64));
    }
    match set.as_bytes() {
        whole if random.is_multiple_of(13) => whole[..whole.len() - 1].to_vec(),
        whole => whole.to_vec(),
    }
}

fn any_value(seed: u64) -> Value {
    match seed % 7 {
        0 => Value::Null,
        1 => Value::Bool(seed.is_multiple_of(2)),
        2 => Value::Int(seed as i64),
        3 => Value::Float(f64::from_bits(seed)),
        4 => Value::Bytes(seed.to_le_bytes().to_vec()),
        5 => Value::List(vec![Value::Int(seed as i64)]),
        _ => Value::Text(text(seed)),
    }
}

fn text(seed: u64) -> String {
    if seed.is_multiple_of(3) {
        format!("{}", seed % 100)
    } else {
        format!("a text too long for a view {}", seed % 100)
    }
}

/// A number that looks random and follows from the seed and the name.
fn mix(seed: u64, name: &str) -> u64 {
    name.bytes().chain(seed.to_le_bytes()).fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23)
    })
}
