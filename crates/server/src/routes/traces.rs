//! `GET /api/v1/traces`, `GET /api/v1/traces/profile`, `GET /api/v1/traces/{trace_id}` and its `/nearby`

use axum::extract::{Path, State};
use axum::{Extension, Json};
use model::{Signal, TenantId};
use protocol::{ErrorBody, NearbyAnswer, ProfileAnswer, TraceAnswer, TracesAnswer};
use query::{ProfileQuestion, SpanStatusFilter, TraceQuestion, TraceView};
use serde::Deserialize;
use utoipa::IntoParams;

use super::api::Api;
use super::parameters::{self, Parameters, duration, repair_kind, selectors, text_query, time_range, word};
use crate::answer::{ApiError, nearby_answer, profile_answer, trace_answer, traces_answer};

/// Traces of a list where nothing is said.
const LIMIT_DEFAULT: usize = 20;

/// Traces of a profile where nothing is said: some seconds of work at most, and two slow ones above p99.
const PROFILE_LIMIT_DEFAULT: usize = 200;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TracesParameters {
    /// Kubernetes label selector over resource attributes and labels, `||` between selectors for OR
    selector: Option<String>,
    /// Text query over spans: words in name and status message, field:value in attributes of span, resource, scope, events and links
    q: Option<String>,
    /// Exactly this service.name. With repair: the one that is the cause, or of whose spans it touches one
    service: Option<String>,
    /// Traces in which stitching repaired something of this kind: duplicate_span, shared_span_id, missing_parent, parent_cycle, negative_duration, clock_skew, late_root or log_only_service. from and to are then of the repaired spans
    repair: Option<String>,
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
    let TracesParameters {
        selector,
        q,
        service,
        repair,
        operation,
        min_duration,
        max_duration,
        status,
        from,
        to,
        limit,
    } = parameters;
    let statuses =
        [("unset", SpanStatusFilter::Unset), ("ok", SpanStatusFilter::Ok), ("error", SpanStatusFilter::Error)];
    let question = TraceQuestion {
        selectors: selectors(selector.as_deref())?,
        text: text_query(q.as_deref())?,
        service: service.filter(|service| !service.is_empty()),
        repair: repair_kind("repair", repair.as_deref())?,
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

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ProfileParameters {
    /// Exactly this service.name
    service: String,
    /// Exactly this span name
    operation: String,
    /// Kubernetes label selector over resource attributes and labels, `||` between selectors for OR
    selector: Option<String>,
    /// Text query over the operation's spans: words in name and status message, field:value in attributes
    q: Option<String>,
    /// A span of the operation that started at or after this time: RFC 3339, unix seconds, or now-1h
    from: Option<String>,
    /// A span of the operation that started before this time: same forms
    to: Option<String>,
    /// Traces that are looked at, the newest ones, 1 to 1000; default 200
    limit: Option<usize>,
}

/// Where the time of an operation goes, and what sets its slow and failing traces apart
#[utoipa::path(
    get,
    path = "/api/v1/traces/profile",
    params(ProfileParameters),
    responses((status = 200, body = ProfileAnswer), (status = 400, body = ErrorBody))
)]
pub(super) async fn profile(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    Parameters(parameters): Parameters<ProfileParameters>,
) -> Result<Json<ProfileAnswer>, ApiError> {
    let ProfileParameters { service, operation, selector, q, from, to, limit } = parameters;
    for (name, text) in [("service", &service), ("operation", &operation)] {
        if text.is_empty() {
            return Err(ApiError::bad_request(format!("{name} is empty"), "GET /api/v1/services lists services"));
        }
    }
    let question = ProfileQuestion {
        service: service.clone(),
        operation: operation.clone(),
        selectors: selectors(selector.as_deref())?,
        text: text_query(q.as_deref())?,
        range: time_range(from.as_deref(), to.as_deref(), (api.now)())?,
        limit: limit.unwrap_or(PROFILE_LIMIT_DEFAULT),
    };
    let found = api.engine()?.profile(&tenant, question).await?;
    let coverage = api.coverage(&found.coverage, &[Signal::Traces]);
    Ok(Json(profile_answer((service, operation), &found, coverage)))
}

/// What lies around a trace and is not part of it
///
/// Log records of its pods at its time without a trace id, what was measured of these pods, and exemplars that name it.
#[utoipa::path(
    get,
    path = "/api/v1/traces/{trace_id}/nearby",
    params(("trace_id" = String, Path, description = "32 hex digits")),
    responses(
        (status = 200, body = NearbyAnswer),
        (status = 400, body = ErrorBody),
        (status = 404, description = "nothing of that trace is stored", body = ErrorBody),
    )
)]
pub(super) async fn nearby(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    Path(trace_id): Path<String>,
) -> Result<Json<NearbyAnswer>, ApiError> {
    let found = api.engine()?.nearby(&tenant, parameters::trace_id(&trace_id)?).await?;
    let coverage = api.coverage(&found.coverage, &Signal::ALL);
    Ok(Json(nearby_answer(&found, coverage)))
}
