//! Numbers and lengths of time as they are written.

use std::fmt::Write as _;

use super::quote::quote;

/// Nanoseconds of each unit, the longest first: the order in which units must stand.
const UNITS: [(&str, u64); 7] = [
    ("y", 365 * 24 * 3_600_000_000_000),
    ("w", 7 * 24 * 3_600_000_000_000),
    ("d", 24 * 3_600_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
];

/// Longer lengths, in seconds, do not fit into the nanoseconds of Prometheus.
const SECONDS_MAX: f64 = (1_u64 << 63) as f64 / 1e9;

/// Whether a length in seconds is one that Prometheus does not take. Not a number is none, either.
pub(super) fn is_out_of_range(seconds: f64) -> bool {
    seconds.is_nan() || seconds.abs() > SECONDS_MAX
}

/// Milliseconds of a length in seconds that is in range: what is below one is cut off after rounding to nanoseconds.
pub(super) fn to_millis(seconds: f64) -> i64 {
    (seconds * 1e9).round() as i64 / 1_000_000
}

/// The value of a number that the lexer took: decimal, octal with a zero before it, hexadecimal, `inf` or `nan`.
/// Errors: it is none, or too large for a float; in Go's words.
pub(super) fn read_number(written: &str) -> Result<f64, String> {
    let fail = |reason: &str| format!("error parsing number: strconv.ParseFloat: parsing {}: {reason}", quote(written));
    match written.to_ascii_lowercase().as_str() {
        "inf" => return Ok(f64::INFINITY),
        "nan" => return Ok(f64::NAN),
        _ => {}
    }
    if !has_orderly_underscores(written) {
        return Err(fail("invalid syntax"));
    }
    let digits = written.replace('_', "");
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        return i64::from_str_radix(hex, 16).map(|value| value as f64).map_err(|_| fail("invalid syntax"));
    }
    if digits.len() > 1
        && digits.starts_with('0')
        && let Ok(value) = i64::from_str_radix(&digits, 8)
    {
        return Ok(value as f64);
    }
    match digits.parse::<f64>() {
        Ok(value) if value.is_infinite() => Err(fail("value out of range")),
        Ok(value) => Ok(value),
        Err(_) => Err(fail("invalid syntax")),
    }
}

/// Whether each underscore stands between two digits, or between the hexadecimal prefix and a digit.
fn has_orderly_underscores(written: &str) -> bool {
    let bytes = written.as_bytes();
    let is_hex = written.starts_with("0x") || written.starts_with("0X");
    let is_digit =
        |at: usize| bytes.get(at).is_some_and(|byte| byte.is_ascii_digit() || is_hex && byte.is_ascii_hexdigit());
    (0..bytes.len())
        .filter(|at| bytes[*at] == b'_')
        .all(|at| is_digit(at + 1) && at > 0 && (is_digit(at - 1) || is_hex && at == 2))
}

/// Seconds of a length such as `1h30m`. Errors: an unknown unit, units out of order, more than 292 years.
pub(super) fn read_duration(written: &str) -> Result<f64, String> {
    let invalid = || format!("not a valid duration string: {}", quote(written));
    let out_of_range = || "duration out of range".to_owned();
    let mut nanos = 0_u64;
    let mut units = &UNITS[..];
    let mut rest = written;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (count, behind) = rest.split_at(digits);
        let count = count.parse::<u64>().map_err(|_| invalid())?;
        let (unit, behind) = behind.split_at(behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len()));
        if unit.is_empty() {
            return Err(invalid());
        }
        if !UNITS.iter().any(|(known, _)| *known == unit) {
            return Err(format!("unknown unit {} in duration {}", quote(unit), quote(written)));
        }
        let at = units.iter().position(|(known, _)| *known == unit).ok_or_else(invalid)?;
        nanos = count
            .checked_mul(units[at].1)
            .and_then(|more| nanos.checked_add(more))
            .filter(|nanos| i64::try_from(*nanos).is_ok())
            .ok_or_else(out_of_range)?;
        units = &units[at + 1..];
        rest = behind;
    }
    Ok((nanos / 1_000_000_000) as f64 + (nanos % 1_000_000_000) as f64 / 1e9)
}

/// Milliseconds as a length: `1h30m`. Years and weeks are used only where nothing remains.
pub(crate) fn write_duration(millis: i64) -> String {
    if millis == 0 {
        return "0s".to_owned();
    }
    let mut out = String::from(if millis < 0 { "-" } else { "" });
    let mut rest = millis.unsigned_abs();
    for (unit, nanos) in UNITS {
        let unit_millis = nanos / 1_000_000;
        if matches!(unit, "y" | "w") && !rest.is_multiple_of(unit_millis) {
            continue;
        }
        if rest >= unit_millis {
            write!(out, "{}{unit}", rest / unit_millis).expect("writing to a string cannot fail");
            rest %= unit_millis;
        }
    }
    out
}

/// A number as it is written in an expression: never with an exponent.
pub(crate) fn write_number(value: f64) -> String {
    if value == f64::INFINITY {
        "+Inf".to_owned()
    } else if value == f64::NEG_INFINITY {
        "-Inf".to_owned()
    } else {
        value.to_string()
    }
}

/// A number as Go prints it by default: with an exponent below 0.0001 and from a million on.
pub(crate) fn write_general(value: f64) -> String {
    let magnitude = value.abs();
    if !value.is_finite() || magnitude == 0.0 || (1e-4..1e6).contains(&magnitude) {
        return write_number(value);
    }
    let written = format!("{value:e}");
    match written.split_once('e') {
        Some((digits, exponent)) => match exponent.strip_prefix('-') {
            Some(exponent) => format!("{digits}e-{exponent:0>2}"),
            None => format!("{digits}e+{exponent:0>2}"),
        },
        None => written,
    }
}
