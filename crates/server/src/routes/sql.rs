//! `POST /api/v1/sql`

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use model::{Signal, TenantId};
use protocol::{ErrorBody, SqlAnswer, SqlRequest};
use query::SqlQuestion;

use super::api::Api;
use super::parameters::time_range;
use crate::answer::{ApiError, SqlFormat, sql_response};

/// Ask in SQL, read-only
///
/// Tables: logs, spans, links, metric_numbers, metric_histograms, metric_exp_histograms, metric_summaries,
/// exemplars, series, services. Attributes: `attributes['http.route']` or `attr(attributes, 'http.route')`.
/// Formats by Accept: application/json, application/x-ndjson, text/csv, application/vnd.apache.arrow.stream.
#[utoipa::path(
    post,
    path = "/api/v1/sql",
    request_body = SqlRequest,
    responses(
        (status = 200, body = SqlAnswer),
        (status = 400, description = "the statement cannot be read, or is not a question", body = ErrorBody),
        (status = 422, description = "the question costs more than a limit allows", body = ErrorBody),
        (status = 503, description = "the question took too long", body = ErrorBody),
    )
)]
pub(super) async fn sql(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let request: SqlRequest = serde_json::from_slice(&body)
        .map_err(|error| ApiError::bad_request(format!("the body: {error}"), r#"send {"query": "SELECT …"}"#))?;
    let SqlRequest { query, from, to } = request;
    let range = time_range(from.as_deref(), to.as_deref(), (api.now)())?;
    let rows = api.engine()?.sql(&tenant, SqlQuestion { statement: query, range }).await?;
    let coverage = api.coverage(&rows.coverage, &Signal::ALL);
    sql_response(&rows, coverage, SqlFormat::wanted(&headers))
}
