//! The codec's bytes are pinned, whatever is written is read back, and damage never panics.

use proptest::prelude::*;

use super::*;

fn encode(entries: &[(String, Value)]) -> Vec<u8> {
    let mut writer = AttributesWriter::new();
    for (key, value) in entries {
        writer.key(key);
        writer.value(value);
    }
    writer.as_bytes().to_vec()
}

fn entry(key: &str, value: Value) -> (String, Value) {
    (key.to_owned(), value)
}

#[test]
fn golden_bytes_pin_version_1() {
    let entries = [
        entry("n", Value::Null),
        entry("b", Value::Bool(true)),
        entry("i", Value::Int(-300)),
        entry("f", Value::Float(1.5)),
        entry("t", Value::Text("hé".into())),
        entry("r", Value::Bytes(vec![0, 255])),
        entry("l", Value::List(vec![Value::Int(1), Value::Null])),
        entry("m", Value::Map(vec![entry("k", Value::Bool(false))])),
    ];
    let expected: &[u8] = &[
        1, b'n', 0, //
        1, b'b', 2, //
        1, b'i', 3, 0xd7, 0x04, //
        1, b'f', 4, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f, //
        1, b't', 5, 3, b'h', 0xc3, 0xa9, //
        1, b'r', 6, 2, 0, 255, //
        1, b'l', 7, 3, 0, 0, 0, 3, 2, 0, //
        1, b'm', 8, 3, 0, 0, 0, 1, b'k', 1,
    ];
    assert_eq!(encode(&entries), expected);
    assert_eq!(Attributes::new(expected).to_entries().as_deref(), Ok(&entries[..]));
}

#[test]
fn a_key_is_found_with_its_type() {
    let bytes = encode(&[entry("http.route", Value::Text("/cart".into())), entry("code", Value::Int(503))]);
    let set = Attributes::new(&bytes);
    assert_eq!(set.get("code"), Some(ValueRef::Int(503)));
    assert_eq!(set.get("http.route"), Some(ValueRef::Text("/cart")));
    assert_eq!(set.get("http"), None);
}

#[test]
fn what_nests_too_deep_becomes_null() {
    let mut value = Value::Int(1);
    for _ in 0..VALUE_DEPTH_MAX + 10 {
        value = Value::List(vec![value]);
    }
    let bytes = encode(&[entry("deep", value)]);
    assert!(Attributes::new(&bytes).to_entries().is_ok());
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-1e300..1e300f64).prop_map(Value::Float),
        ".*".prop_map(Value::Text),
        any::<Vec<u8>>().prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
            prop::collection::vec((".*", inner), 0..6).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(entries in prop::collection::vec((".*", any_value()), 0..8)) {
        let bytes = encode(&entries);
        prop_assert_eq!(Attributes::new(&bytes).to_entries(), Ok(entries));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in any::<Vec<u8>>()) {
        let _ = Attributes::new(&bytes).to_entries();
        let _ = Attributes::new(&bytes).get("key");
        let _ = ValueRef::decode(&bytes).and_then(ValueRef::to_value);
    }
}
