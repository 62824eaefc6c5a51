//! What stands between operators: numbers, texts, parentheses, calls, aggregates.

use super::{Parser, Tree};
use crate::expr::number::{read_duration, read_number};
use crate::expr::quote::quote;
use crate::expr::token::{Token, TokenKind};
use crate::expr::{Aggregate, AggregateOperator, Call, Expr, Function, Group, Number, Paren, ParseError, Span, Text};

impl Parser<'_> {
    /// An operand with all that stands behind it.
    pub(super) fn operand(&mut self) -> Result<Tree<Expr>, ParseError> {
        let operand = match self.token.kind {
            TokenKind::Number | TokenKind::Duration => Tree::leaf(Expr::Number(self.number()?)),
            TokenKind::Text => {
                let value = self.unquoted(self.token)?;
                Tree::leaf(Expr::Text(Text { value, span: self.advance().span }))
            }
            TokenKind::LeftParen => self.paren()?,
            TokenKind::LeftBrace => Tree::leaf(Expr::Selector(self.braces(None)?)),
            kind if kind.is_metric_name() => self.named()?,
            _ => return Err(self.unexpected_here()),
        };
        self.modified(operand)
    }

    /// A number, or a length as one.
    pub(super) fn number(&mut self) -> Result<Number, ParseError> {
        let (written, span) = (self.word(self.token), self.token.span);
        let is_duration = self.token.kind == TokenKind::Duration;
        let value = if is_duration { read_duration(written) } else { read_number(written) };
        let value = value.map_err(|message| self.fail(span, message))?;
        self.advance();
        Ok(Number { value, is_duration, span })
    }

    fn paren(&mut self) -> Result<Tree<Expr>, ParseError> {
        let start = self.advance().span.start;
        let inner = self.any_expr()?;
        let end = self.expect(TokenKind::RightParen)?.span.end;
        self.above([inner.depth], Expr::Paren(Paren { inner: Box::new(inner.root), span: Span { start, end } }))
    }

    /// What begins with a name: what follows tells whether it is a function's, an aggregate's, or a metric's.
    fn named(&mut self) -> Result<Tree<Expr>, ParseError> {
        let name = self.advance();
        match (name.kind, self.token.kind) {
            (TokenKind::Aggregate(operator), TokenKind::LeftParen | TokenKind::By | TokenKind::Without) => {
                self.aggregate(name, operator)
            }
            (
                TokenKind::Identifier
                | TokenKind::Start
                | TokenKind::EndOf
                | TokenKind::Step
                | TokenKind::Range
                | TokenKind::MaxOf
                | TokenKind::MinOf,
                TokenKind::LeftParen,
            ) => self.call(name),
            _ => Ok(Tree::leaf(Expr::Selector(self.selector_of(name)?))),
        }
    }

    fn call(&mut self, name: Token) -> Result<Tree<Expr>, ParseError> {
        let word = self.word(name);
        let exprs = self.arguments()?;
        let Some(function) = Function::named(word) else {
            return Err(self.fail(name.span, format!("unknown function with name {}", quote(word))));
        };
        let end = self.advance().span.end;
        let depths: Vec<usize> = exprs.iter().map(|expr| expr.depth).collect();
        let arguments = exprs.into_iter().map(|expr| expr.root).collect();
        self.above(depths, Expr::Call(Call { function, arguments, span: Span { start: name.span.start, end } }))
    }

    /// Where the word after the aggregate's name is a parenthesis or a clause.
    fn aggregate(&mut self, name: Token, operator: AggregateOperator) -> Result<Tree<Expr>, ParseError> {
        self.aggregates += 1;
        let mut group = self.group()?;
        let exprs = self.arguments()?;
        let mut end = self.advance().span.end;
        self.aggregates -= 1;
        if group.is_none() {
            let start = self.token.span.start;
            group = self.group()?;
            if group.is_some() {
                end = self.text[start..self.token.span.start].trim_end().len() + start;
            }
        }
        if self.wrong.is_some() {
            return Err(self.unexpected_here());
        }
        let span = Span { start: name.span.start, end };
        let (found, expected) = (exprs.len(), 1 + usize::from(operator.takes_parameter()));
        if found == 0 {
            return Err(self.fail(span, "no arguments for aggregate expression provided"));
        }
        if found != expected {
            let message = format!(
                "wrong number of arguments for aggregate expression provided, expected {expected}, got {found}"
            );
            return Err(self.fail(span, message));
        }
        let depths: Vec<usize> = exprs.iter().map(|expr| expr.depth).collect();
        let mut exprs = exprs.into_iter().map(|expr| Box::new(expr.root));
        let parameter = if operator.takes_parameter() { exprs.next() } else { None };
        let inner = exprs.next().expect("their number has been checked");
        let group = group.unwrap_or(Group::By(Vec::new()));
        self.above(depths, Expr::Aggregate(Aggregate { operator, inner, parameter, group, span }))
    }

    fn group(&mut self) -> Result<Option<Group>, ParseError> {
        let group = match self.token.kind {
            TokenKind::By => Group::By,
            TokenKind::Without => Group::Without,
            _ => return Ok(None),
        };
        self.advance();
        self.grouping().map(group).map(Some)
    }

    /// Up to the closing parenthesis, which is not taken.
    fn arguments(&mut self) -> Result<Vec<Tree<Expr>>, ParseError> {
        self.expect(TokenKind::LeftParen)?;
        let mut exprs = Vec::new();
        if self.token.kind != TokenKind::RightParen {
            exprs.push(self.any_expr()?);
            while self.token.kind == TokenKind::Comma {
                let comma = self.advance();
                if self.wrong.is_none() && !self.token.kind.begins_expression() {
                    return Err(self.fail(comma.span, "trailing commas not allowed in function call args"));
                }
                exprs.push(self.any_expr()?);
            }
        }
        if self.token.kind != TokenKind::RightParen {
            return Err(self.unexpected_here());
        }
        Ok(exprs)
    }
}
