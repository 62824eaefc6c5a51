//! A typed attribute value, as OTLP's `AnyValue` can say it.

/// One value. Order and types are exactly as sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Present, but empty.
    Null,
    /// A truth value.
    Bool(bool),
    /// A 64-bit signed integer.
    Int(i64),
    /// A double; may be NaN or infinite.
    Float(f64),
    /// UTF-8 text.
    Text(String),
    /// Raw bytes.
    Bytes(Vec<u8>),
    /// Values in order; they may differ in type.
    List(Vec<Value>),
    /// Key → value in the order sent. A key may occur twice if the sender did so.
    Map(Vec<(String, Value)>),
}
