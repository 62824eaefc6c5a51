//! Values and times as Prometheus writes them.

use std::io::Write;

use serde_json::Number;

/// Whole numbers up to here are written as such, which is quicker and gives the same digits.
const WHOLE_MAX: f64 = 1e15;

/// Appends a sample's value: the fewest digits that read back as the same, with an exponent below 1e-6 and from 1e21 on.
pub(super) fn push_value(out: &mut Vec<u8>, value: f64) {
    let size = value.abs();
    if value.is_finite() && size != 0.0 && !(1e-6..1e21).contains(&size) {
        push_with_exponent(out, value);
    } else {
        push_plain(out, value);
    }
}

/// Appends a value without an exponent, however many digits that takes: at most some 330.
pub(super) fn push_plain(out: &mut Vec<u8>, value: f64) {
    if value.is_nan() {
        out.extend_from_slice(b"NaN");
    } else if value.is_infinite() {
        out.extend_from_slice(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    } else if value.fract() == 0.0 && value.abs() < WHOLE_MAX && value != 0.0 {
        write(out, format_args!("{}", value as i64));
    } else {
        write(out, format_args!("{value}"));
    }
}

/// The exponent has a sign and at least two digits: `1e+21`, `2.5e-07`.
fn push_with_exponent(out: &mut Vec<u8>, value: f64) {
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    write(out, format_args!("{digits}e{sign}{exponent:0>2}"));
}

/// Appends a time, which is given in milliseconds, in seconds with three decimals, or none.
pub(super) fn push_time(out: &mut Vec<u8>, millis: i64) {
    let (sign, size) = (if millis < 0 { "-" } else { "" }, millis.unsigned_abs());
    match size % 1_000 {
        0 => write(out, format_args!("{sign}{}", size / 1_000)),
        fraction => write(out, format_args!("{sign}{}.{fraction:03}", size / 1_000)),
    }
}

/// Appends a time, which is given in milliseconds, in seconds with as many decimals as it has: so are numbers and texts told.
pub(super) fn push_short_time(out: &mut Vec<u8>, millis: i64) {
    write(out, format_args!("{}", millis as f64 / 1_000.0));
}

/// Appends a text in quotes, escaped.
pub(super) fn push_text(out: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(out, text).expect("a text always serialises, and a vector takes all");
}

/// A sample's value as a text of its own.
pub(super) fn value_text(value: f64) -> String {
    let mut out = Vec::new();
    push_value(&mut out, value);
    String::from_utf8(out).expect("digits are ASCII")
}

/// A value without an exponent, as a text of its own.
pub(super) fn plain_text(value: f64) -> String {
    let mut out = Vec::new();
    push_plain(&mut out, value);
    String::from_utf8(out).expect("digits are ASCII")
}

/// A time as a number of JSON.
pub(super) fn time_number(millis: i64) -> Number {
    let seconds = if millis % 1_000 == 0 { None } else { Number::from_f64(millis as f64 / 1_000.0) };
    seconds.unwrap_or_else(|| Number::from(millis / 1_000))
}

fn write(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a vector takes all");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_fewest_digits_and_an_exponent_when_they_are_long() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-1.5, "-1.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e-6, "0.000001"),
            (9.9e-7, "9.9e-07"),
            (-2.5e-300, "-2.5e-300"),
            (5e-324, "5e-324"),
            (1e15, "1000000000000000"),
            (123_456_789_012_345_680.0, "123456789012345680"),
            (999_999_999_999_999_900_000.0, "999999999999999900000"),
            (1e21, "1e+21"),
            (1.5e21, "1.5e+21"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(value_text(value), expected, "{value:?}");
        }
    }

    #[test]
    fn a_scalar_is_written_out_in_full() {
        assert_eq!(plain_text(1e21), "1000000000000000000000");
        assert_eq!(plain_text(1e-7), "0.0000001");
        assert_eq!(plain_text(f64::NAN), "NaN");
    }

    #[test]
    fn times_are_seconds_with_three_decimals_or_none() {
        for (millis, expected) in [
            (0, "0"),
            (1_435_781_451_781, "1435781451.781"),
            (1_435_781_451_000, "1435781451"),
            (5, "0.005"),
            (-1, "-0.001"),
            (-1_050, "-1.050"),
            (i64::MIN, "-9223372036854775.808"),
        ] {
            let mut out = Vec::new();
            push_time(&mut out, millis);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{millis}");
        }
        assert_eq!(time_number(1_435_781_451_781).to_string(), "1435781451.781");
        assert_eq!(time_number(1_435_781_451_000).to_string(), "1435781451");
    }
}
