//! OTLP's JSON, rewritten as the protobuf it stands for, in one pass and without a tree in between.
//!
//! | file | what |
//! |---|---|
//! | `schema.rs` | literal tables: message → field name → number and kind |
//! | `scalar.rs` | numbers, names of enums, hex and base64 |
//!
//! The dialect differs from protobuf's own JSON in that trace and span ids are hex, and that enums are numbers
//! (their names are read, too). Names are read in lowerCamelCase and as written in the `.proto` files; unknown
//! names are ignored; `null` means absent, also inside arrays; of a repeated name the last wins. Strings are handed
//! on as the bytes that they are: invalid UTF-8 and lone surrogates are replaced and marked where protobuf's are.
//! An id that is not hex becomes an id of the wrong length, so that it is the record's trouble and not the request's.

mod schema;
mod scalar;

use std::fmt;

use model::Signal;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use self::scalar::{Scalar, ScalarSeed, base64, hex_or_invalid};
use self::schema::{FIELDS_MAX, Field, Kind, Message, request};
use crate::error::{DecodeError, DecodeErrorKind};
use crate::limits::JSON_DEPTH_MAX;
use crate::wire_writer::{FieldSpan, Writer};

/// The export request of the signal as protobuf.
pub(crate) fn to_protobuf(signal: Signal, body: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut output = Output { writer: Writer::with_capacity(body.len()), depth: 0, too_deep: false };
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let result = MessageSeed { message: request(signal), output: &mut output }
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end());
    match result {
        Ok(()) => Ok(output.writer.into_bytes()),
        Err(error) if output.too_deep => Err(DecodeError::new(DecodeErrorKind::TooDeep, error.to_string())),
        Err(error) => Err(DecodeError::malformed(error.to_string())),
    }
}

/// Where the protobuf goes, and how deep in the JSON we are.
#[derive(Debug)]
struct Output {
    writer: Writer,
    depth: usize,
    too_deep: bool,
}

impl Output {
    /// Enters an object or array; [`Self::leave`] must follow.
    fn enter<E: Error>(&mut self) -> Result<(), E> {
        self.depth += 1;
        if self.depth > JSON_DEPTH_MAX {
            self.too_deep = true;
            return Err(E::custom(format_args!("objects and arrays nest deeper than {JSON_DEPTH_MAX}")));
        }
        Ok(())
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }
}

/// Writes the fields of the message that an object is.
struct MessageSeed<'o> {
    message: &'static Message,
    output: &'o mut Output,
}

impl<'de> DeserializeSeed<'de> for MessageSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for MessageSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object ({})", self.message.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.output.enter()?;
        let mut written: [Option<FieldSpan>; FIELDS_MAX] = [None; FIELDS_MAX];
        while let Some(index) = map.next_key_seed(KeySeed(self.message))? {
            let Some(index) = index else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if let Some(earlier) = written[index].take() {
                self.output.writer.erase(earlier);
            }
            let start = self.output.writer.position();
            map.next_value_seed(FieldSeed { field: &self.message.fields[index], output: self.output })?;
            written[index] = self.output.writer.span_since(start);
        }
        self.output.leave();
        Ok(())
    }
}

/// Finds the field that a name means; `None` where OTLP knows no such field.
struct KeySeed(&'static Message);

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        // As bytes: a name that is not UTF-8 is unknown, not an error.
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for KeySeed {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_bytes<E: Error>(self, name: &[u8]) -> Result<Option<usize>, E> {
        Ok(self.0.fields.iter().position(|field| field.is_named(name)))
    }
}

/// Writes the value of one field, once or, for a repeated field, as often as the array has elements.
struct FieldSeed<'o> {
    field: &'static Field,
    output: &'o mut Output,
}

impl<'de> DeserializeSeed<'de> for FieldSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for FieldSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for {}", if self.field.repeated { "an array" } else { "a value" }, self.field.json)
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.field.repeated {
            return deserializer.deserialize_seq(self);
        }
        ElementSeed { field: self.field, output: self.output }.deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<(), A::Error> {
        self.output.enter()?;
        while elements.next_element_seed(OptionalElementSeed { field: self.field, output: self.output })?.is_some() {}
        self.output.writer.end_list();
        self.output.leave();
        Ok(())
    }
}

