//! That expressions mean what they mean to Go, and are refused in its words.

use super::*;

/// An expression, values that it matches, and values that it does not match.
type Case<'a> = (&'a str, &'a [&'a str], &'a [&'a str]);

#[track_caller]
fn check(cases: &[Case<'_>]) {
    for (expression, matching, other) in cases {
        let pattern = Pattern::new(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
        let captures = CapturePattern::new(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
        for (values, expected) in [(matching, true), (other, false)] {
            for value in *values {
                assert_eq!(pattern.matches(value), expected, "{expression} {value:?}");
                assert_eq!(captures.captures(value).is_some(), expected, "{expression} {value:?} by the engine");
            }
        }
    }
}

/// An expression, and what is said of it.
#[track_caller]
fn check_refused(cases: &[(&str, &str)]) {
    for (expression, expected) in cases {
        let error = Pattern::new(expression).expect_err(expression);
        assert_eq!(error.to_string(), format!("error parsing regexp: {expected}"), "{expression}");
    }
}

#[test]
fn braces_that_repeat_nothing_are_literal() {
    check(&[
        ("{id}", &["{id}"], &["id"]),
        ("/users/{id}", &["/users/{id}"], &["/users/7"]),
        ("a{,2}", &["a{,2}"], &["aa"]),
        ("a{01}", &["a{01}"], &["a"]),
        ("a{1,2}", &["a", "aa"], &["", "aaa"]),
        ("a{2,}", &["aa", "aaaa"], &["a"]),
        ("a{0}b", &["b"], &["ab"]),
    ]);
}

#[test]
fn classes_with_names_are_ascii() {
    check(&[
        (r"\d+", &["12"], &["١٢", ""]),
        (r"\D", &["١", "a"], &["1"]),
        (r"\w+", &["a_1"], &["é", "a-b"]),
        (r"\W", &["é", "-"], &["a"]),
        (r"\s", &[" ", "\t", "\n"], &["\u{b}", "\u{a0}"]),
        (r"\S", &["\u{b}", "\u{a0}"], &[" "]),
        (r"é\b.*", &[], &["é", "é-"]),
        (r"é\B.*", &["é", "é-"], &["éa"]),
        (r"[\d_]+", &["1_2"], &["١"]),
        ("[[:alpha:]]+", &["ab"], &["é", "1"]),
        ("[[:^alpha:]]+", &["é1"], &["a"]),
    ]);
}

#[test]
fn a_class_has_nothing_in_it_but_members() {
    check(&[
        ("[a&&b]", &["a", "b", "&"], &["&&", "c"]),
        ("[+--b]", &["+", ",", "-", "b"], &["a", "."]),
        ("[a~~b]", &["a", "b", "~"], &["c"]),
        ("[[a]", &["[", "a"], &["]"]),
        ("[[a]]", &["[]", "a]"], &["a"]),
        ("[]a]", &["]", "a"], &["[]a]"]),
        ("[^]a]", &["b", "\n"], &["]", "a"]),
        ("[a-]", &["a", "-"], &["b"]),
        ("[-a]", &["a", "-"], &["b"]),
        ("[ #]", &[" ", "#"], &["a"]),
        (r"[\]\-\\]", &["]", "-", "\\"], &["a"]),
        ("[[:alpha]", &["[", ":", "a", "l"], &["b"]),
    ]);
}

#[test]
fn classes_of_unicode_have_the_names_of_go() {
    check(&[
        (r"\pL+", &["aé"], &["1"]),
        (r"\PL+", &["1-"], &["a"]),
        (r"\p{Greek}+", &["αβ"], &["a"]),
        (r"\p{^Greek}", &["a"], &["α"]),
        (r"\P{^Greek}", &["α"], &["a"]),
        (r"[\p{Lu}\d]+", &["A1É"], &["a"]),
        (r"\p{Any}", &["a", "\n"], &["", "ab"]),
        (r"\P{Any}", &[], &["", "a"]),
        (r"\p{Cs}", &[], &["", "a"]),
        (r"\P{Cs}", &["a"], &[""]),
    ]);
    check_refused(&[
        (r"\p{greek}", r"invalid character class range: `\p{greek}`"),
        (r"\p{Grek}", r"invalid character class range: `\p{Grek}`"),
        (r"\p{Alphabetic}", r"invalid character class range: `\p{Alphabetic}`"),
        (r"\p{sc=Greek}", r"invalid character class range: `\p{sc=Greek}`"),
        (r"a\p{L", r"invalid character class range: `\p{L`"),
        (r"\p", r"invalid character class range: `\p`"),
    ]);
}

#[test]
fn escapes_are_those_of_go() {
    check(&[
        (r"\Qa.b*\E+", &["a.b*", "a.b**"], &["axb", "a.b"]),
        (r"\Qa.b", &["a.b"], &["axb"]),
        (r"\101\x42\x{43}", &["ABC"], &["abc"]),
        (r"\0", &["\0"], &["0"]),
        (r"\x{10FFFF}", &["\u{10ffff}"], &[""]),
        (r"\x{d800}", &[], &["", "\u{fffd}"]),
        (r"[\x{d7ff}-\x{e000}]", &["\u{d7ff}", "\u{e000}"], &["\u{e001}"]),
        (r"[^\x{d800}]", &["a"], &[""]),
        (r"\.\-\_\ \<\/\%", &[".-_ </%"], &[]),
        (r"\a\f\t\n\r\v", &["\u{7}\u{c}\t\n\r\u{b}"], &[]),
    ]);
    check_refused(&[
        (r"a\C", r"invalid escape sequence: `\C`"),
        (r"\q", r"invalid escape sequence: `\q`"),
        (r"\é", r"invalid escape sequence: `\é`"),
        (r"\E", r"invalid escape sequence: `\E`"),
        (r"(a)\1", r"invalid escape sequence: `\1`"),
        (r"\x4g", r"invalid escape sequence: `\x4g`"),
        (r"\x{110000}", r"invalid escape sequence: `\x{110000`"),
        (r"\x{}", r"invalid escape sequence: `\x{}`"),
        (r"[\Z]", r"invalid escape sequence: `\Z`"),
        (r"a\", "trailing backslash at end of expression: ``"),
    ]);
}

#[test]
fn flags_are_those_of_go_and_hold_for_what_follows_in_a_group() {
    check(&[
        ("(?i)ab", &["aB", "AB"], &["a"]),
        ("(a(?i)b)c", &["abc", "aBc"], &["Abc", "abC"]),
        ("(?i:a)b", &["Ab"], &["AB"]),
        ("(?i)a(?-i)b", &["Ab"], &["AB"]),
        ("a(?i)*b", &["aaB", "b"], &["Ab"]),
        (r"(?i)[\W]", &["é"], &["k", "\u{212a}"]),
        ("a.b", &["a\nb", "axb"], &["ab"]),
        ("(?-s)a.b", &["axb"], &["a\nb"]),
        ("(?m)a$.^b", &["a\nb"], &["a.b"]),
        ("a$.*", &["a"], &["a\n"]),
        (r"\Aa\z", &["a"], &["a\n", "ab"]),
        ("(?U)a+", &["aaa"], &["b"]),
        ("(?P<n>a)(?<n>b)(?<1>c)", &["abc"], &["ab"]),
    ]);
    check_refused(&[
        ("(?x)a b", "invalid or unsupported Perl syntax: `(?x`"),
        ("(?u)a", "invalid or unsupported Perl syntax: `(?u`"),
        ("(?R)a", "invalid or unsupported Perl syntax: `(?R`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(?<!a)", "invalid named capture: `(?<!a)`"),
        ("(?P<é>a)", "invalid named capture: `(?P<é>`"),
    ]);
}

#[test]
fn what_go_does_not_read_is_refused_in_its_words() {
    check_refused(&[
        ("[a", "missing closing ]: `[a`"),
        ("x[a", "missing closing ]: `[a`"),
        ("(a", "missing closing ): `(a`"),
        ("a)", "unexpected ): `a)`"),
        ("a)(b", "unexpected ): `a)(b`"),
        ("*", "missing argument to repetition operator: `*`"),
        ("a|+?", "missing argument to repetition operator: `+?`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("a{2}??", "invalid nested repetition operator: `{2}??`"),
        ("[b-a]", "invalid character class range: `b-a`"),
        ("[a--b]", "invalid character class range: `a--`"),
        ("[[:nope:]]", "invalid character class range: `[:nope:]`"),
        ("a{1001}", "invalid repeat count: `{1001}`"),
        ("a{2,1}", "invalid repeat count: `{2,1}`"),
        ("a{99999999999}", "invalid repeat count: `{99999999999}`"),
        ("((a{10}){10}){11}", "invalid repeat count: `{11}`"),
    ]);
}

#[test]
fn the_few_values_that_can_match_are_told_in_order() {
    let literals = |expression: &str| {
        let pattern = Pattern::new(expression).expect(expression);
        pattern.literals().map(|literals| literals.join(" "))
    };
    for (expression, expected) in [
        ("", Some("")),
        ("foo", Some("foo")),
        ("foo|bar|foo", Some("bar foo")),
        ("^(?:foo|bar)$", Some("bar foo")),
        ("^foo$|^bar$", Some("bar foo")),
        ("(a|b)-[12]", Some("a-1 a-2 b-1 b-2")),
        (r"web\.(eu|us)(-old)?", Some("web.eu web.eu-old web.us web.us-old")),
        ("(?i)ab", Some("AB Ab aB ab")),
        ("a{3}", Some("aaa")),
        (r"10\.0\.0\.1:9100", Some("10.0.0.1:9100")),
        ("foo.*", None),
        ("[^a]", None),
        ("[a-z]{3}", None),
        ("a*", None),
        (r"a\b", None),
    ] {
        assert_eq!(literals(expression).as_deref(), expected, "{expression}");
    }
    assert_eq!(literals(r"\P{Any}").as_deref(), Some(""), "no value, not the empty one");
    assert!(!Pattern::new(r"\P{Any}").expect("is sound").matches(""));
}

#[test]
fn texts_with_gaps_do_without_the_engine() {
    let cases: &[Case<'_>] = &[
        (".*", &["", "a\nb"], &[]),
        (".+", &["a", "é"], &[""]),
        ("", &[""], &["a"]),
        ("a.*", &["a", "ab"], &["", "ba"]),
        (".*a", &["a", "ba"], &["ab"]),
        (".*ab.*", &["ab", "xaby"], &["a", "axb"]),
        ("a.*a", &["aa", "aba"], &["a"]),
        ("a.+a", &["aba", "aéa"], &["aa", "a"]),
        (".+_info", &["x_info"], &["_info"]),
        (".*aab.*ab", &["aabab", "aaabxab"], &["aab"]),
        (".+é.+", &["éé\u{e9}", "aéb"], &["é", "éb", "aé"]),
        (".*.+.{2,}", &["abc", "ééé"], &["ab", "éé"]),
        ("(prod|test)-.*", &["prod-", "test-a"], &["prod", "dev-a"]),
        ("foo|bar.*", &["foo", "bar", "bars"], &["foos"]),
        ("^api/(.*)$", &["api/", "api/v1"], &["xapi/"]),
    ];
    check(cases);
    for (expression, ..) in cases {
        let Pattern(shape) = Pattern::new(expression).expect(expression);
        assert!(!matches!(shape, Shape::Engine(_)), "{expression}");
    }
}

#[test]
fn what_costs_too_much_is_refused_or_left_to_the_engine() {
    for (expression, expected) in [
        (r"\pL{100}".to_owned(), "expression too large"),
        (format!("({}){{1000}}", "x".repeat(1000)), "expression too large"),
        ("(".repeat(5000) + &")".repeat(5000), "expression nests too deeply"),
        ("a*".to_owned() + &r"\Q\E*".repeat(5000), "expression nests too deeply"),
    ] {
        check_refused(&[(&expression, &format!("{expected}: `{expression}`"))]);
    }
    check(&[
        ("[^/]{1,1000}", &["a"], &["", "/"]),
        (".{1000}", &[], &["a"]),
        ("([a-p]{3}|[a-p]{4})()()", &["abc", "abcd"], &["ab"]),
        ("((((((a?){2}){2}){2}){2}){2}){2}", &["", "aaaa"], &["b"]),
        (r"a*\Q\E*\Q\E?", &["", "aa"], &["b"]),
    ]);
    for depth in 1..300 {
        let nested = "(".repeat(depth) + "[^b]" + &")*".repeat(depth);
        if let Err(error) = Pattern::new(&nested) {
            assert!(error.to_string().contains("nests too deeply") && depth > 100, "{depth}: {error}");
        }
    }
    let many: Vec<String> = (0..3000).map(|number| format!("pod-{number}")).collect();
    assert_eq!(Pattern::new(&many.join("|")).expect("is sound").literals().map(<[String]>::len), Some(3000));
}
