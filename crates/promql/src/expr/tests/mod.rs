//! What texts are read as, printed as, and refused for.

mod formatted;
mod generated;
mod printed;
mod refused;

use super::*;
use crate::MatchOperator;

fn check(text: &str, expected: &str) {
    let found = Expr::parse(text).map_or_else(|error| error.to_string(), |expr| expr.to_string());
    assert_eq!(found, expected, "{text}");
}

#[test]
fn expressions_are_printed_as_prometheus_prints_them() {
    for (text, expected) in printed::PRINTED {
        check(text, expected);
    }
}

#[test]
fn errors_are_those_of_prometheus() {
    for (text, expected) in refused::REFUSED {
        check(text, expected);
    }
}

#[test]
fn long_expressions_are_laid_out_as_prometheus_does() {
    for (text, expected) in formatted::FORMATTED {
        let expr = Expr::parse(text).unwrap();
        assert_eq!(format!("\n{}\n", format(&expr)), *expected, "{text}");
    }
}

#[test]
fn where_prometheus_takes_what_is_no_text_or_no_length_it_is_refused() {
    check(r#""\xff""#, r#"1:1: parse error: error unquoting string "\"\\xff\"": invalid UTF-8"#);
    check("up offset NaN", "1:11: parse error: duration out of range");
}

#[test]
fn regular_expressions_are_complete_by_themselves() {
    let prefix = "1:4: parse error: invalid regular expression";
    check(r#"up{a=~"["}"#, &format!(r#"{prefix} "[": unclosed character class"#));
    check(r#"up{a=~"b)|(c"}"#, &format!(r#"{prefix} "b)|(c": unopened group"#));
    check(r#"up{a=~"(b)|(c)"}"#, r#"up{a=~"(b)|(c)"}"#);
}

#[test]
fn what_costs_too_much_is_refused() {
    let long = "1".repeat(parse::TEXT_BYTES_MAX + 1);
    check(&long, "1:1: parse error: the text has 262145 bytes, more than 262144");
    let matchers = |count| format!("up{{{}}}", "a=~\"b\",".repeat(count));
    assert!(Expr::parse(&matchers(parse::REGEXES_MAX)).is_ok());
    check(&matchers(parse::REGEXES_MAX + 1), "1:1796: parse error: more than 256 matchers by regular expression");
}

/// The deepest text of each kind is taken, and may be walked on a stack half the size of an ordinary one. Far deeper
/// ones are refused.
#[test]
fn depth_is_bounded_in_every_direction() {
    let levels = parse::DEPTH_MAX - 2;
    let forms: [fn(usize) -> String; 13] = [
        |n| format!("{}a{}", "(".repeat(n), ")".repeat(n)),
        |n| format!("{}a", "-".repeat(n)),
        |n| format!("a{}", "+a".repeat(n)),
        |n| format!("a{}", "^a".repeat(n)),
        |n| format!("a{}", " or b".repeat(n)),
        |n| format!("{}a{}", "sum(".repeat(n), ")".repeat(n)),
        |n| format!("{}a{}", "topk(1, ".repeat(n), ") by (b)".repeat(n)),
        |n| format!("{}a{}", "abs(".repeat(n), ")".repeat(n)),
        |n| format!("{}a{}", "rate(".repeat(n / 2), "[1m:])".repeat(n / 2)),
        |n| format!("a[{}step(){}]", "-(".repeat(n / 2), ")".repeat(n / 2)),
        |n| format!("a[5m{}]", "+5m".repeat(n)),
        |n| format!("a[5m{}]", "^5m".repeat(n)),
        |n| format!("a[{}5m{}]", "min_of(1m,".repeat(n), ")".repeat(n)),
    ];
    let walk = move || {
        for form in forms {
            let expr = Expr::parse(&form(levels)).unwrap();
            assert!(format(&expr).len() >= levels);
            assert_eq!(expr.clone(), expr);
            let error = Expr::parse(&form(10_000)).unwrap_err();
            assert!(error.message.ends_with("levels deep"), "{error}");
        }
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(walk).unwrap().join().unwrap();
}

#[test]
fn selectors_stand_alone() {
    let matchers = Expr::parse_selector(r#"up{job=~"a.*"}"#).unwrap();
    let found: Vec<_> = matchers.iter().map(|matcher| (matcher.name(), matcher.operator(), matcher.value())).collect();
    assert_eq!(found, [("job", MatchOperator::Regex, "a.*"), ("__name__", MatchOperator::Equal, "up")]);
    let refused = [
        ("{}", "1:1: parse error: vector selector must contain at least one non-empty matcher"),
        ("up[5m]", r#"1:3: parse error: unexpected "[""#),
        ("up offset 5m", "1:4: parse error: unexpected <offset>"),
        ("1", r#"1:1: parse error: unexpected number "1""#),
        ("", "unknown position: parse error: unexpected end of input"),
    ];
    for (text, expected) in refused {
        assert_eq!(Expr::parse_selector(text).unwrap_err().to_string(), expected);
    }
}

#[test]
fn labels_of_a_series_are_read() {
    let read = |text| parse_labels(text).map_or_else(|error| error.to_string(), |labels| format!("{labels:?}"));
    assert_eq!(read(r#"up{job="a",instance="b",}"#), r#"{__name__="up", instance="b", job="a"}"#);
    assert_eq!(read(r#"{"a.b", "c d"='e'}"#), r#"{__name__="a.b", "c d"="e"}"#);
    assert_eq!(read("sum"), r#"{__name__="sum"}"#);
    assert_eq!(read("{}"), "{}");
    assert_eq!(read("up{a}"), r#"1:5: parse error: unexpected "}" in label set, expected "=""#);
    assert_eq!(read("up 1"), r#"1:4: parse error: unexpected number "1""#);
}

#[test]
fn a_length_knows_where_it_stands() {
    let span = |text| match Expr::parse(text).unwrap() {
        Expr::Range(RangeSelector { range: Length::Computed(duration), .. }) => duration.span(),
        other => panic!("{other}"),
    };
    assert_eq!(span("up[step() + 5m]"), Span { start: 3, end: 14 });
    assert_eq!(span("up[(5m)]"), Span { start: 3, end: 6 });
    assert_eq!(span("up[((step()))]"), Span { start: 5, end: 11 });
    assert_eq!(span("up[max_of(1m, step())]"), Span { start: 3, end: 21 });
    assert_eq!(span("up[-step()]"), Span { start: 3, end: 10 });
}
