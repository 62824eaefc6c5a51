//! Rust source with its strings and comments told apart from its code.
//!
//! This is a lexer for the few tokens that can hide others: comments, strings in all their forms, characters.
//! Everything is kept at its byte offset, so that a position in the code is a position in the file.

use std::ops::Range;

/// A Rust file, read once by all checks that look at code.
#[derive(Debug)]
pub(crate) struct RustText<'a> {
    source: &'a str,
    /// As long as `source`; the insides of strings and characters, and all comments, are spaces.
    /// A string keeps a `"` at either end, whatever its form.
    code: String,
    /// The insides of all string literals, in order; escapes are as written.
    literals: Vec<Range<usize>>,
}

impl<'a> RustText<'a> {
    pub(crate) fn new(source: &'a str) -> RustText<'a> {
        let mut lexer = Lexer { source, bytes: source.as_bytes(), at: 0, literals: Vec::new() };
        let mut code = source.as_bytes().to_vec();
        while lexer.at < lexer.bytes.len() {
            let start = lexer.at;
            let token = lexer.next();
            if token == Token::Code {
                continue;
            }
            for byte in &mut code[start..lexer.at] {
                if *byte != b'\n' {
                    *byte = b' ';
                }
            }
            if token == Token::String {
                code[start] = b'"';
                code[lexer.at - 1] = b'"';
            }
        }
        let Lexer { literals, .. } = lexer;
        let code = String::from_utf8(code).expect("whole characters were replaced by spaces");
        RustText { source, code, literals }
    }

    /// The code alone, at the byte offsets of the file.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }

    /// The inside of the literal whose opening `"` in `code` is at `offset`.
    pub(crate) fn literal_at(&self, offset: usize) -> Option<&'a str> {
        // The inside starts after the opening of any form, so it is the first that starts beyond the `"`.
        let next = self.literals.partition_point(|literal| literal.start <= offset);
        self.literals.get(next).map(|range| &self.source[range.clone()])
    }

    /// The line of a byte offset, counted from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.source[..offset].bytes().filter(|byte| *byte == b'\n').count() + 1
    }

    /// Whether `offset` is inside a string literal, where blanks are data.
    pub(crate) fn is_in_string(&self, offset: usize) -> bool {
        self.literals.iter().any(|literal| literal.start <= offset && offset < literal.end)
    }

    /// The offset of the bracket that closes the one at `open`; the end of the file when none does.
    pub(crate) fn close_of(&self, open: usize) -> usize {
        let mut depth = 0usize;
        for (at, byte) in self.code.bytes().enumerate().skip(open) {
            match byte {
                b'(' | b'[' | b'{' => depth += 1,
                b')' | b']' | b'}' => depth = depth.saturating_sub(1),
                _ => continue,
            }
            if depth == 0 {
                return at;
            }
        }
        self.code.len()
    }

    /// The offsets at which `word` stands in the code as a word of its own.
    pub(crate) fn words<'w>(&'w self, word: &'w str) -> impl Iterator<Item = usize> + 'w {
        self.code.match_indices(word).map(|(at, _)| at).filter(move |at| {
            let before = self.code[..*at].chars().next_back();
            let after = self.code[at + word.len()..].chars().next();
            !before.is_some_and(is_word) && !after.is_some_and(is_word)
        })
    }

    /// The insides of `#[cfg(test)] mod … { … }`.
    pub(crate) fn test_modules(&self) -> Vec<Range<usize>> {
        let mut modules = Vec::new();
        for (at, attribute) in self.code.match_indices("#[cfg(test)]") {
            let rest = &self.code[at + attribute.len()..];
            let Some(open) = rest.find('{').filter(|open| rest[..*open].trim_start().starts_with("mod ")) else {
                continue;
            };
            let open = at + attribute.len() + open;
            modules.push(open..self.close_of(open));
        }
        modules
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Code,
    Comment,
    String,
    Character,
}

struct Lexer<'a> {
    source: &'a str,
    bytes: &'a [u8],
    at: usize,
    literals: Vec<Range<usize>>,
}

