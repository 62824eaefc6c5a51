//! Parameters → parts of questions, in Prometheus' forms and words.

use std::time::Duration;

use jiff::Timestamp;
use model::{TimeRange, UnixNanos};
use promql::{Expr, Matcher, Steps};

use super::form::Form;
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

/// How many answers are wanted; `None` for all.
pub(super) fn limit(form: &Form) -> Result<Option<usize>, PromError> {
    let text = form.first("limit");
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
pub(super) fn optional_time(form: &Form, name: &str) -> Result<Option<i64>, PromError> {
    let text = form.first(name);
    if text.is_empty() {
        return Ok(None);
    }
    let problem = |problem| PromError::parameter(name, format!("invalid time value for '{name}': {problem}"));
    read_time(text).map(Some).map_err(problem)
}

fn time(form: &Form, name: &str) -> Result<i64, PromError> {
    read_time(form.first(name)).map_err(|problem| PromError::parameter(name, problem))
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
    read.map(|time| time.as_nanosecond().div_euclid(1_000_000)).and_then(|millis| i64::try_from(millis).ok()).ok_or_else(problem)
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
pub(super) fn timeout(form: &Form) -> Result<Option<Duration>, PromError> {
    let text = form.first("timeout");
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
pub(super) fn lookback(form: &Form) -> Result<Option<i64>, PromError> {
    let text = form.first("lookback_delta");
    if text.is_empty() {
        return Ok(None);
    }
    let problem = |problem| PromError::bad_data(format!("error parsing lookback delta duration: {problem}"));
    let millis = read_duration(text).map_err(problem)? / 1_000_000;
    Ok((millis > 0).then_some(millis))
}

/// The instants of `query_range`.
pub(super) fn steps(form: &Form) -> Result<Steps, PromError> {
    let (start, end) = (time(form, "start")?, time(form, "end")?);
    if end < start {
        return Err(PromError::parameter("end", "end timestamp must not be before start time"));
    }
    let step = read_duration(form.first("step")).map_err(|problem| PromError::parameter("step", problem))?;
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
pub(super) fn expression(form: &Form) -> Result<Expr, PromError> {
    Expr::parse(form.first("query")).map_err(|problem| PromError::parameter("query", problem))
}

/// `start` and `end`, both inclusive; without them all of time.
pub(super) fn time_range(form: &Form) -> Result<TimeRange, PromError> {
    let (start, end) = (optional_time(form, "start")?, optional_time(form, "end")?);
    let (start, end) = (start.unwrap_or(TIME_MIN.1), end.unwrap_or(TIME_MAX.1));
    Ok(range_of(start, end))
}

/// A range of milliseconds, both inclusive.
pub(super) fn range_of(start: i64, end: i64) -> TimeRange {
    let nanos = |millis: i64| UnixNanos::new(millis.saturating_mul(1_000_000));
    TimeRange { from: nanos(start), to: nanos(end.saturating_add(1)) }
}

/// The selectors of `match[]`: a series that is asked for matches all matchers of one of them.
pub(super) fn selectors(form: &Form) -> Result<Vec<Vec<Matcher>>, String> {
    let texts: Vec<&str> = form.all("match[]").collect();
    if texts.len() > SELECTORS_MAX {
        return Err(format!("too many match[] selectors: got {}, maximum is {SELECTORS_MAX}", texts.len()));
    }
    let selectors = texts.into_iter().map(|text| Expr::parse_selector(text).map_err(|problem| problem.to_string()));
    let selectors: Vec<Vec<Matcher>> = selectors.collect::<Result<_, _>>()?;
    if selectors.iter().any(|matchers| matchers.iter().all(|matcher| matcher.matches(""))) {
        return Err("match[] must contain at least one non-empty matcher".to_owned());
    }
    Ok(selectors)
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
