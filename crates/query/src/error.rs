//! Why a question was not answered, by whose fault.

use datafusion::error::DataFusionError;
use store::BlockReadError;

/// A question that was not answered.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    kind: QueryErrorKind,
    message: String,
    hint: String,
}

/// What the asker can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryErrorKind {
    /// The question is not well formed or asks for what there is not.
    Invalid,
    /// The question is well formed and costs more than a limit allows.
    LimitExceeded,
    /// The question took longer than it may.
    Timeout,
    /// Too many questions are running; the same one may succeed in a moment.
    Busy,
    /// There is nothing under that id.
    NotFound,
    /// The server failed.
    Internal,
}

impl QueryError {
    /// What the asker can do about it.
    pub fn kind(&self) -> QueryErrorKind {
        self.kind
    }

    /// What to do, in words; may be empty.
    pub fn hint(&self) -> &str {
        &self.hint
    }

    pub(crate) fn new(kind: QueryErrorKind, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: hint.into() }
    }

    pub(crate) fn invalid(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(QueryErrorKind::Invalid, message, hint)
    }
}

impl From<DataFusionError> for QueryError {
    fn from(error: DataFusionError) -> Self {
        let kind = match error.find_root() {
            DataFusionError::SQL(..)
            | DataFusionError::Plan(_)
            | DataFusionError::SchemaError(..)
            | DataFusionError::NotImplemented(_)
            | DataFusionError::Execution(_)
            | DataFusionError::Configuration(_)
            | DataFusionError::ArrowError(..)
            | DataFusionError::Diagnostic(..) => QueryErrorKind::Invalid,
            DataFusionError::ResourcesExhausted(_) => QueryErrorKind::LimitExceeded,
            _ => QueryErrorKind::Internal,
        };
        let hint = match kind {
            QueryErrorKind::LimitExceeded => "ask for a shorter time range, fewer columns, or fewer groups",
            QueryErrorKind::Invalid => "SHOW TABLES lists the tables, DESCRIBE logs the columns of one",
            _ => "",
        };
        // Only the first line: DataFusion appends a backtrace where one is switched on.
        let message = error.strip_backtrace();
        Self::new(kind, message.lines().next().unwrap_or_default(), hint)
    }
}

impl From<BlockReadError> for QueryError {
    fn from(error: BlockReadError) -> Self {
        Self::new(QueryErrorKind::Internal, error.to_string(), "")
    }
}
