//! The one error body of the native API.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `{"error": {"code", "message", "hint"}}`, always with a matching HTTP status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorDetail {
    /// A stable word a program can branch on, such as `bad_request`, `not_found` or `query_timeout`.
    pub code: String,
    /// What happened, lower case, without a period at the end.
    pub message: String,
    /// What the caller can do about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
}
