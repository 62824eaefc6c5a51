//! Parameters → parts of questions, in Prometheus' forms and words.

use std::time::Duration;

use jiff::Timestamp;
use model::{TimeRange, UnixNanos};
use promql::{Expr, Matcher, Steps};

use super::fields::Fields;
use crate::answer::PromError;

/// The first time that Prometheus knows, as its clients write "from the beginning".
const TIME_MIN: (&str, i64) = ("-292273086-05-16T16:47:06Z", (i64::MIN / 1_000 + 62_135_596_801) * 1_000);

/// The last time that Prometheus knows, as its clients write "to the end".
const TIME_MAX: (&str, i64) =
    ("292277025-08-18T07:12:54.999999999Z", (i64::MAX / 1_000 - 62_135_596_801) * 1_000 + 999);

/// Steps from the first to the last point of a range: enough for a week by minutes or a year by hours.
const INTERVALS_MAX: i64 = 11_000;

/// Selectors of one question; each may have regular expressions to be read.
const SELECTORS_MAX: usize = 1_000;

/// What the parser says of a selector that every series matches. Here Prometheus has other words for it.
const SELECTS_EVERYTHING: &str = "vector selector must contain at least one non-empty matcher";

/// How many answers are wanted; `None` for all.
pub(super) fn limit(fields: &Fields) -> Result<Option<usize>, PromError> {
    let text = fields.first("limit");
    if text.is_empty() {
        return Ok(None);
    }
    let number = whole_number(text).map_err(|problem| PromError::parameter("limit", problem))?;
    match usize::try_from(number) {
        Ok(0) => Ok(None),
        Ok(limit) => Ok(Some(limit)),
        Err(_) => Err(PromError::parameter("limit", "limit must be non-negative")),
    }
}

/// A whole number; the error is in the words of Go.
pub(super) fn whole_number(text: &str) -> Result<i64, String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let problem = if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        "invalid syntax"
    } else {
        match text.parse() {
            Ok(number) => return Ok(number),
            Err(_) => "value out of range",
        }
    };
    Err(format!("strconv.Atoi: parsing {text:?}: {problem}"))
}

/// A time in unix milliseconds; `None` where nothing is said.
pub(super) fn optional_time(fields: &Fields, name: &str) -> Result<Option<i64>, PromError> {
    let text = fields.first(name);
    if text.is_empty() {
        return Ok(None);
    }
    let problem = |problem| PromError::parameter(name, format!("invalid time value for '{name}': {problem}"));
    read_time(text).map(Some).map_err(problem)
}

fn time(fields: &Fields, name: &str) -> Result<i64, PromError> {
    read_time(fields.first(name)).map_err(|problem| PromError::parameter(name, problem))
}

/// Unix seconds, with a fraction or not, or RFC 3339 → milliseconds.
fn read_time(text: &str) -> Result<i64, String> {
    let problem = || format!("cannot parse {text:?} to a valid timestamp");
    if let Ok(seconds) = text.parse::<f64>() {
        // Below this every millisecond is an i64; beyond, no clock will ever be. Not a number is no time.
        let known = seconds.abs() < TIME_MAX.1 as f64 / 1_000.0;
        let millis = (seconds.trunc() * 1_000.0) as i64 + (seconds.fract() * 1_000.0).round() as i64;
        return if known { Ok(millis) } else { Err(problem()) };
    }
    if let Some((_, millis)) = [TIME_MIN, TIME_MAX].into_iter().find(|(known, _)| *known == text) {
        return Ok(millis);
    }
    // jiff reads more than RFC 3339, such as times without seconds.
    let is_rfc3339 = text.len() >= "2006-01-02T15:04:05Z".len() && text.as_bytes()[10] == b'T';
    let read = if is_rfc3339 { text.parse::<Timestamp>().ok() } else { None };
    read.map(|time| time.as_nanosecond().div_euclid(1_000_000))
        .and_then(|millis| i64::try_from(millis).ok())
        .ok_or_else(problem)
}

/// A length in nanoseconds: seconds, with a fraction or not, or numbers with units as in `1h30m`.
fn read_duration(text: &str) -> Result<i64, String> {
    if let Ok(seconds) = text.parse::<f64>() {
        let nanos = seconds * 1e9;
        // 2^63 itself does not fit; not a number is in no range.
        let fits = (-(2_f64.powi(63))..2_f64.powi(63)).contains(&nanos);
        return if fits {
            Ok(nanos as i64)
        } else {
            Err(format!("cannot parse {text:?} to a valid duration. It overflows int64"))
        };
    }
    read_units(text).ok_or_else(|| format!("cannot parse {text:?} to a valid duration"))
}

