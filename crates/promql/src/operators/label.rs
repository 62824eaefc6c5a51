//! `label_replace` and `label_join`: labels from labels.

use std::collections::HashMap;

use super::distinct;
use crate::evaluate::{Evaluation, Streams};
use crate::pattern::CapturePattern;
use crate::{EvaluateError, Expr, Labels, METRIC_NAME, StepSeries};

/// An argument that is a text, without parentheses around it.
pub(super) fn text(argument: Option<&Expr>) -> Result<&str, EvaluateError> {
    match argument.map(Expr::unwrapped) {
        Some(Expr::Text(text)) => Ok(&text.value),
        _ => Err(EvaluateError::Execution("expected a string".to_owned())),
    }
}

/// `label_replace(v, "to", "replacement", "from", "expression")`. Errors: the expression cannot be read; the label has no
/// name; series become the same.
pub(super) fn replace<'a>(evaluation: &Evaluation<'a>, arguments: &'a [Expr]) -> Result<Streams<'a>, EvaluateError> {
    let [inner, to, replacement, from, expression] = arguments else { return Err(wrong_arguments()) };
    let (to, replacement) = (text(Some(to))?, text(Some(replacement))?);
    let (from, expression) = (text(Some(from))?, text(Some(expression))?);
    let pattern = CapturePattern::new(expression)
        .map_err(|_| refuse(format!("invalid regular expression in label_replace(): {expression}")))?;
    check_name(to, "destination", "label_replace")?;
    let template = Template::read(replacement, pattern.group_names());
    // Few values come often, and matching costs more than a look into a table.
    let mut known: HashMap<String, Option<String>> = HashMap::new();
    change(evaluation, inner, to, move |labels| {
        let value = labels.get(from).unwrap_or_default();
        if let Some(replaced) = known.get(value) {
            return replaced.clone();
        }
        let replaced = pattern.captures(value).map(|captures| template.expand(&captures));
        known.insert(value.to_owned(), replaced.clone());
        replaced
    })
}

/// `label_join(v, "to", "separator", "from", …)`. Errors: a label has no name; series become the same.
pub(super) fn join<'a>(evaluation: &Evaluation<'a>, arguments: &'a [Expr]) -> Result<Streams<'a>, EvaluateError> {
    let [inner, to, separator, from @ ..] = arguments else { return Err(wrong_arguments()) };
    let (to, separator) = (text(Some(to))?, text(Some(separator))?);
    let from = from.iter().map(|name| text(Some(name))).collect::<Result<Vec<_>, _>>()?;
    for name in &from {
        check_name(name, "source", "label_join")?;
    }
    check_name(to, "destination", "label_join")?;
    change(evaluation, inner, to, |labels| {
        let values: Vec<&str> = from.iter().map(|name| labels.get(name).unwrap_or_default()).collect();
        Some(values.join(separator))
    })
}

/// Sets a label of each series to what `value` gives, if it gives anything.
fn change<'a>(
    evaluation: &Evaluation<'a>,
    inner: &'a Expr,
    to: &str,
    mut value: impl FnMut(&Labels) -> Option<String>,
) -> Result<Streams<'a>, EvaluateError> {
    let mut all: Vec<StepSeries> = evaluation.vector(inner)?.collect(evaluation)?;
    for series in &mut all {
        let Some(value) = value(&series.labels) else { continue };
        let mut labels = series.labels.to_builder();
        labels.set(to, value);
        series.labels = labels.build();
        // A name that is set here is one for these values.
        series.drops_name &= to != METRIC_NAME;
    }
    distinct(all).map(Streams::of)
}

fn check_name(name: &str, role: &str, function: &str) -> Result<(), EvaluateError> {
    if name.is_empty() { Err(refuse(format!("invalid {role} label name in {function}(): {name}"))) } else { Ok(()) }
}

fn refuse(message: String) -> EvaluateError {
    EvaluateError::Execution(message)
}

fn wrong_arguments() -> EvaluateError {
    refuse("wrong number of arguments".to_owned())
}

/// A replacement, with groups of the expression in it: `$1`, `${1}`, `$name`, `${name}`, and `$$` for a dollar.
#[derive(Debug, PartialEq, Eq)]
struct Template(Vec<Piece>);

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    /// By number; of several, the first that took part in the match.
    Capture(Vec<usize>),
}

impl Template {
    /// A group that the expression does not have is empty. A dollar that begins no reference stands for itself.
    fn read(mut text: &str, groups: &[Option<String>]) -> Self {
        let mut pieces = Vec::new();
        while let Some(at) = text.find('$') {
            pieces.push(Piece::Literal(text[..at].to_owned()));
            let behind = &text[at + 1..];
            if let Some(rest) = behind.strip_prefix('$') {
                pieces.push(Piece::Literal("$".to_owned()));
                text = rest;
                continue;
            }
            match reference(behind) {
                Some((name, rest)) => {
                    pieces.push(Piece::Capture(named(name, groups)));
                    text = rest;
                }
                None => {
                    pieces.push(Piece::Literal("$".to_owned()));
                    text = behind;
                }
            }
        }
        pieces.push(Piece::Literal(text.to_owned()));
        Self(pieces)
    }

    fn expand(&self, captures: &regex::Captures<'_>) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Literal(text) => text.clone(),
            Piece::Capture(numbers) => {
                let found = numbers.iter().find_map(|number| captures.get(*number));
                found.map_or_else(String::new, |found| found.as_str().to_owned())
            }
        };
        self.0.iter().map(piece).collect()
    }
}

/// The name that follows a dollar, with or without braces, and the rest.
fn reference(text: &str) -> Option<(&str, &str)> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    match text.strip_prefix('{') {
        Some(inner) => {
            let (name, rest) = inner.split_once('}')?;
            (!name.is_empty() && name.chars().all(is_name)).then_some((name, rest))
        }
        None => {
            let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
            (end > 0).then(|| text.split_at(end))
        }
    }
}

/// The numbers of the groups that are meant; none where the expression has none of this number or name. `groups` are all
/// of its names.
fn named(name: &str, groups: &[Option<String>]) -> Vec<usize> {
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit()) && (name == "0" || !name.starts_with('0'));
    if is_number {
        return name.parse().ok().filter(|number| *number < groups.len()).into_iter().collect();
    }
    (0..groups.len()).filter(|number| groups[*number].as_deref() == Some(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, replacement: &str, value: &str, expected: &str) {
        let pattern = CapturePattern::new(expression).expect("an expression");
        let captures = pattern.captures(value).expect("a match");
        assert_eq!(Template::read(replacement, pattern.group_names()).expand(&captures), expected, "{replacement}");
    }

    #[test]
    fn a_template_takes_groups_of_a_match() {
        check("(a+)(b+)", "$2-$1", "aabb", "bb-aa");
        check("(a+)(b+)", "${2}x$1x", "aabb", "bbx");
        check("(?P<first>a+)(b+)", "<$first>$first_", "aabb", "<aa>");
        check("(a+)", "$$1 $ ${", "aa", "$1 $ ${");
        check("(a+)", "$0$3$none", "aa", "aa");
        check("(a+)|(b+)", "[$1]", "bb", "[]");
        check("(?P<n>a+)|(?P<n>b+)", "[$n]", "bb", "[bb]");
        check("(?<01>a)(b)", "$01$1$2", "ab", "aab");
    }
}
