//! `GET /api/v1/logs`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE};
use model::{Signal, TenantId};
use protocol::{ErrorBody, LogsAnswer};
use query::{LogOrder, LogQuestion};
use serde::Deserialize;
use utoipa::IntoParams;

use super::api::Api;
use super::parameters::{Parameters, parsed, selectors, text_query, time_range, word};
use crate::answer::{ApiError, log_record, logs_answer};

/// Records of a page where nothing is said.
const LIMIT_DEFAULT: usize = 100;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LogsParameters {
    /// Kubernetes label selector over resource attributes and labels, `||` between selectors for OR
    selector: Option<String>,
    /// Text query: words, "phrases", prefix*, field:value, field>=n, AND, OR, NOT
    q: Option<String>,
    /// First time, inclusive: RFC 3339, unix seconds, or now-1h
    from: Option<String>,
    /// Last time, exclusive: same forms
    to: Option<String>,
    /// Records of a page, 1 to 10000; default 100
    limit: Option<usize>,
    /// newest (default) or oldest first
    order: Option<String>,
    /// next_cursor of the page before
    cursor: Option<String>,
}

/// Search log records
///
/// With Accept: application/x-ndjson, one record a line and the next page's cursor in the header `nunchi-next-cursor`.
#[utoipa::path(
    get,
    path = "/api/v1/logs",
    params(LogsParameters),
    responses((status = 200, body = LogsAnswer), (status = 400, body = ErrorBody))
)]
pub(super) async fn logs(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    headers: HeaderMap,
    Parameters(parameters): Parameters<LogsParameters>,
) -> Result<Response, ApiError> {
    let LogsParameters { selector, q, from, to, limit, order, cursor } = parameters;
    let orders = [
        ("newest", LogOrder::NewestFirst),
        ("oldest", LogOrder::OldestFirst),
        ("desc", LogOrder::NewestFirst),
        ("asc", LogOrder::OldestFirst),
    ];
    let question = LogQuestion {
        selectors: selectors(selector.as_deref())?,
        text: text_query(q.as_deref())?,
        range: time_range(from.as_deref(), to.as_deref(), (api.now)())?,
        order: word("order", order.as_deref(), &orders)?.unwrap_or_default(),
        limit: limit.unwrap_or(LIMIT_DEFAULT),
        cursor: parsed("cursor", cursor.as_deref())?,
    };
    let found = api.engine()?.logs(&tenant, question).await?;
    let wants_lines = headers.get(ACCEPT).is_some_and(|accept| accept.as_bytes().starts_with(b"application/x-ndjson"));
    if !wants_lines {
        let coverage = api.coverage(&found.coverage, &[Signal::Logs]);
        return Ok(Json(logs_answer(&found, coverage)).into_response());
    }
    let mut lines = Vec::new();
    for row in &found.logs {
        serde_json::to_writer(&mut lines, &log_record(row)).map_err(ApiError::internal)?;
        lines.push(b'\n');
    }
    let mut response = ([(CONTENT_TYPE, "application/x-ndjson")], lines).into_response();
    if let Some(cursor) = found.next {
        let cursor = cursor.to_string().parse().expect("a cursor is hex digits and periods");
        response.headers_mut().insert("nunchi-next-cursor", cursor);
    }
    Ok(response)
}