impl Lexer<'_> {
    /// Moves past one token and says what it was; code goes by one byte at a time.
    fn next(&mut self) -> Token {
        let rest = &self.bytes[self.at..];
        match rest {
            [b'/', b'/', ..] => self.line_comment(),
            [b'/', b'*', ..] => self.block_comment(),
            [b'"', ..] => self.string(1),
            [b'b' | b'c', b'"', ..] if self.starts_a_word() => self.string(2),
            [b'r', ..] if self.starts_a_word() => self.raw_string(1),
            [b'b' | b'c', b'r', ..] if self.starts_a_word() => self.raw_string(2),
            [b'\'', ..] => self.character_or_lifetime(),
            _ => self.code(),
        }
    }

    fn starts_a_word(&self) -> bool {
        self.at == 0 || !(self.bytes[self.at - 1].is_ascii_alphanumeric() || self.bytes[self.at - 1] == b'_')
    }

    fn code(&mut self) -> Token {
        self.at += 1;
        Token::Code
    }

    fn line_comment(&mut self) -> Token {
        let length = self.bytes[self.at..].iter().position(|byte| *byte == b'\n').unwrap_or(self.bytes.len() - self.at);
        self.at += length;
        Token::Comment
    }

    /// Block comments nest.
    fn block_comment(&mut self) -> Token {
        let mut depth = 0usize;
        while self.at < self.bytes.len() {
            match &self.bytes[self.at..] {
                [b'/', b'*', ..] => (depth, self.at) = (depth + 1, self.at + 2),
                [b'*', b'/', ..] => (depth, self.at) = (depth - 1, self.at + 2),
                _ => self.at += 1,
            }
            if depth == 0 {
                break;
            }
        }
        Token::Comment
    }

    fn string(&mut self, opening: usize) -> Token {
        self.at += opening;
        let inside = self.at;
        self.skip_to_unescaped(b'"');
        self.literals.push(inside..self.at);
        self.at = (self.at + 1).min(self.bytes.len());
        Token::String
    }

    /// `r"…"`, `r#"…"#` and so on; `prefix` is the length of `r`, `br` or `cr`. A raw identifier is code.
    fn raw_string(&mut self, prefix: usize) -> Token {
        let hashes = self.bytes[self.at + prefix..].iter().take_while(|byte| **byte == b'#').count();
        let inside = self.at + prefix + hashes + 1;
        if self.bytes.get(inside - 1) != Some(&b'"') {
            return self.code();
        }
        let closing: Vec<u8> = [b'"'].into_iter().chain(std::iter::repeat_n(b'#', hashes)).collect();
        let length = self.bytes[inside..].windows(closing.len()).position(|window| window == closing);
        let end = length.map_or(self.bytes.len(), |length| inside + length);
        self.literals.push(inside..end);
        self.at = (end + closing.len()).min(self.bytes.len());
        Token::String
    }

    /// `'a'` and `'\n'` are characters; the quote of `'a` in `&'a str` is code.
    fn character_or_lifetime(&mut self) -> Token {
        let mut characters = self.source[self.at + 1..].chars();
        match (characters.next(), characters.next()) {
            (Some('\\'), _) => {
                self.at += 1;
                self.skip_to_unescaped(b'\'');
                self.at = (self.at + 1).min(self.bytes.len());
                Token::Character
            }
            (Some(one), Some('\'')) => {
                self.at += one.len_utf8() + 2;
                Token::Character
            }
            _ => self.code(),
        }
    }

    fn skip_to_unescaped(&mut self, quote: u8) {
        while self.at < self.bytes.len() && self.bytes[self.at] != quote {
            self.at += if self.bytes[self.at] == b'\\' { 2 } else { 1 };
        }
        self.at = self.at.min(self.bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of `source` when strings, characters and comments are blank; blanks are squeezed.
    fn check(source: &str, code: &str) {
        let text = RustText::new(source);
        assert_eq!(text.code().len(), source.len(), "offsets must stay: {source}");
        assert_eq!(text.code().split_whitespace().collect::<Vec<_>>().join(" "), code, "{source}");
    }

    #[test]
    fn comments_and_strings_are_blank() {
        check("let a = 1; // { \"\nlet b;", "let a = 1; let b;");
        check("a /* { /* nested */ } */ b", "a b");
        check(r#"f("{ // \" }", x)"#, r#"f(" ", x)"#);
        check(r##"f(r#"{ " }"#, br"\", c"x")"##, r#"f(" ", " ", " ")"#);
        check("r#fn(r)", "r#fn(r)");
        check("\"unfinished {", "\" \"");
    }

    #[test]
    fn characters_are_blank_and_lifetimes_are_code() {
        check(r"match c { '{' => 1, '\'' => 2, '\u{1f}' => 3, 'é' => 4, b'}' => 5 }", {
            "match c { => 1, => 2, => 3, => 4, b => 5 }"
        });
        check("fn f<'a>(x: &'a str, y: &'static str) {}", "fn f<'a>(x: &'a str, y: &'static str) {}");
    }

    #[test]
    fn a_literal_is_found_by_its_opening_quote() {
        let source = r##"f(r#"one"#, "two\n", b"three")"##;
        let text = RustText::new(source);
        let quotes: Vec<usize> = text.code().match_indices('"').map(|(at, _)| at).step_by(2).collect();
        let literals: Vec<_> = quotes.iter().map(|at| text.literal_at(*at).unwrap()).collect();
        assert_eq!(literals, ["one", "two\\n", "three"]);
    }

    #[test]
    fn modules_of_tests_are_found_by_their_braces() {
        let source = "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() { {} }\n}\nfn c() {}\n#[cfg(test)]\nmod far;\n";
        let text = RustText::new(source);
        let modules: Vec<&str> = text.test_modules().into_iter().map(|range| &source[range]).collect();
        assert_eq!(modules, ["{\n fn b() { {} }\n"]);
    }
}
