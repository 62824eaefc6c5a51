//! Whatever is promoted comes back byte for byte, and damage never panics.

use arrow::array::{Array, ArrayRef, AsArray, BinaryViewArray, Int64Array};
use arrow::datatypes::Int64Type;
use proptest::prelude::*;

use super::*;
use crate::{Attributes, AttributesWriter, Value, ValueRef};

fn column(name: &str) -> PromotedColumn {
    PromotedColumn::from_name(name).unwrap()
}

fn encode(entries: &[(String, Value)]) -> Vec<u8> {
    let mut writer = AttributesWriter::new();
    for (key, value) in entries {
        writer.key(key);
        writer.value(value);
    }
    writer.as_bytes().to_vec()
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn set(entries: &[(&str, Value)]) -> Vec<u8> {
    encode(&entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect::<Vec<_>>())
}

/// Takes the sets apart and checks that they come back.
#[track_caller]
fn promote(columns: &[PromotedColumn], sets: &[Vec<u8>]) -> (Promoted, Promoter) {
    let sets: BinaryViewArray = sets.iter().map(Some).collect();
    let mut promoter = Promoter::new(columns);
    let promoted = promoter.promote(&sets);
    assert_eq!(promoted.columns.len(), columns.len());
    for (column, array) in columns.iter().zip(&promoted.columns) {
        assert_eq!((array.data_type(), array.len()), (column.field().data_type(), sets.len()), "{}", column.name());
    }
    let restored = Restorer::new(columns).restore(&promoted.residual, &promoted.columns).unwrap();
    assert_eq!(restored, sets);
    (promoted, promoter)
}

#[test]
fn golden_bytes_pin_version_1_of_the_residual() {
    let columns = [column("a.s.route"), column("a.i.code")];
    let bytes = set(&[("n", Value::Int(1)), ("code", Value::Int(503)), ("b", Value::Bool(true)), ("route", text("/"))]);
    let (promoted, _) = promote(&columns, &[bytes]);
    let expected: &[u8] = &[0, 4, 1, b'n', 3, 2, 2, 0, 3, 1, b'b', 2, 1];
    assert_eq!(promoted.residual.value(0), expected);
    assert_eq!(promoted.columns[0].as_string_view().value(0), "/");
    assert_eq!(promoted.columns[1].as_primitive::<Int64Type>().value(0), 503);
}

#[test]
fn entries_of_columns_that_are_not_given_are_left_out_and_no_others() {
    let columns = [column("a.s.route"), column("a.i.code")];
    let whole = set(&[("n", Value::Int(1)), ("code", Value::Int(503)), ("b", Value::Bool(true)), ("route", text("/"))]);
    let (promoted, _) = promote(&columns, &[whole]);
    let restored = |given: [bool; 2]| {
        let arrays: Vec<_> =
            promoted.columns.iter().zip(given).map(|(array, given)| given.then(|| ArrayRef::clone(array))).collect();
        Restorer::new(&columns).restore_some(&promoted.residual, &arrays).unwrap().value(0).to_vec()
    };
    let rest = [("n", Value::Int(1)), ("b", Value::Bool(true))];
    assert_eq!(restored([false, false]), set(&rest));
    assert_eq!(restored([true, false]), set(&[rest[0].clone(), rest[1].clone(), ("route", text("/"))]));
    assert_eq!(restored([false, true]), set(&[rest[0].clone(), ("code", Value::Int(503)), rest[1].clone()]));
}

#[test]
fn only_the_first_entry_of_a_key_is_promoted() {
    let columns = [column("a.s.k"), column("a.i.k")];
    let rows = [
        set(&[("k", text("a")), ("k", Value::Int(1)), ("k", text("b"))]),
        set(&[("k", Value::Int(2)), ("k", text("c"))]),
        set(&[("other", text("k"))]),
    ];
    let (promoted, promoter) = promote(&columns, &rows);
    let texts: Vec<_> = promoted.columns[0].as_string_view().iter().collect();
    let ints: Vec<_> = promoted.columns[1].as_primitive::<Int64Type>().iter().collect();
    assert_eq!((texts, ints), (vec![Some("a"), None, None], vec![None, Some(2), None]));
    assert!(!promoter.is_mixed(&columns[0]), "what comes later under a key is not its value");
    assert_eq!(Residual::new(promoted.residual.value(0)).get("k"), Some(ValueRef::Int(1)));
}

#[test]
fn a_value_that_no_column_holds_stays_and_makes_its_key_mixed() {
    for value in [Value::Int(1), Value::Null, Value::Bytes(vec![1]), Value::List(vec![]), Value::Map(vec![])] {
        let columns = [column("a.s.k"), column("a.s.other")];
        let rows = [set(&[("k", text("a"))]), set(&[("k", value.clone()), ("k", text("b")), ("other", text("c"))])];
        let (promoted, promoter) = promote(&columns, &rows);
        assert!(promoted.columns[0].is_null(1), "{value:?}");
        assert!(promoter.is_mixed(&columns[0]) && !promoter.is_mixed(&columns[1]), "{value:?}");
        let residual = Residual::new(promoted.residual.value(1));
        assert_eq!(residual.get("k").unwrap().to_value().unwrap(), value);
    }
}

#[test]
fn bytes_that_no_writer_would_write_come_back_all_the_same() {
    let columns = [column("a.s.k"), column("a.i.k"), column("a.b.z")];
    let ten_bytes_of_int = [&[1, b'k', 3][..], &[0xff; 9], &[0x7f]].concat();
    let rows: [&[u8]; 8] = [
        &[1, b'k', 5, 0x81, 0, b'x'],    // a length of one in two bytes
        &[0x81, 0, b'k', 5, 1, b'x'],    // the same of a key
        &[1, b'k', 3, 0x82, 0],          // an integer
        &ten_bytes_of_int,               // bits beyond the 64th
        &[1, b'z', 1, 1, b'k', 99],      // a type that is not one, after an entry that is promoted
        &[1, b'k', 5, 1, 0xff],          // text that is none
        &[1, b'k', 5, 1],                // cut short
        &[0xff, 0xff, 0xff, 0xff, 0xff], // a length beyond the end
    ];
    let (promoted, _) = promote(&columns, &rows.map(<[u8]>::to_vec));
    assert_eq!(promoted.columns[0].null_count() + promoted.columns[1].null_count(), 2 * rows.len());
    assert_eq!(promoted.columns[2].null_count(), rows.len() - 1);
}

#[test]
fn sets_that_repeat_are_taken_apart_once() {
    let columns = [column("r.s.k8s.pod.name"), column("r.i.process.pid")];
    let pod = |name: &str| set(&[("k8s.pod.name", text(name)), ("process.pid", Value::Int(1)), ("x", Value::Null)]);
    let rows: Vec<_> = (0..100).map(|row| pod(if row < 60 { "a-pod-with-a-long-name" } else { "b" })).collect();
    let (promoted, _) = promote(&columns, &rows);
    let names = promoted.columns[0].as_string_view();
    assert_eq!((names.value(59), names.value(60)), ("a-pod-with-a-long-name", "b"));
    let held: usize = names.data_buffers().iter().map(|buffer| buffer.len()).sum();
    assert_eq!(held, "a-pod-with-a-long-name".len());
}

#[test]
fn a_missing_set_stays_missing() {
    let columns = [column("a.s.k")];
    let bytes = set(&[("k", text("v"))]);
    for repeats in [1, 10] {
        let sets: BinaryViewArray = [None, Some(&bytes), None].into_iter().flat_map(|set| vec![set; repeats]).collect();
        let promoted = Promoter::new(&columns).promote(&sets);
        assert_eq!(Restorer::new(&columns).restore(&promoted.residual, &promoted.columns), Ok(sets));
    }
}

#[test]
fn what_does_not_fit_its_columns_is_an_error() {
    let columns = [column("a.s.k"), column("a.i.k")];
    let (promoted, _) = promote(&columns, &[set(&[("k", text("v"))])]);
    let restorer = Restorer::new(&columns);
    let check = |residual: &[u8], arrays: &[ArrayRef]| {
        let residual: BinaryViewArray = [Some(residual)].into_iter().collect();
        assert_eq!(restorer.restore(&residual, arrays), Err(DamagedResidual));
    };
    let [text, int] = <[ArrayRef; 2]>::try_from(promoted.columns).unwrap();
    let (fitting, whole) = ([ArrayRef::clone(&text), ArrayRef::clone(&int)], promoted.residual.value(0));
    assert_eq!(
        restorer.restore(&promoted.residual, &fitting).unwrap().value(0),
        set(&[("k", Value::Text("v".into()))])
    );
    check(&[2], &fitting); // the row has no value in that column
    check(&[3], &fitting); // there is no such column
    check(&[1, 1], &fitting); // twice
    check(&[0x81, 1], &fitting); // number 128
    check(&[0, 2, 0], &fitting); // longer than the bytes
    check(&[0x80], &fitting);
    check(whole, &[int, ArrayRef::clone(&text)]);
    check(whole, std::slice::from_ref(&text));
    check(whole, &[text, std::sync::Arc::new(Int64Array::from(vec![1, 2]))]);
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        ".{0,20}".prop_map(Value::Text),
        any::<Vec<u8>>().prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::List),
            prop::collection::vec(("[a-d]", inner), 0..3).prop_map(Value::Map),
        ]
    })
}

