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
    )
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
