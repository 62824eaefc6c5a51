//! What is refused before it is parsed.
//!
//! Parsing, planning and even freeing a deeply nested expression recurse. A stack that overflows ends
//! the process and with it ingest, so depth is bounded on the flat list of tokens first.

use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use crate::error::{QueryError, QueryErrorKind};

/// Bytes of a statement. The longest that people write by hand are a tenth of it.
const TEXT_BYTES_MAX: usize = 64 * 1024;

/// Parentheses, brackets and CASEs open at once.
const DEPTH_MAX: usize = 50;

/// Operators of a statement: a chain of them nests as deep as it is long. Use IN for long lists.
const OPERATORS_MAX: usize = 500;

/// Selects, set operations and tables of a statement.
const TABLES_MAX: usize = 64;

/// Refuses what could nest too deep.
pub(super) fn check(statement: &str) -> Result<(), QueryError> {
    let limit = |what: &str, max: usize| {
        let message = format!("the statement has more than {max} {what}");
        Err(QueryError::new(QueryErrorKind::LimitExceeded, message, "write it shorter; IN (…) takes long lists"))
    };
    if statement.len() > TEXT_BYTES_MAX {
        return limit("bytes", TEXT_BYTES_MAX);
    }
    let tokens = Tokenizer::new(&PostgreSqlDialect {}, statement)
        .tokenize()
        .map_err(|error| QueryError::invalid(error.to_string(), "check quotes and comments"))?;
    let mut nesting = Nesting::default();
    for token in &tokens {
        nesting.add(token);
        if nesting.lists.len() > DEPTH_MAX {
            return limit("levels of nesting", DEPTH_MAX);
        }
        if nesting.operators > OPERATORS_MAX {
            return limit("operators", OPERATORS_MAX);
        }
        if nesting.tables > TABLES_MAX {
            return limit("selects and tables", TABLES_MAX);
        }
    }
    Ok(())
}

/// How deep the tokens so far may nest.
#[derive(Debug, Default)]
struct Nesting {
    /// One per parenthesis, bracket or CASE that is open.
    lists: Vec<List>,
    /// The list outside of all of them.
    outermost: List,
    operators: usize,
    tables: usize,
}

/// What commas separate. Tables nest one in the other; columns and values do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum List {
    #[default]
    Flat,
    Tables,
}

impl Nesting {
    fn add(&mut self, token: &Token) {
        match token {
            Token::LParen => self.lists.push(List::Flat),
            // A chain of subscripts nests, too.
            Token::LBracket | Token::LBrace => {
                self.operators += 1;
                self.lists.push(List::Flat);
            }
            Token::RParen | Token::RBracket | Token::RBrace => drop(self.lists.pop()),
            Token::Comma => self.tables += usize::from(*self.list() == List::Tables),
            Token::Word(word) => self.add_word(word.keyword),
            // Periods and literals separate; everything else may join two expressions.
            Token::Period | Token::SemiColon | Token::Whitespace(_) | Token::Number(..) => {}
            Token::SingleQuotedString(_) | Token::HexStringLiteral(_) | Token::EOF => {}
            _ => self.operators += 1,
        }
    }

    fn add_word(&mut self, keyword: Keyword) {
        use Keyword::*;
        match keyword {
            CASE => self.lists.push(List::Flat),
            END => drop(self.lists.pop()),
            FROM => *self.list() = List::Tables,
            WHERE | GROUP | HAVING | ORDER | LIMIT | WINDOW => *self.list() = List::Flat,
            SELECT => {
                self.tables += 1;
                *self.list() = List::Flat;
            }
            JOIN | UNION | EXCEPT | INTERSECT | MINUS => self.tables += 1,
            AND | OR | XOR | NOT | IS | NOTNULL | IN | BETWEEN | DIV | AT | COLLATE | OPERATOR | OVERLAPS => {
                self.operators += 1;
            }
            LIKE | ILIKE | SIMILAR | RLIKE | REGEXP | INTERVAL | EXPLAIN | PRIOR => self.operators += 1,
            _ => {}
        }
    }

    fn list(&mut self) -> &mut List {
        self.lists.last_mut().unwrap_or(&mut self.outermost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_kind(statement: &str, expected: Option<QueryErrorKind>) {
        assert_eq!(check(statement).err().map(|error| error.kind()), expected);
    }

    #[test]
    fn what_people_write_passes() {
        check_kind("SELECT 1", None);
        check_kind("SELECT attr(attributes, 'k') FROM logs WHERE time > now() - INTERVAL '1 hour' LIMIT 10", None);
        check_kind(&format!("SELECT a{} FROM a WHERE (a, b) IN (SELECT a, b FROM c, d)", ", a".repeat(1_000)), None);
        let list: Vec<String> = (0..2_000).map(|n| format!("'{n}'")).collect();
        check_kind(&format!("SELECT * FROM logs WHERE service_name IN ({})", list.join(",")), None);
    }

    #[test]
    fn what_nests_too_deep_is_refused_before_parsing() {
        let limit = Some(QueryErrorKind::LimitExceeded);
        check_kind(&format!("SELECT 1{}", "+1".repeat(20_000)), limit);
        check_kind(&format!("SELECT {}1{}", "(".repeat(10_000), ")".repeat(10_000)), limit);
        check_kind(&format!("SELECT 1 WHERE true{}", " OR true".repeat(5_000)), limit);
        check_kind(&format!("SELECT {}", "NOT ".repeat(5_000)), limit);
        check_kind(&format!("SELECT {}1", "-".repeat(1_000).replace('-', "- ")), limit);
        check_kind(&"SELECT 1 UNION ALL ".repeat(1_000), limit);
        check_kind(&"x".repeat(TEXT_BYTES_MAX + 1), limit);
        check_kind(&format!("SELECT 1 FROM a{}", ", a".repeat(1_000)), limit);
        check_kind(&format!("SELECT a{}", "[1]".repeat(1_000)), limit);
        check_kind(&format!("SELECT 1{}", " IN (1)".repeat(1_000)), limit);
        check_kind("SELECT 'open", Some(QueryErrorKind::Invalid));
    }
}
