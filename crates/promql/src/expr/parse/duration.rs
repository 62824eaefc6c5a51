//! Lengths of time: in brackets, and behind `offset`.

use super::modifier::length;
use super::operator::Sign;
use super::{Parser, Tree};
use crate::expr::number::is_out_of_range;
use crate::expr::token::TokenKind;
use crate::expr::{BinaryOperator, DurationExpr, DurationOperator, Length, Number, ParseError, Span};

/// Where a length stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Behind a bracket.
    Range,
    /// In brackets, behind the colon.
    Step,
    /// Behind `offset`.
    Offset,
}

/// A sign binds more than all but the power.
const STRENGTH_POWER: u8 = 3;

fn operator_of(kind: TokenKind) -> Option<(DurationOperator, u8)> {
    let TokenKind::Operator(operator) = kind else { return None };
    Some(match operator {
        BinaryOperator::Add => (DurationOperator::Add, 1),
        BinaryOperator::Subtract => (DurationOperator::Subtract, 1),
        BinaryOperator::Multiply => (DurationOperator::Multiply, 2),
        BinaryOperator::Divide => (DurationOperator::Divide, 2),
        BinaryOperator::Modulo => (DurationOperator::Modulo, 2),
        BinaryOperator::Power => (DurationOperator::Power, STRENGTH_POWER),
        _ => return None,
    })
}

impl Parser<'_> {
    /// A length in brackets.
    pub(super) fn positive_duration(&mut self, place: Place) -> Result<Length, ParseError> {
        let duration = *self.duration(place)?.root;
        if let DurationExpr::Number { seconds, span, .. } = duration
            && seconds <= 0.0
            && self.wrong.is_none()
        {
            return Err(self.fail(span, "duration must be greater than 0"));
        }
        Ok(length(duration))
    }

    /// A length behind `offset`, and where it ends. Operators behind it are those of the expression around, unless it
    /// begins with a parenthesis, or with two signs: `a offset 5m + 3` adds to `a`, `a offset (5m) + 3` to the offset.
    pub(super) fn offset_duration(&mut self) -> Result<(DurationExpr, usize), ParseError> {
        let sign = sign_of(self.token.kind).map(|sign| (sign, self.advance().span.start));
        let duration = match (sign, self.token.kind) {
            (None, TokenKind::LeftParen) => *self.duration(Place::Offset)?.root,
            (Some(signed), kind) if sign_of(kind).is_some() => {
                let inner = self.duration_of(STRENGTH_POWER, Place::Offset)?;
                let first = self.above([inner.depth], under_sign(signed, *inner.root))?;
                *self.duration_behind(first, 1, Place::Offset)?.root
            }
            (None, _) => *self.duration_operand(Place::Offset)?.root,
            (Some((sign, start)), TokenKind::Number | TokenKind::Duration) => {
                let number = self.number()?;
                if is_out_of_range(number.value) {
                    return Err(self.fail(Span { start, end: start + 1 }, "duration out of range"));
                }
                under_sign((sign, start), literal(number))
            }
            (Some((sign, start)), _) => {
                let inner = *self.duration_operand(Place::Offset)?.root;
                let end = inner.span().end;
                match inner {
                    // The sign of a word is kept even if it is a plus.
                    inner if sign == Sign::Minus || !matches!(inner, DurationExpr::Paren(..)) => DurationExpr::Unary {
                        is_negative: sign == Sign::Minus,
                        inner: Box::new(inner),
                        span: Span { start, end },
                    },
                    inner => inner,
                }
            }
        };
        let end = duration.span().end;
        Ok((duration, end))
    }

    fn duration(&mut self, place: Place) -> Result<Tree<DurationExpr>, ParseError> {
        self.duration_of(1, place)
    }

    /// A length up to the first operator that binds less than `strength_min`.
    fn duration_of(&mut self, strength_min: u8, place: Place) -> Result<Tree<DurationExpr>, ParseError> {
        self.enter()?;
        let first = match sign_of(self.token.kind) {
            Some(sign) => {
                let start = self.advance().span.start;
                let inner = self.duration_of(STRENGTH_POWER, place)?;
                self.above([inner.depth], under_sign((sign, start), *inner.root))?
            }
            None => self.duration_operand(place)?,
        };
        let duration = self.duration_behind(first, strength_min, place)?;
        self.leave();
        Ok(duration)
    }

    /// Operators behind a length, with their right sides.
    fn duration_behind(
        &mut self,
        first: Tree<DurationExpr>,
        strength_min: u8,
        place: Place,
    ) -> Result<Tree<DurationExpr>, ParseError> {
        let mut left = first;
        while let Some((operator, strength)) = operator_of(self.token.kind)
            && strength >= strength_min
        {
            let sign = self.advance();
            // `a ^ b ^ c` is `a ^ (b ^ c)`; all others are read from left to right.
            let right = self.duration_of(if strength == STRENGTH_POWER { strength } else { strength + 1 }, place)?;
            if let DurationExpr::Number { seconds: 0.0, .. } = *right.root {
                match operator {
                    DurationOperator::Divide => return Err(self.fail(sign.span, "division by zero")),
                    DurationOperator::Modulo => return Err(self.fail(sign.span, "modulo by zero")),
                    _ => {}
                }
            }
            let span = Span { start: left.root.span().start, end: right.root.span().end };
            let depths = [left.depth, right.depth];
            let binary = DurationExpr::Binary { operator, left: left.root, right: right.root, span };
            left = self.above(depths, binary)?;
        }
        Ok(left)
    }

    fn duration_operand(&mut self, place: Place) -> Result<Tree<DurationExpr>, ParseError> {
        match self.token.kind {
            TokenKind::Number | TokenKind::Duration => {
                let number = self.number()?;
                if is_out_of_range(number.value) {
                    return Err(self.fail(number.span, "duration out of range"));
                }
                Ok(Tree::leaf(literal(number)))
            }
            TokenKind::LeftParen => {
                let start = self.advance().span.start;
                let inner = self.duration(place)?;
                self.expect_in_duration(TokenKind::RightParen, place)?;
                self.above([inner.depth], in_parens(*inner.root, start))
            }
            TokenKind::Step | TokenKind::Range => {
                let word = self.advance();
                self.expect_in_duration(TokenKind::LeftParen, place)?;
                let end = self.expect_in_duration(TokenKind::RightParen, place)?;
                let span = Span { start: word.span.start, end };
                let is_step = word.kind == TokenKind::Step;
                Ok(Tree::leaf(if is_step { DurationExpr::Step(span) } else { DurationExpr::Range(span) }))
            }
            TokenKind::MaxOf => self.extreme(DurationOperator::Max, place),
            TokenKind::MinOf => self.extreme(DurationOperator::Min, place),
            _ => Err(self.unexpected_in_duration(place)),
        }
    }

    /// The larger or smaller of two.
    fn extreme(&mut self, operator: DurationOperator, place: Place) -> Result<Tree<DurationExpr>, ParseError> {
        let start = self.advance().span.start;
        self.expect_in_duration(TokenKind::LeftParen, place)?;
        let left = self.duration(place)?;
        self.expect_in_duration(TokenKind::Comma, place)?;
        let right = self.duration(place)?;
        let span = Span { start, end: self.expect_in_duration(TokenKind::RightParen, place)? };
        let depths = [left.depth, right.depth];
        self.above(depths, DurationExpr::Binary { operator, left: left.root, right: right.root, span })
    }

    /// Takes a word, and tells where it ends.
    fn expect_in_duration(&mut self, kind: TokenKind, place: Place) -> Result<usize, ParseError> {
        if self.token.kind != kind {
            return Err(self.unexpected_in_duration(place));
        }
        Ok(self.advance().span.end)
    }

    fn unexpected_in_duration(&self, place: Place) -> ParseError {
        match place {
            Place::Range => self.unexpected("subquery or range selector", "number, duration, step(), or range()"),
            Place::Step => self.unexpected("subquery selector", "number, duration, step(), range(), or \"]\""),
            Place::Offset => self.unexpected("offset", "number, duration, step(), or range()"),
        }
    }
}

