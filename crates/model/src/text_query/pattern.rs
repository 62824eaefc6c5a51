//! A regular expression under limits.

use std::fmt;

use regex::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;

use super::known_text;
use super::necessary::Necessary;

/// Longest regular expression, in bytes. Longer ones are made by programs, and those should send words.
pub const PATTERN_BYTES_MAX: usize = 1024;

/// Most memory, in bytes, of a compiled regular expression and, once more, of its matching state. `\pL{1000}` is short
/// and would take far more.
pub const PATTERN_COMPILED_BYTES_MAX: usize = 1 << 20;

/// How deep groups may nest in a regular expression. Nobody can read deeper ones, and compiling takes stack.
const NESTING_MAX: u32 = 50;

/// A regular expression in the syntax of the `regex` crate, found anywhere in a text, in time linear to it.
#[derive(Clone, Debug)]
pub struct Pattern {
    regex: Regex,
}

/// Why a text is not a regular expression that we run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Its syntax is wrong.
    #[error("this is not a regular expression: {0}; to search for the text itself, put it in double quotes")]
    Syntax(String),
    /// It is longer than [`PATTERN_BYTES_MAX`].
    #[error("the regular expression is {bytes} bytes long, and {PATTERN_BYTES_MAX} are allowed")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// It would take more than [`PATTERN_COMPILED_BYTES_MAX`].
    #[error(
        "the regular expression takes more than {PATTERN_COMPILED_BYTES_MAX} bytes when compiled: use smaller \
         repetitions, or [a-z] for \\pL"
    )]
    TooLarge,
}

impl Pattern {
    pub(super) fn new(source: &str) -> Result<Self, PatternError> {
        if source.len() > PATTERN_BYTES_MAX {
            return Err(PatternError::TooLong { bytes: source.len() });
        }
        let regex = RegexBuilder::new(source)
            .size_limit(PATTERN_COMPILED_BYTES_MAX)
            .dfa_size_limit(PATTERN_COMPILED_BYTES_MAX)
            .nest_limit(NESTING_MAX)
            .build();
        regex.map(|regex| Self { regex }).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => PatternError::TooLarge,
            // The message draws the expression over several lines; the reason is the last.
            error => {
                let message = error.to_string();
                let reason = message.lines().last().unwrap_or_default();
                PatternError::Syntax(reason.trim_start_matches("error: ").to_owned())
            }
        })
    }

    /// The regular expression, without slashes around it and with `/` not escaped.
    pub fn source(&self) -> &str {
        self.regex.as_str()
    }

    /// Whether it is found anywhere in the text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// What every text has in which it is found.
    pub(super) fn necessary(&self) -> Necessary {
        let mut parser = ParserBuilder::new().nest_limit(NESTING_MAX).build();
        parser.parse(self.source()).map_or(Necessary::Anything, |expression| known_text::necessary(&expression))
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

impl fmt::Display for Pattern {
    /// As a query writes it: between slashes, with those inside escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("/")?;
        let mut characters = self.source().chars();
        while let Some(character) = characters.next() {
            match character {
                '/' => f.write_str("\\/")?,
                // What follows a backslash belongs to it.
                '\\' => write!(f, "\\{}", characters.next().map(String::from).unwrap_or_default())?,
                _ => write!(f, "{character}")?,
            }
        }
        f.write_str("/")
    }
}
