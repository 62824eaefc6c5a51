//! The visitors: a steady stream of requests to the web pods, which carry no trace context of their own.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, header};
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HttpClient as _, Request};
use rand::RngExt as _;
use tokio::sync::Semaphore;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::call::json;
use crate::directory::Directory;
use crate::order::{Basket, CATALOGUE, Card, Item};
use crate::pod::Deployment;

/// The most visits per second that may be asked for; beyond it the demo would measure itself.
pub(crate) const RATE_MAX: f64 = 1_000.0;

/// Visits under way at a time. When that many are, a visitor turns around at the door: a slow shop gets a bounded crowd.
const VISITS_MAX: usize = 64;

/// How long a visitor waits for a page.
const PATIENCE: Duration = Duration::from_secs(15);

/// One visitor in so many pays with a card that has expired.
const EXPIRED_CARDS: u32 = 50;

/// Sends `rate` visits per second (0 to [`RATE_MAX`], inclusive) to the web pods of `directory` until `stop`, and waits
/// for those under way.
pub(crate) async fn visit(directory: Arc<Directory>, rate: f64, stop: CancellationToken) {
    if rate <= 0.0 {
        return;
    }
    let client = HyperClient::with_default_connector(PATIENCE, None);
    let places = Arc::new(Semaphore::new(VISITS_MAX));
    let mut ticks = interval(Duration::from_secs_f64(rate.min(RATE_MAX).recip()));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = ticks.tick() => {}
        }
        let (Ok(place), Some(request)) = (Arc::clone(&places).try_acquire_owned(), request(&directory)) else {
            continue;
        };
        let client = client.clone();
        tokio::spawn(async move {
            // How it went is for the shop's telemetry to tell, not for the visitor.
            let _ = client.send_bytes(request).await;
            drop(place);
        });
    }
    // The web pods wait for the requests that they have; this waits for those that have not yet come to them.
    let every = u32::try_from(VISITS_MAX).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(PATIENCE, places.acquire_many(every)).await;
}

/// What the next visitor wants, or nothing if no web pod is open.
fn request(directory: &Directory) -> Option<Request<Bytes>> {
    let web = directory.pick(Deployment::Web)?;
    let user_id = format!("u-{}", rand::random_range(1_000..1_200));
    let (method, path, body) = match rand::random_range(0..10) {
        0..5 => (Method::GET, format!("/?user_id={user_id}"), Bytes::new()),
        5..7 => (Method::GET, format!("/recommendations?user_id={user_id}"), Bytes::new()),
        _ => (Method::POST, "/checkout".to_owned(), json(&basket(user_id))),
    };
    Request::builder()
        .method(method)
        .uri(format!("http://{web}{path}"))
        .header(header::USER_AGENT, "Mozilla/5.0 (shop visitor)")
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)
        .ok()
}

fn basket(user_id: String) -> Basket {
    let mut random = rand::rng();
    let items = (0..random.random_range(1..=4))
        .map(|_| Item {
            sku: CATALOGUE[random.random_range(0..CATALOGUE.len())].sku.to_owned(),
            quantity: random.random_range(1..=3),
        })
        .collect();
    let card = if random.random_ratio(1, EXPIRED_CARDS) { Card::Expired } else { Card::Valid };
    Basket { user_id, items, card }
}
