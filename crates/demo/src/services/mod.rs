//! The seven services: what each one does with a request.
//!
//! | file | serves | asks |
//! |---|---|---|
//! | `web` | `GET /`, `GET /recommendations`, `POST /checkout` | inventory, recommendation, checkout |
//! | `checkout` | `POST /checkout` | inventory, payment, database, the orders queue |
//! | `payment` | `POST /charges` | database |
//! | `inventory` | `GET /products`, `POST /reservations` | database |
//! | `shipping` | `GET /queue`, and takes orders from the queue | database |
//! | `recommendation` | `GET /recommendations` | database |
//! | `database` | `POST /query` | nobody |
//!
//! Each file has a `router`. Spans around requests and calls come from `service` and `call`; a handler adds what only
//! it knows: log records, its own metrics, and the spans of work inside of it.

mod checkout;
mod database;
mod inventory;
mod payment;
mod recommendation;
mod shipping;
mod web;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use rand::RngExt as _;

use crate::cluster::Cluster;
use crate::pod::Deployment;
use crate::service::Service;

pub(crate) use shipping::work as ship;

/// The routes of the service's deployment.
pub(crate) fn router(service: &Arc<Service>, cluster: &Cluster) -> Router {
    let service = Arc::clone(service);
    match service.pod.deployment {
        Deployment::Web => web::router(service),
        Deployment::Checkout => checkout::router(service, cluster.orders.clone()),
        Deployment::Payment => payment::router(service),
        Deployment::Inventory => inventory::router(service),
        Deployment::Shipping => shipping::router(service, cluster.orders.clone()),
        Deployment::Recommendation => recommendation::router(service),
        Deployment::Database => database::router(service),
    }
}

/// Stands in for work that takes between `at_least` and `at_most` milliseconds.
async fn busy(at_least: u64, at_most: u64) {
    let micros = rand::rng().random_range(at_least * 1_000..=at_most * 1_000);
    tokio::time::sleep(Duration::from_micros(micros)).await;
}
