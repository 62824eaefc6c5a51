//! Where a text query went wrong, and what to write instead.

use super::pattern::PatternError;
use super::query::{TEXT_QUERY_BYTES_MAX, TEXT_QUERY_NESTING_MAX, TEXT_QUERY_PATTERNS_MAX, TEXT_QUERY_TERMS_MAX};

/// A text query that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {}: {problem}", position + 1)]
pub struct TextQueryError {
    /// How many characters stand before the place; 0 is the start. The message counts from 1.
    pub position: usize,
    /// What is wrong there.
    pub problem: TextQueryProblem,
}

/// What is wrong with a text query. Each message says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextQueryProblem {
    /// A term is missing.
    #[error(
        "found {found}, expected a word, a field or '(': AND, OR and NOT join terms; to search for the word \
         itself, put it in double quotes"
    )]
    MissingTerm {
        /// What stands in its place.
        found: &'static str,
    },
    /// A sign of negation does not stand before anything.
    #[error(
        "'{0}' must stand directly before what it negates, as in {0}healthz; to search for the sign itself, \
         write \"{0}\""
    )]
    LoneNegation(char),
    /// An operator stands alone, or without a field's name before it.
    #[error(
        "'{0}' must follow a field's name and precede a value without spaces, as in status>=500; to search for \
         the text itself, write \"{0}\""
    )]
    LoneOperator(String),
    /// No value follows a field.
    #[error(
        "a value must follow {field:?} and its operator without a space, as in level:error; to search for the \
         text itself, put it in double quotes"
    )]
    MissingValue {
        /// The field's name.
        field: String,
    },
    /// A field is compared with what is not a number.
    #[error(
        "{text:?} is not a number: '>', '>=', '<' and '<=' compare with 500, 1.5 or a duration such as 200ms; \
         to search for the text itself, put all of it in double quotes"
    )]
    NotANumber {
        /// What stands in the number's place.
        text: String,
    },
    /// A field stands in the parentheses that belong to another.
    #[error("a field cannot stand in the parentheses of another: write a:x OR b:y, or put the value in double quotes")]
    NestedField,
    /// A star stands elsewhere than at a word's end.
    #[error(
        "'*' in {0:?} does not end a word: write a regular expression such as /time.*out/, or double quotes to \
         search for the star"
    )]
    StarInside(String),
    /// There is nothing between quotes.
    #[error("an empty phrase finds nothing: write words between the quotes, or * for everything")]
    EmptyPhrase,
    /// A double quote opens and does not close.
    #[error("this double quote does not close: end the phrase with a double quote, and write \\\" for one inside")]
    UnclosedQuote,
    /// A parenthesis opens and does not close.
    #[error("this '(' does not close: add ')'; to search for the sign itself, put the text in double quotes")]
    UnclosedParenthesis,
    /// A parenthesis closes that did not open.
    #[error("this ')' closes nothing: leave it out; to search for the sign itself, put the text in double quotes")]
    UnopenedParenthesis,
    /// There is nothing between parentheses.
    #[error("nothing stands between '(' and ')': to search for a text such as main(), put it in double quotes")]
    EmptyParentheses,
    /// A regular expression is not one, or too large.
    #[error("{0}")]
    Pattern(PatternError),
    /// The text is longer than [`TEXT_QUERY_BYTES_MAX`].
    #[error("the query is {bytes} bytes long, and {TEXT_QUERY_BYTES_MAX} are allowed")]
    TooLong {
        /// Length of the text in bytes.
        bytes: usize,
    },
    /// There are more terms than [`TEXT_QUERY_TERMS_MAX`].
    #[error("more than {TEXT_QUERY_TERMS_MAX} terms: use a prefix such as conn*, a regular expression, or ask twice")]
    TooManyTerms,
    /// There are more regular expressions than [`TEXT_QUERY_PATTERNS_MAX`].
    #[error("more than {TEXT_QUERY_PATTERNS_MAX} regular expressions: join them by '|', as in /a|b/")]
    TooManyPatterns,
    /// Parentheses nest deeper than [`TEXT_QUERY_NESTING_MAX`].
    #[error("parentheses nest deeper than {TEXT_QUERY_NESTING_MAX}: leave out those that group nothing")]
    TooDeep,
}

impl TextQueryError {
    /// An error at a byte offset of the text, which must lie on a character's boundary or beyond the end.
    pub(super) fn at(text: &str, byte: usize, problem: TextQueryProblem) -> Self {
        Self { position: text.get(..byte).unwrap_or(text).chars().count(), problem }
    }
}
