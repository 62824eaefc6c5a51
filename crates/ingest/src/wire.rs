//! Reads protobuf's wire format: fields of one message, in the order they stand, borrowed from the body.
//!
//! ```text
//! message := field*
//! field   := tag:varint payload                tag = number << 3 | wire type
//! payload := 0 varint | 1 eight bytes | 2 length:varint bytes | 3 field* 4 (a group) | 5 four bytes
//! ```
//!
//! A length is only ever compared with what is there, never allocated. Unknown fields are the caller's to
//! ignore; groups are skipped with their content. A known field whose wire type is not what OTLP says is an error.

use crate::error::{DecodeError, DecodeErrorKind};
use crate::limits::GROUP_DEPTH_MAX;

/// What is left to read of one message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    /// Where `rest` starts in the body.
    offset: usize,
    /// The message's name, for errors.
    message: &'static str,
}

/// One field of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field<'a> {
    /// The field's number in its message.
    pub(crate) number: u32,
    payload: Payload<'a>,
    /// Where the payload ends in the body.
    end: usize,
    message: &'static str,
}

#[derive(Clone, Copy, Debug)]
enum Payload<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Group,
    Fixed32(u32),
}

const VARINT_BYTES_MAX: usize = 10;

impl<'a> Reader<'a> {
    /// Over a whole body.
    pub(crate) fn new(body: &'a [u8], message: &'static str) -> Self {
        Self { rest: body, offset: 0, message }
    }

    /// Bytes that are not read yet.
    #[inline]
    pub(crate) fn length(&self) -> usize {
        self.rest.len()
    }

    /// The next field; `None` at the end of the message. After an error the reader must not be used.
    #[inline]
    pub(crate) fn next_field(&mut self) -> Result<Option<Field<'a>>, DecodeError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (number, wire_type) = self.tag()?;
        let payload = self.payload(number, wire_type)?;
        Ok(Some(Field { number, payload, end: self.offset, message: self.message }))
    }

    #[inline]
    fn tag(&mut self) -> Result<(u32, u8), DecodeError> {
        let tag = self.varint()?;
        let number = u32::try_from(tag).map_err(|_| self.malformed("a tag is no field's"))? >> 3;
        if number == 0 {
            return Err(self.malformed("a field has number 0"));
        }
        Ok((number, (tag & 7) as u8))
    }

    #[inline]
    fn payload(&mut self, number: u32, wire_type: u8) -> Result<Payload<'a>, DecodeError> {
        Ok(match wire_type {
            0 => Payload::Varint(self.varint()?),
            1 => Payload::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => {
                let length = self.varint()?;
                let length = usize::try_from(length).map_err(|_| self.cut_short(number))?;
                Payload::Bytes(self.take(length).ok_or_else(|| self.cut_short(number))?)
            }
            3 => {
                self.skip_group(number, 1)?;
                Payload::Group
            }
            5 => Payload::Fixed32(u32::from_le_bytes(self.array()?)),
            _ => return Err(self.malformed(format!("field {number} has wire type {wire_type}"))),
        })
    }

    /// Skips to the end of the group `number`, whose start was just read. Recursion ends at [`GROUP_DEPTH_MAX`].
    fn skip_group(&mut self, number: u32, depth: usize) -> Result<(), DecodeError> {
        if depth > GROUP_DEPTH_MAX {
            let message = format!("groups nest deeper than {GROUP_DEPTH_MAX} at byte {}", self.offset);
            return Err(DecodeError::new(DecodeErrorKind::TooDeep, message));
        }
        loop {
            match self.tag()? {
                (end, 4) if end == number => return Ok(()),
                (inner, 3) => self.skip_group(inner, depth + 1)?,
                (inner, wire_type) => {
                    self.payload(inner, wire_type)?;
                }
            }
        }
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, DecodeError> {
        let mut value = 0u64;
        for (index, &byte) in self.rest.iter().take(VARINT_BYTES_MAX).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                if index == VARINT_BYTES_MAX - 1 && byte > 1 {
                    break;
                }
                self.take(index + 1);
                return Ok(value);
            }
        }
        let what = if self.rest.len() < VARINT_BYTES_MAX { "a varint is cut short" } else { "a varint is too long" };
        Err(self.malformed(what))
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (array, rest) =
            self.rest.split_first_chunk::<N>().ok_or_else(|| self.malformed("a number is cut short"))?;
        self.rest = rest;
        self.offset += N;
        Ok(*array)
    }

    #[inline]
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        self.offset += length;
        Some(taken)
    }

    #[cold]
    fn cut_short(&self, number: u32) -> DecodeError {
        self.malformed(format!("field {number} claims more bytes than there are"))
    }

    #[cold]
    fn malformed(&self, what: impl std::fmt::Display) -> DecodeError {
        DecodeError::malformed(format!("{what}, at byte {} in {}", self.offset, self.message))
    }
}

