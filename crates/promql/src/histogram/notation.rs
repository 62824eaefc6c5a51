//! Histograms as tests and messages write them: `{{schema:0 count:4 sum:5 buckets:[1 2 1]}}`.

use std::fmt;
use std::sync::Arc;

use super::number::{Bracketed, Shortest};
use super::{Buckets, CounterReset, Histogram, HistogramParts, NotationError};

/// The most buckets of one side that are written, empty ones between others among them. Those of all floats in the finest
/// schema would be some half a million; buckets with indexes as far apart as those of hostile input, four billion.
const WRITTEN_MAX: i64 = 1_000_000;

/// Names of what is known of counter resets.
const COUNTER_RESETS: [(&str, CounterReset); 4] = [
    ("unknown", CounterReset::Unknown),
    ("reset", CounterReset::Reset),
    ("not_reset", CounterReset::NotReset),
    ("gauge", CounterReset::Gauge),
];

/// As tests write it, in double braces; what is 0, empty or unknown is left out. Buckets that are too many to be written
/// are `[...]`, which cannot be read again.
impl fmt::Display for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = [
            ("schema", f64::from(self.schema())),
            ("count", self.count),
            ("sum", self.sum),
            ("z_bucket", self.zero_count()),
            ("z_bucket_w", self.zero_threshold()),
        ];
        let mut words: Vec<String> = Vec::new();
        for (key, number) in numbers {
            if number != 0.0 {
                words.push(format!("{key}:{}", Shortest(number)));
            }
        }
        if self.has_custom_bounds() {
            words.push(format!("custom_values:{}", Bracketed(self.custom_bounds().iter().copied())));
        }
        let known = COUNTER_RESETS.iter().filter(|(_, known)| *known != CounterReset::Unknown);
        words.extend(
            known
                .filter(|(_, known)| *known == self.counter_reset)
                .map(|(name, _)| format!("counter_reset_hint:{name}")),
        );
        write_side(&mut words, self.positive(), "offset", "buckets");
        write_side(&mut words, self.negative(), "n_offset", "n_buckets");
        write!(f, "{{{{{}}}}}", words.join(" "))
    }
}

fn write_side(words: &mut Vec<String>, side: &Buckets, offset_key: &str, buckets_key: &str) {
    let populated = || side.iter().filter(|(_, count)| *count != 0.0);
    let (Some((first, _)), Some((last, _))) = (populated().next(), populated().next_back()) else { return };
    if first != 0 {
        words.push(format!("{offset_key}:{first}"));
    }
    if i64::from(last) - i64::from(first) >= WRITTEN_MAX {
        words.push(format!("{buckets_key}:[...]"));
        return;
    }
    let mut populated = populated().peekable();
    let counts = (first..=last).map(|index| populated.next_if(|(at, _)| *at == index).map_or(0.0, |(_, count)| count));
    let counts: Vec<f64> = counts.collect();
    words.push(format!("{buckets_key}:{}", Bracketed(counts.iter().copied())));
}

impl Histogram {
    /// Reads what is between the double braces: keys with values, by spaces. Without any it is [`Histogram::empty`].
    pub fn parse(text: &str) -> Result<Self, NotationError> {
        let mut notation = Notation::default();
        let mut rest = text.trim_start();
        let mut seen: Vec<&'static str> = Vec::new();
        while !rest.is_empty() {
            let end = rest.find(|letter: char| !letter.is_ascii_alphabetic() && letter != '_').unwrap_or(rest.len());
            let (word, after) = rest.split_at(end);
            let key = KEYS.iter().find(|key| key.eq_ignore_ascii_case(word));
            let key = *key.ok_or_else(|| NotationError::UnknownKey(word.to_owned()))?;
            if seen.contains(&key) {
                return Err(NotationError::DuplicateKey(key.to_owned()));
            }
            seen.push(key);
            let after = after.strip_prefix(':').ok_or(NotationError::MissingColon)?.trim_start();
            let (value, after) = after.split_at(value_length(after));
            notation
                .set(key, value)
                .ok_or_else(|| NotationError::Value { key, value: value.chars().take(VALUE_SHOWN_MAX).collect() })?;
            rest = after.trim_start();
        }
        notation.histogram()
    }
}

/// How much of a value that cannot be read is said in an error, in characters.
const VALUE_SHOWN_MAX: usize = 100;

/// What a histogram may say of itself.
const KEYS: [&str; 11] = [
    "schema",
    "count",
    "sum",
    "z_bucket",
    "z_bucket_w",
    "custom_values",
    "counter_reset_hint",
    "offset",
    "buckets",
    "n_offset",
    "n_buckets",
];

/// How long the value is that a text begins with, in bytes: to the closing bracket, or to the next space.
fn value_length(text: &str) -> usize {
    if text.starts_with('[') {
        text.find(']').map_or(text.len(), |at| at + 1)
    } else {
        text.find(char::is_whitespace).unwrap_or(text.len())
    }
}

/// What was read so far.
#[derive(Default)]
struct Notation {
    parts: HistogramParts,
    offset: i32,
    counts: Vec<f64>,
    negative_offset: i32,
    negative_counts: Vec<f64>,
}

