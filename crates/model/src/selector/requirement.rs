//! One thing a selector asks of a label.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::label_syntax::{LabelSyntaxError, check_key, check_value};
use super::labels::Labels;

/// How a requirement relates its key to its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operator {
    /// `a=b`: the key is present and has the one value.
    Equals,
    /// `a==b`: the same as [`Operator::Equals`], written differently.
    DoubleEquals,
    /// `a!=b`: the key is absent or has another value.
    NotEquals,
    /// `a in (b,c)`: the key is present and has one of the values.
    In,
    /// `a notin (b,c)`: the key is absent or has none of the values.
    NotIn,
    /// `a`: the key is present, with any value, also an empty one.
    Exists,
    /// `!a`: the key is absent.
    DoesNotExist,
    /// `a>1`: the key's value is an integer above the one value.
    GreaterThan,
    /// `a<1`: the key's value is an integer below the one value.
    LessThan,
}

impl FromStr for Operator {
    type Err = RequirementError;

    /// From the name that Kubernetes' objects use (`In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt`, `Lt`) or that its
    /// sources use (`Equals`, `DoubleEquals`, `NotEquals`, `GreaterThan`, `LessThan`). Upper and lower case differ.
    fn from_str(name: &str) -> Result<Self, RequirementError> {
        Ok(match name {
            "Equals" => Self::Equals,
            "DoubleEquals" => Self::DoubleEquals,
            "NotEquals" => Self::NotEquals,
            "In" => Self::In,
            "NotIn" => Self::NotIn,
            "Exists" => Self::Exists,
            "DoesNotExist" => Self::DoesNotExist,
            "Gt" | "GreaterThan" => Self::GreaterThan,
            "Lt" | "LessThan" => Self::LessThan,
            _ => return Err(RequirementError::Operator(name.to_owned())),
        })
    }
}

impl fmt::Display for Operator {
    /// As a selector writes it. [`Operator::Exists`] has no sign and is told by the word.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equals => "=",
            Self::DoubleEquals => "==",
            Self::NotEquals => "!=",
            Self::In => "in",
            Self::NotIn => "notin",
            Self::Exists => "exists",
            Self::DoesNotExist => "!",
            Self::GreaterThan => ">",
            Self::LessThan => "<",
        })
    }
}

/// One key, one operator and the values it is held against. Always valid.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Requirement {
    key: String,
    operator: Operator,
    /// Sorted, without repetition.
    values: Vec<String>,
}

impl Requirement {
    /// A requirement that Kubernetes would accept.
    ///
    /// The key must be a label key and every value a label value. `In` and `NotIn` need one value or more; `Equals`,
    /// `DoubleEquals` and `NotEquals` exactly one; `GreaterThan` and `LessThan` exactly one that is a 64-bit integer;
    /// `Exists` and `DoesNotExist` none. Empty text is a value. The first rule broken is the error.
    pub fn new(key: &str, operator: Operator, values: Vec<String>) -> Result<Self, RequirementError> {
        check_shape(key, operator, &values)?;
        for (index, value) in values.iter().enumerate() {
            check_value(value).map_err(|problem| RequirementError::Value {
                key: key.to_owned(),
                index,
                value: value.clone(),
                problem,
            })?;
        }
        Ok(Self::sorted(key, operator, values))
    }

    /// As [`Requirement::new`], but a value may be any text: attributes hold URLs and long names that no label can.
    pub fn with_any_text(key: &str, operator: Operator, values: Vec<String>) -> Result<Self, RequirementError> {
        check_shape(key, operator, &values)?;
        Ok(Self::sorted(key, operator, values))
    }

    fn sorted(key: &str, operator: Operator, mut values: Vec<String>) -> Self {
        values.sort_unstable();
        values.dedup();
        Self { key: key.to_owned(), operator, values }
    }

    /// The label's key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The operator, as it was written.
    pub fn operator(&self) -> Operator {
        self.operator
    }

    /// The values, sorted, each once. Empty for `Exists` and `DoesNotExist` only.
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// Whether the labels satisfy this requirement.
    pub fn matches(&self, labels: &(impl Labels + ?Sized)) -> bool {
        let value = labels.get(&self.key);
        let value = value.as_deref();
        match self.operator {
            Operator::Equals | Operator::DoubleEquals | Operator::In => value.is_some_and(|value| self.has(value)),
            // An absent key has none of the values, so it matches.
            Operator::NotEquals | Operator::NotIn => !value.is_some_and(|value| self.has(value)),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::GreaterThan => self.order_of(value) == Some(Ordering::Greater),
            Operator::LessThan => self.order_of(value) == Some(Ordering::Less),
        }
    }

