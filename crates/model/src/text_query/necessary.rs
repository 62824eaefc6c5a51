//! What a record must have for a query to match it, in terms of what indexes know.

use super::number::Literal;
use super::query::{FieldTest, TextNode, TextTerm};
use super::tokenizer::Canonical;
use super::word::is_word;

/// A condition that every matching record satisfies, over the tokens that a [`Tokenizer`](super::Tokenizer) cuts. Not
/// every record that satisfies it matches: an index rules records out, and the query itself judges the rest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Necessary {
    /// Nothing is asked: any record may match.
    Anything,
    /// The text has this word, which is lowered and not empty.
    Word(String),
    /// The text has a word that begins so. Lowered and not empty.
    Prefix(String),
    /// An attribute has this name, wherever among the record's attributes.
    Field(String),
    /// An attribute has this name and value.
    Pair {
        /// Its name.
        field: String,
        /// Its value as text: numbers in decimal, the same for `404` and `404.0`; bytes in lower-case hex.
        value: String,
    },
    /// All of these: two or more, none of them an `All` or `Anything`.
    All(Vec<Necessary>),
    /// At least one of these: two or more, none of them an `Any` or `Anything`.
    Any(Vec<Necessary>),
}

impl Necessary {
    /// All of the conditions; of none, [`Self::Anything`].
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for condition in conditions {
            match condition {
                Self::Anything => {}
                Self::All(inner) => flat.extend(inner),
                condition => flat.push(condition),
            }
        }
        flat.sort_unstable();
        flat.dedup();
        match flat.len() {
            0 => Self::Anything,
            1 => flat.remove(0),
            _ => Self::All(flat),
        }
    }

    /// At least one of the conditions; of none, [`Self::Anything`].
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for condition in conditions {
            match condition {
                Self::Anything => return Self::Anything,
                Self::Any(inner) => flat.extend(inner),
                condition => flat.push(condition),
            }
        }
        flat.sort_unstable();
        flat.dedup();
        match flat.len() {
            0 => Self::Anything,
            1 => flat.remove(0),
            _ => Self::Any(flat),
        }
    }

    /// Whether a record, or one of several, may satisfy this, where `may_have` says so of a [`Self::Word`],
    /// [`Self::Prefix`], [`Self::Field`] or [`Self::Pair`]. It is asked only as long as the answer depends on it.
    pub fn may_hold(&self, may_have: &mut impl FnMut(&Self) -> bool) -> bool {
        match self {
            Self::Anything => true,
            Self::All(conditions) => conditions.iter().all(|condition| condition.may_hold(may_have)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.may_hold(may_have)),
            token => may_have(token),
        }
    }
}

/// Which ends of a piece of text are also ends of a word, if there is one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ends {
    /// No word goes on before its start.
    pub(super) are_start: bool,
    /// No word goes on behind its end.
    pub(super) are_end: bool,
}

/// What every text needs that has this lowered piece in it.
pub(super) fn words_of(lowered: &str, ends: Ends) -> Necessary {
    let mut conditions = Vec::new();
    let mut pieces = lowered.split(|c| !is_word(c)).enumerate().peekable();
    while let Some((index, piece)) = pieces.next() {
        let starts = index > 0 || ends.are_start;
        let goes_on = pieces.peek().is_none() && !ends.are_end;
        match piece {
            "" => {}
            piece if starts && goes_on => conditions.push(Necessary::Prefix(piece.to_owned())),
            piece if starts => conditions.push(Necessary::Word(piece.to_owned())),
            _ => {}
        }
    }
    Necessary::all(conditions)
}

/// `is_attribute` says whether every value under a field stands in an attribute.
pub(super) fn necessary(node: &TextNode, is_attribute: &impl Fn(&str) -> bool) -> Necessary {
    match node {
        TextNode::Term(TextTerm::Words(words)) => words.necessary(),
        TextNode::Term(TextTerm::Pattern(pattern)) => pattern.necessary(),
        TextNode::Term(TextTerm::Field { name, test }) if is_attribute(name) => of_field(name, test),
        TextNode::Term(_) | TextNode::Not(_) => Necessary::Anything,
        TextNode::And(nodes) => Necessary::all(nodes.iter().map(|node| necessary(node, is_attribute))),
        TextNode::Or(nodes) => Necessary::any(nodes.iter().map(|node| necessary(node, is_attribute))),
    }
}