impl<'a> Field<'a> {
    /// The fields of an embedded message.
    #[inline]
    pub(crate) fn message(&self, name: &'static str) -> Result<Reader<'a>, DecodeError> {
        let bytes = self.bytes()?;
        Ok(Reader { rest: bytes, offset: self.end - bytes.len(), message: name })
    }

    /// The content of a `bytes` field, or of a `string` before anyone has looked whether it is UTF-8.
    #[inline]
    pub(crate) fn bytes(&self) -> Result<&'a [u8], DecodeError> {
        match self.payload {
            Payload::Bytes(bytes) => Ok(bytes),
            _ => Err(self.unexpected("length-delimited")),
        }
    }

    /// A `uint64` or `int64` (reinterpret the bits).
    #[inline]
    pub(crate) fn varint(&self) -> Result<u64, DecodeError> {
        match self.payload {
            Payload::Varint(value) => Ok(value),
            _ => Err(self.unexpected("varint")),
        }
    }

    /// A `uint32`; as everywhere in protobuf, higher bits are dropped.
    #[inline]
    pub(crate) fn uint32(&self) -> Result<u32, DecodeError> {
        Ok(self.varint()? as u32)
    }

    /// An `int32` or enum; as everywhere in protobuf, higher bits are dropped.
    #[inline]
    pub(crate) fn int32(&self) -> Result<i32, DecodeError> {
        Ok(self.varint()? as i32)
    }

    /// A zigzag-coded `sint32`.
    #[inline]
    pub(crate) fn sint32(&self) -> Result<i32, DecodeError> {
        let zigzag = self.uint32()?;
        Ok((zigzag >> 1) as i32 ^ -((zigzag & 1) as i32))
    }

    /// A `fixed64` or `sfixed64` (reinterpret the bits).
    #[inline]
    pub(crate) fn fixed64(&self) -> Result<u64, DecodeError> {
        match self.payload {
            Payload::Fixed64(value) => Ok(value),
            _ => Err(self.unexpected("64-bit")),
        }
    }

    /// A `fixed32`.
    #[inline]
    pub(crate) fn fixed32(&self) -> Result<u32, DecodeError> {
        match self.payload {
            Payload::Fixed32(value) => Ok(value),
            _ => Err(self.unexpected("32-bit")),
        }
    }

    /// A `double`.
    #[inline]
    pub(crate) fn double(&self) -> Result<f64, DecodeError> {
        Ok(f64::from_bits(self.fixed64()?))
    }

    /// The values of a repeated `fixed64` or `double`, whether this field packs many or is one of many.
    pub(crate) fn each_fixed64(&self, mut value: impl FnMut(u64)) -> Result<(), DecodeError> {
        let Payload::Bytes(packed) = self.payload else {
            value(self.fixed64()?);
            return Ok(());
        };
        let (chunks, rest) = packed.as_chunks::<8>();
        if !rest.is_empty() {
            return Err(self.malformed("is packed but not a multiple of 8 bytes"));
        }
        chunks.iter().for_each(|bytes| value(u64::from_le_bytes(*bytes)));
        Ok(())
    }

    /// The values of a repeated `uint64`, whether this field packs many or is one of many.
    pub(crate) fn each_varint(&self, mut value: impl FnMut(u64)) -> Result<(), DecodeError> {
        let Payload::Bytes(packed) = self.payload else {
            value(self.varint()?);
            return Ok(());
        };
        let mut reader = Reader { rest: packed, offset: self.end - packed.len(), message: self.message };
        while !reader.rest.is_empty() {
            value(reader.varint()?);
        }
        Ok(())
    }