    fn has(&self, value: &str) -> bool {
        self.values.binary_search_by(|own| own.as_str().cmp(value)).is_ok()
    }

    /// How the label's value compares with the requirement's, if both are integers.
    fn order_of(&self, value: Option<&str>) -> Option<Ordering> {
        let bound = integer(self.values.first()?)?;
        Some(integer(value?)?.cmp(&bound))
    }
}

/// The rules that hold whatever the values may consist of.
fn check_shape(key: &str, operator: Operator, values: &[String]) -> Result<(), RequirementError> {
    check_key(key).map_err(|problem| RequirementError::Key { key: key.to_owned(), problem })?;
    let count_is_right = match operator {
        Operator::In | Operator::NotIn => !values.is_empty(),
        Operator::Exists | Operator::DoesNotExist => values.is_empty(),
        _ => values.len() == 1,
    };
    if !count_is_right {
        return Err(RequirementError::ValueCount { operator, found: values.len() });
    }
    if matches!(operator, Operator::GreaterThan | Operator::LessThan) && integer(&values[0]).is_none() {
        return Err(RequirementError::NotInteger { index: 0, value: values[0].clone() });
    }
    Ok(())
}

/// A label's value as Kubernetes compares it: an optional sign and decimal digits, nothing around them.
fn integer(value: &str) -> Option<i64> {
    value.parse().ok()
}

impl fmt::Display for Requirement {
    /// As a selector writes it: parsing the text gives the same requirement again. A value that is not a label value
    /// is quoted, so only `Selectors` reads it back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, operator) = (&self.key, self.operator);
        match operator {
            Operator::Exists => write!(f, "{key}"),
            Operator::DoesNotExist => write!(f, "!{key}"),
            Operator::In | Operator::NotIn => {
                write!(f, "{key} {operator} (")?;
                write_values(f, &self.values)?;
                f.write_str(")")
            }
            _ => {
                write!(f, "{key}{operator}")?;
                write_values(f, &self.values)
            }
        }
    }
}

fn write_values(f: &mut fmt::Formatter<'_>, values: &[String]) -> fmt::Result {
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            f.write_str(",")?;
        }
        if check_value(value).is_ok() {
            f.write_str(value)?;
        } else {
            write!(f, "\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))?;
        }
    }
    Ok(())
}

/// Why key, operator and values do not make a requirement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequirementError {
    /// The key is not a label key.
    #[error("the key {key:?} {problem}")]
    Key {
        /// The key as given.
        key: String,
        /// What is wrong with it.
        problem: LabelSyntaxError,
    },
    /// No operator has this name.
    #[error("{0:?} is not an operator: use In, NotIn, Exists, DoesNotExist, Equals, NotEquals, Gt or Lt")]
    Operator(String),
    /// The operator takes another number of values.
    #[error("the operator '{operator}' takes {}, not {found}", expected_count(*operator))]
    ValueCount {
        /// The operator as given.
        operator: Operator,
        /// How many values were given.
        found: usize,
    },
    /// The operator compares integers and this is none.
    #[error("{value:?} is not an integer: '>' and '<' compare with a whole number, such as 5")]
    NotInteger {
        /// Which value, counted from 0.
        index: usize,
        /// The value as given.
        value: String,
    },
    /// A value is not a label value.
    #[error("the value {value:?} of key {key:?} {problem}")]
    Value {
        /// The key as given.
        key: String,
        /// Which value, counted from 0.
        index: usize,
        /// The value as given.
        value: String,
        /// What is wrong with it.
        problem: LabelSyntaxError,
    },
}

impl RequirementError {
    /// Where the fault lies, as Kubernetes tells it: `key`, `operator`, `values`, `values[0]` or `values[0][app]`.
    pub fn field(&self) -> String {
        match self {
            Self::Key { .. } => "key".to_owned(),
            Self::Operator(_) => "operator".to_owned(),
            Self::ValueCount { .. } => "values".to_owned(),
            Self::NotInteger { index, .. } => format!("values[{index}]"),
            Self::Value { key, index, .. } => format!("values[{index}][{key}]"),
        }
    }
}

