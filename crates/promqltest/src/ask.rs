//! `eval`: a question, and what must come out.

use regex::Regex;

use crate::duration::parse_duration;
use crate::expectation::{Expectation, Expected, Text, Told};
use crate::notation::{parse_number, parse_series};
use crate::script::{Line, ScriptError};

/// One case.
#[derive(Debug)]
pub struct Ask {
    /// Where it stands, from 1.
    pub line: usize,
    /// The expression as it is written.
    pub expr: String,
    /// The instants it is asked about.
    pub when: When,
    pub(crate) expectation: Expectation,
    /// When the values of a range vector are, where one is expected of an instant.
    pub(crate) samples_at: Option<When>,
}

/// Instants, unix milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// One.
    Instant(i64),
    /// At equal distances.
    Range {
        /// The first.
        start: i64,
        /// Inclusive.
        end: i64,
        /// From one to the next, at least 1.
        step: i64,
    },
}

impl Ask {
    /// The question, and how many of the lines are its own.
    pub(crate) fn parse(head: Line<'_>, lines: &[Line<'_>]) -> Result<(Self, usize), ScriptError> {
        let (command, rest) = word(head.text);
        let (when, expr) = parse_when(rest).map_err(|error| head.error(error))?;
        let mut ask = Self {
            line: head.number,
            expr: expr.to_owned(),
            when,
            expectation: Expectation::default(),
            samples_at: None,
        };
        let suffix = command.to_lowercase();
        match suffix.strip_prefix("eval").unwrap_or_default() {
            "" => {}
            "_fail" => ask.expectation.fails = Some(Text::Any),
            "_warn" => ask.expectation.warnings = Told::Each(vec![Text::Any]),
            "_info" => ask.expectation.infos = Told::Each(vec![Text::Any]),
            "_ordered" => ask.expectation.is_ordered = true,
            _ => return Err(head.error(format!("{command:?} is no command"))),
        }
        for (taken, line) in lines.iter().enumerate() {
            if ask.expect(line.text).map_err(|error| line.error(error))? == Lines::End {
                return Ok((ask, taken + 1));
            }
        }
        Ok((ask, lines.len()))
    }

    fn expect(&mut self, line: &str) -> Result<Lines, String> {
        let expectation = &mut self.expectation;
        if let (Some(message), true) = (line.strip_prefix("expected_fail_message"), expectation.fails.is_some()) {
            expectation.fails = Some(Text::Exactly(message.trim().to_owned()));
            return Ok(Lines::End);
        }
        if let (Some(pattern), true) = (line.strip_prefix("expected_fail_regexp"), expectation.fails.is_some()) {
            expectation.fails = Some(matching(pattern.trim())?);
            return Ok(Lines::End);
        }
        if let ("expect", rest) = word(line) {
            return self.expect_about(rest).map(|()| Lines::GoOn);
        }
        if let Some(number) = parse_number(line) {
            expectation.value = Expected::Scalar(number);
            return Ok(Lines::End);
        }
        let (labels, items) = parse_series(line)?;
        if items.len() > 1 && matches!(self.when, When::Instant(_)) && self.samples_at.is_none() {
            return Err("an instant has one value: say `expect range vector` where a range vector comes out".to_owned());
        }
        match &mut expectation.value {
            Expected::Series(series) => series.push((labels, items)),
            _ => return Err("either series come out, or something else".to_owned()),
        }
        Ok(Lines::GoOn)
    }

    /// What stands behind `expect`.
    fn expect_about(&mut self, text: &str) -> Result<(), String> {
        let (about, rest) = word(text);
        let expectation = &mut self.expectation;
        match about {
            "string" => expectation.value = Expected::Text(unquoted(rest)?),
            "range" => self.samples_at = Some(parse_range(rest.strip_prefix("vector").unwrap_or(rest))?.0),
            "ordered" => expectation.is_ordered = true,
            "fail" if expectation.fails.is_some() => return Err("it cannot fail twice".to_owned()),
            "fail" => expectation.fails = Some(parse_text(rest)?),
            "warn" => expectation.warnings.and(parse_text(rest)?)?,
            "info" => expectation.infos.and(parse_text(rest)?)?,
            "no_warn" => expectation.warnings.and_none()?,
            "no_info" => expectation.infos.and_none()?,
            _ => return Err(format!("{about:?} cannot be expected")),
        }
        Ok(())
    }
}

/// Whether more lines of a case may follow.
#[derive(PartialEq, Eq)]
enum Lines {
    GoOn,
    End,
}

/// The first word, and what comes behind it.
fn word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim_start())
}

/// `instant at 5m expr` or `range from 0 to 5m step 1m expr`.
fn parse_when(text: &str) -> Result<(When, &str), String> {
    match word(text) {
        ("instant", rest) => {
            let (at, expr) = word(after_word("at", rest)?);
            Ok((When::Instant(parse_duration(at)?), expr))
        }
        ("range", rest) => parse_range(rest),
        _ => Err("eval is `instant at <time> <query>` or `range from <start> to <end> step <step> <query>`".to_owned()),
    }
}

/// `from 0 to 5m step 1m`, and what comes behind.
fn parse_range(text: &str) -> Result<(When, &str), String> {
    let (start, rest) = word(after_word("from", text.trim_start())?);
    let (end, rest) = word(after_word("to", rest)?);
    let (step, rest) = word(after_word("step", rest)?);
    let (start, end, step) = (parse_duration(start)?, parse_duration(end)?, parse_duration(step)?);
    if end < start {
        return Err("the end is before the start".to_owned());
    }
    Ok((When::Range { start, end, step }, rest))
}

fn after_word<'t>(expected: &str, text: &'t str) -> Result<&'t str, String> {
    let (found, rest) = word(text);
    if found == expected { Ok(rest) } else { Err(format!("expected {expected:?}, got {found:?}")) }
}

/// `msg: text`, `regex: pattern`, or nothing.
fn parse_text(text: &str) -> Result<Text, String> {
    if let Some(message) = text.strip_prefix("msg:") {
        return Ok(Text::Exactly(message.trim().to_owned()));
    }
    if let Some(pattern) = text.strip_prefix("regex:") {
        return matching(pattern.trim());
    }
    if text.is_empty() { Ok(Text::Any) } else { Err(format!("expected `msg:` or `regex:`, got {text:?}")) }
}

fn matching(pattern: &str) -> Result<Text, String> {
    Ok(Text::Matching(Regex::new(pattern).map_err(|error| error.to_string())?))
}

/// A text in quotes, as it would be written in an expression.
fn unquoted(text: &str) -> Result<String, String> {
    match promql::Expr::parse(text).as_ref() {
        Ok(promql::Expr::Text(text)) => Ok(text.value.clone()),
        _ => Err(format!("{text:?} is no text in quotes")),
    }
}
