//! `GET /api/v1/status`

use axum::Json;
use axum::extract::State;
use protocol::{ErrorBody, StatusAnswer};

use super::api::Api;
use crate::answer::{ApiError, status_answer};

/// What is stored and how the server is doing
#[utoipa::path(
    get,
    path = "/api/v1/status",
    responses((status = 200, body = StatusAnswer), (status = 503, description = "still starting", body = ErrorBody))
)]
pub(super) async fn status(State(api): State<Api>) -> Result<Json<StatusAnswer>, ApiError> {
    let store = api.phase.store().ok_or_else(ApiError::starting)?;
    Ok(Json(status_answer(store, &api)))
}
