//! The API's port: native API, Prometheus API, health, own metrics, and the page.
//!
//! | file | what |
//! |---|---|
//! | `api.rs` | what every handler has at hand |
//! | `parameters.rs` | query parameters → questions |
//! | `looked_at.rs` | which time a question about the graph is about |
//! | `sql.rs` `logs.rs` `traces.rs` `exemplars.rs` `journeys.rs` `services.rs` `graph.rs` `telemetry_health.rs` `pins.rs` `status.rs` | one file per family of endpoints |
//! | `prometheus/` | the Prometheus API, below `/prometheus` |
//! | `health.rs` | `/healthz`, `/readyz`, `/metrics` |
//! | `openapi.rs` | the OpenAPI document, made from the handlers |

mod api;
mod parameters;
mod sql;
mod logs;
mod traces;
mod exemplars;
mod journeys;
mod services;
mod graph;
mod looked_at;
mod telemetry_health;
mod pins;
mod status;
mod prometheus;
mod health;
mod openapi;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, post};
use tower_http::compression::CompressionLayer;

pub(crate) use api::Api;
pub use openapi::openapi_document;

use crate::answer::{ApiError, PromError};
use crate::page::page_routes;

/// Every route of the API's port.
pub(crate) fn api_routes(api: Api) -> Router {
    let native = Router::new()
        .route("/sql", post(sql::sql))
        .route("/logs", get(logs::logs))
        .route("/logs/histogram", get(logs::log_histogram))
        .route("/traces", get(traces::traces))
        .route("/traces/profile", get(traces::profile))
        .route("/traces/{trace_id}", get(traces::trace))
        .route("/traces/{trace_id}/nearby", get(traces::nearby))
        .route("/exemplars", get(exemplars::exemplars))
        .route("/journeys/{trace_id}", get(journeys::journey))
        .route("/services", get(services::services))
        .route("/services/{name}", get(services::passport))
        .route("/service-graph", get(graph::service_graph))
        .route("/service-graph/diff", get(graph::graph_diff))
        .route("/repairs", get(telemetry_health::repairs))
        .route("/clocks", get(telemetry_health::clocks))
        .route("/pins", get(pins::pins).post(pins::pin))
        .route("/pins/{id}", delete(pins::unpin))
        .route("/status", get(status::status))
        .route("/openapi.json", get(openapi::openapi))
        .fallback(unknown_endpoint)
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(api.clone(), authenticate))
        .layer(CompressionLayer::new());
    Router::new()
        .nest("/api/v1", native)
        .nest("/prometheus", prometheus::prometheus_routes(api.clone()))
        .route("/prometheus/", any(async || PromError::not_found()))
        .route("/api/{*path}", get(unknown_endpoint).fallback(unknown_endpoint))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .with_state(api)
        .merge(page_routes())
}

/// The tenant of the credential goes with the request; without a valid one it goes no further.
async fn authenticate(
    axum::extract::State(api): axum::extract::State<Api>,
    mut request: Request,
    next: Next,
) -> Response {
    match api.auth.tenant_of(request.headers()) {
        None => ApiError::unauthenticated().into_response(),
        Some(tenant) => {
            request.extensions_mut().insert(tenant);
            next.run(request).await
        }
    }
}

async fn unknown_endpoint() -> ApiError {
    ApiError::not_found("there is no such endpoint", "GET /api/v1/openapi.json lists them")
}

async fn wrong_method() -> Response {
    let error = ApiError::bad_request("the endpoint does not take this method", "GET /api/v1/openapi.json lists them");
    let mut response = error.into_response();
    *response.status_mut() = http::StatusCode::METHOD_NOT_ALLOWED;
    response
}
