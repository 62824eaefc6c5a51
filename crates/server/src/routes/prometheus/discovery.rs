//! `targets`, `rules`, `alerts`, …: what Prometheus has and Nunchi does not. Clients ask before they show anything, so the
//! lists are there and empty.

use axum::response::Response;
use protocol::{AlertDiscovery, AlertmanagerDiscovery, RuleDiscovery, ScrapePools, TargetDiscovery};

use crate::answer::{Said, answer};

/// Targets that are scraped: none
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/targets",
    tag = "prometheus",
    responses((status = 200, body = protocol::PromAnswer<TargetDiscovery>))
)]
pub(in crate::routes) async fn targets() -> Response {
    answer(TargetDiscovery::default(), Said::default())
}

/// What targets say of their metrics: there are none
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/targets/metadata",
    tag = "prometheus",
    responses((status = 200, body = protocol::PromAnswer<Vec<String>>))
)]
pub(in crate::routes) async fn targets_metadata() -> Response {
    answer([(); 0], Said::default())
}

/// Pools of targets: none
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/scrape_pools",
    tag = "prometheus",
    responses((status = 200, body = protocol::PromAnswer<ScrapePools>))
)]
pub(in crate::routes) async fn scrape_pools() -> Response {
    answer(ScrapePools::default(), Said::default())
}

/// Rules: none
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/rules",
    tag = "prometheus",
    responses((status = 200, body = protocol::PromAnswer<RuleDiscovery>))
)]
pub(in crate::routes) async fn rules() -> Response {
    answer(RuleDiscovery::default(), Said::default())
}

/// Alerts: none
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/alerts",
    tag = "prometheus",
    responses((status = 200, body = protocol::PromAnswer<AlertDiscovery>))
)]
pub(in crate::routes) async fn alerts() -> Response {
    answer(AlertDiscovery::default(), Said::default())
}

/// Where alerts are sent: nowhere
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/alertmanagers",
    tag = "prometheus",
    responses((status = 200, body = protocol::PromAnswer<AlertmanagerDiscovery>))
)]
pub(in crate::routes) async fn alertmanagers() -> Response {
    answer(AlertmanagerDiscovery::default(), Said::default())
}

/// What the server has to say to whoever looks at its page: nothing
#[utoipa::path(
    get,
    path = "/prometheus/api/v1/notifications",
    tag = "prometheus",
    responses((status = 200, body = protocol::PromAnswer<Vec<String>>))
)]
pub(in crate::routes) async fn notifications() -> Response {
    answer([(); 0], Said::default())
}
