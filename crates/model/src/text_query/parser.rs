//! Tokens → tree, by recursive descent that goes as deep as parentheses nest and no deeper.

use super::error::{TextQueryError, TextQueryProblem};
use super::lexer::{Lexeme, Operand, Token, scan};
use super::number::{Comparison, Literal, Number};
use super::pattern::Pattern;
use super::query::{
    FieldTest, TEXT_QUERY_BYTES_MAX, TEXT_QUERY_NESTING_MAX, TEXT_QUERY_PATTERNS_MAX, TEXT_QUERY_TERMS_MAX, TextNode,
    TextTerm,
};
use super::word::Words;

/// Operators that somebody typed with spaces around them. As words they would find nothing that was meant.
const LONE_OPERATORS: [&str; 7] = [":", "=", "==", ">", ">=", "<", "<="];

/// Reads a whole query.
pub(super) fn parse(text: &str) -> Result<TextNode, TextQueryError> {
    if text.len() > TEXT_QUERY_BYTES_MAX {
        let problem = TextQueryProblem::TooLong { bytes: text.len() };
        return Err(TextQueryError::at(text, text.floor_char_boundary(TEXT_QUERY_BYTES_MAX), problem));
    }
    let mut parser = Parser { text, lexemes: scan(text)?, next: 0, nesting: 0, term_count: 0, pattern_count: 0 };
    if *parser.peek() == Token::End {
        return Ok(TextNode::Term(TextTerm::Everything));
    }
    let root = parser.or(None)?;
    match parser.peek() {
        Token::End => Ok(root),
        // Whatever else cannot go on a term begins one.
        _ => Err(parser.error(TextQueryProblem::UnopenedParenthesis)),
    }
}

struct Parser<'t> {
    text: &'t str,
    /// Never empty, and the last is the end.
    lexemes: Vec<Lexeme>,
    /// Index of the lexeme to be read next. Does not pass the end.
    next: usize,
    nesting: usize,
    term_count: usize,
    pattern_count: usize,
}

/// Each of these takes the field in whose parentheses it reads, if it does.
impl Parser<'_> {
    fn or(&mut self, field: Option<&str>) -> Result<TextNode, TextQueryError> {
        let mut nodes = vec![self.and(field)?];
        while *self.peek() == Token::Or {
            self.advance();
            nodes.push(self.and(field)?);
        }
        Ok(TextNode::or(nodes))
    }

    fn and(&mut self, field: Option<&str>) -> Result<TextNode, TextQueryError> {
        let mut nodes = vec![self.not(field)?];
        loop {
            match self.peek() {
                Token::And => self.advance(),
                Token::Not | Token::Open | Token::Field(_) | Token::Operand(_) => {}
                Token::End | Token::Close | Token::Or => return Ok(TextNode::and(nodes)),
            }
            nodes.push(self.not(field)?);
        }
    }

    fn not(&mut self, field: Option<&str>) -> Result<TextNode, TextQueryError> {
        let mut is_negated = false;
        while *self.peek() == Token::Not {
            is_negated = !is_negated;
            self.advance();
        }
        let node = self.primary(field)?;
        Ok(if is_negated { TextNode::not(node) } else { node })
    }

    fn primary(&mut self, field: Option<&str>) -> Result<TextNode, TextQueryError> {
        match self.peek().clone() {
            Token::Open => self.parentheses(field),
            Token::Field(_) if field.is_some() => Err(self.error(TextQueryProblem::NestedField)),
            Token::Field(name) => {
                self.advance();
                self.primary(Some(&name))
            }
            Token::Operand(operand) => {
                let term = self.term(field, operand)?;
                self.advance();
                Ok(TextNode::Term(term))
            }
            Token::And => Err(self.missing_term("AND")),
            Token::Or => Err(self.missing_term("OR")),
            Token::Close => Err(self.missing_term("')'")),
            Token::End | Token::Not => Err(self.missing_term("the end")),
        }
    }

    fn parentheses(&mut self, field: Option<&str>) -> Result<TextNode, TextQueryError> {
        let open = self.next;
        if self.nesting == TEXT_QUERY_NESTING_MAX {
            return Err(self.error(TextQueryProblem::TooDeep));
        }
        self.nesting += 1;
        self.advance();
        if *self.peek() == Token::Close {
            return Err(self.error_at(open, TextQueryProblem::EmptyParentheses));
        }
        let node = self.or(field)?;
        if *self.peek() != Token::Close {
            return Err(self.error_at(open, TextQueryProblem::UnclosedParenthesis));
        }
        self.advance();
        self.nesting -= 1;
        Ok(node)
    }

    fn term(&mut self, field: Option<&str>, operand: Operand) -> Result<TextTerm, TextQueryError> {
        if self.term_count == TEXT_QUERY_TERMS_MAX {
            return Err(self.error(TextQueryProblem::TooManyTerms));
        }
        self.term_count += 1;
        if matches!(operand, Operand::Pattern(_)) {
            if self.pattern_count == TEXT_QUERY_PATTERNS_MAX {
                return Err(self.error(TextQueryProblem::TooManyPatterns));
            }
            self.pattern_count += 1;
        }
        match field {
            None => text_term(operand),
            Some(name) => field_term(name, operand),
        }
        .map_err(|problem| self.error(problem))
    }

    fn peek(&self) -> &Token {
        &self.lexemes[self.next].token
    }

    fn advance(&mut self) {
        self.next = (self.next + 1).min(self.lexemes.len() - 1);
    }

    fn error(&self, problem: TextQueryProblem) -> TextQueryError {
        self.error_at(self.next, problem)
    }

    fn error_at(&self, lexeme: usize, problem: TextQueryProblem) -> TextQueryError {
        TextQueryError::at(self.text, self.lexemes[lexeme].at, problem)
    }

    fn missing_term(&self, found: &'static str) -> TextQueryError {
        self.error(TextQueryProblem::MissingTerm { found })
    }
}

