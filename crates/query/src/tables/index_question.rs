//! What a row must have for a filter to pass it, in terms of what the indexes of blocks know.
//!
//! | filter | what is necessary |
//! |---|---|
//! | a text query | what it says itself |
//! | `body = 'disk full'` | the words `disk` and `full` |
//! | `body LIKE '%disk is full%'`, `ILIKE`, `~` | the words that are whole in it: `is` |
//! | `attributes['k'] = 'v'` | the pair of `k` and `v`, unless `v` is how something else than text is written, too |
//! | `attributes['k'] > 5`, `IS NOT NULL`, ... | the field `k` |
//! | `AND`, `OR`, `IN` | all or any of the parts |
//! | anything else | nothing |
//!
//! The filter is evaluated on what the indexes leave, so too little is slow and too much would be wrong.

use std::sync::Arc;

use datafusion::logical_expr::Operator;
use datafusion::physical_expr::expressions::{BinaryExpr, Column, InListExpr, IsNotNullExpr, LikeExpr, Literal};
use datafusion::physical_expr::{PhysicalExpr, ScalarFunctionExpr};
use model::{Necessary, Table, TextQuery, Tokenizer};

use crate::attr::{AskedAs, asked_attribute_of};
use crate::matching::necessary_of_text_match;

type Expr = Arc<dyn PhysicalExpr>;

/// What every row has that the filter passes.
pub(super) fn necessary(table: Table, filter: &Expr) -> Necessary {
    if let Some(binary) = filter.downcast_ref::<BinaryExpr>() {
        return of_binary(table, binary);
    }
    if let Some(list) = filter.downcast_ref::<InListExpr>()
        && !list.negated()
        && !list.is_empty()
    {
        return Necessary::any(list.list().iter().map(|member| of_equality(table, list.expr(), member)));
    }
    if let Some(like) = filter.downcast_ref::<LikeExpr>() {
        return of_like(table, like);
    }
    if let Some(present) = filter.downcast_ref::<IsNotNullExpr>() {
        return of_field(present.arg());
    }
    let call = filter.downcast_ref::<ScalarFunctionExpr>();
    call.and_then(necessary_of_text_match).unwrap_or(Necessary::Anything)
}

fn of_binary(table: Table, binary: &BinaryExpr) -> Necessary {
    let (left, right) = (binary.left(), binary.right());
    match binary.op() {
        Operator::And => Necessary::all([necessary(table, left), necessary(table, right)]),
        Operator::Or => Necessary::any([necessary(table, left), necessary(table, right)]),
        Operator::Eq if left.is::<Literal>() => of_equality(table, right, left),
        Operator::Eq => of_equality(table, left, right),
        Operator::RegexMatch if is_text(table, left) => match text_of(right) {
            Some(pattern) => of_pattern(pattern),
            None => Necessary::Anything,
        },
        // None of them is true of null.
        Operator::NotEq | Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq | Operator::RegexMatch => {
            Necessary::all([of_field(left), of_field(right)])
        }
        _ => Necessary::Anything,
    }
}

/// Of what equals a literal.
fn of_equality(table: Table, expr: &Expr, other: &Expr) -> Necessary {
    let fields = || Necessary::all([of_field(expr), of_field(other)]);
    let Some(text) = text_of(other) else { return fields() };
    if is_text(table, expr) {
        let mut words = Vec::new();
        Tokenizer::new().words(text, |word| words.push(Necessary::Word(word.to_owned())));
        return Necessary::all(words);
    }
    match asked_attribute_of(expr) {
        Some((key, AskedAs::Text)) if is_written_by_text_alone(text) => {
            Necessary::Pair { field: key.to_owned(), value: text.to_owned() }
        }
        _ => fields(),
    }
}

/// Whether an index knows every value that reads as the text by that text: numbers read alike and are written
/// differently, lists are known by their elements, and what is empty is not known.
fn is_written_by_text_alone(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(['[', '{']) && text.parse::<f64>().is_err()
}