/// Writes one element of an array, unless it is `null`.
struct OptionalElementSeed<'o> {
    field: &'static Field,
    output: &'o mut Output,
}

impl<'de> DeserializeSeed<'de> for OptionalElementSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for OptionalElementSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an element of {}", self.field.json)
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        ElementSeed { field: self.field, output: self.output }.deserialize(deserializer)
    }
}

/// Writes one value that is not `null`.
struct ElementSeed<'o> {
    field: &'static Field,
    output: &'o mut Output,
}

impl<'de> DeserializeSeed<'de> for ElementSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Field { number, kind, .. } = *self.field;
        match kind {
            Kind::Message(message) => {
                let open = self.output.writer.begin(number);
                MessageSeed { message, output: self.output }.deserialize(deserializer)?;
                self.output.writer.end(open);
                Ok(())
            }
            Kind::Text | Kind::Id | Kind::Bytes => deserializer.deserialize_bytes(self),
            _ => {
                let scalar = ScalarSeed { field: self.field }.deserialize(deserializer)?;
                self.write_scalar(scalar)
            }
        }
    }
}

impl ElementSeed<'_> {
    fn write_scalar<E: Error>(self, scalar: Scalar) -> Result<(), E> {
        let Field { number, kind, json, .. } = *self.field;
        let writer = &mut self.output.writer;
        let range = || E::custom(format_args!("{json} is out of range"));
        match kind {
            Kind::Bool => writer.varint(number, scalar.integer().ok_or_else(range)? as u64),
            Kind::Double => writer.fixed64(number, scalar.double().to_bits()),
            Kind::Int64 => writer.varint(number, signed(scalar).ok_or_else(range)? as u64),
            Kind::Sfixed64 => writer.fixed64(number, signed(scalar).ok_or_else(range)? as u64),
            Kind::Uint64 => writer.varint(number, unsigned(scalar).ok_or_else(range)?),
            Kind::Fixed64 => writer.fixed64(number, unsigned(scalar).ok_or_else(range)?),
            Kind::Int32 | Kind::Enum(_) => {
                let value = signed(scalar).and_then(|value| i32::try_from(value).ok()).ok_or_else(range)?;
                writer.varint(number, i64::from(value) as u64);
            }
            Kind::Sint32 => {
                let value = signed(scalar).and_then(|value| i32::try_from(value).ok()).ok_or_else(range)?;
                writer.varint(number, u64::from(((value << 1) ^ (value >> 31)) as u32));
            }
            Kind::Uint32 => writer.varint(number, u64::from(short(scalar).ok_or_else(range)?)),
            Kind::Fixed32 => writer.fixed32(number, short(scalar).ok_or_else(range)?),
            Kind::Text | Kind::Id | Kind::Bytes | Kind::Message(_) => unreachable!("not a scalar"),
        }
        Ok(())
    }
}

fn signed(scalar: Scalar) -> Option<i64> {
    scalar.integer().and_then(|value| i64::try_from(value).ok())
}

fn unsigned(scalar: Scalar) -> Option<u64> {
    scalar.integer().and_then(|value| u64::try_from(value).ok())
}

fn short(scalar: Scalar) -> Option<u32> {
    scalar.integer().and_then(|value| u32::try_from(value).ok())
}

impl Visitor<'_> for ElementSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a string for {}", self.field.json)
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<(), E> {
        let Field { number, kind, json, .. } = *self.field;
        let writer = &mut self.output.writer;
        match kind {
            Kind::Id => writer.bytes(number, &hex_or_invalid(bytes)),
            Kind::Bytes => {
                let decoded = base64(bytes).ok_or_else(|| E::custom(format_args!("{json} is not base64")))?;
                writer.bytes(number, &decoded);
            }
            _ => writer.bytes(number, bytes),
        }
        Ok(())
    }
}
