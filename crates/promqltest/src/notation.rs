//! The notation of series: `up{job="a"} 1+1x5 _x2 stale {{schema:0 count:1}}`.

use std::sync::Arc;

use promql::{Histogram, Labels, STALE, parse_labels};

/// What stands at one instant.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// `_`
    Nothing,
    /// A number, or `stale`.
    Float(f64),
    /// `{{…}}`
    Histogram {
        /// What is in the braces.
        value: Arc<Histogram>,
        /// Whether it says a hint about counter resets; one that does not is compared without it.
        says_hint: bool,
    },
}

/// So many items may be written in one line: a slip of the pen should not fill the memory.
const ITEMS_MAX: usize = 1_000_000;

/// Labels, and items at equal distances.
pub(crate) fn parse_series(text: &str) -> Result<(Labels, Vec<Item>), String> {
    let (labels, items) = text.split_at(labels_end(text));
    let labels = parse_labels(labels).map_err(|error| format!("{labels:?}: {}", error.message))?;
    Ok((labels, parse_items(items)?))
}

/// Where the labels end: at the first space that is neither in braces nor in quotes.
pub(crate) fn labels_end(text: &str) -> usize {
    let (mut is_in_braces, mut quote, mut is_escaped) = (false, None, false);
    for (at, character) in text.char_indices() {
        match (quote, character) {
            (Some(_), _) if is_escaped => is_escaped = false,
            (Some('"' | '\''), '\\') => is_escaped = true,
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'' | '`') => quote = Some(character),
            (None, '{') => is_in_braces = true,
            (None, '}') => is_in_braces = false,
            (None, space) if space.is_whitespace() && !is_in_braces => return at,
            (None, _) => {}
        }
    }
    text.len()
}

fn parse_items(text: &str) -> Result<Vec<Item>, String> {
    let mut items = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let after = if rest.starts_with("{{") { histograms(rest, &mut items)? } else { floats(rest, &mut items)? };
        if !after.is_empty() && !after.starts_with(char::is_whitespace) {
            return Err(format!("unexpected {after:?} in series values"));
        }
        if items.len() > ITEMS_MAX {
            return Err(format!("more than {ITEMS_MAX} series values"));
        }
        rest = after.trim_start();
    }
    Ok(items)
}

/// `_`, `_x3`, `1`, `1x3`, `1+2x3`, `stale`. Gives what comes behind.
fn floats<'t>(text: &'t str, items: &mut Vec<Item>) -> Result<&'t str, String> {
    if let Some(rest) = text.strip_prefix('_') {
        let (times, rest) = times(rest)?;
        items.extend(std::iter::repeat_n(Item::Nothing, times.unwrap_or(1)));
        return Ok(rest);
    }
    if let Some(rest) = text.strip_prefix("stale") {
        return repeated(rest, &Item::Float(STALE), items);
    }
    let (first, rest) = number(text)?;
    if !rest.starts_with(['+', '-']) {
        return repeated(rest, &Item::Float(first), items);
    }
    let (step, rest) = number(rest)?;
    let (times, rest) = times(rest)?;
    let times = times.ok_or_else(|| format!("{text:?} does not say how often"))?;
    let mut value = first;
    for _ in 0..=times {
        items.push(Item::Float(value));
        value += step;
    }
    Ok(rest)
}

/// `{{…}}`, `{{…}}x3`, `{{…}}+{{…}}x3`, `{{…}}-{{…}}x3`. Gives what comes behind.
fn histograms<'t>(text: &'t str, items: &mut Vec<Item>) -> Result<&'t str, String> {
    let (first, says_hint, rest) = histogram(text)?;
    let is_sum = rest.starts_with('+');
    if !rest.starts_with(['+', '-']) {
        return repeated(rest, &Item::Histogram { value: Arc::new(first), says_hint }, items);
    }
    let (step, says_hint, rest) = histogram(&rest[1..])?;
    let (times, rest) = times(rest)?;
    let times = times.ok_or_else(|| format!("{text:?} does not say how often"))?;
    let mut value = first;
    items.push(Item::Histogram { value: Arc::new(value.clone()), says_hint });
    for _ in 0..times {
        if value.schema() > step.schema() {
            return Err(format!("cannot merge from schema {} to {}", step.schema(), value.schema()));
        }
        let combined = if is_sum { value.add(&step) } else { value.subtract(&step) };
        combined.map_err(|error| error.to_string())?;
        items.push(Item::Histogram { value: Arc::new(value.clone()), says_hint });
    }
    Ok(rest)
}

