//! Stands in for a database that tells of its own work: it takes time and answers with a number of rows.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use opentelemetry::logs::Severity;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry::{Context, KeyValue};
use serde::Deserialize;

use super::busy;
use crate::call::Rows;
use crate::failure::Failure;
use crate::service::Service;

/// A statement that took longer is worth a word in the log.
const SLOW: Duration = Duration::from_millis(40);

/// The chance that a statement has to wait for a lock first, as some do in every database.
const LOCKED: f64 = 0.01;

/// The longest table name and statement: they become names and attributes of spans.
const TABLE_MAX: usize = 64;
const TEXT_MAX: usize = 4_096;

#[derive(Deserialize)]
struct Query {
    operation: Operation,
    table: String,
    text: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Operation {
    Select,
    Insert,
    Update,
}

impl Operation {
    const fn name(self) -> &'static str {
        match self {
            Operation::Select => "SELECT",
            Operation::Insert => "INSERT",
            Operation::Update => "UPDATE",
        }
    }
}

pub(super) fn router(service: Arc<Service>) -> Router {
    Router::new().route("/query", post(query)).with_state(service)
}

async fn query(State(service): State<Arc<Service>>, Json(query): Json<Query>) -> Result<Json<Rows>, Failure> {
    if query.table.len() > TABLE_MAX || query.text.len() > TEXT_MAX {
        return Err(Failure::refused(StatusCode::BAD_REQUEST, "the statement is too long"));
    }
    let started = Instant::now();
    let operation = query.operation.name();
    let context = Context::current();
    let span = context.span();
    span.update_name(format!("{operation} {}", query.table));
    span.set_attributes([
        KeyValue::new("db.system.name", "postgresql"),
        KeyValue::new("db.namespace", "shop"),
        KeyValue::new("db.operation.name", operation),
        KeyValue::new("db.collection.name", query.table.clone()),
        KeyValue::new("db.query.text", query.text.clone()),
    ]);
    if rand::random_bool(LOCKED) {
        span.add_event("waiting for a lock", vec![KeyValue::new("db.collection.name", query.table.clone())]);
        busy(40, 160).await;
    }
    let rows = match query.operation {
        Operation::Select => {
            busy(1, 6).await;
            rand::random_range(1..=20)
        }
        Operation::Insert | Operation::Update => {
            busy(2, 12).await;
            1
        }
    };
    span.set_attribute(KeyValue::new("db.response.returned_rows", i64::from(rows)));
    let took = started.elapsed();
    let (severity, word) = if took > SLOW { (Severity::Warn, "slow statement: ") } else { (Severity::Debug, "") };
    service.telemetry.log(
        severity,
        format!("{word}{operation} {} took {} ms, {rows} rows", query.table, took.as_millis()),
        [
            KeyValue::new("db.operation.name", operation),
            KeyValue::new("db.collection.name", query.table.clone()),
            KeyValue::new("db.query.text", query.text),
        ],
    );
    Ok(Json(Rows { rows }))
}
