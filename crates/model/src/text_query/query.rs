//! A text query and its tree.

use std::fmt;
use std::str::FromStr;

use super::error::TextQueryError;
use super::matching::{self, TextRecord};
use super::necessary::{self, Necessary};
use super::number::{Comparison, Literal, Number};
use super::parser;
use super::pattern::Pattern;
use super::word::Words;

/// Longest text of a query, in bytes. A longer one is pasted by mistake.
pub const TEXT_QUERY_BYTES_MAX: usize = 4096;

/// How deep parentheses may nest, inclusive. It bounds the recursion of everything that walks the tree.
pub const TEXT_QUERY_NESTING_MAX: usize = 32;

/// Most terms in a query. Each record that the indexes cannot rule out is held against each.
pub const TEXT_QUERY_TERMS_MAX: usize = 128;

/// Most regular expressions among the terms. Each may take twice [`crate::PATTERN_COMPILED_BYTES_MAX`] of memory.
pub const TEXT_QUERY_PATTERNS_MAX: usize = 16;

/// What a record must say. The default asks nothing and matches everything.
#[derive(Clone, Debug, PartialEq)]
pub struct TextQuery {
    root: TextNode,
}

/// A part of a query.
#[derive(Clone, Debug, PartialEq)]
pub enum TextNode {
    /// A single test.
    Term(TextTerm),
    /// What is inside must not match. It is not itself a `Not`.
    Not(Box<TextNode>),
    /// All must match: two or more, none of them an `And`.
    And(Vec<TextNode>),
    /// At least one must match: two or more, none of them an `Or`.
    Or(Vec<TextNode>),
}

/// A single test of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum TextTerm {
    /// Every record passes.
    Everything,
    /// The words stand in the record's text.
    Words(Words),
    /// The regular expression is found in the record's text.
    Pattern(Pattern),
    /// A value of the record's field passes the test.
    Field {
        /// The field's name, without quotes. Not empty.
        name: String,
        /// What one of its values must pass.
        test: FieldTest,
    },
}

/// A single test of a field's value. A list passes if an element does.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldTest {
    /// The field is present, also if empty.
    Exists,
    /// The whole value is this.
    Equals(Literal),
    /// The value, as text, begins so. Case is regarded.
    Prefix(String),
    /// The regular expression is found in the value as text.
    Pattern(Pattern),
    /// The value is a number, or a text that is one, and compares so.
    Compare(Comparison, Number),
}

impl TextQuery {
    /// Reads a query. The grammar is in the module's head.
    ///
    /// Empty text matches everything. Limits, all inclusive: [`TEXT_QUERY_BYTES_MAX`], [`TEXT_QUERY_NESTING_MAX`],
    /// [`TEXT_QUERY_TERMS_MAX`], [`TEXT_QUERY_PATTERNS_MAX`].
    pub fn parse(text: &str) -> Result<Self, TextQueryError> {
        Ok(Self { root: parser::parse(text)? })
    }

    /// A query for records of which all fields of at least one alternative are exactly these texts.
    ///
    /// `None` if there is nothing to ask, or with more than [`TEXT_QUERY_TERMS_MAX`] fields in all.
    pub fn any_of<'a, Fields>(alternatives: impl IntoIterator<Item = Fields>) -> Option<Self>
    where
        Fields: IntoIterator<Item = (&'a str, &'a str)>,
    {
        let equals = |(name, text): (&str, &str)| {
            let test = FieldTest::Equals(Literal::new(text.to_owned()));
            TextNode::Term(TextTerm::Field { name: name.to_owned(), test })
        };
        let (mut terms, mut nodes) = (0, Vec::new());
        for fields in alternatives {
            let fields: Vec<TextNode> = fields.into_iter().map(equals).collect();
            terms += fields.len();
            if terms > TEXT_QUERY_TERMS_MAX {
                return None;
            }
            nodes.extend((!fields.is_empty()).then(|| TextNode::and(fields)));
        }
        (!nodes.is_empty()).then(|| Self { root: TextNode::or(nodes) })
    }

    /// The tree. It is at most a small multiple of [`TEXT_QUERY_NESTING_MAX`] deep, so it can be walked by recursion.
    pub fn root(&self) -> &TextNode {
        &self.root
    }

    /// Whether the record says what the query asks.
    pub fn matches(&self, record: &(impl TextRecord + ?Sized)) -> bool {
        matching::matches(&self.root, record)
    }

    /// What a record must have to match, as far as indexes know records.
    ///
    /// `is_attribute` says of a field whether all its values stand in attributes. What has a place of its own in the
    /// table, such as a log's severity, is not known by its name in an attribute alone.
    pub fn necessary(&self, is_attribute: impl Fn(&str) -> bool) -> Necessary {
        necessary::necessary(&self.root, &is_attribute)
    }
}

impl Default for TextQuery {
    fn default() -> Self {
        Self { root: TextNode::Term(TextTerm::Everything) }
    }
}

impl FromStr for TextQuery {
    type Err = TextQueryError;

    /// As [`TextQuery::parse`].
    fn from_str(text: &str) -> Result<Self, TextQueryError> {
        Self::parse(text)
    }
}

impl TextNode {
    /// All of the nodes, of which there is at least one.
    pub(super) fn and(nodes: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node {
                Self::And(inner) => flat.extend(inner),
                node => flat.push(node),
            }
        }
        if flat.len() == 1 { flat.remove(0) } else { Self::And(flat) }
    }

    /// At least one of the nodes, of which there is at least one.
    pub(super) fn or(nodes: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node {
                Self::Or(inner) => flat.extend(inner),
                node => flat.push(node),
            }
        }
        if flat.len() == 1 { flat.remove(0) } else { Self::Or(flat) }
    }

    /// The opposite of the node.
    pub(super) fn not(node: Self) -> Self {
        match node {
            Self::Not(inner) => *inner,
            node => Self::Not(Box::new(node)),
        }
    }
}