fn sign_of(kind: TokenKind) -> Option<Sign> {
    match kind {
        TokenKind::Operator(BinaryOperator::Add) => Some(Sign::Plus),
        TokenKind::Operator(BinaryOperator::Subtract) => Some(Sign::Minus),
        _ => None,
    }
}

fn literal(number: Number) -> DurationExpr {
    let Number { value: seconds, is_duration, span } = number;
    DurationExpr::Number { seconds, is_duration, span }
}

/// A number takes its sign into itself, and a plus before anything else says nothing.
fn under_sign((sign, start): (Sign, usize), inner: DurationExpr) -> DurationExpr {
    let end = inner.span().end;
    match (sign, inner) {
        (Sign::Plus, DurationExpr::Number { seconds, is_duration, .. }) => {
            DurationExpr::Number { seconds, is_duration, span: Span { start, end } }
        }
        (Sign::Minus, DurationExpr::Number { seconds, is_duration, .. }) => {
            DurationExpr::Number { seconds: -seconds, is_duration, span: Span { start, end } }
        }
        (Sign::Plus, inner) => inner,
        (Sign::Minus, inner) => {
            DurationExpr::Unary { is_negative: true, inner: Box::new(inner), span: Span { start, end } }
        }
    }
}

/// Two pairs of parentheses are as good as one. They count for where something stands only around a number, and then
/// the opening one does: so do positions of Prometheus.
fn in_parens(inner: DurationExpr, start: usize) -> DurationExpr {
    match inner {
        inner @ DurationExpr::Paren(..) => inner,
        inner => {
            let own = inner.span();
            let start = if matches!(inner, DurationExpr::Number { .. }) { start } else { own.start };
            DurationExpr::Paren(Box::new(inner), Span { start, end: own.end })
        }
    }
}
