//! `GET /api/v1/journeys/{trace_id}`

use axum::extract::{Path, State};
use axum::{Extension, Json};
use model::{Signal, TenantId};
use protocol::{ErrorBody, JourneyAnswer};
use serde::Deserialize;

use super::api::Api;
use super::parameters::{Parameters, trace_id};
use crate::answer::{ApiError, journey_answer};

/// There are none: a journey knows no time range. What is given all the same is refused and not passed over.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JourneyParameters {}

/// All traces that belong to one piece of work with this one, across links and queues, found without a time range
#[utoipa::path(
    get,
    path = "/api/v1/journeys/{trace_id}",
    params(("trace_id" = String, Path, description = "32 hex digits")),
    responses(
        (status = 200, body = JourneyAnswer),
        (status = 400, body = ErrorBody),
        (status = 404, description = "nothing of that trace is stored", body = ErrorBody),
    )
)]
pub(super) async fn journey(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    Path(asked): Path<String>,
    Parameters(JourneyParameters {}): Parameters<JourneyParameters>,
) -> Result<Json<JourneyAnswer>, ApiError> {
    let journey = api.engine()?.journey(&tenant, trace_id(&asked)?).await?;
    let coverage = api.coverage(&journey.coverage, &[Signal::Traces, Signal::Logs]);
    Ok(Json(journey_answer(&journey, coverage)))
}
