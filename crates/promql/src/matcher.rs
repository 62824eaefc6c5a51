//! A matcher: what a label's value must be for a series to be selected.

use std::fmt;

use regex::Regex;

use crate::expr::{quote, write_label};

/// A regular expression may be so long when compiled; longer ones are refused.
const REGEX_BYTES_MAX: usize = 1 << 20;

/// How a value is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchOperator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`, of the whole value
    Regex,
    /// `!~`
    NotRegex,
}

impl MatchOperator {
    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Regex => "=~",
            Self::NotRegex => "!~",
        }
    }
}

/// One condition on one label. A label that is not there has the empty value.
#[derive(Clone, Debug)]
pub struct Matcher {
    name: String,
    operator: MatchOperator,
    value: String,
    regex: Option<Regex>,
}

/// A regular expression that cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
#[error("invalid regular expression {expression:?}: {reason}")]
pub struct MatcherError {
    expression: String,
    reason: String,
}

impl Matcher {
    /// A regular expression is of the RE2 kind (no look-around, no back references), `.` matches line ends too, and the
    /// whole value must match. Errors: it cannot be read, or is too large.
    pub fn new(
        name: impl Into<String>,
        operator: MatchOperator,
        value: impl Into<String>,
    ) -> Result<Self, MatcherError> {
        let (name, value) = (name.into(), value.into());
        let regex = match operator {
            MatchOperator::Regex | MatchOperator::NotRegex => Some(whole(&value)?),
            MatchOperator::Equal | MatchOperator::NotEqual => None,
        };
        Ok(Self { name, operator, value, regex })
    }

    /// Equality, which cannot fail.
    pub fn equal(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), operator: MatchOperator::Equal, value: value.into(), regex: None }
    }

    /// The label's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it compares.
    pub fn operator(&self) -> MatchOperator {
        self.operator
    }

    /// What it compares with, as written.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether a value satisfies it.
    pub fn matches(&self, value: &str) -> bool {
        let found = self.regex.as_ref().map_or_else(|| value == self.value, |regex| regex.is_match(value));
        match self.operator {
            MatchOperator::Equal | MatchOperator::Regex => found,
            MatchOperator::NotEqual | MatchOperator::NotRegex => !found,
        }
    }
}

/// Compiled to match a whole value.
fn whole(expression: &str) -> Result<Regex, MatcherError> {
    let compile = |expression: &str| regex::RegexBuilder::new(expression).size_limit(REGEX_BYTES_MAX).build();
    // A parenthesis that closes the group around would make another expression of it, so it must be one by itself.
    let alone = if expression.contains(')') { compile(expression).map(drop) } else { Ok(()) };
    alone.and_then(|()| compile(&format!("^(?s:{expression})$"))).map_err(|error| {
        // The library draws where the error is, over several lines, and says in the last what it is.
        let drawn = error.to_string();
        let reason = drawn.lines().last().unwrap_or_default();
        MatcherError {
            expression: expression.to_owned(),
            reason: reason.strip_prefix("error: ").unwrap_or(reason).to_owned(),
        }
    })
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.operator, &self.value) == (&other.name, other.operator, &other.value)
    }
}

/// As in an expression.
impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", write_label(&self.name), self.operator.text(), quote(&self.value))
    }
}
