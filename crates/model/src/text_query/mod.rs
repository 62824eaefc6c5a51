//! Choosing logs and spans by what they say.
//!
//! | file | what it holds |
//! |---|---|
//! | `query.rs` | [`TextQuery`] and its tree: [`TextNode`], [`TextTerm`], [`FieldTest`] |
//! | `word.rs` | [`Words`]: what a word or phrase is, and finding it in a text |
//! | `pattern.rs` | [`Pattern`]: a regular expression under limits |
//! | `number.rs` | [`Number`], [`Comparison`], [`Literal`]: what a field's value is held against |
//! | `lexer.rs` | text → tokens |
//! | `parser.rs` | tokens → tree |
//! | `error.rs` | [`TextQueryError`]: where the text went wrong and what to write instead |
//! | `matching.rs` | [`TextRecord`]: what a query is held against, and how |
//! | `tokenizer.rs` | [`Tokenizer`]: what indexes know of a record |
//! | `necessary.rs` | [`Necessary`]: what a record must have for a query to match it, in those terms |
//! | `known_text.rs` | what is known of every text that a regular expression is found in |
//!
//! ```text
//!   query    = [ or ]                          nothing matches everything
//!   or       = and { "OR" and }
//!   and      = not { [ "AND" ] not }           terms side by side must all match
//!   not      = { "NOT" | "-" | "!" } primary   the signs stand directly before what they negate
//!   primary  = operand | field | "(" or ")"
//!   operand  = word | word"*" | "phrase" | "phrase"* | /regular expression/ | *
//!   field    = name ":" operand | name ":" "(" or ")" | name "!=" operand
//!            | name ( ">" | ">=" | "<" | "<=" ) number
//! ```
//!
//! **In the text.** A word or phrase is found without regard to case, character for character, and where it begins or
//! ends with a letter, digit or `_`, the text must not go on with one there: `time` is not in `timeout`, but `time*`
//! is. A regular expression is found anywhere and regards case (`/(?i)…/` does not). `*` is everything.
//!
//! **In a field.** `name:value` is the whole value, case regarded: `status:200` is the number 200, `200.0` and the text
//! `200`. `name:pre*` begins so, `name:*` is present, `name:/…/` is found anywhere, `name:(a OR b)` is either.
//! `name>=5` compares numbers and numeric texts; `200ms` is that many nanoseconds. A list matches if an element does.
//! `body:` and `message:` are the text and searched as such.
//!
//! **What is a field.** A bare name begins with a letter, `_` or `@` and goes on with those, digits, `.`, `-` and `/`;
//! any other name is quoted: `"my field":x`. So `10:15:32`, `127.0.0.1:80`, `http://x` and `std::io` are words, and
//! `nginx:1.25` is a field. A word that only begins with `/`, such as `/api/v1`, is a word; `/api/` is a regular
//! expression. Quotes make anything a phrase; inside them `\"` is a quote and `\\` a backslash.

mod error;
mod known_text;
mod lexer;
mod matching;
mod necessary;
mod number;
mod parser;
mod pattern;
mod query;
mod tokenizer;
mod word;

pub use error::{TextQueryError, TextQueryProblem};
pub use matching::TextRecord;
pub use necessary::Necessary;
pub use number::{Comparison, Literal, Number};
pub use pattern::{PATTERN_BYTES_MAX, PATTERN_COMPILED_BYTES_MAX, Pattern, PatternError};
pub use query::{
    FieldTest, TEXT_QUERY_BYTES_MAX, TEXT_QUERY_NESTING_MAX, TEXT_QUERY_PATTERNS_MAX, TEXT_QUERY_TERMS_MAX, TextNode,
    TextQuery, TextTerm,
};
pub use tokenizer::Tokenizer;
pub use word::Words;
