//! OTLP's `AnyValue` and `KeyValue`, straight from the wire into the attribute codec.
//!
//! A member of the `oneof` that comes twice replaces the first, as for every scalar; protobuf would merge two
//! lists, which no encoder relies on. The members that profiles added (`string_value_strindex`, `key_strindex`)
//! point into a table that other signals do not have: they read as absent.

use model::{AttributesWriter, Mark, Marks, VALUE_DEPTH_MAX};

use crate::error::{DecodeError, DecodeErrorKind};
use crate::limits::WIRE_DEPTH_MAX;
use crate::text::{raw, text};
use crate::wire::Reader;

/// One value, its content still on the wire.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AnyValue<'a> {
    /// Present, but none of the members is set.
    Null,
    Text(&'a [u8]),
    Bool(bool),
    Int(i64),
    Float(f64),
    /// The fields of an `ArrayValue`.
    List(Reader<'a>),
    /// The fields of a `KeyValueList`.
    Map(Reader<'a>),
    Bytes(&'a [u8]),
}

impl<'a> AnyValue<'a> {
    #[inline]
    pub(crate) fn read(mut reader: Reader<'a>) -> Result<Self, DecodeError> {
        let mut value = Self::Null;
        while let Some(field) = reader.next_field()? {
            value = match field.number {
                1 => Self::Text(field.bytes()?),
                2 => Self::Bool(field.varint()? != 0),
                3 => Self::Int(field.varint()? as i64),
                4 => Self::Float(field.double()?),
                5 => Self::List(field.message("ArrayValue")?),
                6 => Self::Map(field.message("KeyValueList")?),
                7 => Self::Bytes(field.bytes()?),
                8 => {
                    field.varint()?;
                    Self::Null
                }
                _ => continue,
            };
        }
        Ok(value)
    }
}

/// Writes values into a set of attributes, or one value alone, and notes what it had to change.
#[derive(Debug)]
pub(crate) struct ValueWriter<'w> {
    pub(crate) writer: &'w mut AttributesWriter,
    pub(crate) marks: &'w mut Marks,
    /// The mark of a text or bytes value that was too long.
    pub(crate) cut: Mark,
}

impl ValueWriter<'_> {
    /// Writes the entry that a `KeyValue` message is.
    #[inline]
    pub(crate) fn key_value(&mut self, reader: Reader<'_>) -> Result<(), DecodeError> {
        self.key_value_at(reader, 0)
    }

    /// Writes a value on its own.
    pub(crate) fn value(&mut self, value: AnyValue<'_>) -> Result<(), DecodeError> {
        self.value_at(value, 0)
    }

    #[inline]
    fn key_value_at(&mut self, reader: Reader<'_>, depth: usize) -> Result<(), DecodeError> {
        let (key, value) = read_key_value(reader)?;
        self.writer.key(&text(key, self.cut, self.marks));
        self.value_at(value, depth)
    }

    /// Recursion ends at [`VALUE_DEPTH_MAX`], beyond which [`check_depth`] goes on to [`WIRE_DEPTH_MAX`].
    #[inline]
    fn value_at(&mut self, value: AnyValue<'_>, depth: usize) -> Result<(), DecodeError> {
        match value {
            AnyValue::Null => self.writer.null(),
            AnyValue::Text(bytes) => self.writer.text(&text(bytes, self.cut, self.marks)),
            AnyValue::Bool(value) => self.writer.bool(value),
            AnyValue::Int(value) => self.writer.int(value),
            AnyValue::Float(value) => self.writer.float(value),
            AnyValue::Bytes(bytes) => self.writer.raw(raw(bytes, self.cut, self.marks)),
            AnyValue::List(_) | AnyValue::Map(_) if depth >= VALUE_DEPTH_MAX => {
                check_depth(value, depth)?;
                self.marks.add(Mark::CutNesting);
                self.writer.null();
            }
            AnyValue::List(reader) => self.list(reader, depth)?,
            AnyValue::Map(reader) => self.map(reader, depth)?,
        }
        Ok(())
    }

    fn list(&mut self, mut reader: Reader<'_>, depth: usize) -> Result<(), DecodeError> {
        let open = self.writer.begin_list();
        while let Some(field) = reader.next_field()? {
            if field.number == 1 {
                self.value_at(AnyValue::read(field.message("AnyValue")?)?, depth + 1)?;
            }
        }
        self.writer.end(open);
        Ok(())
    }

    fn map(&mut self, mut reader: Reader<'_>, depth: usize) -> Result<(), DecodeError> {
        let open = self.writer.begin_map();
        while let Some(field) = reader.next_field()? {
            if field.number == 1 {
                self.key_value_at(field.message("KeyValue")?, depth + 1)?;
            }
        }
        self.writer.end(open);
        Ok(())
    }
}

#[inline]
fn read_key_value(mut reader: Reader<'_>) -> Result<(&[u8], AnyValue<'_>), DecodeError> {
    let mut key: &[u8] = &[];
    let mut value = AnyValue::Null;
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => key = field.bytes()?,
            2 => value = AnyValue::read(field.message("AnyValue")?)?,
            _ => {}
        }
    }
    Ok((key, value))
}

/// Reads what is not kept only to hold it to the same rules. Recursion ends at [`WIRE_DEPTH_MAX`].
fn check_depth(value: AnyValue<'_>, depth: usize) -> Result<(), DecodeError> {
    let (mut reader, in_map) = match value {
        AnyValue::List(reader) => (reader, false),
        AnyValue::Map(reader) => (reader, true),
        _ => return Ok(()),
    };
    if depth >= WIRE_DEPTH_MAX {
        let message = format!("values nest deeper than {WIRE_DEPTH_MAX} lists and maps; send flatter attributes");
        return Err(DecodeError::new(DecodeErrorKind::TooDeep, message));
    }
    while let Some(field) = reader.next_field()? {
        if field.number == 1 {
            let value = match in_map {
                true => read_key_value(field.message("KeyValue")?)?.1,
                false => AnyValue::read(field.message("AnyValue")?)?,
            };
            check_depth(value, depth + 1)?;
        }
    }
    Ok(())
}