fn of_field(name: &str, test: &FieldTest) -> Necessary {
    match test {
        FieldTest::Equals(literal) => of_literal(name, literal),
        FieldTest::Exists | FieldTest::Prefix(_) | FieldTest::Pattern(_) | FieldTest::Compare(..) => {
            Necessary::Field(name.to_owned())
        }
    }
}

/// The literal as a text, and as the number that it may mean.
fn of_literal(name: &str, literal: &Literal) -> Necessary {
    let pair = |value: String| Necessary::Pair { field: name.to_owned(), value };
    let number = literal.number().map(|number| Canonical(number).to_string());
    Necessary::any([literal.text().to_owned()].into_iter().chain(number).map(pair))
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::super::{TextQuery, TextRecord, Tokenizer};
    use super::*;
    use crate::{Attributes, AttributesWriter, Value, ValueRef};

    fn describe(necessary: &Necessary) -> String {
        let join =
            |conditions: &[Necessary], between| conditions.iter().map(describe).collect::<Vec<_>>().join(between);
        match necessary {
            Necessary::Anything => "*".to_owned(),
            Necessary::Word(word) => word.clone(),
            Necessary::Prefix(prefix) => format!("{prefix}*"),
            Necessary::Field(field) => format!("{field}:*"),
            Necessary::Pair { field, value } => format!("{field}:{value}"),
            Necessary::All(conditions) => format!("({})", join(conditions, " ")),
            Necessary::Any(conditions) => format!("({})", join(conditions, "|")),
        }
    }

    #[track_caller]
    fn check(query: &str, expected: &str) {
        let parsed = TextQuery::parse(query).expect("valid");
        assert_eq!(describe(&parsed.necessary(|field| field != "service")), expected, "{query}");
    }

    #[test]
    fn words_phrases_and_prefixes_need_their_words() {
        check("", "*");
        check("Timeout", "timeout");
        check("\"Connection refused\" conn* -healthz", "(connection refused conn*)");
        check("a OR b OR a", "(a|b)");
        check("\"a b\" OR (a c)", "((a b)|(a c))");
        check("a OR *", "*");
        check("a NOT (NOT b)", "(a b)");
        check("GET-/api/v1", "(api get v1)");
        check("\"code=\"*", "code");
        check("\"->\"", "*");
        check("body:refused", "refused");
    }

    #[test]
    fn fields_need_what_an_attribute_would_show() {
        check("level:error", "level:error");
        check("status:404", "status:404");
        check("status:404.0", "(status:404|status:404.0)");
        check("status:-0", "(status:-0|status:0)");
        check("status>=500", "status:*");
        check("path:/x/ OR path:y*", "path:*");
        check("path!=x", "*");
        check("service:checkout", "*");
        check("id:(a OR b)", "(id:a|id:b)");
    }

    #[test]
    fn patterns_need_the_words_that_stand_whole_in_all_they_find() {
        check("/timeout/", "*");
        check("/ timeout /", "timeout");
        check("/ timeout/", "timeout*");
        check("/^timeout$/", "timeout");
        check("/^time.*out$/", "time*");
        check("/(?m)^GET \\/cart/", "(get cart*)");
        check("/read: (timeout|refused) by/", "((refused by*)|(timeout by*))");
        check("/ (GET|POST) / OR / PUT /", "(get|post|put)");
        check("/connection\\s+refused\\s/", "refused");
        check("/(^|\\s)code=(\\d+)( |$)/", "code");
        check("/(?i) refuſed /", "(refused|refuſed)");
        check("/(?i)=killed$/", "killed");
        check("/ a{2} b{1,2}!/", "((aa b)|(aa bb))");
        check("/ ab* (c d)+ e?/", "(a* d*)");
        check("/\\bword\\b/", "*");
        check("/=\\bword\\b=/", "word");
        check("/ .* x /", "x");
        check("/( a | b ).* c /", "(c (a|b))");
        check("/()|x/", "*");
        check("/[^\\s\\S]/", "*");
        check("/ (?:a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q|r)x y /", "y");
    }

    #[derive(Debug)]
    struct Record {
        text: String,
        attributes: AttributesWriter,
    }

    impl TextRecord for Record {
        fn text(&self) -> Cow<'_, str> {
            Cow::Borrowed(&self.text)
        }

        fn any_value(&self, field: &str, test: &mut dyn FnMut(ValueRef<'_>) -> bool) -> bool {
            let attributes = Attributes::new(self.attributes.as_bytes());
            attributes.iter().map_while(Result::ok).any(|entry| entry.key == field && test(entry.value))
        }
    }

    /// Whether the record has what is necessary, told by its tokens.
    fn has(record: &Record, necessary: &Necessary) -> bool {
        let (mut words, mut fields) = (Vec::new(), Vec::new());
        let mut tokenizer = Tokenizer::new();
        tokenizer.words(&record.text, |word| words.push(word.to_owned()));
        tokenizer.fields(Attributes::new(record.attributes.as_bytes()), |field, value| {
            fields.push((field.to_owned(), value.map(str::to_owned)));
        });
        necessary.may_hold(&mut |token| match token {
            Necessary::Word(word) => words.contains(word),
            Necessary::Prefix(prefix) => words.iter().any(|word| word.starts_with(prefix)),
            Necessary::Field(field) => fields.contains(&(field.clone(), None)),
            Necessary::Pair { field, value } => fields.contains(&(field.clone(), Some(value.clone()))),
            other => panic!("{other:?} is no token"),
        })
    }

    fn value() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            (-2i64..3).prop_map(Value::Int),
            prop::sample::select(vec![-1.0, -0.0, 0.5, 1.0, f64::NAN, f64::INFINITY, 1e19]).prop_map(Value::Float),
            prop::sample::select(vec!["a", "1", "1.0", "-0", "true", "NaN", ""])
                .prop_map(|text| Value::Text(text.into())),
            any::<bool>().prop_map(Value::Bool),
            Just(Value::Bytes(vec![0x01])),
        ];
        scalar.prop_recursive(2, 6, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Value::List),
                prop::collection::vec(("[fg]", inner), 0..2).prop_map(Value::Map),
            ]
        })
    }

    fn record() -> impl Strategy<Value = Record> {
        let text = "([aAbsSkK_1 .=\n]|ſ|\u{212a}|é|²|İ|ς){0,12}";
        (text, prop::collection::vec(("[fg]", value()), 0..3)).prop_map(|(text, entries)| {
            let mut attributes = AttributesWriter::new();
            for (key, value) in entries {
                attributes.key(&key);
                attributes.value(&value);
            }
            Record { text, attributes }
        })
    }

    fn query() -> impl Strategy<Value = String> {
        let pattern = prop::collection::vec(
            prop::sample::select(vec![
                "a", "b", "s", "k", "_", "1", " ", "=", ".", "é", "[aA]", "[ab]", "\\s", "\\s+", "\\S", "\\d", "\\w",
                "\\W", "\\b", "^", "$", "(a|b=)", "( |^)", "( |$)", "(a|as?)", "a*", "a+", "a{2}", "( a)?", "(?i)",
                "(?m)", "²", "K",
            ]),
            1..7,
        )
        .prop_map(|parts| format!("/{}/", parts.concat()));
        let word = "[aAbsSkK1éς²]{1,3}";
        let term = prop_oneof![
            3 => word.prop_map(String::from),
            1 => word.prop_map(|word| format!("{word}*")),
            2 => "\"[abskK_1 .=é]{1,5}\"\\*?".prop_map(String::from),
            6 => pattern,
            3 => prop::sample::select(vec![
                "f:a", "f:1", "f:1.0", "f:-0", "f:0", "f:true", "f:NaN", "f:Infinity", "f:01", "f:10000000000000000000",
                "f:\"\"", "f:*", "g>0", "g<=1", "g:a*", "g:/1/", "g!=1",
            ]).prop_map(String::from),
        ];
        prop::collection::vec((term, prop::sample::select(vec!["", "OR ", "-", "OR -"])), 1..4).prop_map(|terms| {
            let text: String = terms.into_iter().map(|(term, before)| format!("{before}{term} ")).collect();
            text.strip_prefix("OR ").unwrap_or(&text).to_owned()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]
        #[test]
        fn a_record_that_matches_has_what_is_necessary(record in record(), query in query()) {
            let Ok(query) = TextQuery::parse(&query) else { return Ok(()) };
            if query.matches(&record) {
                let necessary = query.necessary(|_| true);
                prop_assert!(has(&record, &necessary), "{} lacks {}", record.text, describe(&necessary));
            }
        }
    }
}
