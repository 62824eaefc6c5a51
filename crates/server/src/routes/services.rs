//! `GET /api/v1/services` and `GET /api/v1/services/{name}`

use std::time::Duration;

use axum::extract::{Path, State};
use axum::{Extension, Json};
use model::{Signal, TenantId, TimeRange};
use protocol::{ErrorBody, PassportAnswer, ServicesAnswer};
use query::{PassportQuestion, ServicesQuestion};
use serde::Deserialize;
use utoipa::IntoParams;

use super::api::Api;
use super::looked_at::{LookedAt, WINDOW_DEFAULT, ordered, time};
use super::parameters::{Parameters, selectors, time_range};
use crate::answer::{ApiError, passport_answer, services_answer};

/// How far a passport looks back where nothing is said: what runs every night is in it.
const LOOK_BACK_DEFAULT: Duration = Duration::from_secs(24 * 3_600);

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

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PassportParameters {
    /// Exactly this deployment.environment.name
    environment: Option<String>,
    /// As of this time: RFC 3339, unix seconds, or now-1h; default now
    at: Option<String>,
    /// How far to look back: same forms; default 24 hours before `at`
    from: Option<String>,
    /// What is now: as long before `at`, as in 5m, which is the default
    window: Option<String>,
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

/// All that is known of one service as of a time: owner, runbook, versions, deploys, pods, operations, callers and callees
#[utoipa::path(
    get,
    path = "/api/v1/services/{name}",
    params(("name" = String, Path, description = "service.name"), PassportParameters),
    responses(
        (status = 200, body = PassportAnswer),
        (status = 400, body = ErrorBody),
        (status = 404, description = "nothing was heard from it, and the services file does not know it", body = ErrorBody),
    )
)]
pub(super) async fn passport(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    Path(name): Path<String>,
    Parameters(parameters): Parameters<PassportParameters>,
) -> Result<Json<PassportAnswer>, ApiError> {
    let PassportParameters { environment, at, from, window } = parameters;
    let now = (api.now)();
    let to = time("at", at.as_deref(), now)?.unwrap_or(now);
    let from = time("from", from.as_deref(), now)?.unwrap_or_else(|| to.minus(LOOK_BACK_DEFAULT));
    let question = PassportQuestion {
        environment: environment.filter(|environment| !environment.is_empty()),
        range: ordered(TimeRange { from, to })?,
        window: LookedAt { window: window.as_deref(), ..LookedAt::default() }.window(WINDOW_DEFAULT)?,
        now,
        stated: api.stated_services().await.get(&name).cloned(),
        service: name,
    };
    let passport = api.engine()?.passport(&tenant, question).await?;
    let coverage = api.coverage(&passport.coverage, &Signal::ALL);
    Ok(Json(passport_answer(&passport, coverage)))
}
