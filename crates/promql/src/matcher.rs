//! A matcher: what a label's value must be for a series to be selected.

use std::fmt;

use crate::expr::{quote, write_label};
use crate::pattern::{Pattern, PatternError};

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
    /// Of the two operators that have a regular expression.
    pattern: Option<Pattern>,
}

/// A regular expression that cannot be used. Its text is the one that Prometheus shows.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct MatcherError(#[from] PatternError);

impl Matcher {
    /// A regular expression is one of Go (RE2: no look-around, no back references), `.` matches line ends too, and the
    /// whole value must match. Errors: it cannot be read, or is too large.
    pub fn new(
        name: impl Into<String>,
        operator: MatchOperator,
        value: impl Into<String>,
    ) -> Result<Self, MatcherError> {
        let (name, value) = (name.into(), value.into());
        let pattern = match operator {
            MatchOperator::Regex | MatchOperator::NotRegex => Some(Pattern::new(&value)?),
            MatchOperator::Equal | MatchOperator::NotEqual => None,
        };
        Ok(Self { name, operator, value, pattern })
    }

    /// Equality, which cannot fail.
    pub fn equal(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), operator: MatchOperator::Equal, value: value.into(), pattern: None }
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

    /// The only values that can satisfy it, in bytewise order and each once, where it names a few: an index can look them
    /// up rather than try all of its values. The empty one among them stands for series without the label. `None` where
    /// others can satisfy it too, as they can any matcher that negates.
    pub fn literals(&self) -> Option<&[String]> {
        match self.operator {
            MatchOperator::Equal => Some(std::slice::from_ref(&self.value)),
            MatchOperator::Regex => self.pattern.as_ref()?.literals(),
            MatchOperator::NotEqual | MatchOperator::NotRegex => None,
        }
    }

    /// Whether a value satisfies it.
    pub fn matches(&self, value: &str) -> bool {
        let found = self.pattern.as_ref().map_or_else(|| value == self.value, |pattern| pattern.matches(value));
        match self.operator {
            MatchOperator::Equal | MatchOperator::Regex => found,
            MatchOperator::NotEqual | MatchOperator::NotRegex => !found,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matcher_tells_the_values_that_can_satisfy_it() {
        use MatchOperator::{Equal, NotEqual, NotRegex, Regex};
        for (operator, value, literals, satisfying, other) in [
            (Equal, "a|b", Some("a|b"), "a|b", "a"),
            (NotEqual, "a", None, "", "a"),
            (Regex, "b|a", Some("a b"), "a", "a|b"),
            (Regex, "a|", Some(" a"), "", "b"),
            (Regex, "a.*", None, "ab", "ba"),
            (NotRegex, "b|a", None, "c", "a"),
        ] {
            let matcher = Matcher::new("l", operator, value).expect(value);
            assert_eq!(matcher.literals().map(|literals| literals.join(" ")).as_deref(), literals, "{matcher}");
            assert!(matcher.matches(satisfying) && !matcher.matches(other), "{matcher}");
        }
    }
}
