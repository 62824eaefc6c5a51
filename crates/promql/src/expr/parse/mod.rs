//! From words to a tree: a parser by recursive descent, which stops at the first error.
//!
//! | file | reads |
//! |---|---|
//! | `operator` | expressions: operators between two sides, signs, and what stands behind an operator |
//! | `operand` | numbers, texts, parentheses, calls, aggregates |
//! | `selector` | names and matchers of series |
//! | `modifier` | what stands behind an operand: ranges, subqueries, `offset`, `@`, `anchored`, `smoothed` |
//! | `duration` | lengths of time |
//! | `label` | lists of labels' names, and labels of one series |
//!
//! Prometheus' parser is made of a grammar by a table generator, and some of what it takes and of how it words errors
//! follows from that. Where code here looks odd, it does the same on purpose.

mod duration;
mod label;
mod modifier;
mod operand;
mod operator;
mod selector;

use super::lexer::Lexer;
use super::quote::{quote, unquote};
use super::token::{Token, TokenKind};
use super::{Expr, ParseError, Span, check};
use crate::{Labels, Matcher};

/// A longer text is refused. Prometheus has no such limit; the longest expressions of dashboards have some 20 KiB.
pub(super) const TEXT_BYTES_MAX: usize = 256 << 10;

/// An expression that is nested more deeply is refused: a level is a pair of parentheses, a function, an operator with
/// what stands on its left, and so on. Built without optimisation, reading and printing take up to 6 KiB of stack per
/// level, which leaves most of 2 MiB to those who walk the tree by recursion.
pub(super) const DEPTH_MAX: usize = 128;

/// An expression with more matchers by regular expression is refused: each takes up to a mebibyte when compiled.
pub(super) const REGEXES_MAX: usize = 256;

/// A tree, and how many levels it has. In a box, since each level of recursion passes it on by the stack.
#[derive(Debug)]
struct Tree<T> {
    root: Box<T>,
    depth: usize,
}

impl<T> Tree<T> {
    fn leaf(root: T) -> Self {
        Self { root: Box::new(root), depth: 1 }
    }
}

/// Reads one text.
#[derive(Debug)]
pub(super) struct Parser<'a> {
    text: &'a str,
    lexer: Lexer<'a>,
    /// The next word.
    token: Token,
    /// Why what comes next is none. It is told once a word is needed, as what was read before may be wrong, too.
    wrong: Option<ParseError>,
    /// How many expressions are being read, each inside of the one before.
    depth: usize,
    /// How many aggregates' arguments are being read, each inside of the one before.
    aggregates: usize,
    /// How many regular expressions there were.
    regexes: usize,
}

impl<'a> Parser<'a> {
    /// At the first word. Errors: the text is too long.
    pub(super) fn new(text: &'a str) -> Result<Self, ParseError> {
        if text.len() > TEXT_BYTES_MAX {
            let message = format!("the text has {} bytes, more than {TEXT_BYTES_MAX}", text.len());
            return Err(ParseError::new(text, Span::default(), message));
        }
        let token = Token { kind: TokenKind::End, span: Span::default() };
        let lexer = Lexer::new(text);
        let mut parser = Self { text, lexer, token, wrong: None, depth: 0, aggregates: 0, regexes: 0 };
        parser.advance();
        Ok(parser)
    }

    /// The whole text as an expression.
    pub(super) fn expression(mut self) -> Result<Expr, ParseError> {
        if self.token.kind == TokenKind::End {
            return Err(self.fail(Span::default(), "no expression found in input"));
        }
        let mut expr = self.any_expr()?.root;
        self.expect_end()?;
        check::expr(self.text, &mut expr)?;
        Ok(*expr)
    }

    /// The whole text as a selector without anything behind it.
    pub(super) fn matchers(mut self) -> Result<Vec<Matcher>, ParseError> {
        let selector = self.selector()?;
        self.expect_end()?;
        check::selector(self.text, &selector)?;
        Ok(selector.matchers)
    }

    /// The whole text as the labels of one series.
    pub(super) fn labels(mut self) -> Result<Labels, ParseError> {
        let labels = self.series_labels()?;
        self.expect_end()?;
        Ok(labels)
    }

    fn expect_end(&self) -> Result<(), ParseError> {
        if self.token.kind == TokenKind::End { Ok(()) } else { Err(self.unexpected_here()) }
    }

    /// Takes the next word.
    fn advance(&mut self) -> Token {
        let next = self.lexer.read().unwrap_or_else(|error| {
            let kind = TokenKind::Wrong;
            let span = error.span;
            self.wrong = Some(error);
            Token { kind, span }
        });
        std::mem::replace(&mut self.token, next)
    }

    /// Takes the next word if it is this one.
    fn accept(&mut self, kind: TokenKind) -> bool {
        let found = self.token.kind == kind;
        if found {
            self.advance();
        }
        found
    }

    /// Takes the next word, which must be this one where an expression is read.
    fn expect(&mut self, kind: TokenKind) -> Result<Token, ParseError> {
        if self.token.kind == kind { Ok(self.advance()) } else { Err(self.unexpected_here()) }
    }

    fn word(&self, token: Token) -> &'a str {
        &self.text[token.span.start..token.span.end]
    }

    fn fail(&self, span: Span, message: impl Into<String>) -> ParseError {
        ParseError::new(self.text, span, message)
    }

    /// The next word does not belong there. `place` says where, `expected` what would; either may be empty.
    fn unexpected(&self, place: &str, expected: &str) -> ParseError {
        if let Some(wrong) = &self.wrong {
            return wrong.clone();
        }
        let mut message = format!("unexpected {}", self.token.describe(self.text));
        if !place.is_empty() {
            message.push_str(" in ");
            message.push_str(place);
        }
        if !expected.is_empty() {
            message.push_str(", expected ");
            message.push_str(expected);
        }
        self.fail(self.token.span, message)
    }

    /// The next word does not belong into an expression: all that Prometheus says of the place is whether it is inside
    /// of an aggregate.
    fn unexpected_here(&self) -> ParseError {
        self.unexpected(if self.aggregates > 0 { "aggregation" } else { "" }, "")
    }

    /// The value of a text. Errors: its escapes make bytes that are no text; Prometheus would take them.
    fn unquoted(&self, token: Token) -> Result<String, ParseError> {
        let written = self.word(token);
        unquote(written)
            .ok_or_else(|| self.fail(token.span, format!("error unquoting string {}: invalid UTF-8", quote(written))))
    }

    /// Goes into an expression or length, one level deeper. Errors: that is too deep.
    fn enter(&mut self) -> Result<(), ParseError> {
        self.depth += 1;
        self.within_depth(self.depth)
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    fn within_depth(&self, depth: usize) -> Result<(), ParseError> {
        if depth > DEPTH_MAX {
            let message = format!("the expression is nested more than {DEPTH_MAX} levels deep");
            return Err(self.fail(self.token.span, message));
        }
        Ok(())
    }

    /// A tree with one more level than those in it. Errors: that is too deep.
    fn above<T>(&self, depths: impl IntoIterator<Item = usize>, root: T) -> Result<Tree<T>, ParseError> {
        let depth = depths.into_iter().max().unwrap_or(0) + 1;
        self.within_depth(depth)?;
        Ok(Tree { root: Box::new(root), depth })
    }
}
