//! Tokens: the words of an expression.

use super::quote::quote;
use super::{AggregateOperator, BinaryOperator, Span};

/// A word, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: TokenKind,
    /// Where it stands.
    pub(super) span: Span,
}

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// The end of the text.
    End,
    /// No word at all: the lexer's error says why.
    Wrong,
    /// A name without a colon.
    Identifier,
    /// A name with a colon.
    MetricIdentifier,
    /// A number.
    Number,
    /// A length of time, such as `5m`.
    Duration,
    /// A text in quotes.
    Text,
    LeftParen,
    RightParen,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    Comma,
    Colon,
    /// `=`
    Assign,
    /// `=~`
    RegexMatch,
    /// `!~`
    RegexNoMatch,
    /// `@`
    At,
    /// Between two sides; `+` and `-` are signs, too, and `!=` is an operator of matchers.
    Operator(BinaryOperator),
    /// The name of an aggregate.
    Aggregate(AggregateOperator),
    Bool,
    By,
    Without,
    On,
    Ignoring,
    GroupLeft,
    GroupRight,
    Fill,
    FillLeft,
    FillRight,
    Offset,
    Anchored,
    Smoothed,
    /// Functions that are words of the language where a length stands, or behind `@`.
    Start,
    EndOf,
    Step,
    Range,
    MaxOf,
    MinOf,
}

impl TokenKind {
    /// A reserved word, in any case of letters.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        Some(match word.as_str() {
            "and" => Self::Operator(BinaryOperator::And),
            "or" => Self::Operator(BinaryOperator::Or),
            "unless" => Self::Operator(BinaryOperator::Unless),
            "atan2" => Self::Operator(BinaryOperator::Atan2),
            "offset" => Self::Offset,
            "smoothed" => Self::Smoothed,
            "anchored" => Self::Anchored,
            "by" => Self::By,
            "without" => Self::Without,
            "on" => Self::On,
            "ignoring" => Self::Ignoring,
            "group_left" => Self::GroupLeft,
            "group_right" => Self::GroupRight,
            "fill" => Self::Fill,
            "fill_left" => Self::FillLeft,
            "fill_right" => Self::FillRight,
            "bool" => Self::Bool,
            "start" => Self::Start,
            "end" => Self::EndOf,
            "inf" | "nan" => Self::Number,
            word => {
                return Self::of_duration_word(word).or_else(|| {
                    AggregateOperator::ALL.into_iter().find(|known| known.name() == word).map(Self::Aggregate)
                });
            }
        })
    }

    /// A word that may stand in a length, in any case of letters.
    pub(super) fn of_duration_word(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "step" => Self::Step,
            "range" => Self::Range,
            "max_of" => Self::MaxOf,
            "min_of" => Self::MinOf,
            _ => return None,
        })
    }

    /// Whether it may be the name of a metric, where an expression begins.
    pub(super) fn is_metric_name(self) -> bool {
        match self {
            Self::Identifier
            | Self::MetricIdentifier
            | Self::Aggregate(_)
            | Self::By
            | Self::Without
            | Self::Fill
            | Self::FillLeft
            | Self::FillRight
            | Self::Offset
            | Self::Anchored
            | Self::Smoothed
            | Self::Start
            | Self::EndOf
            | Self::Step
            | Self::Range
            | Self::MaxOf
            | Self::MinOf => true,
            Self::Operator(operator) => operator.is_set(),
            _ => false,
        }
    }

    /// Whether it may be the name of a label, where labels are listed.
    pub(super) fn is_label_name(self) -> bool {
        match self {
            Self::Without => false,
            Self::Bool | Self::On | Self::Ignoring | Self::GroupLeft | Self::GroupRight => true,
            Self::Operator(BinaryOperator::Atan2) => true,
            other => other.is_metric_name(),
        }
    }

    /// Whether an expression may begin with it.
    pub(super) fn begins_expression(self) -> bool {
        match self {
            Self::Number | Self::Duration | Self::Text | Self::LeftParen | Self::LeftBrace => true,
            Self::Operator(BinaryOperator::Add | BinaryOperator::Subtract) => true,
            other => other.is_metric_name(),
        }
    }

    fn is_keyword(self) -> bool {
        matches!(
            self,
            Self::Bool
                | Self::By
                | Self::Without
                | Self::On
                | Self::Ignoring
                | Self::GroupLeft
                | Self::GroupRight
                | Self::Fill
                | Self::FillLeft
                | Self::FillRight
                | Self::Offset
                | Self::Anchored
                | Self::Smoothed
        )
    }
}

/// Longer words are cut in messages, to as many characters.
const SHOWN_CHARS_MAX: usize = 10;

impl Token {
    /// As Prometheus' messages call it; `text` is the whole expression.
    pub(super) fn describe(&self, text: &str) -> String {
        let word = text.get(self.span.start..self.span.end).unwrap_or_default();
        let shown = || {
            if word.len() > SHOWN_CHARS_MAX {
                format!("{}...", quote(&word.chars().take(SHOWN_CHARS_MAX).collect::<String>()))
            } else {
                quote(word)
            }
        };
        match self.kind {
            TokenKind::End => "end of input".to_owned(),
            TokenKind::Identifier => format!("identifier {}", quote(word)),
            TokenKind::MetricIdentifier => format!("metric identifier {}", quote(word)),
            TokenKind::Number => format!("number {}", shown()),
            TokenKind::Duration => format!("duration {}", shown()),
            TokenKind::Text => format!("string {}", shown()),
            TokenKind::Operator(_) | TokenKind::RegexMatch | TokenKind::RegexNoMatch | TokenKind::At => {
                format!("<op:{word}>")
            }
            TokenKind::Aggregate(_) => format!("<aggr:{word}>"),
            kind if kind.is_keyword() => format!("<{word}>"),
            _ => shown(),
        }
    }
}
