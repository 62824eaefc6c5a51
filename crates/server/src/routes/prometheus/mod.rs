//! The Prometheus API, below `/prometheus/api/v1`: what Grafana, dashboards and alert rules speak.
//!
//! | file | endpoints |
//! |---|---|
//! | `fields.rs`, `parameter.rs` | parameters, in the forms and words that Prometheus has |
//! | `query.rs` | `query`, `query_range` |
//! | `expression.rs` | `format_query`, `parse_query` |
//! | `series.rs` | `series`, `labels`, `label/{name}/values` |
//! | `metadata.rs` | `metadata`, `query_exemplars` |
//! | `search.rs`, `search_question.rs`, `likeness.rs` | `search/metric_names`, `search/label_names`, `search/label_values` |
//! | `status.rs` | `status/…`, `features` |
//! | `discovery.rs` | `targets`, `rules`, `alerts`, …: what Nunchi does not have, as empty lists |
//!
//! Envelope, error types and status codes are Prometheus'. The tenant comes from the credential, as everywhere; a header
//! such as `X-Scope-OrgID` says nothing.

mod fields;
mod parameter;
pub(super) mod query;
pub(super) mod expression;
pub(super) mod series;
pub(super) mod metadata;
pub(super) mod search;
mod search_question;
mod likeness;
pub(super) mod status;
pub(super) mod discovery;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::compression::CompressionLayer;

use super::api::Api;
use crate::answer::PromError;

/// What stands below `/prometheus`. Where a question may be long it may be posted as well.
pub(super) fn prometheus_routes(api: Api) -> Router<Api> {
    let routes = Router::new()
        .route("/query", get(query::query).post(query::query))
        .route("/query_range", get(query::query_range).post(query::query_range))
        .route("/format_query", get(expression::format_query).post(expression::format_query))
        .route("/parse_query", get(expression::parse_query).post(expression::parse_query))
        .route("/series", get(series::series).post(series::series))
        .route("/labels", get(series::labels).post(series::labels))
        .route("/label/{name}/values", get(series::label_values))
        .route("/metadata", get(metadata::metadata))
        .route("/query_exemplars", get(metadata::query_exemplars).post(metadata::query_exemplars))
        .route("/search/metric_names", get(search::metric_names).post(search::metric_names))
        .route("/search/label_names", get(search::label_names).post(search::label_names))
        .route("/search/label_values", get(search::label_values).post(search::label_values))
        .route("/status/buildinfo", get(status::build_info))
        .route("/status/runtimeinfo", get(status::runtime_info))
        .route("/status/config", get(status::config))
        .route("/status/flags", get(status::flags))
        .route("/status/walreplay", get(status::wal_replay))
        .route("/status/tsdb", get(status::tsdb))
        .route("/features", get(status::features))
        .route("/targets", get(discovery::targets))
        .route("/targets/metadata", get(discovery::targets_metadata))
        .route("/scrape_pools", get(discovery::scrape_pools))
        .route("/rules", get(discovery::rules))
        .route("/alerts", get(discovery::alerts))
        .route("/alertmanagers", get(discovery::alertmanagers))
        .route("/notifications", get(discovery::notifications));
    Router::new()
        .nest("/api/v1", routes)
        .fallback(async || PromError::not_found())
        .method_not_allowed_fallback(async || PromError::wrong_method())
        .layer(middleware::from_fn_with_state(api, authenticate))
        .layer(CompressionLayer::new())
}

/// As for the native API; the refusal has the shape that clients of this one read.
async fn authenticate(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    match api.auth.tenant_of(request.headers()) {
        None => PromError::unauthorized().into_response(),
        Some(tenant) => {
            request.extensions_mut().insert(tenant);
            next.run(request).await
        }
    }
}

impl Api {
    /// The engine, or "not yet" in the words of this API.
    fn prometheus_engine(&self) -> Result<&::query::Engine, PromError> {
        self.phase.engine().ok_or_else(PromError::starting)
    }
}
