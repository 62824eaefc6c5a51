//! Why a whole request cannot be decoded.

/// What a caller can tell apart, to choose the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DecodeErrorKind {
    /// The bytes are not an OTLP request of this signal in this encoding.
    Malformed,
    /// Values nest deeper than can be read safely.
    TooDeep,
    /// The request would become more rows than one request may.
    TooManyRecords,
    /// The body is longer than can be decoded. Receivers refuse such a body long before.
    TooLarge,
    /// The admission had no room for what the request would become. The one kind that may pass.
    NoRoom,
}

/// A request that cannot be decoded; nothing of it is kept, and unless there was [no room](DecodeErrorKind::NoRoom)
/// sending it again will not help.
///
/// The text says where (message and field with byte offset, or line and column) and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DecodeError {
    kind: DecodeErrorKind,
    message: String,
}

impl DecodeError {
    /// What went wrong.
    pub fn kind(&self) -> DecodeErrorKind {
        self.kind
    }

    #[cold]
    pub(crate) fn new(kind: DecodeErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    #[cold]
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(DecodeErrorKind::Malformed, message)
    }
}
