//! One broken rule: where, what, and what to do about it.

use std::fmt;

/// Which rule was broken; an exception names the rule that it lifts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    Edge,
    FileLength,
    FunctionLength,
    Name,
    Head,
    Word,
    Whitespace,
    TestHabit,
    Message,
    CodeMap,
    Exception,
}

/// Ordered by place, so that an editor can walk through a list of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// From the root of the repository, with forward slashes.
    pub(crate) path: String,
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) rule: Rule,
    pub(crate) message: String,
    /// What to do: an instruction, not a repetition of the rule.
    pub(crate) remedy: &'static str,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { path, line, rule: _, message, remedy } = self;
        write!(f, "{path}:{line}: {message} — {remedy}")
    }
}
