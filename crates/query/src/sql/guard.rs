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

/// Sub-selects and set operations of a statement.
const SELECTS_MAX: usize = 64;

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
    let (mut depth, mut operators, mut selects) = (0usize, 0, 0);
    for token in &tokens {
        match token {
            Token::LParen | Token::LBracket | Token::LBrace => depth += 1,
            Token::RParen | Token::RBracket | Token::RBrace => depth = depth.saturating_sub(1),
            Token::Word(word) => match word.keyword {
                Keyword::CASE => depth += 1,
                Keyword::END => depth = depth.saturating_sub(1),
                Keyword::SELECT => selects += 1,
                Keyword::AND | Keyword::OR | Keyword::NOT | Keyword::IS | Keyword::LIKE | Keyword::ILIKE => {
                    operators += 1
                }
                Keyword::BETWEEN | Keyword::JOIN | Keyword::COLLATE | Keyword::AT => operators += 1,
                _ => {}
            },
            // Commas, periods and literals separate; everything else may join two expressions.
            Token::Comma | Token::Period | Token::SemiColon | Token::Whitespace(_) | Token::Number(..) => {}
            Token::SingleQuotedString(_) | Token::HexStringLiteral(_) | Token::EOF => {}
            _ => operators += 1,
        }
        if depth > DEPTH_MAX {
            return limit("levels of nesting", DEPTH_MAX);
        }
        if operators > OPERATORS_MAX {
            return limit("operators", OPERATORS_MAX);
        }
        if selects > SELECTS_MAX {
            return limit("selects", SELECTS_MAX);
        }
    }
    Ok(())
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
        check_kind("SELECT 'open", Some(QueryErrorKind::Invalid));
    }
}
