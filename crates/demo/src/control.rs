//! The control port, from both sides: where the switches of a running shop are read and moved.
//!
//! ```text
//! GET /faults          200 {"faults":[{"name":"payment-slow","on":false,"meaning":"…"}, …]}
//! PUT /faults/{name}   {"on":true}  →  200 {"name":"payment-slow","on":true,"meaning":"…"}, or 404
//! ```

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use axum::{Json, Router};
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HttpClient as _, Request};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::fault::{Fault, Faults, Switch};

/// How long the command line waits for a running shop.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// A switch as it is shown.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Shown {
    pub(crate) name: String,
    pub(crate) on: bool,
    pub(crate) meaning: String,
}

impl Shown {
    fn new(fault: Fault, faults: &Faults) -> Self {
        Self { name: fault.name().to_owned(), on: faults.is_on(fault), meaning: fault.meaning().to_owned() }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct List {
    faults: Vec<Shown>,
}

/// The new position of a switch.
#[derive(Debug, Serialize, Deserialize)]
struct Position {
    on: bool,
}

/// Serves the control port until `stop`.
pub(crate) async fn serve(listener: TcpListener, faults: Faults, stop: CancellationToken) {
    let router = Router::new().route("/faults", get(list)).route("/faults/{name}", put(switch)).with_state(faults);
    // A request here takes no time, so that stopping need not wait for more than the answer under way.
    let _ = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await;
}

async fn list(State(faults): State<Faults>) -> Json<List> {
    Json(List { faults: Fault::ALL.into_iter().map(|fault| Shown::new(fault, &faults)).collect() })
}

async fn switch(State(faults): State<Faults>, Path(name): Path<String>, Json(position): Json<Position>) -> Response {
    let Some(fault) = Fault::named(&name) else {
        let hint = Fault::ALL.map(Fault::name).join(", ");
        let error = json!({ "code": "not_found", "message": "there is no fault of this name", "hint": hint });
        return (StatusCode::NOT_FOUND, Json(json!({ "error": error }))).into_response();
    };
    faults.switch(fault, if position.on { Switch::On } else { Switch::Off });
    Json(Shown::new(fault, &faults)).into_response()
}

/// Asks the shop whose control port is `control` for all of its switches.
///
/// # Errors
///
/// When no shop is running there.
pub(crate) async fn ask(control: SocketAddr) -> anyhow::Result<Vec<Shown>> {
    let List { faults } = send(control, Method::GET, "/faults".to_owned(), Bytes::new()).await?;
    Ok(faults)
}

/// Moves one switch of the shop whose control port is `control`.
///
/// # Errors
///
/// When no shop is running there.
pub(crate) async fn order(control: SocketAddr, fault: Fault, to: Switch) -> anyhow::Result<Shown> {
    let body = crate::call::json(&Position { on: to == Switch::On });
    send(control, Method::PUT, format!("/faults/{}", fault.name()), body).await
}

async fn send<T: DeserializeOwned>(
    control: SocketAddr,
    method: Method,
    path: String,
    body: Bytes,
) -> anyhow::Result<T> {
    let request = Request::builder()
        .method(method)
        .uri(format!("http://{control}{path}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)?;
    let client = HyperClient::with_default_connector(ANSWER_TIMEOUT, None);
    let response = client
        .send_bytes(request)
        .await
        .map_err(|error| anyhow::anyhow!(error))
        .with_context(|| format!("no shop answers on {control}; start one with `nunchi demo`"))?;
    if !response.status().is_success() {
        bail!("{control} answered {}: not the control port of a shop, or of another version", response.status());
    }
    serde_json::from_slice(response.body()).with_context(|| format!("{control} is not the control port of a shop"))
}
