//! Why a regular expression cannot be used, in the words of Go.

/// What is wrong with an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("invalid character class range")]
    CharRange,
    #[error("invalid escape sequence")]
    Escape,
    #[error("invalid named capture")]
    NamedCapture,
    #[error("invalid or unsupported Perl syntax")]
    PerlOp,
    #[error("invalid nested repetition operator")]
    RepeatOp,
    #[error("invalid repeat count")]
    RepeatSize,
    #[error("missing closing ]")]
    MissingBracket,
    #[error("missing closing )")]
    MissingParen,
    #[error("missing argument to repetition operator")]
    MissingRepeatArgument,
    #[error("trailing backslash at end of expression")]
    TrailingBackslash,
    #[error("unexpected )")]
    UnexpectedParen,
    #[error("expression nests too deeply")]
    NestingDepth,
    #[error("expression too large")]
    Large,
}

/// A regular expression that cannot be used, and where.
#[derive(Clone, Debug, thiserror::Error)]
#[error("error parsing regexp: {fault}: `{at}`")]
pub(crate) struct PatternError {
    fault: Fault,
    at: String,
}

impl PatternError {
    /// Of a fault at some of the expression's text.
    pub(super) fn new(fault: Fault, at: &str) -> Self {
        Self { fault, at: at.to_owned() }
    }
}
