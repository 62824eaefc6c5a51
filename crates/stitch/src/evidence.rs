//! Words for the ledger, bounded: what telemetry says may be long, and a ledger must stay readable and small.

use std::fmt::Display;

/// Characters of a service or operation that are quoted. Real names are shorter; a name of 256 KiB is not evidence.
const QUOTE_CHARS_MAX: usize = 80;

/// Items of a list that are written out. Enough to recognise them by; `span_ids` has them all.
const LISTED_MAX: usize = 4;

/// A service or operation in quotes, control characters escaped, cut at [`QUOTE_CHARS_MAX`].
pub(crate) fn quote(text: &str) -> String {
    match text.char_indices().nth(QUOTE_CHARS_MAX) {
        None => format!("{text:?}"),
        Some((cut, _)) => format!("{:?}…", &text[..cut]),
    }
}

/// Items joined by `separator`, the first [`LISTED_MAX`] of them, and how many more there are. Only what is written
/// is taken from the iterator.
pub(crate) fn list<T: Display>(items: impl ExactSizeIterator<Item = T>, separator: &str) -> String {
    let more = items.len().saturating_sub(LISTED_MAX);
    let mut words: Vec<String> = items.take(LISTED_MAX).map(|item| item.to_string()).collect();
    if more > 0 {
        words.push(format!("… {more} more"));
    }
    words.join(separator)
}

/// A length of time in its largest whole unit, to three decimals.
pub(crate) fn duration(nanos: i64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs")];
    let sign = if nanos < 0 { "-" } else { "" };
    let nanos = nanos.unsigned_abs();
    for (unit, name) in UNITS {
        if nanos >= unit {
            let thousandths = nanos % unit / (unit / 1_000);
            return match thousandths {
                0 => format!("{sign}{} {name}", nanos / unit),
                _ => format!("{sign}{}.{thousandths:03} {name}", nanos / unit),
            };
        }
    }
    format!("{sign}{nanos} ns")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_cut_between_characters_and_escaped() {
        assert_eq!(quote("web"), r#""web""#);
        assert_eq!(quote("a\u{1b}[2J"), r#""a\u{1b}[2J""#);
        assert_eq!(quote(&"é".repeat(80)), format!("\"{}\"", "é".repeat(80)));
        assert_eq!(quote(&"é".repeat(81)), format!("\"{}\"…", "é".repeat(80)));
    }

    #[test]
    fn durations_have_the_unit_that_fits() {
        assert_eq!(duration(0), "0 ns");
        assert_eq!(duration(35_000_000), "35 ms");
        assert_eq!(duration(-1_234_567), "-1.234 ms");
        assert_eq!(duration(1_050), "1.050 µs");
        assert_eq!(duration(i64::MIN), "-9223372036.854 s");
    }

    #[test]
    fn lists_say_how_much_they_leave_out() {
        assert_eq!(list(["a", "b"].iter(), ", "), "a, b");
        assert_eq!(list(1..5, " "), "1 2 3 4");
        assert_eq!(list(1..11, " "), "1 2 3 4 … 6 more");
    }
}