fn of_like(table: Table, like: &LikeExpr) -> Necessary {
    if like.negated() {
        return Necessary::Anything;
    }
    match text_of(like.pattern()) {
        Some(pattern) if is_text(table, like.expr()) => match pattern_of_like(pattern, like.case_insensitive()) {
            Some(pattern) => of_pattern(&pattern),
            None => Necessary::Anything,
        },
        _ => of_field(like.expr()),
    }
}

/// As a regular expression; `None` where the pattern escapes anything.
fn pattern_of_like(like: &str, is_case_insensitive: bool) -> Option<String> {
    let mut pattern = String::from(if is_case_insensitive { "(?is)^" } else { "(?s)^" });
    for character in like.chars() {
        match character {
            '\\' => return None,
            '/' => pattern.push_str(SLASH),
            '%' => pattern.push_str(".*"),
            '_' => pattern.push('.'),
            plain if plain.is_ascii_punctuation() => pattern.extend(['\\', plain]),
            plain => pattern.push(plain),
        }
    }
    pattern.push('$');
    Some(pattern)
}

/// A slash in a regular expression that stands between slashes.
const SLASH: &str = "\\x2F";

/// What is necessary for the regular expression to be found in the text.
fn of_pattern(pattern: &str) -> Necessary {
    // Whether a backslash before a slash belongs to it is not worth telling.
    if pattern.contains('/') && pattern.contains('\\') {
        return Necessary::Anything;
    }
    // Between slashes a text query has the same expressions. One that it does not take is not asked for.
    let query = TextQuery::parse(&format!("/{}/", pattern.replace('/', SLASH)));
    query.map_or(Necessary::Anything, |query| query.necessary(|_| false))
}

/// That the attribute is there, if it is one.
fn of_field(expr: &Expr) -> Necessary {
    asked_attribute_of(expr).map_or(Necessary::Anything, |(key, _)| Necessary::Field(key.to_owned()))
}

fn is_text(table: Table, expr: &Expr) -> bool {
    let column = expr.downcast_ref::<Column>();
    column.is_some_and(|column| table.text_columns().contains(&column.name()))
}

fn text_of(expr: &Expr) -> Option<&str> {
    expr.downcast_ref::<Literal>()?.value().try_as_str()?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(like: &str, expected: Necessary) {
        let pattern = pattern_of_like(like, false).unwrap();
        assert_eq!(of_pattern(&pattern), expected, "{like}");
    }

    fn word(word: &str) -> Necessary {
        Necessary::Word(word.to_owned())
    }

    #[test]
    fn of_a_like_pattern_the_words_count_that_are_whole_in_it() {
        check("%disk is full%", Necessary::all([word("is"), Necessary::Prefix("full".to_owned())]));
        check("disk full", Necessary::all([word("disk"), word("full")]));
        check("%", Necessary::Anything);
        check("%a/b.c%", Necessary::all([word("b"), Necessary::Prefix("c".to_owned())]));
        assert_eq!(pattern_of_like("100\\%", false), None);
    }

    #[test]
    fn a_pattern_with_slashes_is_asked_for_where_none_may_be_escaped() {
        assert_eq!(of_pattern("^GET /cart$"), Necessary::all([word("get"), word("cart")]));
        assert_eq!(of_pattern(r"^GET \/cart$"), Necessary::Anything);
        assert_eq!(of_pattern("(unclosed"), Necessary::Anything);
    }

    #[test]
    fn a_text_that_other_values_are_written_as_is_not_looked_up() {
        for text in ["", "5", "5.0", "1e3", "NaN", "inf", "[1]", "{}"] {
            assert!(!is_written_by_text_alone(text), "{text}");
        }
        assert!(["abc", "true", "id-7", "00ff1x"].into_iter().all(is_written_by_text_alone));
    }
}