    #[cold]
    fn unexpected(&self, expected: &str) -> DecodeError {
        let found = match self.payload {
            Payload::Varint(_) => "varint",
            Payload::Fixed64(_) => "64-bit",
            Payload::Bytes(_) => "length-delimited",
            Payload::Group => "a group",
            Payload::Fixed32(_) => "32-bit",
        };
        self.malformed(format!("is {found} on the wire, not {expected}"))
    }

    #[cold]
    fn malformed(&self, what: impl std::fmt::Display) -> DecodeError {
        DecodeError::malformed(format!("field {} {what}, before byte {} in {}", self.number, self.end, self.message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All fields of the bytes as text, or the error.
    #[track_caller]
    fn check(bytes: &[u8], expected: Result<&str, &str>) {
        let mut reader = Reader::new(bytes, "M");
        let mut fields = Vec::new();
        let found = loop {
            match reader.next_field() {
                Ok(Some(field)) => fields.push(format!("{}={:?}", field.number, field.payload)),
                Ok(None) => break Ok(fields.join(" ")),
                Err(error) => break Err(error.to_string()),
            }
        };
        assert_eq!(found.as_deref().map_err(String::as_str), expected);
    }

    #[test]
    fn every_wire_type_is_read() {
        check(b"", Ok(""));
        check(&[0x08, 0xac, 0x02], Ok("1=Varint(300)"));
        check(&[0x09, 1, 0, 0, 0, 0, 0, 0, 0], Ok("1=Fixed64(1)"));
        check(&[0x12, 2, 7, 8, 0x15, 1, 0, 0, 0], Ok("2=Bytes([7, 8]) 2=Fixed32(1)"));
        check(&[0xf8, 0xff, 0xff, 0xff, 0x0f, 0], Ok("536870911=Varint(0)"));
        check(&[8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], Ok("1=Varint(18446744073709551615)"));
        check(&[8, 0x80, 0x80, 0x80, 0x80, 0], Ok("1=Varint(0)"));
    }

    #[test]
    fn groups_are_skipped_with_their_content() {
        check(&[0x0b, 0x10, 5, 0x1b, 0x1c, 0x0c, 0x08, 1], Ok("1=Group 1=Varint(1)"));
        check(&[0x0b, 0x10, 5], Err("a varint is cut short, at byte 3 in M"));
        check(&[0x0b, 0x14], Err("field 2 has wire type 4, at byte 2 in M"));
        check(&[0x0c], Err("field 1 has wire type 4, at byte 1 in M"));
        let nested = [0x0b; 200];
        check(&nested, Err("groups nest deeper than 100 at byte 101"));
    }

    #[test]
    fn what_is_not_a_field_says_where() {
        check(&[0x08], Err("a varint is cut short, at byte 1 in M"));
        check(&[0x08, 0x80], Err("a varint is cut short, at byte 1 in M"));
        check(&[0x00, 0x00], Err("a field has number 0, at byte 1 in M"));
        check(&[0x0f], Err("field 1 has wire type 7, at byte 1 in M"));
        check(&[0x0d, 1, 2, 3], Err("a number is cut short, at byte 1 in M"));
        check(&[0x0a, 5, 1, 2], Err("field 1 claims more bytes than there are, at byte 2 in M"));
        check(&[0xff, 0xff, 0xff, 0xff, 0xff, 1], Err("a tag is no field's, at byte 6 in M"));
        let lying = [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        check(&lying, Err("field 1 claims more bytes than there are, at byte 11 in M"));
        let endless = [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2];
        check(&endless, Err("a varint is too long, at byte 1 in M"));
    }

    #[test]
    fn an_unexpected_wire_type_is_named() {
        let field = Reader::new(&[0x10, 1], "M").next_field().unwrap().unwrap();
        let error = field.bytes().unwrap_err();
        assert_eq!(error.to_string(), "field 2 is varint on the wire, not length-delimited, before byte 2 in M");
    }

    #[test]
    fn repeated_numbers_are_read_packed_or_not() {
        let mut values = Vec::new();
        let mut reader = Reader::new(&[0x0a, 3, 1, 0xac, 2, 0x08, 7], "M");
        while let Some(field) = reader.next_field().unwrap() {
            field.each_varint(|value| values.push(value)).unwrap();
        }
        assert_eq!(values, [1, 300, 7]);
        let field = Reader::new(&[0x0a, 3, 1, 2, 3], "M").next_field().unwrap().unwrap();
        assert!(field.each_fixed64(|_| ()).is_err());
    }
}