/// Numbers with units, the largest first, each at most once.
fn read_units(text: &str) -> Option<i64> {
    const UNITS: [(&str, i64); 7] = [
        ("y", 365 * 86_400_000_000_000),
        ("w", 7 * 86_400_000_000_000),
        ("d", 86_400_000_000_000),
        ("h", 3_600_000_000_000),
        ("m", 60_000_000_000),
        ("s", 1_000_000_000),
        ("ms", 1_000_000),
    ];
    let (mut rest, mut units, mut nanos) = (text, &UNITS[..], 0_i64);
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, behind) = rest.split_at(unit_at);
        let end = behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len());
        let at = units.iter().position(|(unit, _)| *unit == &behind[..end])?;
        nanos = nanos.checked_add(number.parse::<i64>().ok()?.checked_mul(units[at].1)?)?;
        (rest, units) = (&behind[end..], &units[at + 1..]);
    }
    (!text.is_empty()).then_some(nanos)
}

/// How long the asker waits; `None` for as long as the server does.
pub(super) fn timeout(fields: &Fields) -> Result<Option<Duration>, PromError> {
    let text = fields.first("timeout");
    if text.is_empty() {
        return Ok(None);
    }
    let nanos = read_duration(text).map_err(|problem| PromError::parameter("timeout", problem))?;
    match u64::try_from(nanos) {
        Ok(nanos) if nanos > 0 => Ok(Some(Duration::from_nanos(nanos))),
        _ => Err(PromError::parameter("timeout", format!("timeout must be positive, got {text}"))),
    }
}

/// How old a sample may be, milliseconds; `None` for the default.
pub(super) fn lookback(fields: &Fields) -> Result<Option<i64>, PromError> {
    let text = fields.first("lookback_delta");
    if text.is_empty() {
        return Ok(None);
    }
    let problem = |problem| PromError::bad_data(format!("error parsing lookback delta duration: {problem}"));
    let millis = read_duration(text).map_err(problem)? / 1_000_000;
    Ok((millis > 0).then_some(millis))
}

/// The instants of `query_range`.
pub(super) fn steps(fields: &Fields) -> Result<Steps, PromError> {
    let (start, end) = (time(fields, "start")?, time(fields, "end")?);
    if end < start {
        return Err(PromError::parameter("end", "end timestamp must not be before start time"));
    }
    let step = read_duration(fields.first("step")).map_err(|problem| PromError::parameter("step", problem))?;
    if step <= 0 {
        let problem = "zero or negative query resolution step widths are not accepted. Try a positive integer";
        return Err(PromError::parameter("step", problem));
    }
    // Times are whole milliseconds, and so are steps: a shorter one is a millisecond.
    let step = (step / 1_000_000).max(1);
    let too_many = || {
        PromError::bad_data(
            "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)",
        )
    };
    if (i128::from(end) - i128::from(start)) / i128::from(step) > i128::from(INTERVALS_MAX) {
        return Err(too_many());
    }
    Steps::range(start, end, step).ok_or_else(too_many)
}

/// The expression.
pub(super) fn expression(fields: &Fields) -> Result<Expr, PromError> {
    Expr::parse(fields.first("query")).map_err(|problem| PromError::parameter("query", problem))
}

/// `start` and `end`, both inclusive; without them all of time.
pub(super) fn time_range(fields: &Fields) -> Result<TimeRange, PromError> {
    let (start, end) = (optional_time(fields, "start")?, optional_time(fields, "end")?);
    let (start, end) = (start.unwrap_or(TIME_MIN.1), end.unwrap_or(TIME_MAX.1));
    Ok(range_of(start, end))
}

/// The time that is looked at where Prometheus would tell of what it scrapes now or has in its head, and nobody can say
/// when: what that is of, and not all that was ever kept. Where nothing was heard in it, all that is kept is looked at.
const HEAD: Duration = Duration::from_secs(2 * 60 * 60);

/// The last of time up to now, and what clocks ahead of ours have sent.
pub(super) fn head(now: UnixNanos) -> TimeRange {
    TimeRange { from: now.minus(HEAD), to: UnixNanos::MAX }
}

/// A range of milliseconds, both inclusive.
pub(super) fn range_of(start: i64, end: i64) -> TimeRange {
    let nanos = |millis: i64| UnixNanos::new(millis.saturating_mul(1_000_000));
    TimeRange { from: nanos(start), to: nanos(end.saturating_add(1)) }
}

