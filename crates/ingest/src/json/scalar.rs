//! Scalars as OTLP's JSON writes them: numbers or strings of numbers, names of enums, hex, base64.

use std::fmt;

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde::de::{DeserializeSeed, Deserializer, Error, Visitor};

use super::schema::{Field, Kind};

/// A number, or a truth value as 0 or 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scalar {
    Integer(i128),
    Double(f64),
}

impl Scalar {
    /// The value if it is whole.
    pub(super) fn integer(self) -> Option<i128> {
        match self {
            Self::Integer(value) => Some(value),
            // 1e3 is a way to write 1000. Whole doubles below 2^63 in size convert exactly.
            Self::Double(value) => (value.fract() == 0.0 && value.abs() < 9.3e18).then_some(value as i128),
        }
    }

    pub(super) fn double(self) -> f64 {
        match self {
            Self::Integer(value) => value as f64,
            Self::Double(value) => value,
        }
    }

    /// From the content of a string: a number, or one of the words that JSON has no number for.
    fn of_text(text: &str) -> Option<Self> {
        match text {
            "NaN" => Some(Self::Double(f64::NAN)),
            "Infinity" => Some(Self::Double(f64::INFINITY)),
            "-Infinity" => Some(Self::Double(f64::NEG_INFINITY)),
            _ => {
                let integer = text.parse().ok().map(Self::Integer);
                // Rust would also read `inf` and `nan`, in any case.
                integer.or_else(|| text.parse().ok().filter(|value: &f64| value.is_finite()).map(Self::Double))
            }
        }
    }
}

/// Reads the scalar of a field.
pub(super) struct ScalarSeed {
    pub(super) field: &'static Field,
}

impl<'de> DeserializeSeed<'de> for ScalarSeed {
    type Value = Scalar;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Scalar, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Visitor<'_> for ScalarSeed {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if matches!(self.field.kind, Kind::Bool) { "true or false" } else { "a number" };
        write!(f, "{what} for {}", self.field.json)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Scalar, E> {
        match self.field.kind {
            Kind::Bool => Ok(Scalar::Integer(value.into())),
            _ => Err(E::invalid_type(serde::de::Unexpected::Bool(value), &self)),
        }
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Scalar, E> {
        self.number(Scalar::Integer(value.into()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Scalar, E> {
        self.number(Scalar::Integer(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Scalar, E> {
        self.number(Scalar::Double(value))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
        if let Kind::Enum(names) = self.field.kind
            && let Some((_, number)) = names.iter().find(|(name, _)| *name == text)
        {
            return Ok(Scalar::Integer((*number).into()));
        }
        match Scalar::of_text(text) {
            Some(scalar) => self.number(scalar),
            None => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
        }
    }
}

impl ScalarSeed {
    fn number<E: Error>(self, scalar: Scalar) -> Result<Scalar, E> {
        match self.field.kind {
            Kind::Bool => Err(E::custom(format_args!("a number where {} is true or false", self.field.json))),
            _ => Ok(scalar),
        }
    }
}

/// The bytes that hex digits of either case stand for; what is not hex becomes one byte, which no id is.
pub(super) fn hex_or_invalid(digits: &[u8]) -> Vec<u8> {
    const INVALID: &[u8] = &[0xff];
    let digit = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
    let (pairs, odd) = digits.as_chunks::<2>();
    if !odd.is_empty() {
        return INVALID.to_vec();
    }
    let bytes = pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect::<Option<Vec<u8>>>();
    bytes.unwrap_or_else(|| INVALID.to_vec())
}

/// The bytes that base64 stands for, in the standard or the URL-safe alphabet, with or without padding.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    const CONFIG: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG);
    const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, CONFIG);
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_of_either_case_is_read_and_anything_else_is_no_id() {
        assert_eq!(hex_or_invalid(b"00fFa9"), [0x00, 0xff, 0xa9]);
        assert!(hex_or_invalid(b"").is_empty());
        for text in ["0", "0g", "+1", "zzzzzzzzzzzzzzzz", "é"] {
            assert_eq!(hex_or_invalid(text.as_bytes()), [0xff], "{text}");
        }
    }

    #[test]
    fn base64_is_read_in_both_alphabets_padded_or_not() {
        for text in ["+/8=", "-_8=", "+/8", "-_8"] {
            assert_eq!(base64(text.as_bytes()), Some(vec![0xfb, 0xff]), "{text}");
        }
        assert_eq!(base64(b""), Some(vec![]));
        assert_eq!(base64(b"a"), None);
        assert_eq!(base64(b"ab!="), None);
    }

    #[test]
    fn numbers_are_read_from_text() {
        assert_eq!(Scalar::of_text("-12"), Some(Scalar::Integer(-12)));
        assert_eq!(Scalar::of_text("1e3").and_then(Scalar::integer), Some(1000));
        assert_eq!(Scalar::of_text("1.5").and_then(Scalar::integer), None);
        assert_eq!(Scalar::of_text("-Infinity"), Some(Scalar::Double(f64::NEG_INFINITY)));
        for text in ["", "inf", "nan", "0x1", "1 "] {
            assert_eq!(Scalar::of_text(text), None, "{text}");
        }
    }
}
