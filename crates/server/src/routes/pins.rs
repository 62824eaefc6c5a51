//! `POST /api/v1/pins`, `GET /api/v1/pins`, `DELETE /api/v1/pins/{id}`

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use model::{TenantId, UnixNanos};
use protocol::{ErrorBody, Pin, PinRequest, PinsAnswer};
use store::{NewPin, PinId, StoreError, StoreErrorKind};

use super::api::Api;
use super::parameters::time_range;
use crate::answer::{ApiError, pin_answer, pins_answer};

const EXAMPLE: &str =
    r#"send {"from": "now-2h", "to": "now", "reason": "the outage of the bank"}; "expires": "now+90d" may be added"#;

/// Keep a range of time past its retention
///
/// Every block that has a row of the range stays, with all its rows, until the pin is taken away or expires.
#[utoipa::path(
    post,
    path = "/api/v1/pins",
    request_body = PinRequest,
    responses((status = 200, body = Pin), (status = 400, body = ErrorBody))
)]
pub(super) async fn pin(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    body: Bytes,
) -> Result<Json<Pin>, ApiError> {
    let request: PinRequest =
        serde_json::from_slice(&body).map_err(|error| ApiError::bad_request(format!("the body: {error}"), EXAMPLE))?;
    let PinRequest { from, to, reason, expires } = request;
    if let Some((name, _)) = [("from", &from), ("to", &to)].into_iter().find(|(_, text)| text.trim().is_empty()) {
        return Err(ApiError::bad_request(format!("{name} is empty"), EXAMPLE));
    }
    if reason.trim().is_empty() {
        return Err(ApiError::bad_request("reason is empty", "say why, for whoever finds the pin later"));
    }
    let now = (api.now)();
    let range = time_range(Some(&from), Some(&to), now)?;
    let expires = expires.map(|text| UnixNanos::parse(&text, now)).transpose();
    let expires = expires.map_err(|error| ApiError::bad_request(format!("expires: {error}"), ""))?;
    let store = api.phase.store().ok_or_else(ApiError::starting)?;
    let pin = store.pin(NewPin { tenant, range, reason, expires }, now).await.map_err(refused)?;
    Ok(Json(pin_answer(&pin)))
}

/// The pins in force
#[utoipa::path(get, path = "/api/v1/pins", responses((status = 200, body = PinsAnswer)))]
pub(super) async fn pins(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
) -> Result<Json<PinsAnswer>, ApiError> {
    let now = (api.now)();
    let snapshot = api.phase.store().ok_or_else(ApiError::starting)?.snapshot();
    Ok(Json(pins_answer(snapshot.pins(&tenant).filter(|pin| pin.is_in_force(now)))))
}

/// Take a pin away
///
/// What only this pin held is deleted with the next round of retention. Answers with the pin.
#[utoipa::path(
    delete,
    path = "/api/v1/pins/{id}",
    params(("id" = u64, Path, description = "The pin's id")),
    responses((status = 200, body = Pin), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody))
)]
pub(super) async fn unpin(
    State(api): State<Api>,
    Extension(tenant): Extension<TenantId>,
    Path(id): Path<String>,
) -> Result<Json<Pin>, ApiError> {
    let list = "GET /api/v1/pins lists them";
    let number: u64 = id.parse().map_err(|_| ApiError::bad_request(format!("{id:?} is not a pin's id"), list))?;
    let id = PinId::new(number);
    let store = api.phase.store().ok_or_else(ApiError::starting)?;
    let pin = store.snapshot().pins(&tenant).find(|pin| pin.id == id).cloned();
    match pin {
        Some(pin) if store.unpin(&tenant, id).await.map_err(refused)? => Ok(Json(pin_answer(&pin))),
        _ => Err(ApiError::not_found(format!("there is no pin {id}"), list)),
    }
}

fn refused(error: StoreError) -> ApiError {
    match error.kind() {
        StoreErrorKind::Invalid => ApiError::bad_request(&error, EXAMPLE),
        _ => ApiError::internal(&error),
    }
}
