//! `GET /api/v1/logs`, `GET /api/v1/logs/histogram`

use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE};
use model::{Signal, TenantId, TimeRange};
use protocol::{ErrorBody, LogHistogramAnswer, LogsAnswer};
use query::{HistogramQuestion, LevelCounts, LogOrder, LogQuestion};
use serde::Deserialize;
use utoipa::IntoParams;

use super::api::Api;
use super::parameters::{Parameters, duration, parsed, selectors, text_query, time_range, word};
use crate::answer::{ApiError, log_histogram_answer, log_record, logs_answer};

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

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LogHistogramParameters {
    /// Kubernetes label selector over resource attributes and labels, `||` between selectors for OR
    selector: Option<String>,
    /// Text query: words, "phrases", prefix*, field:value, field>=n, AND, OR, NOT
    q: Option<String>,
    /// First time, inclusive: RFC 3339, unix seconds, or now-1h; default now-1h
    from: Option<String>,
    /// Last time, exclusive: same forms; default now
    to: Option<String>,
    /// How wide a bucket is, such as 30s; default a round width that makes 60 buckets or fewer
    step: Option<String>,
    /// `level` to count each level apart too
    by: Option<String>,
}

/// Count log records over time
#[utoipa::path(
    get,
    path = "/api/v1/logs/histogram",
    params(LogHistogramParameters),
    responses((status = 200, body = LogHistogramAnswer), (status = 400, body = ErrorBody))
)]
pub(super) async fn log_histogram(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    Parameters(parameters): Parameters<LogHistogramParameters>,
) -> Result<Json<LogHistogramAnswer>, ApiError> {
    let LogHistogramParameters { selector, q, from, to, step, by } = parameters;
    let (from, to) = (from.unwrap_or_else(|| "now-1h".to_owned()), to.unwrap_or_else(|| "now".to_owned()));
    let range = time_range(Some(&from), Some(&to), (api.now)())?;
    let step = duration("step", step.as_deref())?.unwrap_or_else(|| round_step(range));
    let question = HistogramQuestion {
        selectors: selectors(selector.as_deref())?,
        text: text_query(q.as_deref())?,
        range,
        step,
        levels: word("by", by.as_deref(), &[("level", LevelCounts::Apart)])?.unwrap_or(LevelCounts::Together),
    };
    let found = api.engine()?.log_histogram(&tenant, question).await?;
    let coverage = api.coverage(&found.coverage, &[Signal::Logs]);
    Ok(Json(log_histogram_answer(&found, step, coverage)))
}

/// Seconds that people count time by.
const ROUND_STEPS: [u64; 21] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 604_800,
    2_592_000, 31_536_000,
];

/// The smallest round width of which 60 cover the range.
fn round_step(range: TimeRange) -> Duration {
    let seconds = range.to.get().saturating_sub(range.from.get()).unsigned_abs().div_ceil(60 * 1_000_000_000);
    let round = ROUND_STEPS.into_iter().find(|step| *step >= seconds);
    Duration::from_secs(round.unwrap_or(seconds))
}

#[cfg(test)]
mod tests {
    use model::UnixNanos;

    use super::*;

    #[test]
    fn a_range_has_at_most_sixty_steps_of_a_round_width() {
        let step = |seconds: i64| {
            round_step(TimeRange { from: UnixNanos::new(0), to: UnixNanos::new(seconds * 1_000_000_000) })
        };
        for (range, expected) in [(1, 1), (60, 1), (61, 2), (3_600, 60), (86_400, 1_800), (7 * 86_400, 10_800)] {
            assert_eq!(step(range).as_secs(), expected, "{range} s");
        }
        assert!(round_step(TimeRange::ALL).as_secs() > 100_000_000);
    }
}