/// The selectors of `match[]`: a series that is asked for matches all matchers of one of them.
pub(super) fn selectors(fields: &Fields) -> Result<Vec<Vec<Matcher>>, String> {
    let texts: Vec<&str> = fields.all("match[]").collect();
    if texts.len() > SELECTORS_MAX {
        return Err(format!("too many match[] selectors: got {}, maximum is {SELECTORS_MAX}", texts.len()));
    }
    let selector = |text| {
        Expr::parse_selector(text).map_err(|problem| match problem.message.as_str() {
            SELECTS_EVERYTHING => "match[] must contain at least one non-empty matcher".to_owned(),
            _ => problem.to_string(),
        })
    };
    texts.into_iter().map(selector).collect()
}

/// The name of a label as it stands in a path: one that begins with `U__` has its other characters written as code points
/// between underscores. What cannot be read so stands for itself.
pub(super) fn label_name(text: &str) -> String {
    text.strip_prefix("U__").and_then(unescaped).unwrap_or_else(|| text.to_owned())
}

fn unescaped(text: &str) -> Option<String> {
    let mut name = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('_') {
        name.push_str(before);
        if let Some(behind) = behind.strip_prefix('_') {
            name.push('_');
            rest = behind;
            continue;
        }
        let (code, behind) = behind.split_once('_')?;
        // The largest code point has six digits.
        let is_code = (1..=6).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_hexdigit());
        name.push(u32::from_str_radix(code, 16).ok().filter(|_| is_code).and_then(char::from_u32)?);
        rest = behind;
    }
    name.push_str(rest);
    Some(name)
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;

    /// What was read, or the words of the error.
    fn words<T: std::fmt::Debug>(read: Result<T, PromError>) -> String {
        match read {
            Ok(value) => format!("{value:?}"),
            Err(error) => {
                let words = error.words().to_owned();
                assert_eq!(error.into_response().status(), 400, "{words}");
                words
            }
        }
    }

    #[test]
    fn times_are_unix_seconds_or_rfc_3339() {
        for (text, expected) in [
            ("", "None"),
            ("0", "Some(0)"),
            ("1435781451.781", "Some(1435781451781)"),
            ("1435781451.7814", "Some(1435781451781)"),
            ("-1.5", "Some(-1500)"),
            ("1e3", "Some(1000000)"),
            ("2015-07-01T20:10:51.781Z", "Some(1435781451781)"),
            ("2015-07-01T22:10:51+02:00", "Some(1435781451000)"),
            ("9999-12-30T22:00:00Z", "Some(253402207200000)"),
            ("-292273086-05-16T16:47:06Z", "Some(-9223309901257974000)"),
            ("292277025-08-18T07:12:54.999999999Z", "Some(9223309901257974999)"),
        ] {
            assert_eq!(words(optional_time(&Fields::from([("time", text)]), "time")), expected, "{text}");
        }
        for text in ["now", "now-1h", "NaN", "inf", "-Inf", "1e300", "2015-07-01", "2015-07-01 20:10:51Z", "\u{202e}"] {
            let expected = format!(
                "invalid parameter \"time\": invalid time value for 'time': cannot parse {text:?} to a valid timestamp"
            );
            assert_eq!(words(optional_time(&Fields::from([("time", text)]), "time")), expected);
        }
    }

    #[test]
    fn lengths_are_seconds_or_numbers_with_units() {
        for (text, expected) in [
            ("15", Some(15_000)),
            ("0.5", Some(500)),
            ("1m", Some(60_000)),
            ("1h30m", Some(5_400_000)),
            ("1y2w3d4h5m6s7ms", Some(33_019_506_007)),
            ("30m1h", None),
            ("1m1m", None),
            ("1.5h", None),
            ("-5m", None),
            ("5 m", None),
            ("300y", None),
            ("99999999999999999999s", None),
            ("m", None),
            ("", None),
            ("\u{b5}", None),
        ] {
            assert_eq!(read_duration(text).ok().map(|nanos| nanos / 1_000_000), expected, "{text}");
        }
        for text in ["1e300", "NaN", "inf", "9223372036.854775807"] {
            let expected = format!("cannot parse {text:?} to a valid duration. It overflows int64");
            assert_eq!(read_duration(text), Err(expected));
        }
        assert_eq!(read_duration("abc"), Err("cannot parse \"abc\" to a valid duration".to_owned()));
    }

    #[test]
    fn limits_are_whole_numbers_and_zero_is_none() {
        for (text, expected) in [
            ("", "None"),
            ("0", "None"),
            ("7", "Some(7)"),
            ("+7", "Some(7)"),
            ("-1", "invalid parameter \"limit\": limit must be non-negative"),
            ("1.5", "invalid parameter \"limit\": strconv.Atoi: parsing \"1.5\": invalid syntax"),
            ("x", "invalid parameter \"limit\": strconv.Atoi: parsing \"x\": invalid syntax"),
            (
                "99999999999999999999",
                "invalid parameter \"limit\": strconv.Atoi: parsing \"99999999999999999999\": value out of range",
            ),
        ] {
            assert_eq!(words(limit(&Fields::from([("limit", text)]))), expected);
        }
    }

    #[test]
    fn a_range_has_eleven_thousand_intervals_at_most() {
        let range = |start: &str, end: &str, step: &str| {
            words(steps(&Fields::from([("start", start), ("end", end), ("step", step)])).map(|steps| steps.count()))
        };
        assert_eq!(range("0", "45", "15"), "4");
        assert_eq!(range("0", "44", "15s"), "3");
        assert_eq!(range("5", "5", "15"), "1");
        assert_eq!(range("0", "11000", "1"), "11001");
        let too_many = "exceeded maximum resolution of 11,000 points per timeseries. \
                        Try decreasing the query resolution (?step=XX)";
        assert_eq!(range("0", "11001", "1"), too_many);
        assert_eq!(range("0", "253402207200", "0.001"), too_many);
        assert_eq!(range("-292273086-05-16T16:47:06Z", "292277025-08-18T07:12:54.999999999Z", "1"), too_many);
        assert_eq!(range("0", "0.01", "0.0000001"), "11");
        assert_eq!(range("9", "8", "1"), "invalid parameter \"end\": end timestamp must not be before start time");
        assert_eq!(range("", "8", "1"), "invalid parameter \"start\": cannot parse \"\" to a valid timestamp");
        assert_eq!(range("NaN", "8", "1"), "invalid parameter \"start\": cannot parse \"NaN\" to a valid timestamp");
        assert_eq!(range("1", "8", ""), "invalid parameter \"step\": cannot parse \"\" to a valid duration");
        for step in ["0", "-1", "0s"] {
            let problem = "zero or negative query resolution step widths are not accepted. Try a positive integer";
            assert_eq!(range("1", "8", step), format!("invalid parameter \"step\": {problem}"));
        }
    }

    #[test]
    fn waiting_and_looking_back_take_lengths() {
        assert_eq!(words(timeout(&Fields::from([("timeout", "1m")]))), "Some(60s)");
        let problem = "invalid parameter \"timeout\": timeout must be positive, got 0s";
        assert_eq!(words(timeout(&Fields::from([("timeout", "0s")]))), problem);
        assert_eq!(words(lookback(&Fields::from([("lookback_delta", "1.5")]))), "Some(1500)");
        assert_eq!(words(lookback(&Fields::from([("lookback_delta", "0")]))), "None");
        assert_eq!(
            words(lookback(&Fields::from([("lookback_delta", "x")]))),
            "error parsing lookback delta duration: cannot parse \"x\" to a valid duration"
        );
    }

    #[test]
    fn selectors_must_select_something_and_are_not_without_end() {
        let read = |text: &str| selectors(&Fields::from([("match[]", text)])).map(|selectors| selectors.len());
        assert_eq!(read("up"), Ok(1));
        assert_eq!(read("{__name__=~\".+\"}"), Ok(1));
        for text in ["{}", "{a=\"\"}", "{a=~\".*\"}"] {
            assert_eq!(read(text), Err("match[] must contain at least one non-empty matcher".to_owned()), "{text}");
        }
        assert!(read("up[5m]").unwrap_err().contains("parse error"));
        let mut many = Fields::default();
        many.read("match[]=up&".repeat(SELECTORS_MAX + 1).as_bytes());
        assert_eq!(selectors(&many).unwrap_err(), "too many match[] selectors: got 1001, maximum is 1000");
    }

    #[test]
    fn names_of_labels_are_unescaped() {
        for (text, expected) in [
            ("job", "job"),
            ("__name__", "__name__"),
            ("U__http_2e_method", "http.method"),
            ("U__a__b", "a_b"),
            ("U___b208_", "눈"),
            ("U__a_", "U__a_"),
            ("U__a_zz_", "U__a_zz_"),
            ("U__a_d800_", "U__a_d800_"),
            ("U__a_1234567_", "U__a_1234567_"),
            ("U__", ""),
        ] {
            assert_eq!(label_name(text), expected, "{text}");
        }
    }
}
