//! Lists of labels' names, and the labels of one series.

use super::Parser;
use crate::expr::ParseError;
use crate::expr::quote::quote;
use crate::expr::token::TokenKind;
use crate::{Labels, METRIC_NAME};

impl Parser<'_> {
    /// Names in parentheses.
    pub(super) fn grouping(&mut self) -> Result<Vec<String>, ParseError> {
        let place = "grouping opts";
        if self.token.kind != TokenKind::LeftParen {
            return Err(self.unexpected(place, "\"(\""));
        }
        self.advance();
        let mut names = Vec::new();
        while self.token.kind != TokenKind::RightParen {
            let name = match self.token.kind {
                TokenKind::Text => self.unquoted(self.token)?,
                kind if kind.is_label_name() => self.word(self.token).to_owned(),
                _ => return Err(self.unexpected(place, "label")),
            };
            if name.is_empty() {
                let message = format!("invalid label name for grouping: {}", quote(&name));
                return Err(self.fail(self.token.span, message));
            }
            names.push(name);
            self.advance();
            match self.token.kind {
                TokenKind::Comma => drop(self.advance()),
                TokenKind::RightParen => {}
                _ => return Err(self.unexpected(place, "\",\" or \")\"")),
            }
        }
        self.advance();
        Ok(names)
    }

    /// A metric's name and labels in braces, either of which may be left out.
    pub(super) fn series_labels(&mut self) -> Result<Labels, ParseError> {
        let mut pairs = Vec::new();
        if self.token.kind.is_metric_name() {
            let name = self.advance();
            pairs.push((METRIC_NAME.to_owned(), self.word(name).to_owned()));
        }
        if self.token.kind == TokenKind::LeftBrace {
            self.advance();
            while self.token.kind != TokenKind::RightBrace {
                pairs.insert(0, self.label()?);
                match self.token.kind {
                    TokenKind::Comma => drop(self.advance()),
                    TokenKind::RightBrace => {}
                    _ => return Err(self.unexpected("label set", "\",\" or \"}\"")),
                }
            }
            self.advance();
        }
        Ok(Labels::new(pairs))
    }

    fn label(&mut self) -> Result<(String, String), ParseError> {
        let place = "label set";
        let label = self.token;
        let name = match label.kind {
            TokenKind::Identifier => self.word(label).to_owned(),
            TokenKind::Text => self.unquoted(label)?,
            _ => return Err(self.unexpected(place, "identifier or \"}\"")),
        };
        self.advance();
        if self.token.kind != TokenKind::Assign {
            return match label.kind {
                TokenKind::Text => Ok((METRIC_NAME.to_owned(), name)),
                _ => Err(self.unexpected(place, "\"=\"")),
            };
        }
        self.advance();
        if self.token.kind != TokenKind::Text {
            return Err(self.unexpected(place, "string"));
        }
        let value = self.unquoted(self.token)?;
        self.advance();
        Ok((name, value))
    }
}
