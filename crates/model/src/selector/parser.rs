//! Tokens → selectors. No recursion: the grammar is flat, and its length is bounded by the text's.

use super::error::{SelectorError, SelectorProblem};
use super::label_syntax::{check_key, check_value};
use super::lexer::{Dialect, Lexeme, Token, scan};
use super::requirement::{Operator, Requirement};
use super::selector::{SELECTOR_ALTERNATIVES_MAX, SELECTOR_BYTES_MAX, SELECTOR_REQUIREMENTS_MAX, Selector};

const EXPECTED_START: &str = "a key, '!' or the end";
const EXPECTED_NEXT: &str = "a key or '!' after ','";
const EXPECTED_KEY: &str = "a key";
const EXPECTED_OPERATOR: &str = "'=', '==', '!=', 'in', 'notin', '>', '<', ',' or the end";
const EXPECTED_AFTER: &str = "',' or the end";
const EXPECTED_VALUE: &str = "a value, ',' or the end";
const EXPECTED_OPEN: &str = "'('";
const EXPECTED_LIST_VALUE: &str = "a value, ',' or ')'";
const EXPECTED_LIST_AFTER: &str = "',' or ')'";

/// Reads the alternatives of a text: one or more, and exactly one in Kubernetes' dialect.
pub(super) fn parse(text: &str, dialect: Dialect) -> Result<Vec<Selector>, SelectorError> {
    if text.len() > SELECTOR_BYTES_MAX {
        let problem = SelectorProblem::TooLong { bytes: text.len() };
        return Err(SelectorError::at(text, text.floor_char_boundary(SELECTOR_BYTES_MAX), problem));
    }
    Parser { text, dialect, lexemes: scan(text, dialect)?, next: 0, requirement_count: 0 }.alternatives()
}

struct Parser<'t> {
    text: &'t str,
    dialect: Dialect,
    /// Never empty, and the last is the end.
    lexemes: Vec<Lexeme>,
    /// Index of the lexeme to be read next. Does not pass the end.
    next: usize,
    requirement_count: usize,
}

