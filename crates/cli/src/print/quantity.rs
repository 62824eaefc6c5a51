//! Durations, times, sizes and counts in words for people. JSON and CSV carry the exact figures.

use jiff::Timestamp;

const MICRO: u64 = 1_000;
const MILLI: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const HUNDRED_DAYS: u64 = 100 * DAY;

/// Nanoseconds to three digits in the unit that suits, rounded towards zero: `812ms`, `1.20s`, `2m05s`.
pub(crate) fn duration(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    let pair = |high: u64, high_name, low: u64, low_name| {
        format!("{sign}{}{high_name}{:02}{low_name}", nanos / high, nanos % high / low)
    };
    match nanos {
        0..MICRO => format!("{sign}{nanos}ns"),
        MICRO..MILLI => format!("{sign}{}µs", three_digits(nanos, MICRO)),
        MILLI..SECOND => format!("{sign}{}ms", three_digits(nanos, MILLI)),
        SECOND..MINUTE => format!("{sign}{}s", three_digits(nanos, SECOND)),
        MINUTE..HOUR => pair(MINUTE, "m", SECOND, "s"),
        HOUR..DAY => pair(HOUR, "h", MINUTE, "m"),
        DAY..HUNDRED_DAYS => pair(DAY, "d", HOUR, "h"),
        // Only a broken clock gets here; eight cells hold it all the same.
        HUNDRED_DAYS.. => format!("{sign}{}d", nanos / DAY),
    }
}

/// Bytes to three digits in binary units: `512 B`, `3.41 MiB`.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [(u32, &str); 4] = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")];
    match UNITS.iter().find(|(shift, _)| bytes >> shift > 0) {
        Some((shift, unit)) => format!("{} {unit}", three_digits(bytes, 1 << shift)),
        None => format!("{bytes} B"),
    }
}

/// An RFC 3339 time in UTC to the millisecond; text that is no time comes back as it is.
pub(crate) fn instant(text: &str) -> String {
    text.parse::<Timestamp>().map_or_else(|_| text.to_owned(), |time| format!("{time:.3}"))
}

/// As [`instant`], without the year and the zone, for narrow screens: `11-24 06:00:01.123`.
pub(crate) fn instant_short(text: &str) -> String {
    let instant = instant(text);
    match instant.trim_end_matches('Z').split_once('-') {
        Some((_, rest)) if text.parse::<Timestamp>().is_ok() => rest.replace('T', " "),
        _ => instant,
    }
}

/// As [`instant`], without the date and the zone: `06:00:01.123`.
pub(crate) fn time_of_day(text: &str) -> String {
    let instant = instant(text);
    match instant.split_once('T') {
        Some((_, time)) if text.parse::<Timestamp>().is_ok() => time.trim_end_matches('Z').to_owned(),
        _ => instant,
    }
}

/// `1 span`, `3 spans`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// So many by second or, below one in ten seconds, by minute or hour: `12.3/s`, `4.20/min`.
pub(crate) fn rate(per_second: f64) -> String {
    let (number, unit) = match per_second {
        ..=0.0 => return "0".to_owned(),
        0.1.. => (per_second, "s"),
        // One an hour is 0.00028 a second.
        0.001.. => (per_second * 60.0, "min"),
        _ => (per_second * 3_600.0, "h"),
    };
    let decimals = if number < 9.995 { 2 } else { usize::from(number < 99.95) };
    format!("{number:.decimals$}/{unit}")
}

/// A share, 0 to 1, in hundredths: `0`, `<0.1%`, `3.2%`, `100%`.
pub(crate) fn share(share: f64) -> String {
    match share {
        ..=0.0 => "0".to_owned(),
        ..0.001 => "<0.1%".to_owned(),
        // What is not all does not look as if it were.
        1.0.. => "100%".to_owned(),
        ..0.0995 => format!("{:.1}%", share * 100.0),
        _ => format!("{}%", (share * 100.0).round().min(99.0)),
    }
}

/// How many, where samples may stand for parts of one.
pub(crate) fn amount(number: f64) -> String {
    if number.fract().abs() < 0.05 || number >= 100.0 { format!("{number:.0}") } else { format!("{number:.1}") }
}

fn three_digits(value: u64, unit: u64) -> String {
    let hundredths = u128::from(value) * 100 / u128::from(unit);
    let (whole, fraction) = (hundredths / 100, hundredths % 100);
    match whole {
        0..10 => format!("{whole}.{fraction:02}"),
        10..100 => format!("{whole}.{}", fraction / 10),
        _ => format!("{whole}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_keep_three_digits() {
        for (nanos, expected) in [
            (0, "0ns"),
            (812, "812ns"),
            (1_204, "1.20µs"),
            (45_100, "45.1µs"),
            (812_345_678, "812ms"),
            (999_999_999, "999ms"),
            (1_204_000_000, "1.20s"),
            (59_999_000_000, "59.9s"),
            (125_000_000_000, "2m05s"),
            (3_720_000_000_000, "1h02m"),
            (180_000_000_000_000, "2d02h"),
            (-1_200_000, "-1.20ms"),
            (i64::MIN, "-106751d"),
        ] {
            assert_eq!(duration(nanos), expected);
        }
    }

    #[test]
    fn sizes_use_binary_units() {
        for (size, expected) in
            [(0, "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (3_586_129, "3.41 MiB"), (u64::MAX, "16777215 TiB")]
        {
            assert_eq!(bytes(size), expected);
        }
    }

    #[test]
    fn times_are_shortened_and_what_is_no_time_is_left() {
        assert_eq!(instant("2026-11-24T06:00:01.123999999Z"), "2026-11-24T06:00:01.123Z");
        assert_eq!(time_of_day("2026-11-24T06:00:01.123999999Z"), "06:00:01.123");
        assert_eq!(instant_short("2026-11-24T06:00:01.123999999Z"), "11-24 06:00:01.123");
        assert_eq!(instant_short("-STORM-Z"), "-STORM-Z");
        assert_eq!(instant("STORM"), "STORM");
        assert_eq!(time_of_day("STORM"), "STORM");
    }

    #[test]
    fn rates_and_shares_keep_what_can_be_read() {
        let rates = [0.0, 12.34, 1_234.5, 0.1, 0.07, 0.0003, f64::NAN].map(rate);
        assert_eq!(rates, ["0", "12.3/s", "1234/s", "0.10/s", "4.20/min", "1.08/h", "NaN/h"]);
        let shares = [0.0, 0.0004, 0.032, 0.5, 0.999, 1.0].map(share);
        assert_eq!(shares, ["0", "<0.1%", "3.2%", "50%", "99%", "100%"]);
        assert_eq!([0.0, 3.0, 2.5, 1234.5].map(amount), ["0", "3", "2.5", "1234"]);
    }

    #[test]
    fn counts_agree_with_their_noun() {
        assert_eq!([count(0, "span"), count(1, "span"), count(2, "span")], ["0 spans", "1 span", "2 spans"]);
    }
}
