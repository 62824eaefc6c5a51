//! Selectors: a metric's name, and matchers in braces.

use super::{Parser, REGEXES_MAX};
use crate::expr::token::{Token, TokenKind};
use crate::expr::{BinaryOperator, ParseError, Selector, Span};
use crate::{METRIC_NAME, MatchOperator, Matcher};

impl Parser<'_> {
    /// A selector without anything behind it.
    pub(super) fn selector(&mut self) -> Result<Selector, ParseError> {
        match self.token.kind {
            TokenKind::LeftBrace => self.braces(None),
            kind if kind.is_metric_name() => {
                let name = self.advance();
                self.selector_of(name)
            }
            _ => Err(self.unexpected_here()),
        }
    }

    /// A selector of which the name has been taken.
    pub(super) fn selector_of(&mut self, name: Token) -> Result<Selector, ParseError> {
        if self.token.kind == TokenKind::LeftBrace {
            return self.braces(Some(name));
        }
        let word = self.word(name);
        Ok(Selector {
            name: Some(word.to_owned()),
            matchers: vec![Matcher::equal(METRIC_NAME, word)],
            offset: None,
            at: None,
            extension: None,
            span: name.span,
        })
    }

    /// Matchers in braces; that of the name before them comes last.
    pub(super) fn braces(&mut self, name: Option<Token>) -> Result<Selector, ParseError> {
        let open = self.advance();
        let mut matchers = Vec::new();
        while self.token.kind != TokenKind::RightBrace {
            matchers.push(self.matcher()?);
            match self.token.kind {
                TokenKind::Comma => drop(self.advance()),
                TokenKind::RightBrace => {}
                _ => return Err(self.unexpected("label matching", "\",\" or \"}\"")),
            }
        }
        let close = self.advance();
        let word = name.map(|name| self.word(name));
        matchers.extend(word.map(|word| Matcher::equal(METRIC_NAME, word)));
        Ok(Selector {
            name: word.map(str::to_owned),
            matchers,
            offset: None,
            at: None,
            extension: None,
            span: Span { start: name.unwrap_or(open).span.start, end: close.span.end },
        })
    }

    /// A label with an operator and a value, or a metric's name in quotes.
    fn matcher(&mut self) -> Result<Matcher, ParseError> {
        let label = self.token;
        let name = match label.kind {
            TokenKind::Identifier => self.word(label).to_owned(),
            TokenKind::Text => self.unquoted(label)?,
            _ => return Err(self.unexpected("label matching", "identifier or \"}\"")),
        };
        self.advance();
        let operator = match self.token.kind {
            TokenKind::Assign => MatchOperator::Equal,
            TokenKind::Operator(BinaryOperator::NotEqual) => MatchOperator::NotEqual,
            TokenKind::RegexMatch => MatchOperator::Regex,
            TokenKind::RegexNoMatch => MatchOperator::NotRegex,
            _ if label.kind == TokenKind::Text => return Ok(Matcher::equal(METRIC_NAME, name)),
            _ => return Err(self.unexpected("label matching", "label matching operator")),
        };
        self.advance();
        if self.token.kind != TokenKind::Text {
            return Err(self.unexpected("label matching", "string"));
        }
        let span = Span { start: label.span.start, end: self.token.span.end };
        if matches!(operator, MatchOperator::Regex | MatchOperator::NotRegex) {
            self.regexes += 1;
            if self.regexes > REGEXES_MAX {
                return Err(self.fail(span, format!("more than {REGEXES_MAX} matchers by regular expression")));
            }
        }
        let matcher = Matcher::new(name, operator, self.unquoted(self.token)?);
        let matcher = matcher.map_err(|error| self.fail(span, error.to_string()))?;
        self.advance();
        Ok(matcher)
    }
}
