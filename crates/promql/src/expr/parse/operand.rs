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
            TokenKind::LeftParen => self.paren()?,
            kind if kind.is_metric_name() => self.named()?,
            _ => self.leaf()?,
        };
        self.modified(operand)
    }

    /// An operand without any inside.
    fn leaf(&mut self) -> Result<Tree<Expr>, ParseError> {
        let leaf = match self.token.kind {
            TokenKind::Number | TokenKind::Duration => Expr::Number(self.number()?),
            TokenKind::Text => {
                let value = self.unquoted(self.token)?;
                Expr::Text(Text { value, span: self.advance().span })
            }
            TokenKind::LeftBrace => Expr::Selector(self.braces(None)?),
            _ => return Err(self.unexpected_here()),
        };
        Ok(Tree::leaf(leaf))
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
        let span = Span { start, end };
        self.above([inner.depth], Expr::Paren(Paren { inner: inner.root, span }))
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
            _ => self.selector_of(name).map(Expr::Selector).map(Tree::leaf),
        }
    }

    fn call(&mut self, name: Token) -> Result<Tree<Expr>, ParseError> {
        let arguments = self.arguments()?;
        self.call_of(name, arguments)
    }

    /// A call of which all but the closing parenthesis has been taken.
    fn call_of(&mut self, name: Token, arguments: Vec<Tree<Expr>>) -> Result<Tree<Expr>, ParseError> {
        let word = self.word(name);
        let Some(function) = Function::named(word) else {
            return Err(self.fail(name.span, format!("unknown function with name {}", quote(word))));
        };
        let span = Span { start: name.span.start, end: self.advance().span.end };
        let depths: Vec<usize> = arguments.iter().map(|argument| argument.depth).collect();
        let arguments = arguments.into_iter().map(|argument| *argument.root).collect();
        self.above(depths, Expr::Call(Call { function, arguments, span }))
    }

    /// Where the word after the aggregate's name is a parenthesis or a clause.
    fn aggregate(&mut self, name: Token, operator: AggregateOperator) -> Result<Tree<Expr>, ParseError> {
        self.aggregates += 1;
        let group = self.group()?;
        let arguments = self.arguments()?;
        self.aggregates -= 1;
        self.aggregate_of((name, operator), group, arguments)
    }

    /// An aggregate of which all but the closing parenthesis and a clause behind it has been taken.
    fn aggregate_of(
        &mut self,
        (name, operator): (Token, AggregateOperator),
        group: Option<Group>,
        arguments: Vec<Tree<Expr>>,
    ) -> Result<Tree<Expr>, ParseError> {
        let mut span = Span { start: name.span.start, end: self.advance().span.end };
        let mut group = group;
        if group.is_none() {
            group = self.group()?;
            if group.is_some() {
                span.end = self.text[..self.token.span.start].trim_end().len();
            } else if self.wrong.is_some() {
                return Err(self.unexpected_here());
            }
        }
        let (found, expected) = (arguments.len(), 1 + usize::from(operator.takes_parameter()));
        if found == 0 {
            return Err(self.fail(span, "no arguments for aggregate expression provided"));
        }
        if found != expected {
            let message = format!(
                "wrong number of arguments for aggregate expression provided, expected {expected}, got {found}"
            );
            return Err(self.fail(span, message));
        }
        let depths: Vec<usize> = arguments.iter().map(|argument| argument.depth).collect();
        let mut arguments = arguments.into_iter().map(|argument| argument.root);
        let parameter = if operator.takes_parameter() { arguments.next() } else { None };
        let inner = arguments.next().expect("their number has been checked");
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
