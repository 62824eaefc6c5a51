//! Text → tokens, in one of two dialects.
//!
//! White space (space, tab, carriage return, line feed) separates and means nothing else. The signs
//! `= ! ( ) , > <` stand for themselves, and the longest of `==`, `!=`, `=`, `!` is taken. Everything between is a
//! word; whether a word is a key, a value, `in` or `notin` is for the parser, because `in in (in)` is a selector.

use super::error::{SelectorError, SelectorProblem};

/// Whose selectors are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Kubernetes': `|` and `"` are characters of words, and no valid word has them.
    Kubernetes,
    /// Ours: `||` separates alternatives and `"` quotes a value.
    Nunchi,
}

/// The smallest piece of meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    End,
    Open,
    Close,
    Comma,
    Not,
    Equals,
    DoubleEquals,
    NotEquals,
    Greater,
    Less,
    /// `||`
    Or,
    /// Text without quotes, never empty. Also `in` and `notin`.
    Word(String),
    /// What stood in quotes, without them. May be empty.
    Quoted(String),
}

/// A token and the byte offset at which it was found.
#[derive(Clone, Debug)]
pub(super) struct Lexeme {
    pub(super) token: Token,
    pub(super) at: usize,
}

/// All tokens of the text; the last is [`Token::End`].
pub(super) fn scan(text: &str, dialect: Dialect) -> Result<Vec<Lexeme>, SelectorError> {
    let mut lexemes = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].len() - text[at..].trim_start_matches([' ', '\t', '\r', '\n']).len();
        let (token, length) =
            scan_token(&text[at..], dialect).map_err(|problem| SelectorError::at(text, at, problem))?;
        let is_end = token == Token::End;
        lexemes.push(Lexeme { token, at });
        if is_end {
            return Ok(lexemes);
        }
        at += length;
    }
}

/// The token at the start of `rest`, which does not start with white space, and its length in bytes.
fn scan_token(rest: &str, dialect: Dialect) -> Result<(Token, usize), SelectorProblem> {
    let Some(first) = rest.chars().next() else { return Ok((Token::End, 0)) };
    let second = rest[first.len_utf8()..].chars().next();
    Ok(match (first, second) {
        ('=', Some('=')) => (Token::DoubleEquals, 2),
        ('!', Some('=')) => (Token::NotEquals, 2),
        ('=', _) => (Token::Equals, 1),
        ('!', _) => (Token::Not, 1),
        ('(', _) => (Token::Open, 1),
        (')', _) => (Token::Close, 1),
        (',', _) => (Token::Comma, 1),
        ('>', _) => (Token::Greater, 1),
        ('<', _) => (Token::Less, 1),
        // Kubernetes takes it for the end of the text, and would select by what stands before.
        ('\0', _) => return Err(SelectorProblem::Nul),
        ('|', Some('|')) if dialect == Dialect::Nunchi => (Token::Or, 2),
        ('|', _) if dialect == Dialect::Nunchi => return Err(SelectorProblem::SinglePipe),
        ('"', _) if dialect == Dialect::Nunchi => scan_quoted(rest).ok_or(SelectorProblem::UnclosedQuote)?,
        _ => {
            let ends_word = |c| " \t\r\n=!(),><\0".contains(c) || (c == '|' && dialect == Dialect::Nunchi);
            let length = rest.find(ends_word).unwrap_or(rest.len());
            (Token::Word(rest[..length].to_owned()), length)
        }
    })
}

/// The text in the quotes at the start of `rest`. `\"` is a quote and `\\` a backslash; any other backslash stands for
/// itself, so that a Windows path can be pasted.
fn scan_quoted(rest: &str) -> Option<(Token, usize)> {
    let mut value = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((Token::Quoted(value), at + 1)),
            '\\' => value.push(characters.next_if(|(_, c)| matches!(c, '"' | '\\')).map_or('\\', |(_, c)| c)),
            _ => value.push(character),
        }
    }
    None
}
