//! Values and attributes as JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::Value;
use serde_json::{Map, Number, Value as Json, json};

/// A value as JSON. Bytes become `{"base64": …}`; numbers that JSON cannot say become text.
pub(super) fn json_value(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => Json::from(*value),
        Value::Float(value) => json_float(*value),
        Value::Text(text) => Json::String(text.clone()),
        Value::Bytes(bytes) => json!({ "base64": STANDARD.encode(bytes) }),
        // The depth was bounded when the value was read.
        Value::List(values) => values.iter().map(json_value).collect(),
        Value::Map(entries) => Json::Object(json_attributes(entries)),
    }
}

/// Attributes as a JSON object. Of a key that occurs twice, the first is shown.
pub(super) fn json_attributes(entries: &[(String, Value)]) -> Map<String, Json> {
    let mut object = Map::new();
    for (key, value) in entries {
        if !object.contains_key(key) {
            object.insert(key.clone(), json_value(value));
        }
    }
    object
}

/// A double; `NaN`, `Infinity` and `-Infinity` as text, as OTLP writes them.
pub(super) fn json_float(value: f64) -> Json {
    match Number::from_f64(value) {
        Some(number) => Json::Number(number),
        None if value.is_nan() => Json::from("NaN"),
        None if value > 0.0 => Json::from("Infinity"),
        None => Json::from("-Infinity"),
    }
}
