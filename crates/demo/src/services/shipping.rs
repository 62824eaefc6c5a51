//! Takes orders from the queue and makes shipments of them.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use opentelemetry::logs::Severity;
use opentelemetry::trace::{FutureExt as _, Link, SpanKind, Status, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, KeyValue};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::busy;
use crate::call::{CallError, Statement};
use crate::failure::Exception;
use crate::fault::{Fault, Switch};
use crate::queue::{DESTINATION, Message, Orders};
use crate::service::Service;

/// An order that waited longer is worth a word in the log.
const WAIT_LONG: Duration = Duration::from_secs(5);

const INSERT_SHIPMENT: Statement = Statement {
    operation: "INSERT",
    table: "shipments",
    text: "INSERT INTO shipments (shipment_id, order_id, carrier) VALUES ($1, $2, $3)",
};

pub(super) fn router(service: Arc<Service>, orders: Orders) -> Router {
    let depth = orders.clone();
    service
        .telemetry
        .meter()
        .u64_observable_gauge("orders.queue.depth")
        .with_unit("{order}")
        .with_description("Orders that wait for shipping.")
        .with_callback(move |gauge| {
            gauge.observe(depth.depth() as u64, &[KeyValue::new("messaging.destination.name", DESTINATION)]);
        })
        .build();
    Router::new().route("/queue", get(queue)).with_state(orders)
}

async fn queue(State(orders): State<Orders>) -> Json<Value> {
    Json(json!({ "depth": orders.depth() }))
}

/// Takes orders until `stop`, then those that are still in the queue, unless it is stalled.
pub(crate) async fn work(service: Arc<Service>, orders: Orders, stop: CancellationToken) {
    let faults = service.faults.clone();
    loop {
        let message = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            // A stalled consumer holds nothing: no order is taken that would then wait outside of the queue.
            () = faults.reached(Fault::QueueStalled, Switch::On) => {
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = faults.reached(Fault::QueueStalled, Switch::Off) => continue,
                }
            }
            message = orders.next() => message,
        };
        match message {
            Some(message) => ship(&service, message).await,
            None => return,
        }
    }
    if faults.is_on(Fault::QueueStalled) {
        let left = i64::try_from(orders.depth()).unwrap_or(i64::MAX);
        let body = format!("stopped with {left} orders left in the queue");
        service.telemetry.log(Severity::Warn, body, [KeyValue::new("orders.left", left)]);
        return;
    }
    while let Some(message) = orders.next_waiting().await {
        ship(&service, message).await;
    }
}

/// Ships one order, within a trace of its own that is linked to the span that sent the order.
async fn ship(service: &Arc<Service>, message: Message) {
    let origin = message.origin();
    let links = if origin.is_valid() { vec![Link::new(origin, Vec::new(), 0)] } else { Vec::new() };
    let order_id = KeyValue::new("order.id", message.order.order_id.clone());
    let tracer = service.telemetry.tracer();
    let span = tracer
        .span_builder("orders process")
        .with_kind(SpanKind::Consumer)
        .with_links(links)
        .with_attributes([
            KeyValue::new("messaging.system", "in_process"),
            KeyValue::new("messaging.destination.name", DESTINATION),
            KeyValue::new("messaging.operation.name", "process"),
            KeyValue::new("messaging.operation.type", "process"),
            KeyValue::new("messaging.message.id", message.order.order_id.clone()),
            KeyValue::new("messaging.consumer.group.name", "shipping"),
            order_id.clone(),
        ])
        .start_with_context(tracer, &Context::new());
    let context = Context::new().with_span(span);
    let shipped = pack(service, &message).with_context(context.clone()).await;
    let _inside = context.clone().attach();
    match shipped {
        Ok(shipment) => {
            let body = format!("order {} leaves as {shipment}", message.order.order_id);
            service.telemetry.log(Severity::Info, body, [order_id, KeyValue::new("shipment.id", shipment)]);
        }
        Err(error) => {
            let exception = Exception::new(error.kind(), error.to_string());
            context.span().add_event("exception", exception.attributes());
            context.span().set_status(Status::error(exception.message));
            let body = format!("order {} could not be shipped: {error}", message.order.order_id);
            service.telemetry.log(Severity::Error, body, [order_id]);
        }
    }
    context.span().end();
}

async fn pack(service: &Service, message: &Message) -> Result<String, CallError> {
    let waited = message.queued_at.elapsed();
    if waited > WAIT_LONG {
        service.telemetry.log(
            Severity::Warn,
            format!("order {} waited {} s in the queue", message.order.order_id, waited.as_secs()),
            [
                KeyValue::new("order.id", message.order.order_id.clone()),
                KeyValue::new("order.waited_s", waited.as_secs_f64()),
            ],
        );
    }
    busy(20, 80).await;
    service.caller.query(INSERT_SHIPMENT).await?;
    Ok(format!("shp-{:08x}", rand::random::<u32>()))
}
