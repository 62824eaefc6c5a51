//! Requirements that all hold, and alternatives of which one holds.

use std::fmt;
use std::str::FromStr;

use super::error::SelectorError;
use super::labels::Labels;
use super::lexer::Dialect;
use super::parser;
use super::requirement::Requirement;

/// Longest text of a selector, in bytes. A longer one comes from a program that should send several requests, and no
/// URL that carries it would pass the proxies between.
pub const SELECTOR_BYTES_MAX: usize = 4096;

/// Most selectors that `||` joins. Every resource is held against each.
pub const SELECTOR_ALTERNATIVES_MAX: usize = 64;

/// Most requirements in one text, over all its alternatives. Every resource is held against each.
pub const SELECTOR_REQUIREMENTS_MAX: usize = 256;

/// Requirements that labels must satisfy, all of them. The default has none and so selects everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Selector {
    /// Sorted by key; those of one key stay in the order they were given.
    requirements: Vec<Requirement>,
}

impl Selector {
    /// A selector of these requirements, in any order.
    pub fn new(mut requirements: Vec<Requirement>) -> Self {
        requirements.sort_by(|a, b| a.key().cmp(b.key()));
        Self { requirements }
    }

    /// Reads Kubernetes' grammar and nothing else: no `||`, no quotes.
    ///
    /// Empty text selects everything. The text may have up to [`SELECTOR_BYTES_MAX`] bytes and
    /// [`SELECTOR_REQUIREMENTS_MAX`] requirements, both inclusive.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let alternatives = parser::parse(text, Dialect::Kubernetes)?;
        Ok(alternatives.into_iter().next().unwrap_or_default())
    }

    /// The requirements, sorted by key.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// Whether the labels satisfy every requirement.
    pub fn matches(&self, labels: &(impl Labels + ?Sized)) -> bool {
        self.requirements.iter().all(|requirement| requirement.matches(labels))
    }
}

impl FromStr for Selector {
    type Err = SelectorError;

    /// As [`Selector::parse`].
    fn from_str(text: &str) -> Result<Self, SelectorError> {
        Self::parse(text)
    }
}

impl fmt::Display for Selector {
    /// Text that reads back as the same selector: by [`Selector::parse`], or by [`Selectors::parse`] alone if a value
    /// had to be quoted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, requirement) in self.requirements.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            requirement.fmt(f)?;
        }
        Ok(())
    }
}

/// Alternatives: labels must satisfy at least one. The default selects everything.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Selectors {
    /// Never empty; a selector without requirements occurs only alone.
    alternatives: Vec<Selector>,
}

impl Selectors {
    /// Reads Kubernetes' grammar with `||` between alternatives and any text as a value in double quotes, in which
    /// `\"` is a quote and `\\` a backslash: `app=web,tier!=db || url="http://x/"`.
    ///
    /// Empty text selects everything; beside `||` nothing may be empty. The text may have up to
    /// [`SELECTOR_BYTES_MAX`] bytes, [`SELECTOR_ALTERNATIVES_MAX`] alternatives and [`SELECTOR_REQUIREMENTS_MAX`]
    /// requirements, all inclusive.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        Ok(Self { alternatives: parser::parse(text, Dialect::Nunchi)? })
    }

    /// The alternatives in the order written. Never empty.
    pub fn alternatives(&self) -> &[Selector] {
        &self.alternatives
    }

    /// Whether there is no requirement, so that every label set matches.
    pub fn selects_everything(&self) -> bool {
        self.alternatives.iter().any(|selector| selector.requirements().is_empty())
    }

    /// Whether the labels satisfy at least one alternative.
    pub fn matches(&self, labels: &(impl Labels + ?Sized)) -> bool {
        self.alternatives.iter().any(|selector| selector.matches(labels))
    }
}

impl Default for Selectors {
    fn default() -> Self {
        Self::from(Selector::default())
    }
}

impl From<Selector> for Selectors {
    fn from(selector: Selector) -> Self {
        Self { alternatives: vec![selector] }
    }
}

impl FromStr for Selectors {
    type Err = SelectorError;

    /// As [`Selectors::parse`].
    fn from_str(text: &str) -> Result<Self, SelectorError> {
        Self::parse(text)
    }
}

impl fmt::Display for Selectors {
    /// Text that [`Selectors::parse`] reads back as the same alternatives.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, selector) in self.alternatives.iter().enumerate() {
            if index > 0 {
                f.write_str(" || ")?;
            }
            selector.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use proptest::prelude::*;

