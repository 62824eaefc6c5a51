//! The one codec of attribute columns: a set of key → typed value pairs as bytes.
//!
//! Attributes are never table columns made from a user's keys. They live in opaque columns
//! (`attributes`, `resource_attributes`, `scope_attributes`, and inside events and links) whose
//! bytes are written and read only here. Version 1, named [`CODEC`] in each block's metadata:
//!
//! ```text
//! set   := entry*                                 to the end of the bytes; an empty set has no bytes
//! entry := key_length:varint key:utf-8 value
//! value := 0                                      null
//!        | 1 | 2                                  false | true
//!        | 3 zigzag:varint                        64-bit integer
//!        | 4 bits:8 bytes little-endian           double
//!        | 5 length:varint utf-8                  text
//!        | 6 length:varint bytes                  bytes
//!        | 7 length:u32 little-endian value*      list; length in bytes
//!        | 8 length:u32 little-endian set         map; length in bytes
//! ```
//!
//! Order, types and repeated keys are kept as sent. Lists and maps nest at most
//! [`VALUE_DEPTH_MAX`] deep; writer and reader both hold that bound. The reader trusts nothing:
//! bytes that are not a set end the iteration with an error and never panic.

use crate::Value;

/// Name and version of this codec, as blocks carry it in their metadata.
pub const CODEC: &str = "nunchi.attributes.1";

/// How deep lists and maps may nest. Real telemetry stays below 5; the bound keeps recursion off the stack's edge.
pub const VALUE_DEPTH_MAX: usize = 64;

/// Bytes that are not a set of attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("damaged attributes: the bytes are not a {CODEC} set")]
pub struct DamagedAttributes;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const FLOAT: u8 = 4;
const TEXT: u8 = 5;
const BYTES: u8 = 6;
const LIST: u8 = 7;
const MAP: u8 = 8;

/// Writes one set, entry by entry, into a buffer that can be used again.
#[derive(Debug, Default)]
pub struct AttributesWriter {
    bytes: Vec<u8>,
}

/// Marks where a list or map began, to be given back to [`AttributesWriter::end`].
#[derive(Debug)]
#[must_use = "a list or map must be ended"]
pub struct Open(usize);

impl AttributesWriter {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets what was written and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// The set so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Starts an entry; exactly one value must follow.
    pub fn key(&mut self, key: &str) {
        self.varint(key.len() as u64);
        self.bytes.extend_from_slice(key.as_bytes());
    }

    /// Writes a null.
    pub fn null(&mut self) {
        self.bytes.push(NULL);
    }

    /// Writes a truth value.
    pub fn bool(&mut self, value: bool) {
        self.bytes.push(if value { TRUE } else { FALSE });
    }

    /// Writes an integer.
    pub fn int(&mut self, value: i64) {
        self.bytes.push(INT);
        self.varint(zigzag(value));
    }

    /// Writes a double, bit for bit.
    pub fn float(&mut self, value: f64) {
        self.bytes.push(FLOAT);
        self.bytes.extend_from_slice(&value.to_bits().to_le_bytes());
    }

    /// Writes text.
    pub fn text(&mut self, value: &str) {
        self.bytes.push(TEXT);
        self.varint(value.len() as u64);
        self.bytes.extend_from_slice(value.as_bytes());
    }

    /// Writes raw bytes.
    pub fn raw(&mut self, value: &[u8]) {
        self.bytes.push(BYTES);
        self.varint(value.len() as u64);
        self.bytes.extend_from_slice(value);
    }

    /// Begins a list: values follow, then [`Self::end`].
    pub fn begin_list(&mut self) -> Open {
        self.begin(LIST)
    }

    /// Begins a map: entries follow, then [`Self::end`].
    pub fn begin_map(&mut self) -> Open {
        self.begin(MAP)
    }

    /// Ends the list or map that `open` began.
    pub fn end(&mut self, open: Open) {
        let length = u32::try_from(self.bytes.len() - open.0).expect("a request is far smaller than 4 GiB");
        self.bytes[open.0 - 4..open.0].copy_from_slice(&length.to_le_bytes());
    }

    /// Writes a whole value. What nests deeper than [`VALUE_DEPTH_MAX`] is written as null.
    pub fn value(&mut self, value: &Value) {
        self.value_at(value, 0);
    }

    /// Writes an entry whose key and value are already encoded, as [`Entry::encoded`] gave them.
    pub fn encoded(&mut self, entry: &[u8]) {
        self.bytes.extend_from_slice(entry);
    }

    fn value_at(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Null => self.null(),
            Value::Bool(value) => self.bool(*value),
            Value::Int(value) => self.int(*value),
            Value::Float(value) => self.float(*value),
            Value::Text(value) => self.text(value),
            Value::Bytes(value) => self.raw(value),
            Value::List(_) | Value::Map(_) if depth >= VALUE_DEPTH_MAX => self.null(),
            Value::List(values) => {
                let open = self.begin_list();
                for value in values {
                    self.value_at(value, depth + 1);
                }
                self.end(open);
            }
            Value::Map(entries) => {
                let open = self.begin_map();
                for (key, value) in entries {
                    self.key(key);
                    self.value_at(value, depth + 1);
                }
                self.end(open);
            }
        }
    }

    fn begin(&mut self, tag: u8) -> Open {
        self.bytes.push(tag);
        self.bytes.extend_from_slice(&[0; 4]);
        Open(self.bytes.len())
    }

    fn varint(&mut self, value: u64) {
        put_varint(&mut self.bytes, value);
    }
}

