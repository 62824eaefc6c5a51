//! Charges cards.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use opentelemetry::KeyValue;
use opentelemetry::logs::Severity;
use opentelemetry::metrics::Histogram;
use serde::{Deserialize, Serialize};

use super::busy;
use crate::call::Statement;
use crate::failure::Failure;
use crate::fault::Fault;
use crate::order::{Card, euros};
use crate::service::Service;
use crate::telemetry::PAYMENT_AMOUNT;

const INSERT_PAYMENT: Statement = Statement {
    operation: "INSERT",
    table: "payments",
    text: "INSERT INTO payments (payment_id, order_id, amount_cents, charged_at) VALUES ($1, $2, $3, now())",
};

/// What is to be charged, and for what.
#[derive(Serialize, Deserialize)]
pub(super) struct Charge {
    pub(super) order_id: String,
    pub(super) user_id: String,
    pub(super) amount_cents: u64,
    pub(super) card: Card,
}

/// What was charged.
#[derive(Serialize, Deserialize)]
pub(super) struct Receipt {
    pub(super) payment_id: String,
}

/// The state of payment's handlers.
struct Payment {
    service: Arc<Service>,
    amounts: Histogram<f64>,
}

pub(super) fn router(service: Arc<Service>) -> Router {
    let amounts = service
        .telemetry
        .meter()
        .f64_histogram(PAYMENT_AMOUNT)
        .with_unit("EUR")
        .with_description("Amounts that were charged.")
        .build();
    Router::new().route("/charges", post(charge)).with_state(Arc::new(Payment { service, amounts }))
}

async fn charge(State(payment): State<Arc<Payment>>, Json(charge): Json<Charge>) -> Result<Json<Receipt>, Failure> {
    let Payment { service, amounts } = &*payment;
    let amount = euros(charge.amount_cents);
    let details = [
        KeyValue::new("order.id", charge.order_id.clone()),
        KeyValue::new("user.id", charge.user_id.clone()),
        KeyValue::new("payment.amount", amount),
        KeyValue::new("payment.currency", "EUR"),
    ];
    if charge.card == Card::Expired {
        let body = format!("card of {} declined for order {}: expired", charge.user_id, charge.order_id);
        service.telemetry.log(Severity::Warn, body, details);
        return Err(Failure::refused(StatusCode::PAYMENT_REQUIRED, "the card has expired"));
    }
    if service.faults.is_on(Fault::PaymentSlow) {
        let body = format!("card network is slow to authorise order {}", charge.order_id);
        service.telemetry.log(Severity::Warn, body, details.clone());
        busy(2_000, 4_000).await;
    } else {
        busy(15, 60).await;
    }
    service.caller.query(INSERT_PAYMENT).await?;
    amounts.record(amount, &[KeyValue::new("payment.currency", "EUR"), KeyValue::new("payment.method", "card")]);
    let body = format!("charged {amount:.2} EUR for order {}", charge.order_id);
    service.telemetry.log(Severity::Info, body, details);
    Ok(Json(Receipt { payment_id: format!("pay-{:08x}", rand::random::<u32>()) }))
}