    use super::super::Operator;
    use super::*;

    #[track_caller]
    fn check(selectors: &str, labels: &str, expected: bool) {
        let labels: BTreeMap<String, String> = labels
            .split_whitespace()
            .filter_map(|l| l.split_once('='))
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect();
        let parsed = Selectors::parse(selectors).expect("valid");
        assert_eq!(parsed.matches(&labels), expected, "{selectors} against {labels:?}");
        let hashed: HashMap<String, String> = labels.into_iter().collect();
        assert_eq!(parsed.matches(&hashed), expected);
    }

    #[test]
    fn all_requirements_of_one_alternative_must_hold() {
        check("", "", true);
        check("", "a=1", true);
        check("a=1,b=2", "a=1 b=2 c=3", true);
        check("a=1,b=2", "a=1 b=3", false);
        check("a=1,b=2", "a=1", false);
        check("a,!b", "a=", true);
        check("a>1,a<5", "a=3", true);
        check("a>1,a<5", "a=5", false);
        check("a in (1,2),a notin (2,3)", "a=1", true);
        check("a in (1,2),a notin (2,3)", "a=2", false);
        check("a=1 || b=2,c=3", "b=2 c=3", true);
        check("a=1 || b=2,c=3", "b=2", false);
        check("a!=1 || a=1", "", true);
        check("url=\"http://x\"", "url=http://x", true);
    }

    #[test]
    fn only_a_selector_without_requirements_selects_everything() {
        assert!(Selectors::default().selects_everything());
        assert_eq!(Selectors::parse(" "), Ok(Selectors::default()));
        assert!(!Selectors::parse("a||!a").expect("valid").selects_everything());
    }

    /// A label's name, or a value that is not empty.
    const NAME: &str = "(in|notin|[A-Za-z0-9]([-A-Za-z0-9_.]{0,3}[a-z])?)";

    fn strings(regex: &str) -> impl Strategy<Value = String> + use<> {
        prop::string::string_regex(regex).expect("a regular expression")
    }

    fn operator() -> impl Strategy<Value = Operator> {
        prop::sample::select(vec![
            Operator::Equals,
            Operator::DoubleEquals,
            Operator::NotEquals,
            Operator::In,
            Operator::NotIn,
            Operator::Exists,
            Operator::DoesNotExist,
            Operator::GreaterThan,
            Operator::LessThan,
        ])
    }

    fn requirement(value: &str) -> impl Strategy<Value = Requirement> + use<> {
        let key = format!("([a-z0-9]([-a-z0-9]{{0,3}}[a-z0-9])?(\\.[a-z]{{1,3}}){{0,2}}/)?{NAME}");
        (strings(&key), operator(), prop::collection::vec(strings(value), 1..4), any::<i64>()).prop_map(
            |(key, operator, mut values, number)| {
                match operator {
                    Operator::In | Operator::NotIn => {}
                    Operator::Exists | Operator::DoesNotExist => values.clear(),
                    Operator::GreaterThan | Operator::LessThan => values = vec![number.to_string()],
                    _ => values.truncate(1),
                }
                Requirement::with_any_text(&key, operator, values).expect("built to the rules")
            },
        )
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_alike_by_both_dialects(text in r#"([a-c=!<>(),|"\\ \t1-]|in|notin|\PC){0,24}"#) {
            let selectors = Selectors::parse(&text);
            if let Ok(selector) = Selector::parse(&text) {
                prop_assert_eq!(selectors, Ok(Selectors::from(selector)));
            }
        }

        #[test]
        fn what_is_written_is_read_back(
            alternatives in prop::collection::vec(prop::collection::vec(requirement("\\PC{0,6}"), 1..4), 1..4),
        ) {
            let selectors = Selectors { alternatives: alternatives.into_iter().map(Selector::new).collect() };
            prop_assert_eq!(Selectors::parse(&selectors.to_string()), Ok(selectors));
        }

        #[test]
        fn what_is_written_for_kubernetes_is_read_back(
            requirements in prop::collection::vec(requirement(&format!("{NAME}?")), 0..6),
        ) {
            let requirements = requirements.into_iter().filter(|r| r.values().iter().all(|v| !v.starts_with('-')));
            let selector = Selector::new(requirements.collect());
            prop_assert_eq!(Selector::parse(&selector.to_string()), Ok(selector));
        }
    }
}
