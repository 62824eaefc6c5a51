//! The OpenAPI document, made from the handlers.

use axum::Json;
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(
    info(title = "Nunchi", description = "Ask what the room says: logs, traces and metrics of scattered services."),
    paths(
        super::sql::sql,
        super::logs::logs,
        super::logs::log_histogram,
        super::traces::traces,
        super::traces::trace,
        super::traces::profile,
        super::traces::nearby,
        super::exemplars::exemplars,
        super::journeys::journey,
        super::services::services,
        super::telemetry_health::repairs,
        super::telemetry_health::clocks,
        super::services::passport,
        super::graph::service_graph,
        super::graph::graph_diff,
        super::pins::pin,
        super::pins::pins,
        super::pins::unpin,
        super::status::status,
        super::prometheus::query::query,
        super::prometheus::query::query_range,
        super::prometheus::expression::format_query,
        super::prometheus::expression::parse_query,
        super::prometheus::series::series,
        super::prometheus::series::labels,
        super::prometheus::series::label_values,
        super::prometheus::metadata::metadata,
        super::prometheus::metadata::query_exemplars,
        super::prometheus::search::metric_names,
        super::prometheus::search::label_names,
        super::prometheus::search::label_values,
        super::prometheus::status::build_info,
        super::prometheus::status::runtime_info,
        super::prometheus::status::config,
        super::prometheus::status::flags,
        super::prometheus::status::wal_replay,
        super::prometheus::status::tsdb,
        super::prometheus::status::features,
        super::prometheus::discovery::targets,
        super::prometheus::discovery::targets_metadata,
        super::prometheus::discovery::scrape_pools,
        super::prometheus::discovery::rules,
        super::prometheus::discovery::alerts,
        super::prometheus::discovery::alertmanagers,
        super::prometheus::discovery::notifications,
    ),
    tags((name = "prometheus", description = "The Prometheus API, as Prometheus 3.16 has it: the address to give Grafana ends in /prometheus. Questions that may be long can be posted as forms as well"))
)]
struct Document;

/// The OpenAPI document of the native API, as indented JSON with a newline at the end.
pub fn openapi_document() -> String {
    let json = Document::openapi().to_pretty_json().expect("the document is made of strings and numbers");
    json + "\n"
}

/// `GET /api/v1/openapi.json`
pub(super) async fn openapi() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The page's types are made from the committed document.
    /// Renew it with: UPDATE=1 cargo test -p server openapi && cd ui && npm run types
    #[test]
    fn the_committed_openapi_document_is_fresh() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
        let document = openapi_document();
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &document).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == document, "docs/openapi.json is stale: run UPDATE=1 cargo test -p server openapi");
    }
}
