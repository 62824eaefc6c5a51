//! `POST /api/v1/sql`: a read-only SQL query and its rows.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Coverage;

/// One read-only SQL query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SqlRequest {
    /// One `SELECT`, `WITH`, `EXPLAIN`, `SHOW` or `DESCRIBE` statement.
    pub query: String,
    /// Only rows at or after this time: RFC 3339, unix seconds, or `now-1h`. Default: no lower bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Only rows before this time, same forms. Default: no upper bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// The rows of a query, as `Accept: application/json` returns them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SqlAnswer {
    /// The columns, in the order of the values in each row.
    pub columns: Vec<ColumnInfo>,
    /// One array per row, one value per column. Attribute columns are objects, ids are hex.
    #[schema(value_type = Vec<Vec<Object>>)]
    pub rows: Vec<Vec<serde_json::Value>>,
    /// How much of the truth this rests on.
    pub coverage: Coverage,
}

/// Name and type of one result column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ColumnInfo {
    /// The column's name in the result.
    pub name: String,
    /// Its Arrow type, as Arrow writes it.
    #[serde(rename = "type")]
    pub data_type: String,
}
