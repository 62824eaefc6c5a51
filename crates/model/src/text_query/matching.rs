//! What a query is held against, and how.

use std::borrow::Cow;
use std::cell::OnceCell;

use super::number::{Literal, Number};
use super::query::{FieldTest, TextNode, TextTerm};
use super::word::Haystack;
use crate::{VALUE_DEPTH_MAX, ValueRef, hex};

/// A log record or span as a text query sees it.
pub trait TextRecord {
    /// What words and regular expressions without a field are looked for in. Asked for at most once per match.
    fn text(&self) -> Cow<'_, str>;

    /// Whether a value of the field passes `test`; `false` if the record does not have the field.
    ///
    /// A field with several values, such as that of several events, gives each to `test` until one passes. Lists are
    /// given whole. `body` and `message` come here only for [`FieldTest::Exists`] and [`FieldTest::Compare`].
    fn any_value(&self, field: &str, test: &mut dyn FnMut(ValueRef<'_>) -> bool) -> bool;
}

/// Whether the record matches the tree.
pub(super) fn matches<R: TextRecord + ?Sized>(root: &TextNode, record: &R) -> bool {
    Match { record, haystack: OnceCell::new() }.node(root)
}

/// One record being held against one query. The text is asked for and prepared only if a term needs it.
struct Match<'r, R: ?Sized> {
    record: &'r R,
    haystack: OnceCell<Haystack<'r>>,
}

impl<R: TextRecord + ?Sized> Match<'_, R> {
    fn node(&self, node: &TextNode) -> bool {
        match node {
            TextNode::Term(term) => self.term(term),
            TextNode::Not(node) => !self.node(node),
            TextNode::And(nodes) => nodes.iter().all(|node| self.node(node)),
            TextNode::Or(nodes) => nodes.iter().any(|node| self.node(node)),
        }
    }

    fn term(&self, term: &TextTerm) -> bool {
        match term {
            TextTerm::Everything => true,
            TextTerm::Words(words) => self.haystack().has(words),
            TextTerm::Pattern(pattern) => pattern.is_in(self.haystack().text()),
            TextTerm::Field { name, test } => self.record.any_value(name, &mut |value| passes(test, value, 0)),
        }
    }

    fn haystack(&self) -> &Haystack<'_> {
        self.haystack.get_or_init(|| Haystack::new(self.record.text()))
    }
}

fn passes(test: &FieldTest, value: ValueRef<'_>, depth: usize) -> bool {
    match (test, value) {
        (FieldTest::Exists, _) => true,
        (_, ValueRef::List(list)) if depth < VALUE_DEPTH_MAX => {
            list.iter().map_while(Result::ok).any(|element| passes(test, element, depth + 1))
        }
        (FieldTest::Equals(literal), value) => is_equal(value, literal),
        (FieldTest::Prefix(prefix), value) => text_form(value).is_some_and(|text| text.starts_with(prefix)),
        (FieldTest::Pattern(pattern), value) => text_form(value).is_some_and(|text| pattern.is_in(&text)),
        (FieldTest::Compare(comparison, number), value) => {
            let order = number_form(value).and_then(|value| value.compare(*number));
            order.is_some_and(|order| comparison.holds(order))
        }
    }
}

fn is_equal(value: ValueRef<'_>, literal: &Literal) -> bool {
    let is_equal_number =
        |value: Number| literal.number().is_some_and(|number| value.compare(number).is_some_and(|order| order.is_eq()));
    match value {
        ValueRef::Text(text) => text == literal.text(),
        ValueRef::Int(int) => is_equal_number(Number::Int(int)),
        ValueRef::Float(float) if float.is_finite() => is_equal_number(Number::Float(float)),
        _ => text_form(value).is_some_and(|text| text == literal.text()),
    }
}

