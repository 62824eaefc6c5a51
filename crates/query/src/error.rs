//! Why a question was not answered, by whose fault.

use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use store::BlockReadError;

/// A question that was not answered.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    kind: QueryErrorKind,
    message: String,
    hint: String,
    /// Something that is stored could not be read.
    is_unreadable: bool,
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
        Self { kind, message: message.into(), hint: hint.into(), is_unreadable: false }
    }

    pub(crate) fn unreadable(message: impl Into<String>) -> Self {
        Self { is_unreadable: true, ..Self::new(QueryErrorKind::Internal, message, "") }
    }

    /// Whether a block may be to blame.
    pub(crate) fn is_unreadable(&self) -> bool {
        self.is_unreadable
    }

    pub(crate) fn invalid(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(QueryErrorKind::Invalid, message, hint)
    }
}

impl From<DataFusionError> for QueryError {
    fn from(error: DataFusionError) -> Self {
        let root = error.find_root();
        if is_reading(root) {
            return Self::unreadable(first_line(&error));
        }
        let kind = match root {
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
        Self::new(kind, first_line(&error), hint)
    }
}

/// Whether the error comes from files and their decoding. A decoder that panics on a thread of its own is one of them.
fn is_reading(error: &DataFusionError) -> bool {
    match error {
        DataFusionError::ParquetError(_) | DataFusionError::ObjectStore(_) | DataFusionError::IoError(_) => true,
        DataFusionError::ExecutionJoin(_) | DataFusionError::External(_) => true,
        DataFusionError::ArrowError(error, _) => {
            matches!(**error, ArrowError::ParquetError(_) | ArrowError::IoError(..) | ArrowError::ExternalError(_))
        }
        _ => false,
    }
}

/// Only the first line: DataFusion appends a backtrace where one is switched on.
fn first_line(error: &DataFusionError) -> String {
    error.strip_backtrace().lines().next().unwrap_or_default().to_owned()
}

impl From<BlockReadError> for QueryError {
    fn from(error: BlockReadError) -> Self {
        Self::unreadable(error.to_string())
    }
}