/// Few keys, so that they repeat within a set and conflict between sets; and rows that repeat.
fn any_sets() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let damaged = any::<Vec<u8>>();
    let whole = prop::collection::vec(("[a-d]|a\\.b", any_value()), 0..8).prop_map(|entries| encode(&entries));
    let rows = prop::collection::vec((prop_oneof![9 => whole, 1 => damaged], 1..5usize), 0..12);
    rows.prop_map(|rows| rows.into_iter().flat_map(|(set, repeats)| vec![set; repeats]).collect())
}

fn any_columns() -> impl Strategy<Value = Vec<PromotedColumn>> {
    let names = ["a.s.a", "a.i.a", "a.f.a", "a.b.a", "a.s.b", "a.i.b", "a.s.c", "a.f.d", "a.s.a.b", "a.i.nowhere"];
    let columns: Vec<_> = names.into_iter().map(column).collect();
    prop::sample::subsequence(columns.clone(), 0..=columns.len()).prop_shuffle()
}

proptest! {
    #[test]
    fn whatever_is_promoted_comes_back(batches in prop::collection::vec(any_sets(), 1..4), columns in any_columns()) {
        let mut promoter = Promoter::new(&columns);
        for sets in &batches {
            let sets: BinaryViewArray = sets.iter().map(Some).collect();
            let promoted = promoter.promote(&sets);
            let restored = Restorer::new(&columns).restore(&promoted.residual, &promoted.columns);
            prop_assert_eq!(restored, Ok(sets));
        }
    }

    #[test]
    fn promoted_columns_then_the_residual_give_the_first_value_of_each_key(
        sets in any_sets(), columns in any_columns()
    ) {
        let (promoted, promoter) = promote(&columns, &sets);
        for key in ["a", "b", "c", "d", "a.b", "nowhere"] {
            let own: Vec<_> = (0..columns.len()).filter(|number| columns[*number].key() == key).collect();
            for (row, set) in sets.iter().enumerate() {
                let cells = own.iter().filter(|number| promoted.columns[**number].is_valid(row));
                let in_columns: Vec<_> = cells.map(|number| cell(&promoted.columns[*number], row)).collect();
                let stayed = Residual::new(promoted.residual.value(row)).get(key).map(ValueRef::to_value);
                let expected = Attributes::new(set).get(key).map(ValueRef::to_value);
                prop_assert!(in_columns.len() <= 1);
                let found = in_columns.first().cloned().map(Ok).or(stayed);
                prop_assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{} in row {}", key, row);
                let is_mixed = own.first().is_some_and(|number| promoter.is_mixed(&columns[*number]));
                prop_assert!(own.is_empty() || is_mixed || in_columns.len() == usize::from(expected.is_some()));
            }
        }
    }

    #[test]
    fn arbitrary_residuals_never_panic(bytes in any::<Vec<u8>>(), columns in any_columns()) {
        let _ = Residual::new(&bytes).get("a");
        let residual: BinaryViewArray = [Some(&bytes)].into_iter().collect();
        let whole = promote(&columns, &[set(&[("a", Value::Int(1)), ("b", text("b"))])]).0;
        let _ = Restorer::new(&columns).restore(&residual, &whole.columns);
    }
}

fn cell(array: &ArrayRef, row: usize) -> Value {
    match array.data_type() {
        arrow::datatypes::DataType::Utf8View => text(array.as_string_view().value(row)),
        arrow::datatypes::DataType::Int64 => Value::Int(array.as_primitive::<Int64Type>().value(row)),
        arrow::datatypes::DataType::Float64 => {
            Value::Float(array.as_primitive::<arrow::datatypes::Float64Type>().value(row))
        }
        _ => Value::Bool(array.as_boolean().value(row)),
    }
}
