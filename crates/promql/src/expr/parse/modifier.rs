//! What stands behind an operand: ranges, subqueries, `offset`, `@`, `anchored` and `smoothed`.

use super::duration::Place;
use super::{Parser, Tree};
use crate::expr::number::{to_millis, write_number};
use crate::expr::token::TokenKind;
use crate::expr::{
    At, BinaryOperator, DurationExpr, Expr, Extension, Length, ParseError, RangeSelector, Selector, Span, Subquery,
};

/// What an offset or instant may be set of.
struct Target<'e> {
    offset: &'e mut Option<Length>,
    at: &'e mut Option<At>,
    span: &'e mut Span,
}

impl Parser<'_> {
    /// An operand with all that stands behind it.
    pub(super) fn modified(&mut self, operand: Tree<Expr>) -> Result<Tree<Expr>, ParseError> {
        let mut tree = operand;
        loop {
            tree = match self.token.kind {
                TokenKind::LeftBracket => self.bracketed(tree)?,
                TokenKind::Offset => self.offset(tree)?,
                TokenKind::At => self.fixed(tree)?,
                TokenKind::Anchored => self.extended(tree, Extension::Anchored)?,
                TokenKind::Smoothed => self.extended(tree, Extension::Smoothed)?,
                _ => return Ok(tree),
            };
        }
    }

    /// A range or subquery.
    fn bracketed(&mut self, inner: Tree<Expr>) -> Result<Tree<Expr>, ParseError> {
        let open = self.advance();
        let range = self.positive_duration(Place::Range)?;
        if self.accept(TokenKind::Colon) {
            return self.subquery(inner, range);
        }
        if self.token.kind != TokenKind::RightBracket {
            return Err(self.unexpected("subquery or range", "\":\" or \"]\""));
        }
        let end = self.advance().span.end;
        let brackets = Span { start: open.span.start, end };
        let depth = inner.depth;
        let Expr::Selector(selector) = *inner.root else {
            return Err(self.fail(brackets, "ranges only allowed for vector selectors"));
        };
        if selector.offset.is_some() {
            return Err(self.fail(brackets, "no offset modifiers allowed before range"));
        }
        if selector.at.is_some() {
            return Err(self.fail(brackets, "no @ modifiers allowed before range"));
        }
        let span = Span { start: selector.span.start, end };
        Ok(Tree { root: Box::new(Expr::Range(RangeSelector { selector, range, span })), depth })
    }

    /// A subquery, of which the colon has been taken.
    fn subquery(&mut self, inner: Tree<Expr>, range: Length) -> Result<Tree<Expr>, ParseError> {
        let mut step = None;
        if self.token.kind != TokenKind::RightBracket {
            // A step below a millisecond is none: Prometheus takes the default then, as it does where none is written.
            step = Some(self.positive_duration(Place::Step)?).filter(|step| *step != Length::Fixed(0));
            if self.token.kind != TokenKind::RightBracket {
                return Err(self.unexpected("subquery selector", "\"]\""));
            }
        }
        let span = Span { start: inner.root.span().start, end: self.advance().span.end };
        let subquery = Subquery { inner: inner.root, range, step, offset: None, at: None, span };
        self.above([inner.depth], Expr::Subquery(subquery))
    }

    fn offset(&mut self, mut tree: Tree<Expr>) -> Result<Tree<Expr>, ParseError> {
        self.advance();
        let (offset, end) = self.offset_duration()?;
        let span = tree.root.span();
        let Some(target) = target(&mut tree.root) else {
            let message = "offset modifier must be preceded by an instant vector selector or range vector selector or a \
                           subquery";
            return Err(self.fail(span, message));
        };
        if target.offset.is_some() {
            return Err(self.fail(span, "offset may not be set multiple times"));
        }
        *target.offset = Some(length(offset)).filter(|offset| *offset != Length::Fixed(0));
        target.span.end = end;
        Ok(tree)
    }

    fn fixed(&mut self, mut tree: Tree<Expr>) -> Result<Tree<Expr>, ParseError> {
        self.advance();
        let span = tree.root.span();
        let (at, end) = self.instant(span)?;
        let Some(target) = target(&mut tree.root) else {
            let message = "@ modifier must be preceded by an instant vector selector or range vector selector or a \
                           subquery";
            return Err(self.fail(span, message));
        };
        if target.at.is_some() {
            return Err(self.fail(span, "@ <timestamp> may not be set multiple times"));
        }
        *target.at = Some(at);
        target.span.end = end;
        Ok(tree)
    }

    /// A number with or without a sign, `start()` or `end()`, and where it ends.
    fn instant(&mut self, of: Span) -> Result<(At, usize), ParseError> {
        let unexpected = |parser: &Self| Err(parser.unexpected("@", "timestamp"));
        if let TokenKind::Start | TokenKind::EndOf = self.token.kind {
            let word = self.advance().kind;
            if self.token.kind != TokenKind::LeftParen {
                return unexpected(self);
            }
            self.advance();
            if self.token.kind != TokenKind::RightParen {
                return unexpected(self);
            }
            let end = self.advance().span.end;
            return Ok((if word == TokenKind::Start { At::Start } else { At::End }, end));
        }
        let is_negative = self.token.kind == TokenKind::Operator(BinaryOperator::Subtract);
        if is_negative || self.token.kind == TokenKind::Operator(BinaryOperator::Add) {
            self.advance();
        }
        let (TokenKind::Number | TokenKind::Duration) = self.token.kind else { return unexpected(self) };
        let number = self.number()?;
        let seconds = if is_negative { -number.value } else { number.value };
        let bound = i64::MAX as f64;
        if !(-bound < seconds && seconds < bound) {
            let shown = if seconds.is_finite() { format!("{seconds:.6}") } else { write_number(seconds) };
            return Err(self.fail(of, format!("timestamp out of bounds for @ modifier: {shown}")));
        }
        // The cast cuts off at the ends of time, some three hundred million years away.
        Ok((At::Time((seconds * 1000.0).round() as i64), number.span.end))
    }

    fn extended(&mut self, mut tree: Tree<Expr>, extension: Extension) -> Result<Tree<Expr>, ParseError> {
        let span = tree.root.span();
        let word = match extension {
            Extension::Anchored => "anchored",
            Extension::Smoothed => "smoothed",
        };
        let selector = match &mut *tree.root {
            Expr::Selector(selector) => selector,
            Expr::Range(range) => &mut range.selector,
            Expr::Subquery(_) => {
                return Err(self.fail(span, format!("{word} modifier is not supported for subqueries")));
            }
            _ => return Err(self.fail(span, format!("{word} modifier not implemented"))),
        };
        if selector.extension.is_some_and(|other| other != extension) {
            return Err(self.fail(span, "anchored and smoothed modifiers cannot be used together"));
        }
        selector.extension = Some(extension);
        self.advance();
        Ok(tree)
    }
}

fn target(expr: &mut Expr) -> Option<Target<'_>> {
    match expr {
        Expr::Selector(Selector { offset, at, span, .. })
        | Expr::Range(RangeSelector { selector: Selector { offset, at, .. }, span, .. })
        | Expr::Subquery(Subquery { offset, at, span, .. }) => Some(Target { offset, at, span }),
        _ => None,
    }
}

/// Computed now where it can be.
pub(super) fn length(expr: DurationExpr) -> Length {
    match expr {
        DurationExpr::Number { seconds, .. } => Length::Fixed(to_millis(seconds)),
        computed => Length::Computed(computed),
    }
}
