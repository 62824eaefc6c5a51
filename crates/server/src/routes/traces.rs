//! `GET /api/v1/traces` and `GET /api/v1/traces/{trace_id}`

use axum::extract::{Path, State};
use axum::{Extension, Json};
use model::{Signal, TenantId};
use protocol::{ErrorBody, TraceAnswer, TracesAnswer};
use query::{SpanStatusFilter, TraceQuestion, TraceView};
use serde::Deserialize;
use utoipa::IntoParams;

use super::api::Api;
use super::parameters::{self, Parameters, duration, selectors, text_query, time_range, word};
use crate::answer::{ApiError, trace_answer, traces_answer};

/// Traces of a list where nothing is said.
const LIMIT_DEFAULT: usize = 20;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TracesParameters {
    /// Kubernetes label selector over resource attributes and labels, `||` between selectors for OR
    selector: Option<String>,
    /// Text query over spans: words in name and status message, field:value in attributes of span, resource, scope, events and links
    q: Option<String>,
    /// Exactly this service.name
    service: Option<String>,
    /// Exactly this span name
    operation: Option<String>,
    /// A span at least this long, as in 200ms
    min_duration: Option<String>,
    /// A span at most this long, as in 1.5s
    max_duration: Option<String>,
    /// unset, ok or error
    status: Option<String>,
    /// A span that started at or after this time: RFC 3339, unix seconds, or now-1h
    from: Option<String>,
    /// A span that started before this time: same forms
    to: Option<String>,
    /// Traces, 1 to 10000; default 20
    limit: Option<usize>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TraceParameters {
    /// repaired (default) or raw: what arrived, untouched
    view: Option<String>,
}

/// Search traces: those with at least one span that passes everything asked
#[utoipa::path(
    get,
    path = "/api/v1/traces",
    params(TracesParameters),
    responses((status = 200, body = TracesAnswer), (status = 400, body = ErrorBody))
)]
pub(super) async fn traces(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    Parameters(parameters): Parameters<TracesParameters>,
) -> Result<Json<TracesAnswer>, ApiError> {
    let TracesParameters { selector, q, service, operation, min_duration, max_duration, status, from, to, limit } =
        parameters;
    let statuses =
        [("unset", SpanStatusFilter::Unset), ("ok", SpanStatusFilter::Ok), ("error", SpanStatusFilter::Error)];
    let question = TraceQuestion {
        selectors: selectors(selector.as_deref())?,
        text: text_query(q.as_deref())?,
        service: service.filter(|service| !service.is_empty()),
        operation: operation.filter(|operation| !operation.is_empty()),
        min_duration: duration("min_duration", min_duration.as_deref())?,
        max_duration: duration("max_duration", max_duration.as_deref())?,
        status: word("status", status.as_deref(), &statuses)?,
        range: time_range(from.as_deref(), to.as_deref(), (api.now)())?,
        limit: limit.unwrap_or(LIMIT_DEFAULT),
    };
    let found = api.engine()?.traces(&tenant, question).await?;
    let coverage = api.coverage(&found.coverage, &[Signal::Traces]);
    Ok(Json(traces_answer(&found, coverage)))
}

/// One trace by its id, found without a time range
#[utoipa::path(
    get,
    path = "/api/v1/traces/{trace_id}",
    params(("trace_id" = String, Path, description = "32 hex digits"), TraceParameters),
    responses(
        (status = 200, body = TraceAnswer),
        (status = 400, body = ErrorBody),
        (status = 404, description = "nothing of that trace is stored", body = ErrorBody),
    )
)]
pub(super) async fn trace(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    Path(trace_id): Path<String>,
    Parameters(parameters): Parameters<TraceParameters>,
) -> Result<Json<TraceAnswer>, ApiError> {
    let trace_id = parameters::trace_id(&trace_id)?;
    let views = [("repaired", TraceView::Repaired), ("raw", TraceView::Raw)];
    let view = word("view", parameters.view.as_deref(), &views)?.unwrap_or_default();
    let story = api.engine()?.trace(&tenant, trace_id, view).await?;
    let coverage = api.coverage(&story.coverage, &[Signal::Traces, Signal::Logs]);
    Ok(Json(trace_answer(&story, view, coverage)))
}
