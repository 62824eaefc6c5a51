//! Regular expressions of PromQL: Go's, matched against whole values.
//!
//! ```text
//! text ─► translation ─► text for the crate `regex` ─┬► form      literals, and gaps between them: no engine
//!          │                                         └► engine    everything else
//!          ├ class    [a-z] \d \pL
//!          └ escape   \n \x41 \101
//! ```
//!
//! Go and the crate `regex` both are of the RE2 kind (no look-around, no back references), and differ in details that
//! [`translation`] makes good.

mod class;
mod error;
mod escape;
mod form;
mod translation;

use std::sync::Arc;

use regex::{Regex, RegexBuilder};

pub(crate) use error::PatternError;

use error::Fault;
use form::{Form, Forms};
use translation::translate;

/// An expression may be so long when compiled; longer ones are refused.
const COMPILED_BYTES_MAX: usize = 1 << 20;
/// So deep may an expression nest, where a group in a sequence counts twice: compiling is recursive, in a stack that may be
/// that of a thread of a server.
const NESTING_MAX: u32 = 250;

/// An expression that says whether a value matches as a whole.
#[derive(Clone, Debug)]
pub(crate) struct Pattern(Shape);

#[derive(Clone, Debug)]
enum Shape {
    /// One of these values, which are in order.
    Literals(Arc<[String]>),
    /// One of these forms.
    Forms(Arc<[Form]>),
    /// Whatever the engine matches.
    Engine(Regex),
}

impl Pattern {
    /// Errors: Go would not read it, or it is too large.
    pub(crate) fn new(expression: &str) -> Result<Self, PatternError> {
        let text = translate(expression)?.text;
        let parsed = regex_syntax::ParserBuilder::new().nest_limit(NESTING_MAX).build().parse(&text);
        let hir = parsed.map_err(|error| refused(expression, &error))?;
        match Forms::of(&hir) {
            Some(Forms::Literals(literals)) => Ok(Self(Shape::Literals(literals.into()))),
            Some(Forms::Gapped(forms)) => Ok(Self(Shape::Forms(forms.into()))),
            None => Ok(Self(Shape::Engine(compile(expression, &text)?))),
        }
    }

    /// Whether a value matches as a whole.
    pub(crate) fn matches(&self, value: &str) -> bool {
        match &self.0 {
            Shape::Literals(literals) => literals.binary_search_by(|known| (**known).cmp(value)).is_ok(),
            Shape::Forms(forms) => forms.iter().any(|form| form.matches(value)),
            Shape::Engine(regex) => regex.is_match(value),
        }
    }

    /// The values that match, in order, where they are few.
    pub(crate) fn literals(&self) -> Option<&[String]> {
        match &self.0 {
            Shape::Literals(literals) => Some(literals),
            Shape::Forms(_) | Shape::Engine(_) => None,
        }
    }
}

/// An expression that says what its groups match of a whole value.
#[derive(Clone, Debug)]
pub(crate) struct CapturePattern {
    regex: Regex,
    group_names: Vec<Option<String>>,
}

impl CapturePattern {
    /// Errors: Go would not read it, or it is too large.
    pub(crate) fn new(expression: &str) -> Result<Self, PatternError> {
        let translation = translate(expression)?;
        Ok(Self { regex: compile(expression, &translation.text)?, group_names: translation.group_names })
    }

    /// What the groups match, by their numbers; `None` if the value does not match as a whole.
    pub(crate) fn captures<'v>(&self, value: &'v str) -> Option<regex::Captures<'v>> {
        self.regex.captures(value)
    }

    /// The name of each group by its number, the first of which is the whole. Several may have the same.
    pub(crate) fn group_names(&self) -> &[Option<String>] {
        &self.group_names
    }
}

/// `text` is the expression, translated.
fn compile(expression: &str, text: &str) -> Result<Regex, PatternError> {
    RegexBuilder::new(&format!(r"\A(?:{text})\z"))
        .size_limit(COMPILED_BYTES_MAX)
        // The group around is two levels.
        .nest_limit(NESTING_MAX + 2)
        .build()
        .map_err(|_| PatternError::new(Fault::Large, expression))
}

/// What Go reads is sound, but may nest deeper than is read here.
fn refused(expression: &str, error: &regex_syntax::Error) -> PatternError {
    let is_nested = matches!(error, regex_syntax::Error::Parse(error)
        if matches!(error.kind(), regex_syntax::ast::ErrorKind::NestLimitExceeded(_)));
    PatternError::new(if is_nested { Fault::NestingDepth } else { Fault::Large }, expression)
}

#[cfg(test)]
mod tests;
