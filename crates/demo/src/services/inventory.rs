//! Knows the products, and sets pieces of them aside for orders.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use opentelemetry::KeyValue;
use opentelemetry::logs::Severity;
use opentelemetry::metrics::Counter;
use serde::{Deserialize, Serialize};

use super::busy;
use super::checkout::Wish;
use crate::call::Statement;
use crate::failure::{Exception, Failure};
use crate::fault::Fault;
use crate::order::{CATALOGUE, Item, Product, QUANTITY_MAX};
use crate::service::Service;

/// Pieces of each product after a delivery from the supplier.
const STOCK_FULL: u32 = 500;

/// The chance that a reservation fails while [`Fault::InventoryErrors`] is on.
const RESERVATION_FAILS: f64 = 0.3;

const SELECT_PRODUCTS: Statement = Statement {
    operation: "SELECT",
    table: "products",
    text: "SELECT sku, title, price_cents FROM products WHERE listed ORDER BY title",
};

const UPDATE_STOCK: Statement = Statement {
    operation: "UPDATE",
    table: "stock",
    text: "UPDATE stock SET reserved = reserved + $2 WHERE sku = $1 AND available - reserved >= $2",
};

/// What a reservation costs.
#[derive(Serialize, Deserialize)]
pub(super) struct Reservation {
    pub(super) amount_cents: u64,
}

/// The state of inventory's handlers.
struct Inventory {
    service: Arc<Service>,
    stock: Mutex<HashMap<&'static str, u32>>,
    reservations: Counter<u64>,
}

pub(super) fn router(service: Arc<Service>) -> Router {
    let reservations = service
        .telemetry
        .meter()
        .u64_counter("inventory.reservations")
        .with_unit("{reservation}")
        .with_description("Reservations, by product.")
        .build();
    let stock = Mutex::new(CATALOGUE.iter().map(|product| (product.sku, STOCK_FULL)).collect());
    Router::new()
        .route("/products", get(products))
        .route("/reservations", post(reserve))
        .with_state(Arc::new(Inventory { service, stock, reservations }))
}

async fn products(State(inventory): State<Arc<Inventory>>) -> Result<Json<&'static [Product]>, Failure> {
    inventory.service.caller.query(SELECT_PRODUCTS).await?;
    Ok(Json(&CATALOGUE))
}

async fn reserve(
    State(inventory): State<Arc<Inventory>>,
    Json(wish): Json<Wish>,
) -> Result<Json<Reservation>, Failure> {
    let service = &inventory.service;
    busy(1, 5).await;
    service.caller.query(UPDATE_STOCK).await?;
    if service.faults.is_on(Fault::InventoryErrors) && rand::random_bool(RESERVATION_FAILS) {
        return Err(Failure::thrown(Exception {
            kind: "DeadlockDetected",
            message: "deadlock detected while updating stock: process 4711 waits for ShareLock".into(),
            stacktrace: Some(
                "DeadlockDetected: process 4711 waits for ShareLock on transaction 90210\n\
                 \tat shop.inventory.Stock.update(stock:57)\n\
                 \tat shop.inventory.Reservations.reserve(reservations:23)",
            ),
        }));
    }
    let mut amount_cents = 0;
    for item in &wish.items {
        amount_cents += inventory.set_aside(item)?;
    }
    service.telemetry.log(
        Severity::Info,
        format!("reserved {} items for order {}", wish.items.len(), wish.order_id),
        [KeyValue::new("order.id", wish.order_id), KeyValue::new("order.amount_cents", cents(amount_cents))],
    );
    Ok(Json(Reservation { amount_cents }))
}

impl Inventory {
    /// Takes the item's pieces from the stock and tells their price in cents.
    fn set_aside(&self, item: &Item) -> Result<u64, Failure> {
        let Some(product) = Product::by_sku(&item.sku) else {
            return Err(Failure::refused(StatusCode::NOT_FOUND, "there is no product with this sku"));
        };
        if item.quantity == 0 || item.quantity > QUANTITY_MAX {
            return Err(Failure::refused(StatusCode::BAD_REQUEST, "the quantity must be from 1 to 100"));
        }
        let before = {
            let mut stock = self.stock.lock().unwrap_or_else(PoisonError::into_inner);
            let left = stock.entry(product.sku).or_insert(STOCK_FULL);
            let before = *left;
            *left = before.checked_sub(item.quantity).unwrap_or(STOCK_FULL);
            before
        };
        let sku = KeyValue::new("product.sku", product.sku);
        if before < item.quantity {
            let body = format!("{} ran out with {before} left, restocked to {STOCK_FULL}", product.sku);
            self.service.telemetry.log(
                Severity::Warn,
                body,
                [sku.clone(), KeyValue::new("stock.left", i64::from(before))],
            );
        }
        self.reservations.add(1, &[sku]);
        Ok(product.price_cents * u64::from(item.quantity))
    }
}

/// Cents as an attribute's integer.
fn cents(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}
