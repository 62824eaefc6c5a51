//! Durations as Prometheus writes them: `90s`, `1h30m`, and `0`.

/// Units from the longest to the shortest, and what they are in milliseconds.
const UNITS: [(&str, i64); 7] = [
    ("y", 365 * 24 * 3_600_000),
    ("w", 7 * 24 * 3_600_000),
    ("d", 24 * 3_600_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

/// Milliseconds. Each unit at most once, longer ones first; never negative.
pub(crate) fn parse_duration(text: &str) -> Result<i64, String> {
    if text == "0" {
        return Ok(0);
    }
    let wrong = || format!("{text:?} is no duration");
    let (mut rest, mut units, mut total) = (text, &UNITS[..], 0i64);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: i64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let at = units.iter().position(|(unit, _)| *unit == &rest[..letters]).ok_or_else(wrong)?;
        let length = number.checked_mul(units[at].1).ok_or_else(wrong)?;
        total = total.checked_add(length).ok_or_else(wrong)?;
        (rest, units) = (&rest[letters..], &units[at + 1..]);
    }
    if text.is_empty() { Err(wrong()) } else { Ok(total) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<i64>) {
        assert_eq!(parse_duration(text).ok(), expected, "{text}");
    }

    #[test]
    fn units_add_up_from_the_longest_to_the_shortest() {
        check("0", Some(0));
        check("0s", Some(0));
        check("90s", Some(90_000));
        check("1h30m5ms", Some(5_400_005));
        check("1w1d", Some(691_200_000));
    }

    #[test]
    fn what_is_not_a_duration_is_refused() {
        for text in ["", "5", "m", "-1m", "1m1h", "1m1m", "1.5m", "1x", "99999999999y"] {
            check(text, None);
        }
    }
}
