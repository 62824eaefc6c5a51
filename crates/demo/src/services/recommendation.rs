//! Guesses what a visitor may like, from a cache more often than not.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::routing::get;
use axum::{Json, Router};
use opentelemetry::logs::Severity;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry::{Context, KeyValue};
use serde::Deserialize;

use super::busy;
use crate::call::Statement;
use crate::failure::Failure;
use crate::order::CATALOGUE;
use crate::service::Service;

/// The chance that the answer is in the cache.
const CACHE_HIT: f64 = 0.7;

/// How many products are recommended.
const RECOMMENDED: usize = 3;

const SELECT_PURCHASES: Statement = Statement {
    operation: "SELECT",
    table: "purchases",
    text: "SELECT sku, count(*) FROM purchases WHERE user_id = $1 GROUP BY sku ORDER BY 2 DESC LIMIT 20",
};

#[derive(Deserialize)]
struct Visitor {
    user_id: String,
}

pub(super) fn router(service: Arc<Service>) -> Router {
    Router::new().route("/recommendations", get(recommend)).with_state(service)
}

async fn recommend(
    State(service): State<Arc<Service>>,
    Query(visitor): Query<Visitor>,
) -> Result<Json<Vec<&'static str>>, Failure> {
    let hit = rand::random_bool(CACHE_HIT);
    Context::current().span().set_attribute(KeyValue::new("cache.hit", hit));
    if !hit {
        service.caller.query(SELECT_PURCHASES).await?;
        busy(5, 25).await;
    }
    let user = KeyValue::new("user.id", visitor.user_id.clone());
    let body = format!("recommendations for {} ({})", visitor.user_id, if hit { "cached" } else { "computed" });
    service.telemetry.log(Severity::Debug, body, [user, KeyValue::new("cache.hit", hit)]);
    let first = rand::random_range(0..CATALOGUE.len());
    Ok(Json(CATALOGUE.iter().cycle().skip(first).take(RECOMMENDED).map(|product| product.sku).collect()))
}