impl Parser<'_> {
    fn alternatives(&mut self) -> Result<Vec<Selector>, SelectorError> {
        let mut alternatives = Vec::new();
        loop {
            if alternatives.len() == SELECTOR_ALTERNATIVES_MAX {
                return Err(self.error(SelectorProblem::TooManyAlternatives));
            }
            let requirements = self.requirements()?;
            let is_last = *self.peek() == Token::End;
            if requirements.is_empty() && !(is_last && alternatives.is_empty()) {
                return Err(self.error(SelectorProblem::EmptyAlternative));
            }
            alternatives.push(Selector::new(requirements));
            if is_last {
                return Ok(alternatives);
            }
            self.advance();
        }
    }

    /// The requirements up to `||` or the end, which is left to be read.
    fn requirements(&mut self) -> Result<Vec<Requirement>, SelectorError> {
        let mut requirements = Vec::new();
        if matches!(self.peek(), Token::End | Token::Or) {
            return Ok(requirements);
        }
        let mut expected = EXPECTED_START;
        loop {
            if !matches!(self.peek(), Token::Word(_) | Token::Not) {
                return Err(self.unexpected(expected));
            }
            if self.requirement_count == SELECTOR_REQUIREMENTS_MAX {
                return Err(self.error(SelectorProblem::TooManyRequirements));
            }
            self.requirement_count += 1;
            requirements.push(self.requirement()?);
            match self.peek() {
                Token::End | Token::Or => return Ok(requirements),
                Token::Comma => self.advance(),
                _ => return Err(self.unexpected(EXPECTED_AFTER)),
            };
            expected = EXPECTED_NEXT;
        }
    }

    fn requirement(&mut self) -> Result<Requirement, SelectorError> {
        let is_negated = *self.peek() == Token::Not;
        if is_negated {
            self.advance();
        }
        let key = self.key()?;
        let operator = if is_negated { Operator::DoesNotExist } else { self.operator()? };
        let values_at = self.lexemes[self.next].at;
        let values = match operator {
            Operator::Exists | Operator::DoesNotExist => Vec::new(),
            Operator::In | Operator::NotIn => self.list()?,
            _ => vec![self.exact_value()?],
        };
        // Key and values were held to their syntax where they were read, with the place at hand.
        Requirement::with_any_text(&key, operator, values)
            .map_err(|error| SelectorError::at(self.text, values_at, SelectorProblem::Requirement(error)))
    }

    fn key(&mut self) -> Result<String, SelectorError> {
        let Token::Word(key) = self.peek().clone() else { return Err(self.unexpected(EXPECTED_KEY)) };
        check_key(&key).map_err(|problem| self.error(SelectorProblem::Key { key: key.clone(), problem }))?;
        self.advance();
        Ok(key)
    }

    /// The operator after a key. No operator at all asks whether the key exists.
    fn operator(&mut self) -> Result<Operator, SelectorError> {
        let operator = match self.peek() {
            Token::End | Token::Comma | Token::Or => return Ok(Operator::Exists),
            Token::Equals => Operator::Equals,
            Token::DoubleEquals => Operator::DoubleEquals,
            Token::NotEquals => Operator::NotEquals,
            Token::Greater => Operator::GreaterThan,
            Token::Less => Operator::LessThan,
            Token::Word(word) if word == "in" => Operator::In,
            Token::Word(word) if word == "notin" => Operator::NotIn,
            _ => return Err(self.unexpected(EXPECTED_OPERATOR)),
        };
        self.advance();
        Ok(operator)
    }

    /// The one value after `=`, `==`, `!=`, `>` or `<`. No value at all is the empty value.
    fn exact_value(&mut self) -> Result<String, SelectorError> {
        match self.written_value()? {
            Some(value) => Ok(value),
            None if matches!(self.peek(), Token::End | Token::Comma | Token::Or) => Ok(String::new()),
            None => Err(self.unexpected(EXPECTED_VALUE)),
        }
    }

    /// The values in parentheses. Nothing before, between or after commas is an empty value.
    fn list(&mut self) -> Result<Vec<String>, SelectorError> {
        if *self.peek() != Token::Open {
            return Err(self.unexpected(EXPECTED_OPEN));
        }
        self.advance();
        let mut values = Vec::new();
        loop {
            let value = self.written_value()?;
            let expected = if value.is_some() { EXPECTED_LIST_AFTER } else { EXPECTED_LIST_VALUE };
            values.push(value.unwrap_or_default());
            let is_last = *self.peek() == Token::Close;
            if !is_last && *self.peek() != Token::Comma {
                return Err(self.unexpected(expected));
            }
            self.advance();
            if is_last {
                return Ok(values);
            }
        }
    }

    /// The value that stands here, if one does. `in` and `notin` are values too.
    fn written_value(&mut self) -> Result<Option<String>, SelectorError> {
        let value = match self.peek().clone() {
            Token::Quoted(value) => value,
            Token::Word(value) => {
                check_value(&value).map_err(|problem| {
                    let value = value.clone();
                    self.error(match self.dialect {
                        Dialect::Kubernetes => SelectorProblem::Value { value, problem },
                        Dialect::Nunchi => SelectorProblem::NeedsQuotes { value, problem },
                    })
                })?;
                value
            }
            _ => return Ok(None),
        };
        self.advance();
        Ok(Some(value))
    }

    fn peek(&self) -> &Token {
        &self.lexemes[self.next].token
    }

    fn advance(&mut self) {
        self.next = (self.next + 1).min(self.lexemes.len() - 1);
    }

    fn error(&self, problem: SelectorProblem) -> SelectorError {
        SelectorError::at(self.text, self.lexemes[self.next].at, problem)
    }

    fn unexpected(&self, expected: &'static str) -> SelectorError {
        let at = self.lexemes[self.next].at;
        let end = self.lexemes.get(self.next + 1).map_or(self.text.len(), |following| following.at);
        let found = match self.text[at..end].trim_end() {
            "" => "the end".to_owned(),
            text => format!("{text:?}"),
        };
        self.error(SelectorProblem::Unexpected { found, expected })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Selector, Selectors};

    /// Kubernetes' dialect; the expected text is that of the selector read, with its requirements sorted. Whatever
    /// Kubernetes reads, Nunchi's dialect reads alike.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(Selector::parse(text).map(|s| s.to_string()).as_deref(), Ok(expected), "{text:?}");
        let selectors = Selectors::parse(text).expect("what Kubernetes reads, we read");
        assert_eq!(selectors.alternatives(), [Selector::parse(text).expect("checked above")], "{text:?}");
    }

    #[track_caller]
    fn check_refused(text: &str, expected: &str) {
        assert_eq!(Selector::parse(text).map_err(|e| e.to_string()), Err(expected.to_owned()), "{text:?}");
    }

    #[track_caller]
    fn check_extended(text: &str, expected: Result<&str, &str>) {
        let found = Selectors::parse(text).map(|s| s.to_string()).map_err(|e| e.to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), expected, "{text:?}");
    }

    #[test]
    fn every_form_of_a_requirement_is_read() {
        check("", "");
        check(" \t\r\n", "");
        check("a", "a");
        check("!a", "!a");
        check("! a", "!a");
        check("a=b", "a=b");
        check("a==b", "a==b");
        check("a != b", "a!=b");
        check("a>1", "a>1");
        check("a < 007", "a<007");
        check("a in (b)", "a in (b)");
        check("a in(c,b)", "a in (b,c)");
        check("a\tnotin\n(b , c)", "a notin (b,c)");
        check("a,b=c,!d", "a,b=c,!d");
        check("example.com/a=b", "example.com/a=b");
    }

    #[test]
    fn requirements_are_sorted_by_key_and_keep_their_order_within_one() {
        check("c,a,b", "a,b,c");
        check("b>1,a=x,b<5,a!=y", "a=x,a!=y,b>1,b<5");
        // Bytes are compared, so upper case stands before lower case.
        check("a,B,A=1", "A=1,B,a");
    }

    #[test]
    fn missing_values_are_empty_values() {
        check("a=", "a=");
        check("a= ,b==,c!= ", "a=,b==,c!=");
        check("a in ()", "a in ()");
        check("a in (,)", "a in ()");
        check("a notin ( )", "a notin ()");
        check("a in (b,)", "a in (,b)");
        check("a in (,,b,,)", "a in (,b)");
    }

    #[test]
    fn in_and_notin_are_words_like_any_other() {
        check("in", "in");
        check("!notin", "!notin");
        check("in in (in,notin)", "in in (in,notin)");
        check("notin=in", "notin=in");
        check("notin notin (notin)", "notin notin (notin)");
    }

    #[test]
    fn what_is_not_a_selector_is_refused_with_what_belongs_there() {
        check_refused(",a", "at character 1: found \",\", expected a key, '!' or the end");
        check_refused("a,,b", "at character 3: found \",\", expected a key or '!' after ','");
        check_refused("a,", "at character 3: found the end, expected a key or '!' after ','");
        check_refused("!", "at character 2: found the end, expected a key");
        check_refused("!!a", "at character 2: found \"!\", expected a key");
        check_refused("!a=b", "at character 3: found \"=\", expected ',' or the end");
        check_refused(
            "a b",
            "at character 3: found \"b\", expected '=', '==', '!=', 'in', 'notin', '>', '<', ',' or the end",
        );
        check_refused(
            "a In (b)",
            "at character 3: found \"In\", expected '=', '==', '!=', 'in', 'notin', '>', '<', ',' or the end",
        );
        check_refused("a==b==c", "at character 5: found \"==\", expected ',' or the end");
        check_refused("a===b", "at character 4: found \"=\", expected a value, ',' or the end");
        check_refused("a= =b", "at character 4: found \"=\", expected a value, ',' or the end");
        check_refused("a=b c", "at character 5: found \"c\", expected ',' or the end");
        check_refused("a>=1", "at character 3: found \"=\", expected a value, ',' or the end");
        check_refused("a in b", "at character 6: found \"b\", expected '('");
        check_refused("a in (", "at character 7: found the end, expected a value, ',' or ')'");
        check_refused("a in (b", "at character 8: found the end, expected ',' or ')'");
        check_refused("a in (b c)", "at character 9: found \"c\", expected ',' or ')'");
        check_refused("a in (b=c)", "at character 8: found \"=\", expected ',' or ')'");
        check_refused("a in (b)c", "at character 9: found \"c\", expected ',' or the end");
        check_refused("(", "at character 1: found \"(\", expected a key, '!' or the end");
        check_refused("ä\0", "at character 2: a NUL character cannot be part of a selector: leave it out");
    }

    #[test]
    fn keys_and_values_are_held_to_their_syntax_at_their_place() {
        check_refused(
            "a=b,-c=d",
            "at character 5: the key \"-c\" has a name that is not a label's: use letters, digits, '-', '_' and \
             '.', with a letter or digit at both ends",
        );
        check_refused(
            "a in (b,c/d)",
            "at character 9: the value \"c/d\" is not a label value: use letters, digits, '-', '_' and '.', \
             with a letter or digit at both ends",
        );
        check_refused(
            "a<b",
            "at character 3: \"b\" is not an integer: '>' and '<' compare with a whole number, such as 5",
        );
        assert!(Selector::parse("a>-1").is_err());
        assert!(Selector::parse("a>").is_err());
        assert!(Selector::parse("x=a||y=b").is_err());
        assert!(Selector::parse("x=\"a\"").is_err());
    }

    #[test]
    fn alternatives_are_joined_by_two_pipes() {
        check_extended("a||b", Ok("a || b"));
        check_extended("b=1,a=2 || !c || d in (x)", Ok("a=2,b=1 || !c || d in (x)"));
        check_extended("a=||b", Ok("a= || b"));
        let one_sided = "nothing stands on one side of '||': write a selector on both sides, or leave out the '||'";
        check_extended("||", Err(&format!("at character 1: {one_sided}")));
        check_extended("a||", Err(&format!("at character 4: {one_sided}")));
        check_extended(" || a", Err(&format!("at character 2: {one_sided}")));
        check_extended("a || || b", Err(&format!("at character 6: {one_sided}")));
        check_extended("a,||b", Err("at character 3: found \"||\", expected a key or '!' after ','"));
        check_extended("a in (b||c)", Err("at character 8: found \"||\", expected ',' or ')'"));
        check_extended(
            "a|b",
            Err("at character 2: a single '|' means nothing: write '||' between selectors of which one must match"),
        );
    }

    #[test]
    fn any_text_is_a_value_in_quotes() {
        check_extended(r#"url="http://x/?a=b,c||d""#, Ok(r#"url="http://x/?a=b,c||d""#));
        check_extended(r#"a in ("b c", d ,"","in")"#, Ok(r#"a in (,"b c",d,in)"#));
        check_extended(r#"a="plain""#, Ok("a=plain"));
        check_extended(r#"a="\"\\\d""#, Ok(r#"a="\"\\\\d""#));
        check_extended("a=\"two\nlines\"||b=\"\"", Ok("a=\"two\nlines\" || b="));
        check_extended("a=\"\0\"", Ok("a=\"\0\""));
        check_extended(r#"a>"-5""#, Ok(r#"a>"-5""#));
        check_extended(&format!("a=\"{}\"", "v".repeat(64)), Ok(&format!("a=\"{}\"", "v".repeat(64))));
        check_extended(r#""a"=b"#, Err(r#"at character 1: found "\"a\"", expected a key, '!' or the end"#));
        check_extended(
            r#"a "in" (b)"#,
            Err(r#"at character 3: found "\"in\"", expected '=', '==', '!=', 'in', 'notin', '>', '<', ',' or the end"#),
        );
        check_extended(r#"a="b"c"#, Err(r#"at character 6: found "c", expected ',' or the end"#));
        check_extended(
            r#"a="b\""#,
            Err("at character 3: this double quote does not close: end the value with a double quote, and write \
                 \\\" for one inside"),
        );
        check_extended(
            "url=http://x",
            Err("at character 5: the value \"http://x\" is not a label value: use letters, digits, '-', '_' and \
                 '.', with a letter or digit at both ends; any other text goes in double quotes, as in \
                 key=\"any text\""),
        );
    }

    #[test]
    fn every_limit_is_allowed_and_one_more_is_not() {
        #[track_caller]
        fn check(allowed: &str, refused: &str) {
            assert!(Selectors::parse(allowed).is_ok(), "{:?}", Selectors::parse(allowed));
            let error = Selectors::parse(refused).map(|s| s.to_string()).expect_err("beyond the limit");
            assert!(error.to_string().contains("more than") || error.to_string().contains("are allowed"), "{error}");
        }
        let joined = |key: &str, count: usize, by: &str| vec![key; count].join(by);
        check(&joined("a", 256, ","), &joined("a", 257, ","));
        check(&joined("a", 64, "||"), &joined("a", 65, "||"));
        check(&joined("a,b,c,d", 64, "||"), &joined("a,b,c,d,e", 64, "||"));
        check(&" ".repeat(4096), &" ".repeat(4097));
        check(&format!("a=\"{}\"", "x".repeat(4092)), &format!("a=\"{}\"", "é".repeat(2047)));
    }
}