fn expected_count(operator: Operator) -> &'static str {
    match operator {
        Operator::In | Operator::NotIn => "one value or more",
        Operator::Exists | Operator::DoesNotExist => "no value",
        _ => "exactly one value",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn new(key: &str, operator: &str, values: &[&str]) -> Result<Requirement, RequirementError> {
        Requirement::new(key, operator.parse()?, values.iter().map(|&v| v.to_owned()).collect())
    }

    #[track_caller]
    fn check(key: &str, operator: &str, values: &[&str], expected_field: Option<&str>) {
        let field = new(key, operator, values).err().map(|error| error.field());
        assert_eq!(field.as_deref(), expected_field, "{key} {operator} {values:?}");
    }

    #[test]
    fn every_operator_takes_its_own_number_of_values() {
        for operator in ["In", "NotIn"] {
            check("x", operator, &[], Some("values"));
            check("x", operator, &["a"], None);
            check("x", operator, &["a", "b"], None);
            check("x", operator, &[""], None);
        }
        for operator in ["Equals", "DoubleEquals", "NotEquals"] {
            check("x", operator, &[], Some("values"));
            check("x", operator, &["a"], None);
            check("x", operator, &["a", "b"], Some("values"));
            check("x", operator, &["a", "a"], Some("values"));
        }
        for operator in ["Exists", "DoesNotExist"] {
            check("x", operator, &[], None);
            check("x", operator, &[""], Some("values"));
        }
        for operator in ["Gt", "Lt", "GreaterThan", "LessThan"] {
            check("x", operator, &[], Some("values"));
            check("x", operator, &["007"], None);
            check("x", operator, &["1", "2"], Some("values"));
        }
    }

    #[test]
    fn comparisons_need_an_integer_of_64_bits() {
        check("x", "Gt", &["9223372036854775807"], None);
        for value in ["9223372036854775808", "1.5", "1e3", "1_000", "bar", "", " 1"] {
            check("x", "Gt", &[value], Some("values[0]"));
        }
        // An integer, but no label value may begin with a sign.
        check("x", "Gt", &["-1"], Some("values[0][x]"));
        check("x", "Lt", &["+1"], Some("values[0][x]"));
    }

    #[test]
    fn the_error_names_the_field_at_fault() {
        check("a b", "Exists", &[], Some("key"));
        check("a b", "Exists", &["c"], Some("key"));
        check("x", "Near", &[], Some("operator"));
        check("x", "in", &["a"], Some("operator"));
        check("x", "In", &["a", "b c"], Some("values[1][x]"));
        check("x", "NotIn", &["z", "a b", "b"], Some("values[1][x]"));
        check("x", "Equals", &["a/b"], Some("values[0][x]"));
    }

    #[test]
    fn any_text_is_a_value_where_it_is_asked_for() {
        let url = Requirement::with_any_text("url", Operator::Equals, vec!["http://x/ \"y\"\\".to_owned()]);
        assert_eq!(url.map(|r| r.to_string()), Ok(r#"url="http://x/ \"y\"\\""#.to_owned()));
        assert!(Requirement::with_any_text("u r l", Operator::Exists, vec![]).is_err());
    }

    #[test]
    fn values_are_told_sorted_and_once() {
        let requirement = new("x", "In", &["b", "a", "", "b"]).expect("valid");
        assert_eq!(requirement.values(), ["", "a", "b"]);
        assert_eq!(requirement.to_string(), "x in (,a,b)");
    }

    #[test]
    fn what_matches_is_decided_by_operator_and_presence() {
        #[track_caller]
        fn check(operator: &str, values: &[&str], value: Option<&str>, expected: bool) {
            let labels: BTreeMap<String, String> = value.map(|v| ("x".to_owned(), v.to_owned())).into_iter().collect();
            let requirement = new("x", operator, values).expect("valid");
            assert_eq!(requirement.matches(&labels), expected, "{requirement} against {value:?}");
        }
        for operator in ["Equals", "DoubleEquals", "In"] {
            check(operator, &["a"], Some("a"), true);
            check(operator, &["a"], Some("A"), false);
            check(operator, &["a"], None, false);
            check(operator, &[""], Some(""), true);
            check(operator, &[""], None, false);
        }
        for operator in ["NotEquals", "NotIn"] {
            check(operator, &["a"], Some("a"), false);
            check(operator, &["a"], Some("b"), true);
            check(operator, &["a"], None, true);
        }
        check("Exists", &[], Some(""), true);
        check("Exists", &[], None, false);
        check("DoesNotExist", &[], Some(""), false);
        check("DoesNotExist", &[], None, true);
        for (value, above, below) in [("4", false, true), ("5", false, false), ("6", true, false), ("-7", false, true)]
        {
            check("Gt", &["5"], Some(value), above);
            check("Lt", &["5"], Some(value), below);
        }
        for value in [Some("v6"), Some(""), Some("6.5"), Some("9223372036854775808"), None] {
            check("Gt", &["5"], value, false);
            check("Lt", &["5"], value, false);
        }
        check("Gt", &["5"], Some("+6"), true);
    }
}