/// What is searched for in the record's text.
fn text_term(operand: Operand) -> Result<TextTerm, TextQueryProblem> {
    match operand {
        Operand::Star => Ok(TextTerm::Everything),
        Operand::Pattern(source) => Pattern::new(&source).map(TextTerm::Pattern).map_err(TextQueryProblem::Pattern),
        Operand::Quoted(text) | Operand::QuotedPrefix(text) if text.is_empty() => Err(TextQueryProblem::EmptyPhrase),
        Operand::Bare(text) if LONE_OPERATORS.contains(&text.as_str()) => Err(TextQueryProblem::LoneOperator(text)),
        Operand::Bare(text) | Operand::Quoted(text) => Ok(TextTerm::Words(Words::whole(&text))),
        Operand::BarePrefix(text) | Operand::QuotedPrefix(text) => Ok(TextTerm::Words(Words::prefix(&text))),
    }
}

/// What a field is held against.
fn field_term(name: &str, operand: Operand) -> Result<TextTerm, TextQueryProblem> {
    let is_text = matches!(name, "body" | "message");
    let test = match operand {
        Operand::Bare(text) if text.starts_with(['>', '<']) => comparison(&text)?,
        // A star makes no number.
        Operand::BarePrefix(text) if text.starts_with(['>', '<']) => comparison(&format!("{text}*"))?,
        Operand::Star => FieldTest::Exists,
        operand if is_text => return text_term(operand),
        Operand::Bare(text) | Operand::Quoted(text) => FieldTest::Equals(Literal::new(text)),
        Operand::BarePrefix(text) | Operand::QuotedPrefix(text) => FieldTest::Prefix(text),
        Operand::Pattern(source) => FieldTest::Pattern(Pattern::new(&source).map_err(TextQueryProblem::Pattern)?),
    };
    Ok(TextTerm::Field { name: name.to_owned(), test })
}

fn comparison(text: &str) -> Result<FieldTest, TextQueryProblem> {
    let stripped = Comparison::strip(text);
    let test = stripped
        .and_then(|(comparison, number)| Some(FieldTest::Compare(comparison, Number::parse_with_unit(number)?)));
    test.ok_or_else(|| TextQueryProblem::NotANumber { text: stripped.map_or(text, |(_, number)| number).to_owned() })
}

#[cfg(test)]
mod tests {
    use super::super::TextQuery;