pub(crate) fn put_varint(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

/// Bytes that [`put_varint`] writes.
pub(crate) fn varint_bytes(value: u64) -> usize {
    (u64::BITS - (value | 1).leading_zeros()).div_ceil(7) as usize
}

/// Small numbers of either sign as small numbers.
pub(crate) fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// A set of attributes in encoded form. Cheap to copy; looks nothing up until asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes<'a> {
    bytes: &'a [u8],
}

/// One key and its value, still encoded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry<'a> {
    /// The key as sent.
    pub key: &'a str,
    /// The value.
    pub value: ValueRef<'a>,
    /// Key and value as [`AttributesWriter::encoded`] takes them.
    pub encoded: &'a [u8],
}

/// A value inside encoded bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueRef<'a> {
    /// Present, but empty.
    Null,
    /// A truth value.
    Bool(bool),
    /// A 64-bit signed integer.
    Int(i64),
    /// A double.
    Float(f64),
    /// UTF-8 text.
    Text(&'a str),
    /// Raw bytes.
    Bytes(&'a [u8]),
    /// Values in order.
    List(List<'a>),
    /// Keys and values in order.
    Map(Attributes<'a>),
}

/// The values of a list in encoded form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct List<'a> {
    bytes: &'a [u8],
}

impl<'a> Attributes<'a> {
    /// Over the bytes of an attribute column.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether the set holds nothing.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The entries in the order sent. After an error nothing more comes.
    pub fn iter(&self) -> impl Iterator<Item = Result<Entry<'a>, DamagedAttributes>> + use<'a> {
        let mut rest = self.bytes;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let entry = read_entry(&mut rest);
            if entry.is_none() {
                rest = &[];
            }
            Some(entry.ok_or(DamagedAttributes))
        })
    }

    /// The first value under the key; `None` where there is none or the bytes before it are damaged.
    pub fn get(&self, key: &str) -> Option<ValueRef<'a>> {
        self.iter().map_while(Result::ok).find(|entry| entry.key == key).map(|entry| entry.value)
    }

    /// The whole set, decoded.
    pub fn to_entries(&self) -> Result<Vec<(String, Value)>, DamagedAttributes> {
        entries_at(*self, 0)
    }
}

impl<'a> List<'a> {
    /// The values in order. After an error nothing more comes.
    pub fn iter(&self) -> impl Iterator<Item = Result<ValueRef<'a>, DamagedAttributes>> + use<'a> {
        let mut rest = self.bytes;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let value = read_value(&mut rest);
            if value.is_none() {
                rest = &[];
            }
            Some(value.ok_or(DamagedAttributes))
        })
    }
}

impl<'a> ValueRef<'a> {
    /// Over the bytes of one encoded value with nothing after it.
    pub fn decode(mut bytes: &'a [u8]) -> Result<Self, DamagedAttributes> {
        let value = read_value(&mut bytes).ok_or(DamagedAttributes)?;
        if bytes.is_empty() { Ok(value) } else { Err(DamagedAttributes) }
    }

    /// The value, decoded.
    pub fn to_value(self) -> Result<Value, DamagedAttributes> {
        value_at(self, 0)
    }
}

fn entries_at(set: Attributes<'_>, depth: usize) -> Result<Vec<(String, Value)>, DamagedAttributes> {
    set.iter().map(|entry| entry.and_then(|entry| Ok((entry.key.to_owned(), value_at(entry.value, depth)?)))).collect()
}

fn value_at(value: ValueRef<'_>, depth: usize) -> Result<Value, DamagedAttributes> {
    if depth > VALUE_DEPTH_MAX {
        return Err(DamagedAttributes);
    }
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Bool(value) => Value::Bool(value),
        ValueRef::Int(value) => Value::Int(value),
        ValueRef::Float(value) => Value::Float(value),
        ValueRef::Text(value) => Value::Text(value.to_owned()),
        ValueRef::Bytes(value) => Value::Bytes(value.to_vec()),
        ValueRef::List(list) => {
            Value::List(list.iter().map(|value| value_at(value?, depth + 1)).collect::<Result<_, _>>()?)
        }
        ValueRef::Map(map) => Value::Map(entries_at(map, depth + 1)?),
    })
}

pub(crate) fn read_entry<'a>(rest: &mut &'a [u8]) -> Option<Entry<'a>> {
    let start = *rest;
    let key = read_text(rest)?;
    let value = read_value(rest)?;
    Some(Entry { key, value, encoded: &start[..start.len() - rest.len()] })
}

pub(crate) fn read_value<'a>(rest: &mut &'a [u8]) -> Option<ValueRef<'a>> {
    let (tag, after) = rest.split_first()?;
    *rest = after;
    Some(match *tag {
        NULL => ValueRef::Null,
        FALSE => ValueRef::Bool(false),
        TRUE => ValueRef::Bool(true),
        INT => {
            let zigzag = read_varint(rest)?;
            ValueRef::Int((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
        }
        FLOAT => {
            let (bits, after) = rest.split_first_chunk::<8>()?;
            *rest = after;
            ValueRef::Float(f64::from_bits(u64::from_le_bytes(*bits)))
        }
        TEXT => ValueRef::Text(read_text(rest)?),
        BYTES => {
            let length = usize::try_from(read_varint(rest)?).ok()?;
            ValueRef::Bytes(take(rest, length)?)
        }
        LIST => ValueRef::List(List { bytes: read_nested(rest)? }),
        MAP => ValueRef::Map(Attributes { bytes: read_nested(rest)? }),
        _ => return None,
    })
}

fn read_text<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let length = usize::try_from(read_varint(rest)?).ok()?;
    std::str::from_utf8(take(rest, length)?).ok()
}

fn read_nested<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_first_chunk::<4>()?;
    *rest = after;
    take(rest, u32::from_le_bytes(*length) as usize)
}

pub(crate) fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

pub(crate) fn read_varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests;
