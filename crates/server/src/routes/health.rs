//! `/healthz`, `/readyz`, `/metrics`: for those who run the server. They need no token and tell no telemetry.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;

use super::api::Api;

/// The process answers.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Replay is done, and requests are taken. A full disk does not change the word: questions are answered, ingest goes on
/// by itself once there is room, and whoever sends is told so. A poisoned log needs a restart.
pub(super) async fn readyz(State(api): State<Api>) -> Response {
    let poisoned = api.phase.store().is_some_and(|store| store.status().wal.poisoned);
    let word = if poisoned { "poisoned" } else { api.phase.word() };
    let status = if word == "ready" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, format!("{word}\n")).into_response()
}

/// What the server counts about itself.
pub(super) async fn metrics(State(api): State<Api>) -> Response {
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, content_type)], api.metrics.render(&api.phase, &api.series)).into_response()
}
