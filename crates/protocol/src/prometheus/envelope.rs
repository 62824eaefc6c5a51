//! What every answer is wrapped in, and the one error body.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum PromStatus {
    /// There is an answer.
    Success,
    /// There is none.
    Error,
}

/// An answer, with what to know about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PromAnswer<T> {
    /// Always `success`.
    pub status: PromStatus,
    /// What was asked for.
    pub data: T,
    /// Something is probably wrong with the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// Something may be wrong with the question.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub infos: Vec<String>,
}

/// The one error body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PromErrorBody {
    /// Always `error`.
    pub status: PromStatus,
    /// A word a program can branch on: `bad_data`, `execution`, `timeout`, `canceled`, `internal`, `unavailable`,
    /// `not_found`.
    #[serde(rename = "errorType")]
    pub error_type: String,
    /// What happened, in Prometheus' words where it has any.
    pub error: String,
}
