//! `format_query`, `parse_query`: an expression, printed well or as a tree.

use axum::response::Response;
use protocol::{PromAnswer, PromErrorBody};

use super::fields::Fields;
use super::parameter::expression;
use crate::answer::{PromError, Said, answer, syntax_tree};

/// An expression, printed well
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/format_query",
    tag = "prometheus",
    params(("query" = String, Query, description = "PromQL")),
    responses((status = 200, body = PromAnswer<String>), (status = 400, body = PromErrorBody))
)]
pub(in crate::routes) async fn format_query(fields: Fields) -> Result<Response, PromError> {
    Ok(answer(promql::format(&expression(&fields)?), Said::default()))
}

/// An expression as a tree
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/parse_query",
    tag = "prometheus",
    params(("query" = String, Query, description = "PromQL")),
    responses((status = 200, body = PromAnswer<serde_json::Value>), (status = 400, body = PromErrorBody))
)]
pub(in crate::routes) async fn parse_query(fields: Fields) -> Result<Response, PromError> {
    Ok(answer(syntax_tree(&expression(&fields)?), Said::default()))
}