/// The value as text: numbers in decimal, bytes in lower-case hex, what is no number by its name in OTLP's JSON.
/// `None` for what is empty or made of several values.
pub(super) fn text_form(value: ValueRef<'_>) -> Option<Cow<'_, str>> {
    Some(match value {
        ValueRef::Text(text) => Cow::Borrowed(text),
        ValueRef::Bool(true) => Cow::Borrowed("true"),
        ValueRef::Bool(false) => Cow::Borrowed("false"),
        ValueRef::Int(int) => Cow::Owned(int.to_string()),
        ValueRef::Float(float) if float.is_nan() => Cow::Borrowed("NaN"),
        ValueRef::Float(f64::INFINITY) => Cow::Borrowed("Infinity"),
        ValueRef::Float(f64::NEG_INFINITY) => Cow::Borrowed("-Infinity"),
        ValueRef::Float(float) => Cow::Owned(float.to_string()),
        ValueRef::Bytes(bytes) => Cow::Owned(hex(bytes)),
        ValueRef::Null | ValueRef::List(_) | ValueRef::Map(_) => return None,
    })
}

fn number_form(value: ValueRef<'_>) -> Option<Number> {
    match value {
        ValueRef::Int(int) => Some(Number::Int(int)),
        ValueRef::Float(float) => Some(Number::Float(float)),
        ValueRef::Text(text) => Number::parse(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::TextQuery;
    use super::*;
    use crate::{Attributes, AttributesWriter, Value};

    struct Record {
        text: &'static str,
        attributes: AttributesWriter,
    }

    impl TextRecord for Record {
        fn text(&self) -> Cow<'_, str> {
            Cow::Borrowed(self.text)
        }

        fn any_value(&self, field: &str, test: &mut dyn FnMut(ValueRef<'_>) -> bool) -> bool {
            let attributes = Attributes::new(self.attributes.as_bytes());
            attributes.iter().map_while(Result::ok).any(|entry| entry.key == field && test(entry.value))
        }
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn record() -> Record {
        let mut attributes = AttributesWriter::new();
        for (key, value) in [
            ("level", text("Error")),
            ("status", Value::Int(503)),
            ("ratio", Value::Float(0.5)),
            ("whole", Value::Float(503.0)),
            ("nan", Value::Float(f64::NAN)),
            ("sampled", Value::Bool(true)),
            ("code", text("503")),
            ("padded", text("0503")),
            ("nothing", Value::Null),
            ("id", Value::Bytes(vec![0xab, 0x01])),
            ("tags", Value::List(vec![text("red"), Value::Int(7), Value::List(vec![text("deep")])])),
            ("map", Value::Map(vec![("k".to_owned(), text("v"))])),
            ("event", text("first")),
            ("event", text("second")),
            ("duration", Value::Int(250_000_000)),
            ("time", Value::Int(1_795_500_000_000_000_001)),
            ("my field", text("two words")),
            ("body", Value::Int(9)),
        ] {
            attributes.key(key);
            attributes.value(&value);
        }
        Record { text: "GET /cart failed: Connection refused", attributes }
    }

    #[track_caller]
    fn check(query: &str, expected: bool) {
        let parsed = TextQuery::parse(query).expect("valid");
        assert_eq!(parsed.matches(&record()), expected, "{query}");
        let negated = TextQuery::parse(&format!("NOT ({query})")).expect("valid");
        assert_eq!(negated.matches(&record()), !expected, "NOT ({query})");
    }

    #[test]
    fn terms_are_joined_by_and_or_and_not() {
        check("*", true);
        check("failed refused", true);
        check("failed healthz", false);
        check("healthz OR failed", true);
        check("healthz OR timeout", false);
        check("failed NOT healthz", true);
        check("timeout OR \"connection refused\" NOT cart", false);
        check("(timeout OR \"connection refused\") level:Error", true);
        check("failed -refused", false);
    }

    #[test]
    fn patterns_are_found_anywhere_and_regard_case() {
        check("/ref.s/", true);
        check("/connection/", false);
        check("/(?i)^get.*REFUSED$/", true);
        check("body:/^GET/", true);
    }

    #[test]
    fn a_field_equals_the_whole_value() {
        check("level:Error", true);
        check("level:error", false);
        check("level:Err", false);
        check("level!=error", true);
        check("missing:x", false);
        check("missing!=x", true);
        check("\"my field\":\"two words\"", true);
        check("\"my field\":two", false);
        check("sampled:true", true);
        check("sampled:false", false);
        check("sampled:1", false);
        check("id:ab01", true);
        check("id:AB01", false);
    }

    #[test]
    fn numbers_are_equal_by_value_and_texts_by_text() {
        for field in ["status", "whole", "code"] {
            check(&format!("{field}:503"), true);
            check(&format!("{field}:504"), false);
        }
        check("status:503.0", true);
        check("status:\"5.03e2\"", true);
        check("code:503.0", false);
        check("padded:503", false);
        check("ratio:.5", true);
        check("nan:NaN", true);
        check("ratio:NaN", false);
        check("time:1795500000000000001", true);
        check("time:1795500000000000000", false);
    }

    #[test]
    fn prefixes_and_patterns_see_the_value_as_text() {
        check("level:Er*", true);
        check("level:er*", false);
        check("status:5*", true);
        check("sampled:tr*", true);
        check("id:ab*", true);
        check("whole:/^503$/", true);
        check("\"my field\":/o w/", true);
        check("nothing:\"\"*", false);
        check("map:\"\"*", false);
    }

    #[test]
    fn comparisons_see_numbers_and_numeric_texts() {
        check("status>=503", true);
        check("status>503", false);
        check("status<503.5", true);
        check("ratio<=0.5", true);
        check("code>500", true);
        check("padded>500", true);
        check("level>0", false);
        check("sampled>0", false);
        check("nan>0 OR nan<=0", false);
        check("duration>200ms", true);
        check("duration>=0.25s", true);
        check("duration>1s", false);
        check("duration>-1s", true);
        check("time>1795500000000000000", true);
        check("missing<5", false);
        check("body>5", true);
    }

    #[test]
    fn one_of_several_values_is_enough() {
        check("event:first", true);
        check("event:second", true);
        check("event:third", false);
        check("event!=first", false);
        check("tags:red", true);
        check("tags:7", true);
        check("tags>6", true);
        check("tags:deep", true);
        check("tags:re*", true);
        check("tags:blue", false);
    }

    #[test]
    fn presence_is_enough_to_exist() {
        for field in ["level", "nothing", "tags", "map", "nan"] {
            check(&format!("{field}:*"), true);
        }
        check("missing:*", false);
        check("nothing:null", false);
        check("map:v", false);
    }

    #[test]
    fn the_text_is_asked_for_at_most_once_and_only_if_needed() {
        use std::cell::Cell;
        struct Counting(Cell<usize>);
        impl TextRecord for Counting {
            fn text(&self) -> Cow<'_, str> {
                self.0.set(self.0.get() + 1);
                Cow::Owned("größe".to_owned())
            }
            fn any_value(&self, _: &str, _: &mut dyn FnMut(ValueRef<'_>) -> bool) -> bool {
                false
            }
        }
        #[track_caller]
        fn check(query: &str, expected: usize) {
            let record = Counting(Cell::new(0));
            TextQuery::parse(query).expect("valid").matches(&record);
            assert_eq!(record.0.get(), expected, "{query}");
        }
        check("a:b OR c>5", 0);
        check("a OR b* OR /c/ OR größe", 1);
    }
}
