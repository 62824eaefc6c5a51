//! A server that takes OTLP/HTTP and remembers all of it.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::{Metric, metric, number_data_point};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode as SpanStatus;
use prost::Message;
use tokio::net::TcpListener;

/// One thing that a service sent, beside who sent it.
#[derive(Clone, Debug)]
pub(super) struct Received<T> {
    pub(super) resource: HashMap<String, String>,
    pub(super) it: T,
}

impl<T> Received<T> {
    pub(super) fn service(&self) -> &str {
        &self.resource["service.name"]
    }
}

/// Everything that was sent.
#[derive(Debug, Default)]
pub(super) struct Sent {
    pub(super) spans: Vec<Received<Span>>,
    pub(super) logs: Vec<Received<LogRecord>>,
    pub(super) metrics: Vec<Received<Metric>>,
}

/// The server, and where it listens.
#[derive(Debug)]
pub(super) struct Sink {
    pub(super) endpoint: String,
    sent: Arc<Mutex<Sent>>,
}

impl Sink {
    pub(super) async fn open() -> Self {
        let sent: Arc<Mutex<Sent>> = Arc::default();
        let router = Router::new()
            .route("/v1/traces", post(traces))
            .route("/v1/logs", post(logs))
            .route("/v1/metrics", post(metrics))
            .with_state(Arc::clone(&sent));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { endpoint, sent }
    }

    /// Takes out everything that came by now.
    pub(super) fn take(&self) -> Sent {
        std::mem::take(&mut self.sent.lock().unwrap())
    }
}

async fn traces(State(sent): State<Arc<Mutex<Sent>>>, body: Bytes) -> StatusCode {
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    for group in request.resource_spans {
        let resource = told(group.resource);
        let spans = group.scope_spans.into_iter().flat_map(|scope| scope.spans);
        sent.lock().unwrap().spans.extend(spans.map(|it| Received { resource: resource.clone(), it }));
    }
    StatusCode::OK
}

async fn logs(State(sent): State<Arc<Mutex<Sent>>>, body: Bytes) -> StatusCode {
    let request = ExportLogsServiceRequest::decode(body).unwrap();
    for group in request.resource_logs {
        let resource = told(group.resource);
        let records = group.scope_logs.into_iter().flat_map(|scope| scope.log_records);
        sent.lock().unwrap().logs.extend(records.map(|it| Received { resource: resource.clone(), it }));
    }
    StatusCode::OK
}

async fn metrics(State(sent): State<Arc<Mutex<Sent>>>, body: Bytes) -> StatusCode {
    let request = ExportMetricsServiceRequest::decode(body).unwrap();
    for group in request.resource_metrics {
        let resource = told(group.resource);
        let metrics = group.scope_metrics.into_iter().flat_map(|scope| scope.metrics);
        sent.lock().unwrap().metrics.extend(metrics.map(|it| Received { resource: resource.clone(), it }));
    }
    StatusCode::OK
}

fn told(resource: Option<Resource>) -> HashMap<String, String> {
    attributes(&resource.unwrap().attributes)
}

/// Attributes as strings, whatever their type.
pub(super) fn attributes(attributes: &[KeyValue]) -> HashMap<String, String> {
    let text = |attribute: &KeyValue| match attribute.value.clone().and_then(|value| value.value) {
        Some(any_value::Value::StringValue(text)) => text,
        Some(any_value::Value::IntValue(number)) => number.to_string(),
        Some(any_value::Value::DoubleValue(number)) => number.to_string(),
        Some(any_value::Value::BoolValue(truth)) => truth.to_string(),
        other => format!("{other:?}"),
    };
    attributes.iter().map(|attribute| (attribute.key.clone(), text(attribute))).collect()
}

/// Whether a span ended in an error.
pub(super) fn failed(span: &Span) -> bool {
    span.status.as_ref().is_some_and(|status| status.code == SpanStatus::Error as i32)
}

/// Whether a span tells of an exception of this type.
pub(super) fn throws(span: &Span, kind: &str) -> bool {
    span.events.iter().any(|event| {
        event.name == "exception" && attributes(&event.attributes).get("exception.type").is_some_and(|it| it == kind)
    })
}

/// The largest value of a gauge's points.
pub(super) fn gauge_max(metric: &Metric) -> Option<i64> {
    let Some(metric::Data::Gauge(gauge)) = &metric.data else { return None };
    let value = |value: &number_data_point::Value| match value {
        number_data_point::Value::AsInt(number) => Some(*number),
        number_data_point::Value::AsDouble(_) => None,
    };
    gauge.data_points.iter().filter_map(|point| value(point.value.as_ref()?)).max()
}
