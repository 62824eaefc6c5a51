//! Where a selector's text went wrong, and what belongs there.

use super::label_syntax::LabelSyntaxError;
use super::requirement::RequirementError;
use super::selector::{SELECTOR_ALTERNATIVES_MAX, SELECTOR_BYTES_MAX, SELECTOR_REQUIREMENTS_MAX};

/// A selector that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {}: {problem}", position + 1)]
pub struct SelectorError {
    /// How many characters stand before the place; 0 is the start. The message counts from 1.
    pub position: usize,
    /// What is wrong there.
    pub problem: SelectorProblem,
}

/// What is wrong with a selector. Each message says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectorProblem {
    /// Something stands where the grammar wants something else.
    #[error("found {found}, expected {expected}")]
    Unexpected {
        /// What stands there, in quotes, or `the end`.
        found: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// A key is not a label key.
    #[error("the key {key:?} {problem}")]
    Key {
        /// The key as written.
        key: String,
        /// What is wrong with it.
        problem: LabelSyntaxError,
    },
    /// A value is not a label value, and Kubernetes knows no other.
    #[error("the value {value:?} {problem}")]
    Value {
        /// The value as written.
        value: String,
        /// What is wrong with it.
        problem: LabelSyntaxError,
    },
    /// Operator and value do not go together.
    #[error("{0}")]
    Requirement(RequirementError),
    /// A value that only quotes allow stands without them.
    #[error("the value {value:?} {problem}; any other text goes in double quotes, as in key=\"any text\"")]
    NeedsQuotes {
        /// The value as written.
        value: String,
        /// Why it is not a label value.
        problem: LabelSyntaxError,
    },
    /// Nothing stands before, between or after `||`.
    #[error("nothing stands on one side of '||': write a selector on both sides, or leave out the '||'")]
    EmptyAlternative,
    /// A `|` stands alone.
    #[error("a single '|' means nothing: write '||' between selectors of which one must match")]
    SinglePipe,
    /// A double quote opens and does not close.
    #[error("this double quote does not close: end the value with a double quote, and write \\\" for one inside")]
    UnclosedQuote,
    /// The text holds a NUL character.
    #[error("a NUL character cannot be part of a selector: leave it out")]
    Nul,
    /// The text is longer than [`SELECTOR_BYTES_MAX`].
    #[error("the selector is {bytes} bytes long, and {SELECTOR_BYTES_MAX} are allowed: use fewer or shorter values")]
    TooLong {
        /// Length of the text in bytes.
        bytes: usize,
    },
    /// There are more requirements than [`SELECTOR_REQUIREMENTS_MAX`].
    #[error(
        "more than {SELECTOR_REQUIREMENTS_MAX} requirements: join those on one key, as in 'key in (a,b)', or ask twice"
    )]
    TooManyRequirements,
    /// There are more alternatives than [`SELECTOR_ALTERNATIVES_MAX`].
    #[error(
        "more than {SELECTOR_ALTERNATIVES_MAX} selectors joined by '||': join those on one key, as in 'key in \
         (a,b)', or ask twice"
    )]
    TooManyAlternatives,
}

impl SelectorError {
    /// An error at a byte offset of the text, which must lie on a character's boundary or beyond the end.
    pub(super) fn at(text: &str, byte: usize, problem: SelectorProblem) -> Self {
        Self { position: text.get(..byte).unwrap_or(text).chars().count(), problem }
    }
}
