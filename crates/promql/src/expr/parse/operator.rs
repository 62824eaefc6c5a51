//! Expressions: operators between two sides, by how strongly they bind, and signs.

use super::{Parser, Tree};
use crate::expr::token::TokenKind;
use crate::expr::{Binary, BinaryOperator, Cardinality, Expr, Fill, Matching, Number, ParseError, Span, Unary};

/// How strongly an operator binds; a sign binds as the last but one.
fn strength(operator: BinaryOperator) -> u8 {
    use BinaryOperator as Op;
    match operator {
        Op::Or => 1,
        Op::And | Op::Unless => 2,
        Op::Equal
        | Op::NotEqual
        | Op::Greater
        | Op::Less
        | Op::GreaterOrEqual
        | Op::LessOrEqual
        | Op::TrimUpper
        | Op::TrimLower => 3,
        Op::Add | Op::Subtract => 4,
        Op::Multiply | Op::Divide | Op::Modulo | Op::Atan2 => 5,
        Op::Power => 6,
    }
}

/// What stands directly behind an operator.
#[derive(Debug)]
struct Modifiers {
    returns_bool: bool,
    matching: Matching,
}

impl Modifiers {
    fn between(self, left: Box<Expr>, right: Box<Expr>, (operator, operator_span): (BinaryOperator, Span)) -> Expr {
        let Self { returns_bool, matching } = self;
        Expr::Binary(Binary { operator, left, right, returns_bool, matching: Some(matching), operator_span })
    }
}

impl Parser<'_> {
    /// An expression of any kind.
    pub(super) fn any_expr(&mut self) -> Result<Tree<Expr>, ParseError> {
        self.expr_of(strength(BinaryOperator::Or))
    }

    /// An expression up to the first operator that binds less than `strength_min`.
    fn expr_of(&mut self, strength_min: u8) -> Result<Tree<Expr>, ParseError> {
        self.enter()?;
        let mut left = match self.token.kind {
            TokenKind::Operator(BinaryOperator::Add) => self.signed(Sign::Plus)?,
            TokenKind::Operator(BinaryOperator::Subtract) => self.signed(Sign::Minus)?,
            _ => self.operand()?,
        };
        while let TokenKind::Operator(operator) = self.token.kind
            && strength(operator) >= strength_min
        {
            left = self.binary(left, operator)?;
        }
        self.leave();
        Ok(left)
    }

    /// An operator and its right side.
    fn binary(&mut self, left: Tree<Expr>, operator: BinaryOperator) -> Result<Tree<Expr>, ParseError> {
        let operator_span = self.advance().span;
        let modifiers = self.modifiers()?;
        let own = strength(operator);
        // `a ^ b ^ c` is `a ^ (b ^ c)`; all others are read from left to right.
        let right = self.expr_of(if operator == BinaryOperator::Power { own } else { own + 1 })?;
        let depths = [left.depth, right.depth];
        self.above(depths, modifiers.between(left.root, right.root, (operator, operator_span)))
    }

    fn signed(&mut self, sign: Sign) -> Result<Tree<Expr>, ParseError> {
        let start = self.advance().span.start;
        let inner = self.expr_of(strength(BinaryOperator::Power))?;
        match *inner.root {
            Expr::Number(number) => Ok(Tree::leaf(signed_number((sign, start), number))),
            _ => self.above([inner.depth], signed_expr((sign, start), inner.root)),
        }
    }

    fn modifiers(&mut self) -> Result<Modifiers, ParseError> {
        let returns_bool = self.accept(TokenKind::Bool);
        let mut matching = Matching {
            cardinality: Cardinality::OneToOne,
            labels: Vec::new(),
            on: false,
            include: Vec::new(),
            fill: Fill::default(),
        };
        if matches!(self.token.kind, TokenKind::On | TokenKind::Ignoring) {
            matching.on = self.advance().kind == TokenKind::On;
            matching.labels = self.grouping()?;
            matching.cardinality = match self.token.kind {
                TokenKind::GroupLeft => Cardinality::ManyToOne,
                TokenKind::GroupRight => Cardinality::OneToMany,
                _ => Cardinality::OneToOne,
            };
            if matching.cardinality != Cardinality::OneToOne {
                self.advance();
                if self.token.kind == TokenKind::LeftParen || !self.token.kind.begins_expression() {
                    matching.include = self.grouping()?;
                }
            }
        }
        matching.fill = self.fill()?;
        Ok(Modifiers { returns_bool, matching })
    }

    fn fill(&mut self) -> Result<Fill, ParseError> {
        let mut fill = Fill::default();
        match self.token.kind {
            TokenKind::Fill => {
                let value = self.fill_value()?;
                fill = Fill { left: Some(value), right: Some(value) };
            }
            TokenKind::FillLeft => {
                fill.left = Some(self.fill_value()?);
                if self.token.kind == TokenKind::FillRight {
                    fill.right = Some(self.fill_value()?);
                }
            }
            TokenKind::FillRight => {
                fill.right = Some(self.fill_value()?);
                if self.token.kind == TokenKind::FillLeft {
                    fill.left = Some(self.fill_value()?);
                }
            }
            _ => {}
        }
        Ok(fill)
    }

    /// A word, and a number in parentheses.
    fn fill_value(&mut self) -> Result<f64, ParseError> {
        self.advance();
        self.expect(TokenKind::LeftParen)?;
        let is_negative = self.token.kind == TokenKind::Operator(BinaryOperator::Subtract);
        if is_negative || self.token.kind == TokenKind::Operator(BinaryOperator::Add) {
            self.advance();
        }
        let value = match self.token.kind {
            TokenKind::Number | TokenKind::Duration => self.number()?.value,
            _ => return Err(self.unexpected_here()),
        };
        self.expect(TokenKind::RightParen)?;
        Ok(if is_negative { -value } else { value })
    }
}

/// A sign before an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    Plus,
    Minus,
}

/// A number takes its sign into itself.
fn signed_number((sign, start): (Sign, usize), number: Number) -> Expr {
    let value = if sign == Sign::Minus { -number.value } else { number.value };
    Expr::Number(Number { value, span: Span { start, end: number.span.end }, ..number })
}

fn signed_expr((sign, start): (Sign, usize), inner: Box<Expr>) -> Expr {
    let span = Span { start, end: inner.span().end };
    Expr::Unary(Unary { is_negative: sign == Sign::Minus, inner, span })
}
