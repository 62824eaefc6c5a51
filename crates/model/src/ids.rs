//! Trace and span ids: bytes inside, lower-case hex outside.

use std::fmt;
use std::str::FromStr;

/// A W3C trace id: 16 bytes, never all zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId([u8; TraceId::BYTES]);

/// A W3C span id: 8 bytes, never all zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId([u8; SpanId::BYTES]);

/// Why bytes or text are not an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The length is wrong.
    #[error("an id of this kind has {expected} bytes ({} hex digits), not {found}", expected * 2)]
    Length {
        /// Bytes an id of this kind has.
        expected: usize,
        /// Bytes found; for text, half its characters, rounded up.
        found: usize,
    },
    /// A character is not a hex digit.
    #[error("an id is written in hex digits (0-9, a-f)")]
    NotHex,
    /// All bytes are zero, which W3C Trace Context reserves for "no id".
    #[error("an id of zeros only means no id")]
    Zero,
}

macro_rules! id {
    ($id:ident, $bytes:literal) => {
        impl $id {
            /// Bytes in an id of this kind.
            pub const BYTES: usize = $bytes;

            /// From exactly [`Self::BYTES`] bytes that are not all zero.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, IdError> {
                let bytes: [u8; $bytes] =
                    bytes.try_into().map_err(|_| IdError::Length { expected: $bytes, found: bytes.len() })?;
                if bytes == [0; $bytes] { Err(IdError::Zero) } else { Ok(Self(bytes)) }
            }

            /// The bytes, as they go over the wire.
            pub fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }
        }

        impl FromStr for $id {
            type Err = IdError;

            /// From hex digits of either case.
            fn from_str(text: &str) -> Result<Self, IdError> {
                if text.len() != $bytes * 2 {
                    return Err(IdError::Length { expected: $bytes, found: text.len().div_ceil(2) });
                }
                let mut bytes = [0u8; $bytes];
                for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
                    *byte = hex_digit(digits[0])? << 4 | hex_digit(digits[1])?;
                }
                Self::from_bytes(&bytes)
            }
        }

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(f, &self.0)
            }
        }

        impl fmt::Debug for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($id), "({})"), self)
            }
        }
    };
}

id!(TraceId, 16);
id!(SpanId, 8);

/// Lower-case hex of any bytes.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

fn hex_digit(digit: u8) -> Result<u8, IdError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(IdError::NotHex),
    }
}

fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    f.write_str(&hex(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, IdError>) {
        assert_eq!(text.parse::<SpanId>().map(|id| id.to_string()), expected.map(str::to_owned));
    }

    #[test]
    fn hex_of_either_case_round_trips_to_lower_case() {
        check("00f067aa0ba902b7", Ok("00f067aa0ba902b7"));
        check("00F067AA0BA902B7", Ok("00f067aa0ba902b7"));
    }

    #[test]
    fn what_is_not_an_id_says_why() {
        check("", Err(IdError::Length { expected: 8, found: 0 }));
        check("00f067aa0ba902b", Err(IdError::Length { expected: 8, found: 8 }));
        check("00f067aa0ba902bx", Err(IdError::NotHex));
        check("00f067aa0ba902é", Err(IdError::NotHex));
        check("0000000000000000", Err(IdError::Zero));
    }
}
