//! Points in time as nanoseconds since the Unix epoch, and ranges of them.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

/// Nanoseconds since 1970-01-01T00:00:00Z. Covers the years 1677 to 2262; what lies outside is clamped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixNanos(i64);

/// Nanoseconds in an hour, the width of a block's folder.
pub const HOUR_NANOS: i64 = 3_600_000_000_000;

impl UnixNanos {
    /// The earliest time that can be told.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest time that can be told.
    pub const MAX: Self = Self(i64::MAX);

    /// From signed nanoseconds, as the columns keep them.
    pub const fn new(nanos: i64) -> Self {
        Self(nanos)
    }

    /// From OTLP's unsigned nanoseconds. What is later than 2262 is clamped to [`Self::MAX`].
    pub fn from_wire(nanos: u64) -> Self {
        Self(i64::try_from(nanos).unwrap_or(i64::MAX))
    }

    /// Signed nanoseconds, as the columns keep them.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// This time moved back, not below [`Self::MIN`].
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(nanos_of(by)))
    }

    /// This time moved on, not above [`Self::MAX`].
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(nanos_of(by)))
    }

    /// Start of the hour this falls in.
    #[must_use]
    pub fn hour(self) -> Self {
        Self(self.0.div_euclid(HOUR_NANOS).saturating_mul(HOUR_NANOS))
    }

    /// Parses RFC 3339, unix seconds (a fraction is allowed), `now`, or `now-1h30m`.
    ///
    /// `now` is what the word stands for. Errors say which forms are accepted.
    pub fn parse(text: &str, now: UnixNanos) -> Result<Self, TimeError> {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix("now") {
            return match rest.trim_start().split_at_checked(1) {
                None => Ok(now),
                Some(("-", back)) => Ok(now.minus(parse_duration(back)?)),
                Some(("+", on)) => Ok(now.plus(parse_duration(on)?)),
                Some(_) => Err(TimeError(text.to_owned())),
            };
        }
        if let Some(time) = parse_seconds(text) {
            return Ok(time);
        }
        let timestamp: Timestamp = text.parse().map_err(|_| TimeError(text.to_owned()))?;
        i64::try_from(timestamp.as_nanosecond()).map(Self).map_err(|_| TimeError(text.to_owned()))
    }
}

impl fmt::Display for UnixNanos {
    /// RFC 3339 in UTC with nine decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let timestamp = Timestamp::from_nanosecond(i128::from(self.0)).map_err(|_| fmt::Error)?;
        write!(f, "{timestamp:.9}")
    }
}

/// A span of time: `from` inclusive, `to` exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// First instant inside.
    pub from: UnixNanos,
    /// First instant after.
    pub to: UnixNanos,
}

impl TimeRange {
    /// All of time.
    pub const ALL: Self = Self { from: UnixNanos::MIN, to: UnixNanos::MAX };

    /// Whether the instant lies inside. With `to` at [`UnixNanos::MAX`] the range has no end.
    pub fn contains(&self, time: UnixNanos) -> bool {
        self.from <= time && (time < self.to || self.to == UnixNanos::MAX)
    }

    /// Whether any instant of `[min, max]`, both inclusive, lies inside.
    pub fn overlaps(&self, min: UnixNanos, max: UnixNanos) -> bool {
        self.from <= max && (min < self.to || self.to == UnixNanos::MAX)
    }
}

/// A time that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot read {0:?} as a time: use RFC 3339 (2026-11-24T06:00:00Z), unix seconds (1795500000), or now-1h")]
pub struct TimeError(String);

/// A duration that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot read {0:?} as a duration: use a number with a unit (ns, us, ms, s, m, h, d, w), such as 200ms, 1.5s or 1h30m"
)]
pub struct DurationError(String);

impl From<DurationError> for TimeError {
    fn from(error: DurationError) -> Self {
        Self(error.0)
    }
}

/// Parses `200ms`, `1.5s`, `1h30m`, `2d`; each number needs a unit of `ns`, `us`, `µs`, `ms`, `s`, `m`, `h`, `d` or `w`.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let error = || DurationError(text.to_owned());
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(error());
    }
    let mut nanos = 0f64;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(error)?;
        let (number, after) = rest.split_at(number_end);
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, next) = after.split_at(unit_end);
        let unit_nanos = match unit.trim() {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3_600e9,
            "d" => 86_400e9,
            "w" => 604_800e9,
            _ => return Err(error()),
        };
        nanos += number.parse::<f64>().map_err(|_| error())? * unit_nanos;
        rest = next.trim_start();
    }
    // 2^63 nanoseconds are 292 years; a longer duration reaches the ends of time anyway.
    if nanos >= 9.2e18 {
        Ok(Duration::from_nanos(i64::MAX.unsigned_abs()))
    } else {
        Ok(Duration::from_nanos(nanos.round() as u64))
    }
}

fn nanos_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

/// Unix seconds with an optional fraction of up to nine digits, exact to the nanosecond.
fn parse_seconds(text: &str) -> Option<UnixNanos> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || fraction.len() > 9 || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let seconds: i64 = whole.parse().ok()?;
    let fraction: i64 = format!("{fraction:0<9}").parse().ok()?;
    let nanos = seconds.checked_mul(1_000_000_000)?.checked_add(fraction)?;
    Some(UnixNanos(if negative { -nanos } else { nanos }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixNanos = UnixNanos::new(1_795_500_000_000_000_000);

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(UnixNanos::parse(text, NOW).ok().map(|t| t.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn every_documented_form_of_a_time_is_read() {
        check("2026-11-24T06:00:00Z", Some("2026-11-24T06:00:00.000000000Z"));
        check("2026-11-24T08:00:00.123456789+02:00", Some("2026-11-24T06:00:00.123456789Z"));
        check("0", Some("1970-01-01T00:00:00.000000000Z"));
        check("1795500000.25", Some("2026-11-24T06:00:00.250000000Z"));
        check("now", Some("2026-11-24T06:00:00.000000000Z"));
        check("now-1h30m", Some("2026-11-24T04:30:00.000000000Z"));
        check(" now - 1d ", Some("2026-11-23T06:00:00.000000000Z"));
        check("now+5m", Some("2026-11-24T06:05:00.000000000Z"));
    }

    #[test]
    fn what_is_not_a_time_is_refused() {
        for text in ["", "yesterday", "now-", "now-1", "now*1h", "2026-13-01T00:00:00Z", "1e9", "99999999999999999999"]
        {
            check(text, None);
        }
    }

    #[test]
    fn durations_add_up_and_need_units() {
        assert_eq!(parse_duration("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("200ms"), Ok(Duration::from_millis(200)));
        assert_eq!(parse_duration("10us"), Ok(Duration::from_micros(10)));
        for text in ["", "5", "ms", "1x", "1.2.3s", "-1s"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_hour_of_a_time_before_1970_starts_before_it() {
        assert_eq!(UnixNanos::new(-1).hour(), UnixNanos::new(-HOUR_NANOS));
        assert_eq!(UnixNanos::new(HOUR_NANOS).hour(), UnixNanos::new(HOUR_NANOS));
    }

    #[test]
    fn times_at_the_ends_can_be_written() {
        assert_eq!(UnixNanos::MIN.to_string(), "1677-09-21T00:12:43.145224192Z");
        assert_eq!(UnixNanos::MAX.to_string(), "2262-04-11T23:47:16.854775807Z");
    }
}