    /// The expected text is that of the query read, which shows how it was understood and reads back the same.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let query = TextQuery::parse(text);
        let written = query.as_ref().map(TextQuery::to_string).map_err(ToString::to_string);
        assert_eq!(written.as_deref(), Ok(expected), "{text:?}");
        assert_eq!(TextQuery::parse(expected), query, "{text:?}");
    }

    #[track_caller]
    fn check_refused(text: &str, expected: &str) {
        let error = TextQuery::parse(text).map(|query| query.to_string()).map_err(|error| error.to_string());
        let error = error.expect_err(text);
        assert!(error.starts_with(expected), "{text:?}: {error}");
    }

    #[test]
    fn terms_are_words_phrases_prefixes_and_patterns() {
        check("", "*");
        check(" \n", "*");
        check("*", "*");
        check("timeout", "timeout");
        check("Größe", "Größe");
        check("\"connection refused\"", "\"connection refused\"");
        check("\"plain\"", "plain");
        check("conn*", "conn*");
        check("\"connection re\"*", "\"connection re\"*");
        check("/conn.*(refused|reset)/", "/conn.*(refused|reset)/");
        check(r"/a\/b\\/", r"/a\/b\\/");
        check(r"/\d+ ms/", r"/\d+ ms/");
        check("a\"b c\"d", "a \"b c\" d");
        check(r#""\"quoted\" C:\dir\\""#, r#""\"quoted\" C:\\dir\\""#);
        check("\"AND\"", "\"AND\"");
        check("and or not", "and or not");
    }

    #[test]
    fn not_binds_before_and_and_and_before_or() {
        check("a b", "a b");
        check("a AND b", "a b");
        check("a OR b c", "a OR (b c)");
        check("a b OR c d", "(a b) OR (c d)");
        check("(a OR b) c", "(a OR b) c");
        check("NOT a b", "NOT a b");
        check("NOT (a b)", "NOT (a b)");
        check("a OR NOT b OR c", "a OR NOT b OR c");
        check("a AND NOT b", "a NOT b");
        check("timeout OR \"connection refused\" NOT healthz", "timeout OR (\"connection refused\" NOT healthz)");
        check("((a) (b c)) OR (d OR e)", "(a b c) OR d OR e");
        check("-a !b", "NOT a NOT b");
        check("-(a OR b)", "NOT (a OR b)");
        check("NOT NOT a", "a");
        check("--a", "a");
        check("NOT (NOT a)", "a");
        check("NOT *", "NOT *");
    }

    #[test]
    fn fields_are_names_with_an_operator_directly_behind() {
        check("level:error", "level:error");
        check("http.route:\"/cart items\"", "http.route:\"/cart items\"");
        check("url.path:/api/cart", "url.path:\"/api/cart\"");
        check("url.path:/^.api/", "url.path:/^.api/");
        check("@l:x _a:y a/b@c-d:z", "\"@l\":x _a:y \"a/b@c-d\":z");
        check("\"my field\":value", "\"my field\":value");
        check("\"\":\"\"", "\"\":\"\"");
        check("user:ann*", "user:ann*");
        check("user:*", "user:*");
        check("user:\"\"*", "user:\"\"*");
        check("a:b:c", "a:\"b:c\"");
        check("a:-5", "a:\"-5\"");
        check("level!=debug", "NOT level:debug");
        check("-level!=debug", "level:debug");
        check("\"a b\"!=c", "NOT \"a b\":c");
        check("level:(error OR warn*)", "level:error OR level:warn*");
        check("level!=(error OR warn)", "NOT (level:error OR level:warn)");
        check("a:(b -c (d OR \"e f\"))", "a:b NOT a:c (a:d OR a:\"e f\")");
    }

    #[test]
    fn comparisons_take_numbers_and_durations() {
        check("status>=500", "status>=500");
        check("status<500", "status<500");
        check("a>-1.50", "a>-1.5");
        check("a<=1e3", "a<=1000.0");
        check("duration>200ms", "duration>200000000");
        check("\"my field\">5", "\"my field\">5");
        check("status:>=500", "status>=500");
        check("status:(>=400 <500)", "status>=400 status<500");
        check("body>5", "body>5");
    }

    #[test]
    fn body_and_message_are_the_text() {
        check("body:refused", "refused");
        check("message:\"connection refused\"", "\"connection refused\"");
        check("body:conn*", "conn*");
        check("message!=x", "NOT x");
        check("body:(a OR /b/)", "a OR /b/");
        check("body:*", "body:*");
        check("Body:x", "Body:x");
    }

    #[test]
    fn what_only_looks_like_a_field_or_pattern_is_a_word() {
        for word in [
            "http://x/y",
            "postgres://db",
            "std::io",
            "10:15:32",
            "127.0.0.1:8080",
            ":8080",
            "/api/v1",
            "/api",
            "//",
            "//x/",
            "a=b",
            "a=>b",
            "<nil>",
            ">5",
            "[x]",
            "{",
            "a-b!",
            "it's",
            "&&",
            "/x/y/",
        ] {
            check(word, &format!("\"{word}\""));
        }
        check("/var/log failed in /tmp", "\"/var/log\" failed in \"/tmp\"");
        check("std::io*", "\"std::io\"*");
    }

    #[test]
    fn what_is_not_a_query_is_refused_with_what_to_write() {
        check_refused("AND a", "at character 1: found AND, expected a word, a field or '('");
        check_refused("a OR", "at character 5: found the end, expected");
        check_refused("a AND OR b", "at character 7: found OR, expected");
        check_refused("a NOT", "at character 6: found the end, expected");
        check_refused("(a OR)", "at character 6: found ')', expected");
        check_refused("a - b", "at character 3: '-' must stand directly before what it negates, as in -healthz");
        check_refused("a !", "at character 3: '!' must stand directly before");
        check_refused("status >= 500", "at character 8: '>=' must follow a field's name");
        check_refused("a = b", "at character 3: '=' must follow a field's name");
        check_refused("!=5", "at character 1: '!=' must follow a field's name");
        check_refused("ä level: error", "at character 3: a value must follow \"level\"");
        check_refused("(level:)", "at character 2: a value must follow \"level\"");
        check_refused("\"a b\":", "at character 1: a value must follow \"a b\"");
        check_refused("status> 500", "at character 7: \"\" is not a number");
        check_refused("status>=5xx", "at character 7: \"5xx\" is not a number");
        check_refused("a->b", "at character 3: \"b\" is not a number");
        check_refused("a>5*", "at character 2: \"5*\" is not a number");
        check_refused("a:>\"5\"", "at character 3: \"\" is not a number");
        check_refused("a:(b:c)", "at character 4: a field cannot stand in the parentheses of another");
        check_refused("time*out", "at character 1: '*' in \"time*out\" does not end a word");
        check_refused("a:*b", "at character 3: '*' in \"*b\" does not end a word");
        check_refused("x \"\"", "at character 3: an empty phrase finds nothing");
        check_refused("body:\"\"", "at character 6: an empty phrase finds nothing");
        check_refused("x \"a\\\"", "at character 3: this double quote does not close");
        check_refused("x (a", "at character 3: this '(' does not close");
        check_refused("a) b", "at character 2: this ')' closes nothing");
        check_refused("main()", "at character 5: nothing stands between '(' and ')'");
        check_refused("x /(/", "at character 3: this is not a regular expression: unclosed group; to search");
    }

    #[test]
    fn every_limit_is_allowed_and_one_more_is_not() {
        #[track_caller]
        fn check(allowed: &str, refused: &str, expected: &str) {
            assert!(TextQuery::parse(allowed).is_ok(), "{:?}", TextQuery::parse(allowed));
            let error = TextQuery::parse(refused).expect_err("beyond the limit").to_string();
            assert!(error.contains(expected), "{error}");
        }
        let times = |text: &str, count: usize| text.repeat(count);
        let nested = |depth: usize| format!("{}a{}", times("-(a OR ", depth), times(")", depth));
        check(&nested(32), &nested(33), "nest deeper than 32");
        check(&times("a ", 128), &times("a ", 129), "more than 128 terms");
        check(&times("/a/ ", 16), &times("/a/ ", 17), "more than 16 regular expressions");
        check(&times("a", 4096), &times("a", 4097), "4097 bytes long");
        check(&format!("{}a", times("-", 4095)), &times("é", 2049), "4098 bytes long");
        check(&format!("/{}/", times("a", 1024)), &format!("/{}/", times("a", 1025)), "1025 bytes long");
        check(r"/\pL{10}/", r"/\pL{1000}/", "when compiled");
        let groups = |depth: usize| format!("/{}a{}/", times("(", depth), times(")", depth));
        check(&groups(49), &groups(51), "not a regular expression");
    }
}
