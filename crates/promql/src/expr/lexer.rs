//! From a text to its words, one by one.

use super::quote::{name_char, quote, quote_char};
use super::token::{Token, TokenKind};
use super::{BinaryOperator, ParseError, Span};

/// Reads words. What a character means depends on whether it stands in braces or brackets.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    /// Where the word begins.
    start: usize,
    /// The next character.
    at: usize,
    parens_open: usize,
    in_braces: bool,
    bracket: Bracket,
}

/// What has been read since a left bracket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bracket {
    /// None is open.
    Closed,
    /// No number yet: all that may stand in a length is read as such.
    Length {
        /// Whether there was `step`, `range` or the like.
        has_word: bool,
        /// Whether there was a colon.
        has_colon: bool,
    },
    /// Behind the first number.
    Behind {
        /// Whether there was a colon.
        has_colon: bool,
    },
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

fn begins_name(c: char) -> bool {
    c == '_' || c.is_ascii_alphabetic()
}

fn continues_name(c: char) -> bool {
    begins_name(c) || c.is_ascii_digit()
}

impl<'a> Lexer<'a> {
    /// At the beginning of a text.
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, start: 0, at: 0, parens_open: 0, in_braces: false, bracket: Bracket::Closed }
    }

    /// The next word; at the end always [`TokenKind::End`]. Errors: what stands there is none.
    pub(super) fn read(&mut self) -> Result<Token, ParseError> {
        loop {
            self.start = self.at;
            let kind = if self.in_braces {
                self.read_in_braces()?
            } else if let Bracket::Length { has_word, has_colon } = self.bracket {
                self.read_length(has_word, has_colon)?
            } else {
                self.read_statement()?
            };
            if let Some(kind) = kind {
                return Ok(Token { kind, span: Span { start: self.start, end: self.at } });
            }
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// Goes on while characters are wanted.
    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        self.at = self.text.len() - self.rest().trim_start_matches(wanted).len();
    }

    /// Takes a character if it is one of these.
    fn accept(&mut self, wanted: impl Fn(char) -> bool) -> bool {
        let found = self.peek().is_some_and(wanted);
        if found {
            self.next();
        }
        found
    }

    fn fail(&self, message: impl Into<String>) -> ParseError {
        ParseError::new(self.text, Span { start: self.start, end: self.text.len() }, message)
    }

    /// An error at what comes next, where that which was just read is right by itself.
    fn fail_behind(&mut self, message: impl Into<String>) -> ParseError {
        self.start = self.at;
        self.fail(message)
    }

    fn read_statement(&mut self) -> Result<Option<TokenKind>, ParseError> {
        use BinaryOperator as Op;
        let Some(c) = self.next() else { return self.end().map(Some) };
        let kind = match c {
            '#' => return Ok(self.skip_comment()),
            c if is_space(c) => return Ok(None),
            '*' | '/' | '%' | '+' | '-' | '^' | ',' | '(' => return self.read_sign(c).map(Some),
            ')' => return self.close_paren().map(Some),
            '=' if self.accept(|c| c == '=') => TokenKind::Operator(Op::Equal),
            '=' if self.peek() == Some('~') => return Err(self.fail("unexpected character after '=': '~'")),
            '=' => TokenKind::Assign,
            '!' => match self.next() {
                Some('=') => TokenKind::Operator(Op::NotEqual),
                c => return Err(self.fail(format!("unexpected character after '!': {}", quote_char(c)))),
            },
            '<' if self.accept(|c| c == '=') => TokenKind::Operator(Op::LessOrEqual),
            '<' if self.accept(|c| c == '/') => TokenKind::Operator(Op::TrimUpper),
            '<' => TokenKind::Operator(Op::Less),
            '>' if self.accept(|c| c == '=') => TokenKind::Operator(Op::GreaterOrEqual),
            '>' if self.accept(|c| c == '/') => TokenKind::Operator(Op::TrimLower),
            '>' => TokenKind::Operator(Op::Greater),
            c if self.begins_number(c) => return self.read_number(c).map(Some),
            '"' | '\'' => return self.read_text(c).map(Some),
            '`' => return self.read_raw_text().map(Some),
            c if begins_name(c) || c == ':' => match self.bracket {
                Bracket::Behind { has_colon } => return self.read_behind(c, has_colon).map(Some),
                _ => self.read_word(),
            },
            '{' => {
                self.in_braces = true;
                TokenKind::LeftBrace
            }
            '[' if self.bracket != Bracket::Closed => return Err(self.fail("unexpected left bracket '['")),
            '[' => {
                self.bracket = Bracket::Length { has_word: false, has_colon: false };
                TokenKind::LeftBracket
            }
            ']' if self.bracket == Bracket::Closed => return Err(self.fail("unexpected right bracket ']'")),
            ']' => {
                self.bracket = Bracket::Closed;
                TokenKind::RightBracket
            }
            '@' => TokenKind::At,
            c => return Err(self.fail(format!("unexpected character: {}", quote_char(Some(c))))),
        };
        Ok(Some(kind))
    }

    fn end(&self) -> Result<TokenKind, ParseError> {
        if self.parens_open > 0 {
            Err(self.fail("unclosed left parenthesis"))
        } else if self.bracket != Bracket::Closed {
            Err(self.fail("unclosed left bracket"))
        } else {
            Ok(TokenKind::End)
        }
    }

    fn skip_comment(&mut self) -> Option<TokenKind> {
        self.skip_while(|c| !matches!(c, '\n' | '\r'));
        None
    }

    /// The signs that may stand in a length, too.
    fn read_sign(&mut self, c: char) -> Result<TokenKind, ParseError> {
        Ok(match c {
            '*' => TokenKind::Operator(BinaryOperator::Multiply),
            '/' => TokenKind::Operator(BinaryOperator::Divide),
            '%' => TokenKind::Operator(BinaryOperator::Modulo),
            '+' => TokenKind::Operator(BinaryOperator::Add),
            '-' => TokenKind::Operator(BinaryOperator::Subtract),
            '^' => TokenKind::Operator(BinaryOperator::Power),
            ',' => TokenKind::Comma,
            '(' => {
                self.parens_open += 1;
                TokenKind::LeftParen
            }
            c => return Err(self.fail(format!("unexpected character: {}", quote_char(Some(c))))),
        })
    }

    fn close_paren(&mut self) -> Result<TokenKind, ParseError> {
        match self.parens_open.checked_sub(1) {
            Some(left) => self.parens_open = left,
            None => return Err(self.fail_behind("unexpected right parenthesis ')'")),
        }
        Ok(TokenKind::RightParen)
    }

    /// In brackets, before the first number.
    fn read_length(&mut self, has_word: bool, has_colon: bool) -> Result<Option<TokenKind>, ParseError> {
        let Some(c) = self.next() else {
            return Err(self.fail("unexpected end of input in duration expression"));
        };
        let kind = match c {
            ']' => {
                self.bracket = Bracket::Closed;
                TokenKind::RightBracket
            }
            ':' if !has_word => {
                return Err(self.fail_behind("unexpected colon before duration in duration expression"));
            }
            ':' if has_colon => return Err(self.fail_behind("unexpected repeated colon in duration expression")),
            ':' => {
                self.bracket = Bracket::Length { has_word, has_colon: true };
                TokenKind::Colon
            }
            c if is_space(c) => return Ok(None),
            '+' | '-' | '*' | '/' | '%' | '^' | ',' | '(' => self.read_sign(c)?,
            ')' => self.close_paren()?,
            c if self.begins_number(c) => {
                self.bracket = Bracket::Behind { has_colon };
                self.read_number(c)?
            }
            c => match self.read_duration_word(c) {
                Some(kind) => {
                    self.bracket = Bracket::Length { has_word: true, has_colon };
                    kind
                }
                None => {
                    let shown = quote_char(Some(c));
                    return Err(self.fail(format!("unexpected character in duration expression: {shown}")));
                }
            },
        };
        Ok(Some(kind))
    }

    /// A letter or colon in brackets, behind the first number.
    fn read_behind(&mut self, c: char, has_colon: bool) -> Result<TokenKind, ParseError> {
        if c == ':' {
            if has_colon {
                return Err(self.fail("unexpected colon ':'"));
            }
            self.bracket = Bracket::Behind { has_colon: true };
            return Ok(TokenKind::Colon);
        }
        self.read_duration_word(c)
            .ok_or_else(|| self.fail(format!("unexpected character: {}, expected ':'", quote_char(Some(c)))))
    }

    fn read_duration_word(&mut self, first: char) -> Option<TokenKind> {
        if !begins_name(first) {
            return None;
        }
        self.skip_while(begins_name);
        TokenKind::of_duration_word(&self.text[self.start..self.at])
    }

    /// A word, of which the first character has been read.
    fn read_word(&mut self) -> TokenKind {
        self.skip_while(|c| continues_name(c) || c == ':');
        let word = &self.text[self.start..self.at];
        match TokenKind::of_word(word) {
            // These came late to the language, and there are metrics with their names: only an argument tells.
            Some(TokenKind::Fill | TokenKind::FillLeft | TokenKind::FillRight)
                if !self.rest().trim_start_matches(is_space).starts_with('(') =>
            {
                TokenKind::Identifier
            }
            Some(kind) => kind,
            None if word.contains(':') => TokenKind::MetricIdentifier,
            None => TokenKind::Identifier,
        }
    }

    fn read_in_braces(&mut self) -> Result<Option<TokenKind>, ParseError> {
        let Some(c) = self.next() else { return Err(self.fail("unexpected end of input inside braces")) };
        let kind = match c {
            '#' => return Ok(self.skip_comment()),
            c if is_space(c) => return Ok(None),
            c if begins_name(c) => {
                self.skip_while(continues_name);
                TokenKind::Identifier
            }
            ',' => TokenKind::Comma,
            '"' | '\'' => return self.read_text(c).map(Some),
            '`' => return self.read_raw_text().map(Some),
            '=' if self.accept(|c| c == '~') => TokenKind::RegexMatch,
            '=' => TokenKind::Assign,
            '!' => match self.next() {
                Some('~') => TokenKind::RegexNoMatch,
                Some('=') => TokenKind::Operator(BinaryOperator::NotEqual),
                c => {
                    let shown = quote_char(c);
                    return Err(self.fail(format!("unexpected character after '!' inside braces: {shown}")));
                }
            },
            '{' => return Err(self.fail("unexpected left brace '{'")),
            '}' => {
                self.in_braces = false;
                TokenKind::RightBrace
            }
            c => return Err(self.fail(format!("unexpected character inside braces: {}", quote_char(Some(c))))),
        };
        Ok(Some(kind))
    }

    /// A text, of which the quote has been read; its escapes are checked, but not replaced.
    fn read_text(&mut self, quote: char) -> Result<TokenKind, ParseError> {
        loop {
            match self.next() {
                Some('\\') => self.read_escape(quote)?,
                // Prometheus takes it for what Go makes of bytes that are no text.
                Some(char::REPLACEMENT_CHARACTER) => return Err(self.fail("invalid UTF-8 rune")),
                None | Some('\n') => return Err(self.fail("unterminated quoted string")),
                Some(c) if c == quote => return Ok(TokenKind::Text),
                Some(_) => {}
            }
        }
    }

    fn read_escape(&mut self, quote: char) -> Result<(), ParseError> {
        let (first, count, radix, max) = match self.next() {
            None => return Err(self.fail("escape sequence not terminated")),
            Some('a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '\\') => return Ok(()),
            Some(c) if c == quote => return Ok(()),
            Some(c @ '0'..='7') => (Some(c), 3, 8, 255),
            Some('x') => (self.next(), 2, 16, 255),
            Some('u') => (self.next(), 4, 16, u32::from(char::MAX)),
            Some('U') => (self.next(), 8, 16, u32::from(char::MAX)),
            Some(c) => return Err(self.fail(format!("unknown escape sequence {}", name_char(c)))),
        };
        let mut value = 0_u32;
        let mut c = first;
        for left in (0..count).rev() {
            let Some(digit) = c else { return Err(self.fail("escape sequence not terminated")) };
            let Some(digit) = digit.to_digit(radix) else {
                return Err(self.fail(format!("illegal character {} in escape sequence", name_char(digit))));
            };
            value = value * radix + digit;
            if left > 0 {
                c = self.next();
            }
        }
        if value > max || (0xd800..0xe000).contains(&value) {
            return Err(self.fail("escape sequence is an invalid Unicode code point"));
        }
        Ok(())
    }

    fn read_raw_text(&mut self) -> Result<TokenKind, ParseError> {
        loop {
            match self.next() {
                Some('`') => return Ok(TokenKind::Text),
                Some(char::REPLACEMENT_CHARACTER) => return Err(self.fail("invalid UTF-8 rune")),
                None => return Err(self.fail("unterminated raw string")),
                Some(_) => {}
            }
        }
    }

    fn begins_number(&self, c: char) -> bool {
        c.is_ascii_digit() || c == '.' && self.peek().is_some_and(|c| c.is_ascii_digit())
    }

    /// A number or a length, of which the first character has been read.
    fn read_number(&mut self, first: char) -> Result<TokenKind, ParseError> {
        self.at -= first.len_utf8();
        if self.skip_number() {
            return Ok(TokenKind::Number);
        }
        if self.skip_duration() {
            return Ok(TokenKind::Duration);
        }
        // Prometheus shows the letter that does not belong there, too, where it came as far as a unit.
        let shown = quote(&self.text[self.start..self.at]);
        Err(self.fail(format!("bad number or duration syntax: {shown}")))
    }

    /// Goes behind a number, and tells whether it is one as far as its characters go.
    fn skip_number(&mut self) -> bool {
        let is_hex = self.accept(|c| c == '0') && self.accept(|c| matches!(c, 'x' | 'X'));
        if is_hex {
            self.accept(|c| c == '_');
        }
        let is_digit = |c: char| c.is_ascii_digit() || is_hex && c.is_ascii_hexdigit();
        self.accept(|c| c == '.');
        self.accept(is_digit);
        let (mut has_dot, mut has_exponent) = (false, false);
        while let Some(c) = self.peek() {
            match c {
                '.' => {
                    self.next();
                    if std::mem::replace(&mut has_dot, true) || self.accept(|c| matches!(c, '_' | '.')) || is_hex {
                        return false;
                    }
                }
                // Before digits, as Prometheus has it: in hexadecimal numbers these are both.
                'e' | 'E' => {
                    self.next();
                    if std::mem::replace(&mut has_exponent, true) {
                        return false;
                    }
                    self.accept(|c| matches!(c, '+' | '-'));
                    if self.accept(|c| matches!(c, '.' | '_' | 'e' | 'E')) || self.peek().is_none() {
                        return false;
                    }
                }
                '_' => {
                    self.next();
                    if self.accept(|c| matches!(c, '.' | '_' | 'e' | 'E')) || self.peek().is_none() {
                        return false;
                    }
                }
                c if is_digit(c) => self.skip_while(is_digit),
                _ => break,
            }
        }
        !self.peek().is_some_and(continues_name)
    }

    /// Goes behind the units of a length, of which the first number has been read, and tells whether it is one as far
    /// as its characters go. Where not, it goes behind the character that does not belong there.
    fn skip_duration(&mut self) -> bool {
        if !self.accept(|c| matches!(c, 's' | 'm' | 'h' | 'd' | 'w' | 'y')) {
            return false;
        }
        self.accept(|c| c == 's');
        while self.accept(|c| c.is_ascii_digit()) {
            self.skip_while(|c| c.is_ascii_digit());
            if !self.accept(|c| matches!(c, 's' | 'm' | 'h' | 'd' | 'w')) {
                return false;
            }
            self.accept(|c| c == 's');
        }
        !self.accept(continues_name)
    }
}