impl fmt::Display for TextQuery {
    /// Text that reads back as the same query, provided that it stays under [`TEXT_QUERY_BYTES_MAX`]: quotes and
    /// repeated field names may make it longer than what was read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}

impl fmt::Display for TextNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (nodes, between) = match self {
            Self::Term(term) => return term.fmt(f),
            Self::Not(node) => return write_grouped(f, "NOT ", node),
            Self::And(nodes) => (nodes, " "),
            Self::Or(nodes) => (nodes, " OR "),
        };
        for (index, node) in nodes.iter().enumerate() {
            let before = if index > 0 { between } else { "" };
            write_grouped(f, before, node)?;
        }
        Ok(())
    }
}

fn write_grouped(f: &mut fmt::Formatter<'_>, before: &str, node: &TextNode) -> fmt::Result {
    match node {
        TextNode::Term(_) | TextNode::Not(_) => write!(f, "{before}{node}"),
        TextNode::And(_) | TextNode::Or(_) => write!(f, "{before}({node})"),
    }
}

impl fmt::Display for TextTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => f.write_str("*"),
            Self::Words(words) => write!(f, "{}{}", Quoted(words.text()), if words.is_prefix() { "*" } else { "" }),
            Self::Pattern(pattern) => pattern.fmt(f),
            Self::Field { name, test } => {
                let name = Quoted(name);
                match test {
                    FieldTest::Exists => write!(f, "{name}:*"),
                    FieldTest::Equals(literal) => write!(f, "{name}:{}", Quoted(literal.text())),
                    FieldTest::Prefix(prefix) => write!(f, "{name}:{}*", Quoted(prefix)),
                    FieldTest::Pattern(pattern) => write!(f, "{name}:{pattern}"),
                    FieldTest::Compare(comparison, number) => write!(f, "{name}{}{number}", comparison.sign()),
                }
            }
        }
    }
}

/// A name or value, in quotes unless it certainly needs none.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0;
        let is_plain = text.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
            && !matches!(text, "AND" | "OR" | "NOT");
        if is_plain { f.write_str(text) } else { write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn term() -> impl Strategy<Value = TextNode> {
        let text = "(AND|OR|NOT|>=5|[a-zÄ]{1,3}|\\PC{1,6})";
        let field_test = prop_oneof![
            Just(FieldTest::Exists),
            "\\PC{0,6}".prop_map(|text| FieldTest::Equals(Literal::new(text))),
            "\\PC{0,6}".prop_map(FieldTest::Prefix),
            any::<i64>().prop_map(|int| FieldTest::Compare(Comparison::LessOrEqual, Number::Int(int))),
            (-1e9..1e9).prop_map(|float| FieldTest::Compare(Comparison::Greater, Number::Float(float))),
            pattern().prop_map(FieldTest::Pattern),
        ];
        prop_oneof![
            Just(TextTerm::Everything),
            text.prop_map(|text| TextTerm::Words(Words::whole(&text))),
            text.prop_map(|text| TextTerm::Words(Words::prefix(&text))),
            pattern().prop_map(TextTerm::Pattern),
            ("(\\PC{0,6}|[a-z.]{1,4})", field_test).prop_map(|(name, test)| TextTerm::Field { name, test }),
        ]
        .prop_map(TextNode::Term)
    }

    fn pattern() -> impl Strategy<Value = Pattern> {
        "([a-c/ .|]|\\\\\\\\|\\\\d){1,6}".prop_map(|source| Pattern::new(&source).expect("valid by its form"))
    }

    fn node() -> impl Strategy<Value = TextNode> {
        term().prop_recursive(4, 16, 3, |inner| {
            prop_oneof![
                inner.clone().prop_map(TextNode::not),
                prop::collection::vec(inner.clone(), 1..4).prop_map(TextNode::and),
                prop::collection::vec(inner, 1..4).prop_map(TextNode::or),
            ]
        })
    }

    #[test]
    fn alternatives_of_fields_are_the_query_that_says_so() {
        let check = |alternatives: &[&[(&str, &str)]], expected: Option<&str>| {
            let found = TextQuery::any_of(alternatives.iter().map(|fields| fields.iter().copied()));
            assert_eq!(found, expected.map(|text| TextQuery::parse(text).unwrap()));
        };
        check(&[], None);
        check(&[&[]], None);
        check(&[&[("a", "x")]], Some("a:x"));
        check(&[&[("a", "x"), ("b", "\"y\" OR \\")]], Some(r#"a:x AND b:"\"y\" OR \\""#));
        check(&[&[("a", "x")], &[("a", "7")]], Some("a:x OR a:7"));
        check(&[&[("a", "x"), ("b", "y")], &[("a", "z"), ("b", "y")]], Some("(a:x b:y) OR (a:z b:y)"));
        check(&[&[("a", "x"); TEXT_QUERY_TERMS_MAX + 1]], None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(
            text in r#"([a-c:*/()"\\ !<>=-]|AND|OR|NOT|body:|http://|>=5|"x"|\PC){0,40}"#,
        ) {
            if let Ok(query) = TextQuery::parse(&text) {
                prop_assert_eq!(TextQuery::parse(&query.to_string()), Ok(query));
            }
        }

        #[test]
        fn what_is_written_is_read_back(root in node()) {
            let query = TextQuery { root };
            prop_assert_eq!(TextQuery::parse(&query.to_string()), Ok(query));
        }
    }
}
