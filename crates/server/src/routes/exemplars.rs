//! `GET /api/v1/exemplars`

use axum::extract::State;
use axum::{Extension, Json};
use model::{Signal, TenantId};
use protocol::{ErrorBody, ExemplarsAnswer};
use query::ExemplarsQuestion;
use serde::Deserialize;
use utoipa::IntoParams;

use super::api::Api;
use super::parameters::{Parameters, selectors, time_range};
use crate::answer::{ApiError, exemplars_answer};

/// Exemplars where nothing is said.
const LIMIT_DEFAULT: usize = 100;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ExemplarsParameters {
    /// Exactly this metric
    metric: String,
    /// Kubernetes label selector over resource attributes and labels, `||` between selectors for OR
    selector: Option<String>,
    /// First time, inclusive: RFC 3339, unix seconds, or now-1h
    from: Option<String>,
    /// Last time, exclusive: same forms
    to: Option<String>,
    /// Exemplars, 1 to 1000; default 100
    limit: Option<usize>,
}

/// From a metric to traces: its exemplars that name one, newest first
#[utoipa::path(
    get,
    path = "/api/v1/exemplars",
    params(ExemplarsParameters),
    responses((status = 200, body = ExemplarsAnswer), (status = 400, body = ErrorBody))
)]
pub(super) async fn exemplars(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    Parameters(parameters): Parameters<ExemplarsParameters>,
) -> Result<Json<ExemplarsAnswer>, ApiError> {
    let ExemplarsParameters { metric, selector, from, to, limit } = parameters;
    let question = ExemplarsQuestion {
        metric,
        selectors: selectors(selector.as_deref())?,
        range: time_range(from.as_deref(), to.as_deref(), (api.now)())?,
        limit: limit.unwrap_or(LIMIT_DEFAULT),
    };
    let found = api.engine()?.exemplars(&tenant, question).await?;
    let coverage = api.coverage(&found.coverage, &[Signal::Metrics]);
    Ok(Json(exemplars_answer(&found, coverage)))
}
