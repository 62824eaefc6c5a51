//! The shop window: what a browser talks to.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use opentelemetry::KeyValue;
use opentelemetry::logs::Severity;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::call::Call;
use crate::failure::Failure;
use crate::order::{Basket, Order, euros};
use crate::pod::Deployment;
use crate::service::Service;

/// The longest user id; they travel in addresses, and become attributes.
const USER_ID_MAX: usize = 64;

pub(super) fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route("/", get(browse))
        .route("/recommendations", get(recommend))
        .route("/checkout", post(checkout))
        .with_state(service)
}

#[derive(Deserialize)]
struct Visitor {
    #[serde(default = "Visitor::guest")]
    user_id: String,
}

impl Visitor {
    fn guest() -> String {
        "guest".to_owned()
    }

    /// The visitor as the query of another call. Letters, digits, `-` and `_` only: they need no escapes.
    fn query(&self) -> Result<String, Failure> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if self.user_id.is_empty() || self.user_id.len() > USER_ID_MAX || !self.user_id.bytes().all(plain) {
            return Err(Failure::refused(StatusCode::BAD_REQUEST, "user_id must be up to 64 letters, digits, - or _"));
        }
        Ok(format!("?user_id={}", self.user_id))
    }
}

/// The front page: products, and recommendations if there are any to be had.
async fn browse(State(web): State<Arc<Service>>, Query(visitor): Query<Visitor>) -> Result<Json<Value>, Failure> {
    let query = visitor.query()?;
    let products: Value = web.caller.call(Call::get(Deployment::Inventory, "/products", "")).await?;
    let recommendations = Call::get(Deployment::Recommendation, "/recommendations", query);
    let recommendations = match web.caller.call::<Value>(recommendations).await {
        Ok(recommendations) => recommendations,
        Err(error) => {
            // A page without recommendations is still a page.
            let details = [KeyValue::new("user.id", visitor.user_id.clone())];
            web.telemetry.log(Severity::Warn, format!("front page without recommendations: {error}"), details);
            Value::Null
        }
    };
    let details = [KeyValue::new("user.id", visitor.user_id.clone()), KeyValue::new("page", "front")];
    web.telemetry.log(Severity::Info, format!("front page rendered for {}", visitor.user_id), details);
    Ok(Json(json!({ "products": products, "recommendations": recommendations })))
}

async fn recommend(State(web): State<Arc<Service>>, Query(visitor): Query<Visitor>) -> Result<Json<Value>, Failure> {
    let call = Call::get(Deployment::Recommendation, "/recommendations", visitor.query()?);
    Ok(Json(web.caller.call(call).await?))
}

async fn checkout(State(web): State<Arc<Service>>, Json(basket): Json<Basket>) -> Result<Json<Order>, Failure> {
    Visitor { user_id: basket.user_id.clone() }.query()?;
    basket.check().map_err(|reason| Failure::refused(StatusCode::BAD_REQUEST, reason))?;
    let order: Order = web.caller.call(Call::post(Deployment::Checkout, "/checkout", &basket)).await?;
    let amount = euros(order.amount_cents);
    web.telemetry.log(
        Severity::Info,
        format!("order {} confirmed to {}: {amount:.2} EUR", order.order_id, order.user_id),
        [
            KeyValue::new("order.id", order.order_id.clone()),
            KeyValue::new("order.amount", amount),
            KeyValue::new("user.id", order.user_id.clone()),
        ],
    );
    Ok(Json(order))
}