impl Notation {
    /// Takes a key's value; none where it is not one.
    fn set(&mut self, key: &'static str, value: &str) -> Option<()> {
        match key {
            "schema" => self.parts.schema = value.parse().ok()?,
            "count" => self.parts.count = number(value)?,
            "sum" => self.parts.sum = number(value)?,
            "z_bucket" => self.parts.zero_count = number(value)?,
            "z_bucket_w" => self.parts.zero_threshold = number(value)?,
            "custom_values" => self.parts.custom_bounds = Arc::from(numbers(value)?),
            "counter_reset_hint" => {
                self.parts.counter_reset = COUNTER_RESETS
                    .iter()
                    .find(|(name, _)| name.eq_ignore_ascii_case(value))
                    .map(|(_, known)| *known)?;
            }
            "offset" => self.offset = value.parse().ok()?,
            "buckets" => self.counts = numbers(value)?,
            "n_offset" => self.negative_offset = value.parse().ok()?,
            "n_buckets" => self.negative_counts = numbers(value)?,
            _ => return None,
        }
        Some(())
    }

    fn histogram(self) -> Result<Histogram, NotationError> {
        let positive = Buckets::successive(self.offset, self.counts)?;
        let negative = Buckets::successive(self.negative_offset, self.negative_counts)?;
        Ok(Histogram::new(HistogramParts { positive, negative, ..self.parts })?)
    }
}

fn numbers(text: &str) -> Option<Vec<f64>> {
    text.strip_prefix('[')?.strip_suffix(']')?.split_whitespace().map(number).collect()
}

/// A decimal number, `Inf` or `NaN`, or a whole one in hexadecimal digits.
fn number(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if let Some(digits) = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X")) {
        let value = i64::from_str_radix(digits, 16).ok().filter(|value| *value >= 0)? as f64;
        return Some(if text.starts_with('-') { -value } else { value });
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read from a text and written again.
    #[track_caller]
    fn check(text: &str, written: &str) {
        let histogram = Histogram::parse(text).expect("is a histogram");
        assert_eq!(histogram.to_string(), written);
        let again = Histogram::parse(written.trim_start_matches("{{").trim_end_matches("}}")).expect("is one too");
        assert_eq!(again.to_string(), written);
    }

    #[track_caller]
    fn check_error(text: &str, message: &str) {
        assert_eq!(Histogram::parse(text).expect_err("is none").to_string(), message);
    }

    #[test]
    fn histograms_are_written_as_they_were_read() {
        check("", "{{}}");
        check(" ", "{{}}");
        check("schema:0 sum:5 count:4 buckets:[1 2 1]", "{{count:4 sum:5 buckets:[1 2 1]}}");
        check(
            "schema:1 count:10 sum:-3.5 z_bucket:2 z_bucket_w:0.001 offset:-2 buckets:[1 0 2 ] n_offset:3 n_buckets:[5]",
            "{{schema:1 count:10 sum:-3.5 z_bucket:2 z_bucket_w:0.001 offset:-2 buckets:[1 0 2] n_offset:3 n_buckets:[5]}}",
        );
        check(
            "schema:-53 count:4 sum:5 custom_values:[-1 5 10] buckets:[1 2 0 1] counter_reset_hint:gauge",
            "{{schema:-53 count:4 sum:5 custom_values:[-1 5 10] counter_reset_hint:gauge buckets:[1 2 0 1]}}",
        );
        check("count:NaN sum:-Inf z_bucket:0x10", "{{count:NaN sum:-Inf z_bucket:16}}");
        check("schema:10 buckets:[1 2 4 8 16]", "{{schema:8 buckets:[1 30]}}");
        check("counter_reset_hint:not_reset COUNT:1", "{{count:1 counter_reset_hint:not_reset}}");
    }

    #[test]
    fn empty_buckets_at_the_ends_are_not_written() {
        check("offset:4 buckets:[0 0 1 0 2 0]", "{{offset:6 buckets:[1 0 2]}}");
        check("buckets:[0 0]", "{{}}");
    }

    #[test]
    fn what_is_no_histogram_is_an_error() {
        check_error("bogus:1", "bad histogram descriptor found: \"bogus\"");
        check_error("count:1 count:2", "duplicate key \"count\" in histogram");
        check_error("count", "missing `:` for histogram descriptor");
        check_error("count:x", "error parsing count: \"x\"");
        check_error("buckets:[1 x]", "error parsing buckets: \"[1 x]\"");
        check_error("buckets:[1 2", "error parsing buckets: \"[1 2\"");
        check_error("counter_reset_hint:maybe", "error parsing counter_reset_hint: \"maybe\"");
        check_error(
            "schema:53",
            "histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 for custom \
             buckets, got schema 53",
        );
        check_error("schema:-53 z_bucket:1", "custom buckets: must have zero count of 0");
        check_error("offset:2147483647 buckets:[1 2]", "histogram has a span whose bucket index is out of range");
    }

    #[test]
    fn buckets_that_are_far_apart_are_not_written_out() {
        let positive = Buckets::from_spans(&[(-2_000_000_000, 1), (i32::MAX, 1)], vec![1.0, 2.0]).expect("is in range");
        let histogram = Histogram::new(HistogramParts { positive, ..HistogramParts::default() }).expect("is one");
        assert_eq!(histogram.to_string(), "{{offset:-2000000000 buckets:[...]}}");
    }
}
