//! The whole shop against a server that remembers what it is sent.
//!
//! A test opens a shop on free ports without visitors, makes its own visits, closes the shop, which sends everything
//! that is left, and then looks at all of it. Nothing depends on how long anything takes.

mod faults;
mod sink;
mod story;

use std::net::SocketAddr;

use axum::http::{Method, StatusCode, header};
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HttpClient as _, Request};

use crate::shop::Shop;
use sink::{Sent, Sink};

/// A deadline for one visit, generous beyond doubt.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

const ORDER: &str = r#"{"user_id":"u-7","items":[{"sku":"teapot","quantity":2},{"sku":"mug","quantity":1}]}"#;

/// A shop that sends to a sink.
struct Stage {
    sink: Sink,
    shop: Shop,
}

impl Stage {
    async fn set() -> Self {
        let sink = Sink::open().await;
        let shop = Shop::open(&sink.endpoint, 0).await.unwrap();
        Self { sink, shop }
    }

    /// Orders something at the door.
    async fn order(&self) -> StatusCode {
        send(Method::POST, self.shop.door(), "/checkout", ORDER).await.0
    }

    /// Closes the shop and tells everything that it sent.
    async fn strike(self) -> Sent {
        self.shop.close().await;
        self.sink.take()
    }
}

async fn send(method: Method, to: SocketAddr, path: &str, body: &str) -> (StatusCode, String) {
    let request = Request::builder()
        .method(method)
        .uri(format!("http://{to}{path}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Bytes::from(body.to_owned()))
        .unwrap();
    let response = HyperClient::with_default_connector(PATIENCE, None).send_bytes(request).await.unwrap();
    (response.status(), String::from_utf8(response.into_body().to_vec()).unwrap())
}
