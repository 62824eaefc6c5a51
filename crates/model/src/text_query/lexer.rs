//! Text → tokens.
//!
//! Where a token begins decides what it is: a quote begins a phrase, `/` a regular expression if it also ends as one,
//! `-` and `!` negate what follows directly, and a name with an operator directly behind it is a field. Everything else
//! up to white space, a parenthesis or a quote is a word.

use super::error::{TextQueryError, TextQueryProblem};

/// The smallest piece of meaning.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    End,
    Open,
    Close,
    And,
    Or,
    /// `NOT`, `-`, `!`, and the `!` of `name!=value`, which stands before its field here.
    Not,
    /// A field's name without its operator. An operand or an opening parenthesis follows.
    Field(String),
    Operand(Operand),
}

/// What is searched for, or what a field is held against.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    /// Text without quotes, not empty. After a field it may begin with a comparison: `>=5`.
    Bare(String),
    /// Text in quotes; may be empty.
    Quoted(String),
    /// `text*`, without the star; not empty.
    BarePrefix(String),
    /// `"text"*`, without quotes and star; may be empty.
    QuotedPrefix(String),
    /// `*`
    Star,
    /// `/regular expression/` without slashes; not empty.
    Pattern(String),
}

/// A token and the byte offset at which it was found.
#[derive(Clone, Debug)]
pub(super) struct Lexeme {
    pub(super) token: Token,
    pub(super) at: usize,
}

/// All tokens of the text; the last is [`Token::End`].
pub(super) fn scan(text: &str) -> Result<Vec<Lexeme>, TextQueryError> {
    let mut lexer = Lexer { text, at: 0, lexemes: Vec::new() };
    while lexer.at < text.len() {
        lexer.term_or_sign().map_err(|problem| TextQueryError::at(text, lexer.at, problem))?;
    }
    lexer.push(Token::End, 0);
    Ok(lexer.lexemes)
}

