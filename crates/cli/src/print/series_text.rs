//! Series and points of the Prometheus API as text.

use jiff::Timestamp;
use protocol::{PromHistogram, PromLabels};
use serde_json::Number;

/// The label that holds a metric's name.
const METRIC_NAME: &str = "__name__";

/// A series as an expression selects it: `up{job="a"}`, or `{"http.requests", job="a"}` where the name needs quotes.
pub(crate) fn series_text(labels: &PromLabels) -> String {
    let name = labels.get(METRIC_NAME).map(String::as_str).unwrap_or_default();
    let (before, quoted) = if is_plain(name) { (name, None) } else { ("", Some(quoted(name))) };
    let others = labels.iter().filter(|(label, _)| *label != METRIC_NAME);
    let others = others.map(|(label, value)| {
        if is_plain(label) {
            format!("{label}={}", self::quoted(value))
        } else {
            format!("{}={}", self::quoted(label), self::quoted(value))
        }
    });
    let inside: Vec<String> = quoted.filter(|_| !name.is_empty()).into_iter().chain(others).collect();
    match (before.is_empty(), inside.is_empty()) {
        (false, true) => before.to_owned(),
        _ => format!("{before}{{{}}}", inside.join(", ")),
    }
}

/// Whether a name needs no quotes.
fn is_plain(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_' || byte == b':';
    let mut bytes = name.bytes();
    bytes.next().is_some_and(letter) && bytes.all(|byte| letter(byte) || byte.is_ascii_digit())
}

/// Control characters are left to whoever makes text visible.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A time as RFC 3339 to the millisecond; what is no time of this world as it is.
pub(crate) fn time_text(seconds: &Number) -> String {
    timestamp(seconds).map_or_else(|| seconds.to_string(), |time| format!("{time:.3}"))
}

/// A time of the Prometheus API.
pub(crate) fn timestamp(seconds: &Number) -> Option<Timestamp> {
    let millis = seconds.as_f64().map(|seconds| (seconds * 1_000.0).round())?;
    Timestamp::from_millisecond(millis as i64).ok()
}

/// A histogram in a few words.
pub(crate) fn histogram_text(histogram: &PromHistogram) -> String {
    format!("count {}, sum {}", histogram.count, histogram.sum)
}

/// A value as a number; text that is none is not a number.
pub(crate) fn number(value: &str) -> f64 {
    value.parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(labels: &[(&str, &str)], expected: &str) {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!(series_text(&labels), expected);
    }

    #[test]
    fn a_series_reads_as_it_is_selected() {
        check(&[], "{}");
        check(&[("__name__", "up")], "up");
        check(&[("__name__", "up"), ("job", "a"), ("le", "+Inf")], "up{job=\"a\", le=\"+Inf\"}");
        check(&[("job", "a \"b\" \\")], "{job=\"a \\\"b\\\" \\\\\"}");
        check(&[("__name__", "http.requests"), ("k8s.pod", "x")], "{\"http.requests\", \"k8s.pod\"=\"x\"}");
        check(&[("__name__", "2xx")], "{\"2xx\"}");
    }

    #[test]
    fn times_are_told_to_the_millisecond() {
        for (seconds, expected) in
            [("1435781451.781", "2015-07-01T20:10:51.781Z"), ("0", "1970-01-01T00:00:00.000Z"), ("1e300", "1e+300")]
        {
            assert_eq!(time_text(&seconds.parse().unwrap()), expected);
        }
    }
}
