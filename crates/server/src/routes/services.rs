//! `GET /api/v1/services`

use axum::extract::State;
use axum::{Extension, Json};
use model::{Signal, TenantId};
use protocol::{ErrorBody, ServicesAnswer};
use query::ServicesQuestion;
use serde::Deserialize;
use utoipa::IntoParams;

use super::api::Api;
use super::parameters::{Parameters, selectors, time_range};
use crate::answer::{ApiError, services_answer};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ServicesParameters {
    /// Kubernetes label selector over resource attributes and labels, `||` between selectors for OR
    selector: Option<String>,
    /// First time, inclusive: RFC 3339, unix seconds, or now-1h
    from: Option<String>,
    /// Last time, exclusive: same forms
    to: Option<String>,
}

/// The services heard from
#[utoipa::path(
    get,
    path = "/api/v1/services",
    params(ServicesParameters),
    responses((status = 200, body = ServicesAnswer), (status = 400, body = ErrorBody))
)]
pub(super) async fn services(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    Parameters(parameters): Parameters<ServicesParameters>,
) -> Result<Json<ServicesAnswer>, ApiError> {
    let ServicesParameters { selector, from, to } = parameters;
    let question = ServicesQuestion {
        selectors: selectors(selector.as_deref())?,
        range: time_range(from.as_deref(), to.as_deref(), (api.now)())?,
    };
    let found = api.engine()?.services(&tenant, question).await?;
    let coverage = api.coverage(&found.coverage, &Signal::ALL);
    Ok(Json(services_answer(&found, coverage)))
}