fn histogram(text: &str) -> Result<(Histogram, bool, &str), String> {
    let inner = text.strip_prefix("{{").ok_or_else(|| format!("{text:?} is no histogram"))?;
    let (inner, rest) = inner.split_once("}}").ok_or_else(|| format!("{text:?} does not end"))?;
    let histogram = Histogram::parse(inner).map_err(|error| format!("{inner:?}: {error}"))?;
    Ok((histogram, inner.contains("counter_reset_hint"), rest))
}

/// Once, or with `x3` three times more.
fn repeated<'t>(text: &'t str, item: &Item, items: &mut Vec<Item>) -> Result<&'t str, String> {
    let (times, rest) = times(text)?;
    items.extend(std::iter::repeat_n(item.clone(), times.unwrap_or(0) + 1));
    Ok(rest)
}

/// `x3`, if it is there.
pub(crate) fn times(text: &str) -> Result<(Option<usize>, &str), String> {
    let Some(rest) = text.strip_prefix('x') else { return Ok((None, text)) };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let times = rest[..digits].parse().ok().filter(|times| *times < ITEMS_MAX);
    let times = times.ok_or_else(|| format!("invalid repetition in series values: {text:?}"))?;
    Ok((Some(times), &rest[digits..]))
}

/// The number that the text begins with, and what comes behind.
fn number(text: &str) -> Result<(f64, &str), String> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let word = ["inf", "nan"]
        .into_iter()
        .find(|word| unsigned.get(..word.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(word)));
    let length = word.map_or_else(|| digits(unsigned), str::len);
    let (number, rest) = text.split_at(text.len() - unsigned.len() + length);
    let value = number.replace('_', "").parse().map_err(|_| format!("{text:?} does not begin with a number"))?;
    Ok((value, rest))
}

/// How long an unsigned number is: digits, a point, an exponent with its sign.
fn digits(text: &str) -> usize {
    let mut before = ' ';
    let is_outside = |character: char| {
        let is_sign_of_exponent = matches!(character, '+' | '-') && matches!(before, 'e' | 'E');
        before = character;
        !character.is_ascii_digit() && !matches!(character, '.' | '_' | 'e' | 'E') && !is_sign_of_exponent
    };
    text.find(is_outside).unwrap_or(text.len())
}

/// A whole line that is one number, as the answer of a scalar is written.
pub(crate) fn parse_number(text: &str) -> Option<f64> {
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    let whole = hexadecimal.and_then(|digits| i64::from_str_radix(digits, 16).ok()).map(|whole| whole as f64);
    whole.or_else(|| text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values as words, histograms by their sums.
    fn check(text: &str, expected: &[&str]) {
        let (_, items) = parse_series(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let shown = items.iter().map(|item| match item {
            Item::Nothing => "_".to_owned(),
            Item::Float(value) if promql::is_stale(*value) => "stale".to_owned(),
            Item::Float(value) => value.to_string(),
            Item::Histogram { value, .. } => format!("{{{}}}", value.sum()),
        });
        assert_eq!(shown.collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn items_repeat_and_climb() {
        check("a", &[]);
        check("a 1 -2.5 1e3 .5", &["1", "-2.5", "1000", "0.5"]);
        check("a 1x2 _x2 _ stale", &["1", "1", "1", "_", "_", "_", "stale"]);
        check("a 1+2x2 -1-1x1 1e-1+1e1x1", &["1", "3", "5", "-1", "-2", "0.1", "10.1"]);
        check("a NaN Inf -Inf +inf", &["NaN", "inf", "-inf", "inf"]);
        check("a 0x0 7", &["0", "7"]);
    }

    #[test]
    fn histograms_repeat_and_climb() {
        check("a {{sum:2}} {{}}x1", &["{2}", "{0}", "{0}"]);
        check("a {{sum:2 count:1}}+{{sum:3}}x2 1", &["{2}", "{5}", "{8}", "1"]);
        check("a {{sum:2 count:1}}-{{sum:3}}x1", &["{2}", "{-1}"]);
    }

    #[test]
    fn labels_end_where_values_begin() {
        let check = |text: &str, labels: &str| {
            let (found, items) = parse_series(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!((format!("{found:?}").as_str(), items.len()), (labels, 1), "{text}");
        };
        check("up 1", r#"{__name__="up"}"#);
        check("up{job=\"a b\", x='}'}\t1", r#"{__name__="up", job="a b", x="}"}"#);
        check(r#"{"up", job="\" {"} 1"#, r#"{__name__="up", job="\" {"}"#);
        check("{} 1", "{}");
    }

    #[test]
    fn a_slip_of_the_pen_is_told() {
        for text in ["a 1y", "a 1x", "a 1+2", "a {{sum:2", "a {{sum:x}}", "a 1x99999999999", "a{ 1", "a --1", "a 1.2.3"]
        {
            assert!(parse_series(text).is_err(), "{text}");
        }
    }
}
