//! Turns a basket into an order: reserve, charge, write down, hand over to shipping.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use opentelemetry::logs::Severity;
use opentelemetry::metrics::Counter;
use opentelemetry::trace::{SpanKind, Status, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, KeyValue};
use serde::{Deserialize, Serialize};

use super::inventory::Reservation;
use super::payment::{Charge, Receipt};
use crate::call::{Call, CallError, Statement};
use crate::failure::{Exception, Failure};
use crate::order::{Basket, Item, Order, euros};
use crate::pod::Deployment;
use crate::queue::{DESTINATION, Message, ORDERS_MAX, Orders};
use crate::rollout::BAD_VERSION;
use crate::service::Service;

/// How long payment may take before checkout gives the visitor back.
const PAYMENT_TIMEOUT: Duration = Duration::from_secs(3);

/// The chance that the bad version fails an order.
const BAD_VERSION_FAILS: f64 = 0.5;

const INSERT_ORDER: Statement = Statement {
    operation: "INSERT",
    table: "orders",
    text: "INSERT INTO orders (order_id, user_id, amount_cents, placed_at) VALUES ($1, $2, $3, now())",
};

/// The state of checkout's handlers.
struct Checkout {
    service: Arc<Service>,
    orders: Orders,
    placed: Counter<u64>,
}

/// What inventory is asked to set aside.
#[derive(Serialize, Deserialize)]
pub(super) struct Wish {
    pub(super) order_id: String,
    pub(super) items: Vec<Item>,
}

pub(super) fn router(service: Arc<Service>, orders: Orders) -> Router {
    let placed = service
        .telemetry
        .meter()
        .u64_counter("orders.placed")
        .with_unit("{order}")
        .with_description("Orders that were paid for and handed over to shipping.")
        .build();
    Router::new().route("/checkout", post(place)).with_state(Arc::new(Checkout { service, orders, placed }))
}

async fn place(State(checkout): State<Arc<Checkout>>, Json(basket): Json<Basket>) -> Result<Json<Order>, Failure> {
    let Checkout { service, .. } = &*checkout;
    let order_id = format!("ord-{:08x}", rand::random::<u32>());
    let user = KeyValue::new("user.id", basket.user_id.clone());
    let id = KeyValue::new("order.id", order_id.clone());
    let context = Context::current();
    context.span().set_attributes([user.clone(), id.clone()]);

    let wish = Wish { order_id: order_id.clone(), items: basket.items.clone() };
    let reservation: Reservation =
        service.caller.call(Call::post(Deployment::Inventory, "/reservations", &wish)).await?;
    let amount_cents = checkout.discounted(reservation.amount_cents)?;

    let charge =
        Charge { order_id: order_id.clone(), user_id: basket.user_id.clone(), amount_cents, card: basket.card };
    checkout.pay(&charge).await?;
    service.caller.query(INSERT_ORDER).await?;

    let order = Order { order_id, user_id: basket.user_id, items: basket.items, amount_cents };
    checkout.hand_over(order.clone())?;

    let amount = euros(amount_cents);
    checkout.placed.add(1, &[KeyValue::new("order.currency", "EUR")]);
    service.telemetry.log(
        Severity::Info,
        format!("order {} placed by {}: {} items, {amount:.2} EUR", order.order_id, order.user_id, order.items.len()),
        [id, user, KeyValue::new("order.amount", amount), KeyValue::new("order.currency", "EUR")],
    );
    Ok(Json(order))
}

impl Checkout {
    /// The price after discounts: a span of work inside the service, and where the bad version breaks.
    fn discounted(&self, amount_cents: u64) -> Result<u64, Failure> {
        let tracer = self.service.telemetry.tracer();
        let span = tracer.span_builder("apply discounts").with_kind(SpanKind::Internal).start(tracer);
        let context = Context::current_with_span(span);
        let span = context.span();
        span.set_attribute(KeyValue::new("order.amount", euros(amount_cents)));
        if self.service.pod.version == BAD_VERSION && rand::random_bool(BAD_VERSION_FAILS) {
            let exception = Exception {
                kind: "NullPointerException",
                message: "cannot read \"rate\" because \"order.discount\" is null".into(),
                stacktrace: Some(
                    "NullPointerException: cannot read \"rate\" because \"order.discount\" is null\n\
                     \tat shop.checkout.Discounts.apply(discounts:88)\n\
                     \tat shop.checkout.Checkout.place(checkout:41)",
                ),
            };
            span.add_event("exception", exception.attributes());
            span.set_status(Status::error(exception.message.clone()));
            return Err(Failure::thrown(exception));
        }
        // Every tenth cent is on the house above 100 EUR.
        Ok(if amount_cents > 10_000 { amount_cents - amount_cents / 10 } else { amount_cents })
    }

    async fn pay(&self, charge: &Charge) -> Result<Receipt, CallError> {
        let call = Call::post(Deployment::Payment, "/charges", charge).within(PAYMENT_TIMEOUT);
        let paid = self.service.caller.call(call).await;
        if let Err(error @ CallError::Timeout { .. }) = &paid {
            let details =
                [KeyValue::new("order.id", charge.order_id.clone()), KeyValue::new("peer.service", "payment")];
            let body = format!("order {} given up: {error}; the card may have been charged", charge.order_id);
            self.service.telemetry.log(Severity::Error, body, details);
        }
        paid
    }

    /// Puts the order into the queue, within a producer span whose context travels with the message.
    fn hand_over(&self, order: Order) -> Result<(), Failure> {
        let tracer = self.service.telemetry.tracer();
        let span = tracer
            .span_builder("orders publish")
            .with_kind(SpanKind::Producer)
            .with_attributes([
                KeyValue::new("messaging.system", "in_process"),
                KeyValue::new("messaging.destination.name", DESTINATION),
                KeyValue::new("messaging.operation.name", "publish"),
                KeyValue::new("messaging.operation.type", "send"),
                KeyValue::new("messaging.message.id", order.order_id.clone()),
            ])
            .start(tracer);
        let context = Context::current_with_span(span);
        let order_id = order.order_id.clone();
        if self.orders.publish(Message::new(order, &context)).is_ok() {
            return Ok(());
        }
        let exception = Exception::new("QueueFull", format!("the orders queue is full ({ORDERS_MAX} orders)"));
        let span = context.span();
        span.add_event("exception", exception.attributes());
        span.set_attribute(KeyValue::new("error.type", exception.kind));
        span.set_status(Status::error(exception.message.clone()));
        let _inside = context.clone().attach();
        self.service.telemetry.log(
            Severity::Error,
            format!("order {order_id} paid but not handed over to shipping: {}", exception.message),
            [KeyValue::new("order.id", order_id), KeyValue::new("messaging.destination.name", DESTINATION)],
        );
        Err(Failure::overloaded(exception))
    }
}
