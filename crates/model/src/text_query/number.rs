//! What a field's value is held against.

use std::cmp::Ordering;
use std::fmt;

use crate::parse_duration;

/// A number in a query or a value. Integers stay exact: nanoseconds since 1970 do not fit a double.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A 64-bit signed integer.
    Int(i64),
    /// A double.
    Float(f64),
}

impl Number {
    /// An integer or decimal number; `None` for any other text, `NaN` and infinities included.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let int = text.parse().ok().map(Self::Int);
        int.or_else(|| text.parse().ok().filter(|float: &f64| float.is_finite()).map(Self::Float))
    }

    /// As [`Number::parse`], or a duration such as `200ms` or `-1h30m`, which is that many nanoseconds.
    pub(super) fn parse_with_unit(text: &str) -> Option<Self> {
        Self::parse(text).or_else(|| {
            let (duration, sign) = text.strip_prefix('-').map_or((text, 1), |duration| (duration, -1));
            let nanos = parse_duration(duration).ok()?.as_nanos();
            Some(Self::Int(sign * i64::try_from(nanos).unwrap_or(i64::MAX)))
        })
    }

    /// The order by value, exact also between an integer and a double. `None` if either is not a number.
    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => Some(a.cmp(&b)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            (Self::Int(a), Self::Float(b)) => compare_mixed(a, b),
            (Self::Float(a), Self::Int(b)) => compare_mixed(b, a).map(Ordering::reverse),
        }
    }
}

/// Converting the integer to a double would round it, so the double's whole part is compared as an integer.
fn compare_mixed(int: i64, float: f64) -> Option<Ordering> {
    const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
    if float >= TWO_TO_63 {
        Some(Ordering::Less)
    } else if float < -TWO_TO_63 {
        Some(Ordering::Greater)
    } else {
        let by_fraction = 0.0.partial_cmp(&float.fract())?;
        Some(int.cmp(&(float.trunc() as i64)).then(by_fraction))
    }
}

impl fmt::Display for Number {
    /// Text that reads back as the same number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(int) => write!(f, "{int}"),
            Self::Float(float) => write!(f, "{float:?}"),
        }
    }
}

/// How a field's value must compare with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
}

impl Comparison {
    /// The comparison at the start of the text, and the text after it.
    pub(super) fn strip(text: &str) -> Option<(Self, &str)> {
        let both = [Self::GreaterOrEqual, Self::LessOrEqual, Self::Greater, Self::Less];
        both.into_iter().find_map(|comparison| Some((comparison, text.strip_prefix(comparison.sign())?)))
    }

    /// Whether a value that compares so with the number satisfies it.
    pub(super) fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
        }
    }

    /// As a query writes it.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }
}

/// A whole value as a query writes it, which may mean a text, a number or a truth value.
#[derive(Clone, Debug, PartialEq)]
pub struct Literal {
    text: String,
    number: Option<Number>,
}

impl Literal {
    pub(super) fn new(text: String) -> Self {
        let number = Number::parse(&text);
        Self { text, number }
    }

    /// The text as written, without quotes.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The number that the text means, if it means one.
    pub fn number(&self) -> Option<Number> {
        self.number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_decimal_and_durations_are_nanoseconds() {
        #[track_caller]
        fn check(text: &str, expected: Option<Number>) {
            assert_eq!(Number::parse_with_unit(text), expected, "{text:?}");
        }
        check("5", Some(Number::Int(5)));
        check("-5", Some(Number::Int(-5)));
        check("1.5", Some(Number::Float(1.5)));
        check("1e3", Some(Number::Float(1000.0)));
        check("9223372036854775807", Some(Number::Int(i64::MAX)));
        check("9223372036854775808", Some(Number::Float(9_223_372_036_854_775_808.0)));
        check("200ms", Some(Number::Int(200_000_000)));
        check("-1.5s", Some(Number::Int(-1_500_000_000)));
        check("1h30m", Some(Number::Int(5_400_000_000_000)));
        check("999999w", Some(Number::Int(i64::MAX)));
        for text in ["", "-", "x", "5x", "0x10", "NaN", "inf", "-infinity", "1e999", "--5ms", "1_000", "5 "] {
            check(text, None);
        }
    }

    #[test]
    fn integers_and_doubles_are_compared_exactly() {
        #[track_caller]
        fn check(a: Number, b: Number, expected: Option<Ordering>) {
            assert_eq!(a.compare(b), expected, "{a} and {b}");
            assert_eq!(b.compare(a), expected.map(Ordering::reverse), "{b} and {a}");
        }
        let (int, float) = (Number::Int, Number::Float);
        check(int(1), int(2), Some(Ordering::Less));
        check(float(1.5), float(1.5), Some(Ordering::Equal));
        check(int(1), float(1.0), Some(Ordering::Equal));
        check(int(0), float(-0.0), Some(Ordering::Equal));
        check(int(1), float(1.5), Some(Ordering::Less));
        check(int(-1), float(-1.5), Some(Ordering::Greater));
        check(int(0), float(-0.5), Some(Ordering::Greater));
        // As doubles these two would be equal.
        check(int((1 << 53) + 1), float((1u64 << 53) as f64), Some(Ordering::Greater));
        check(int(i64::MAX), float(i64::MAX as f64), Some(Ordering::Less));
        check(int(i64::MIN), float(i64::MIN as f64), Some(Ordering::Equal));
        check(int(i64::MIN), float(f64::NEG_INFINITY), Some(Ordering::Greater));
        check(int(i64::MAX), float(f64::INFINITY), Some(Ordering::Less));
        check(int(0), float(f64::NAN), None);
        check(float(0.0), float(f64::NAN), None);
    }
}
