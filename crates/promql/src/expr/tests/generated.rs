//! Generated texts: none panics, and what is printed is read as the same tree.

use std::sync::LazyLock;

use proptest::prelude::*;
use regex::Regex;

use super::*;

/// Words that may be joined to anything.
const WORDS: &[&str] = &[
    "sum",
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "bool",
    "offset",
    "@",
    "start()",
    "end",
    "step()",
    "range",
    "max_of",
    "fill",
    "fill_left",
    "and",
    "or",
    "atan2",
    "anchored",
    "smoothed",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "=",
    "=~",
    "!~",
    "!=",
    "==",
    "<",
    "</",
    "+",
    "-",
    "*",
    "/",
    "^",
    "5m",
    "1",
    "0",
    "1e",
    "0x",
    "1_",
    "\"x\"",
    "\"",
    "'",
    "`",
    "\\",
    "\\x",
    "foo",
    "rate",
    "inf",
    "nan",
    "#",
    "\n",
    " ",
    ".",
    "é",
    "info",
    "foo[5m]",
    "foo[5m:1m]",
    "{a=~\"(\"}",
];

fn length() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(&["5m", "300", "1h30m", "step()", "range()", "0.5"][..]).prop_map(str::to_owned);
    leaf.prop_recursive(3, 12, 2, |inner| {
        prop_oneof![
            (inner.clone(), prop::sample::select(&["+", "-", "*", "^"][..]), inner.clone())
                .prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
            inner.clone().prop_map(|inner| format!("({inner})")),
            (inner.clone(), inner).prop_map(|(left, right)| format!("max_of({left}, {right})")),
        ]
    })
}

/// What stands behind a selector, range or subquery.
fn modifiers() -> impl Strategy<Value = String> {
    let at = prop::sample::select(&["", " @ 1.5", " @ start()", " @ end()"][..]);
    let offset = prop_oneof![
        Just(String::new()),
        Just(" offset -90s".to_owned()),
        Just(" offset step()".to_owned()),
        length().prop_map(|length| format!(" offset ({length})")),
    ];
    (at, offset).prop_map(|(at, offset)| format!("{at}{offset}"))
}

fn selector() -> impl Strategy<Value = String> {
    prop::sample::select(&[r#"up{a="x",b=~"y.*"}"#, "sum", "a:b", r#"{"c d"="z"}"#, r#"{__name__="e.f"}"#][..])
        .prop_map(str::to_owned)
}

fn vector() -> impl Strategy<Value = String> {
    // In parentheses, as operators behind an offset in parentheses belong to it.
    let modified = (selector(), modifiers()).prop_map(|(selector, modifiers)| format!("({selector}{modifiers})"));
    let leaf = prop_oneof![selector(), modified];
    let operators: &[&str] = &["+", "-", "*", "^", "and", "or on (a)", "> bool", "/ ignoring (a) group_left (b)", "</"];
    leaf.prop_recursive(4, 24, 2, move |inner| {
        prop_oneof![
            (inner.clone(), prop::sample::select(operators), inner.clone())
                .prop_map(|(left, operator, right)| format!("{left} {operator} {right}")),
            inner.clone().prop_map(|inner| format!("({inner})")),
            inner.clone().prop_map(|inner| format!("-{inner}")),
            inner.clone().prop_map(|inner| format!("sum without (a) ({inner})")),
            inner.clone().prop_map(|inner| format!("topk by (\"c d\") (-1.5, {inner})")),
            inner.clone().prop_map(|inner| format!("label_join({inner}, \"a\", '\\n')")),
            (inner, length(), modifiers())
                .prop_map(|(inner, length, modifiers)| format!("deriv(({inner})[({length}):]{modifiers})")),
            (selector(), length(), modifiers())
                .prop_map(|(selector, length, modifiers)| format!("rate({selector}[({length})] smoothed{modifiers})")),
        ]
    })
}

/// A tree without where its nodes stand.
fn shape(expr: &Expr) -> String {
    // Compiling it costs more than all else here.
    static SPANS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"Span \{ start: \d+, end: \d+ \}").unwrap());
    SPANS.replace_all(&format!("{expr:?}"), "_").into_owned()
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same_tree(text in vector()) {
        let read = |text: &str| Expr::parse(text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")));
        let expr = read(&text)?;
        for printed in [expr.to_string(), format(&expr)] {
            prop_assert_eq!(shape(&expr), shape(&read(&printed)?));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        let _ = (Expr::parse(&text), Expr::parse_selector(&text), parse_labels(&text));
    }

    #[test]
    fn any_words_are_read_or_refused(words in prop::collection::vec(prop::sample::select(WORDS), 0..12)) {
        for text in [words.concat(), words.join(" ")] {
            let read = Expr::parse(&text);
            if let Ok(expr) = read {
                format(&expr);
            } else if let Err(error) = read {
                prop_assert!(error.span.start <= text.len() && error.span.end <= text.len());
            }
            let _ = (Expr::parse_selector(&text), parse_labels(&text));
        }
    }
}