struct Lexer<'t> {
    text: &'t str,
    /// Byte offset of what is read next; where an error is, if there is one.
    at: usize,
    lexemes: Vec<Lexeme>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// Adds a token that takes `length` bytes from here.
    fn push(&mut self, token: Token, length: usize) {
        self.lexemes.push(Lexeme { token, at: self.at });
        self.at += length;
    }

    fn term_or_sign(&mut self) -> Result<(), TextQueryProblem> {
        let rest = self.rest();
        let mut characters = rest.chars();
        match characters.next() {
            None => {}
            Some(space) if space.is_whitespace() => self.at += space.len_utf8(),
            Some('(') => self.push(Token::Open, 1),
            Some(')') => self.push(Token::Close, 1),
            Some('!') if rest.starts_with("!=") => return Err(TextQueryProblem::LoneOperator("!=".to_owned())),
            Some(sign @ ('-' | '!')) => match characters.next() {
                Some(next) if next != ')' && !next.is_whitespace() => self.push(Token::Not, 1),
                _ => return Err(TextQueryProblem::LoneNegation(sign)),
            },
            Some('"') => self.phrase_or_quoted_field()?,
            Some('/') => self.operand()?,
            Some(_) => self.word_or_field()?,
        }
        Ok(())
    }

    fn phrase_or_quoted_field(&mut self) -> Result<(), TextQueryProblem> {
        let (name, length) = quoted(self.rest())?;
        let behind = &self.rest()[length..];
        if behind.starts_with([':', '>', '<']) || behind.starts_with("!=") {
            self.field(name, length)
        } else {
            self.operand()
        }
    }

    fn word_or_field(&mut self) -> Result<(), TextQueryProblem> {
        let word = bare(self.rest());
        match word {
            "AND" => self.push(Token::And, word.len()),
            "OR" => self.push(Token::Or, word.len()),
            "NOT" => self.push(Token::Not, word.len()),
            _ => {
                let name = field_name(word);
                let behind = &word[name.len()..];
                // The scheme of a URL and the path of a program's module are no fields.
                let is_field = behind.starts_with(':') && !behind.starts_with("://") && !behind.starts_with("::");
                if !name.is_empty() && (is_field || behind.starts_with(['>', '<']) || behind.starts_with("!=")) {
                    return self.field(name.to_owned(), name.len());
                }
                return self.operand();
            }
        }
        Ok(())
    }

    /// A field whose name takes `length` bytes from here, its operator and its operand if that is not in parentheses.
    fn field(&mut self, name: String, length: usize) -> Result<(), TextQueryProblem> {
        let behind = &self.rest()[length..];
        let operator_length = if behind.starts_with("!=") {
            self.push(Token::Not, 0);
            2
        } else if behind.starts_with(':') {
            1
        } else {
            // A comparison is left as the operand's beginning, so that `field:>5` is read alike.
            0
        };
        let operand = &behind[operator_length..];
        if operand.is_empty() || operand.starts_with(')') || operand.starts_with(char::is_whitespace) {
            return Err(TextQueryProblem::MissingValue { field: name });
        }
        self.push(Token::Field(name), length + operator_length);
        if operand.starts_with('(') { Ok(()) } else { self.operand() }
    }

    fn operand(&mut self) -> Result<(), TextQueryProblem> {
        let rest = self.rest();
        if rest.starts_with('"') {
            let (text, length) = quoted(rest)?;
            if rest[length..].starts_with('*') {
                self.push(Token::Operand(Operand::QuotedPrefix(text)), length + 1);
            } else {
                self.push(Token::Operand(Operand::Quoted(text)), length);
            }
            return Ok(());
        }
        if let Some((source, length)) = pattern(rest) {
            self.push(Token::Operand(Operand::Pattern(source)), length);
            return Ok(());
        }
        let word = bare(rest);
        let operand = match word.strip_suffix('*') {
            Some("") => Operand::Star,
            Some(prefix) if !prefix.contains('*') => Operand::BarePrefix(prefix.to_owned()),
            None if !word.contains('*') => Operand::Bare(word.to_owned()),
            _ => return Err(TextQueryProblem::StarInside(word.to_owned())),
        };
        self.push(Token::Operand(operand), word.len());
        Ok(())
    }
}

/// The text at the start of `rest` that stands without quotes. Not empty where a term begins.
fn bare(rest: &str) -> &str {
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"'));
    &rest[..end.unwrap_or(rest.len())]
}

/// The field's name that the word begins with; empty if it begins otherwise.
fn field_name(word: &str) -> &str {
    if !word.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '@')) {
        return "";
    }
    let end = word.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '-' | '/' | '@'));
    &word[..end.unwrap_or(word.len())]
}

/// The text in the quotes at the start of `rest`, and how many bytes it takes with them. `\"` is a quote and `\\` a
/// backslash; any other backslash stands for itself, so that a log line can be pasted.
fn quoted(rest: &str) -> Result<(String, usize), TextQueryProblem> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((text, at + 1)),
            '\\' => text.push(characters.next_if(|(_, c)| matches!(c, '"' | '\\')).map_or('\\', |(_, c)| c)),
            _ => text.push(character),
        }
    }
    Err(TextQueryProblem::UnclosedQuote)
}

/// The regular expression between slashes at the start of `rest`, and how many bytes it takes with them. The first
/// slash that is not escaped must end both it and the term, or it is a path.
fn pattern(rest: &str) -> Option<(String, usize)> {
    let mut source = String::new();
    let mut characters = rest.strip_prefix('/')?.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '/' => {
                let length = at + 2;
                let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')');
                let is_term = rest[length..].chars().next().is_none_or(ends);
                return (is_term && !source.is_empty()).then_some((source, length));
            }
            '\\' => match characters.next()?.1 {
                '/' => source.push('/'),
                escaped => source.extend(['\\', escaped]),
            },
            _ => source.push(character),
        }
    }
    None
}
