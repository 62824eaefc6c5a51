//! How one service asks another: a client span, the trace context in the headers, and a time limit.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode, header};
use opentelemetry::metrics::Histogram;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{FutureExt as _, SpanBuilder, SpanKind, SpanRef, Status, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HeaderInjector, HttpClient as _, Request};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use crate::directory::Directory;
use crate::failure::{Exception, root_cause};
use crate::pod::Deployment;
use crate::service::DURATION_BUCKETS;
use crate::telemetry::Telemetry;

/// The time limit of a call or statement that sets none: longer than anything takes that is not broken.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// One HTTP request to another service.
#[derive(Debug)]
pub(crate) struct Call {
    peer: Deployment,
    method: Method,
    /// The path without its variable piece, which names the span.
    template: &'static str,
    target: String,
    body: Bytes,
    limit: Duration,
}

impl Call {
    /// A `GET` of `template`, with `query` (which must be plain ASCII) behind it.
    pub(crate) fn get(peer: Deployment, template: &'static str, query: impl fmt::Display) -> Self {
        let target = format!("{template}{query}");
        Self { peer, method: Method::GET, template, target, body: Bytes::new(), limit: CALL_TIMEOUT }
    }

    /// A `POST` of `body` as JSON.
    pub(crate) fn post(peer: Deployment, template: &'static str, body: &impl Serialize) -> Self {
        let body = json(body);
        Self { peer, method: Method::POST, template, target: template.to_owned(), body, limit: CALL_TIMEOUT }
    }

    pub(crate) const fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

/// One statement for the database; its words are the program's own, never a visitor's.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Statement {
    pub(crate) operation: &'static str,
    pub(crate) table: &'static str,
    pub(crate) text: &'static str,
}

/// What the database answers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Rows {
    pub(crate) rows: u32,
}

/// Why a call got no answer that can be used.
#[derive(Debug)]
pub(crate) enum CallError {
    /// No pod of the callee is running.
    NoPod { peer: Deployment },
    /// The callee took longer than the call's limit.
    Timeout { peer: Deployment, limit: Duration },
    /// The callee answered, but not with success.
    Status { peer: Deployment, status: StatusCode, message: String },
    /// There was no connection, it broke, or the answer was not understood.
    Broken { peer: Deployment, cause: String },
}

impl CallError {
    /// The exception's type for a trace.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            CallError::NoPod { .. } => "NoPod",
            CallError::Timeout { .. } => "Timeout",
            CallError::Status { .. } => "UnexpectedStatus",
            CallError::Broken { .. } => "BrokenCall",
        }
    }

    /// The value of `error.type`: the status, or one of few words.
    fn error_type(&self) -> String {
        match self {
            CallError::NoPod { .. } => "no_pod".to_owned(),
            CallError::Timeout { .. } => "timeout".to_owned(),
            CallError::Status { status, .. } => status.as_u16().to_string(),
            CallError::Broken { .. } => "broken".to_owned(),
        }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::NoPod { peer } => write!(f, "no pod of {} is running", peer.name()),
            CallError::Timeout { peer, limit } => {
                write!(f, "{} did not answer within {} ms", peer.name(), limit.as_millis())
            }
            CallError::Status { peer, status, message } => {
                write!(f, "{} answered {}: {message}", peer.name(), status.as_u16())
            }
            CallError::Broken { peer, cause } => write!(f, "{} could not be asked: {cause}", peer.name()),
        }
    }
}

impl std::error::Error for CallError {}

/// The asking side of one pod, with its own connections.
#[derive(Debug)]
pub(crate) struct Caller {
    telemetry: Arc<Telemetry>,
    directory: Arc<Directory>,
    client: HyperClient,
    requests: Histogram<f64>,
    statements: Histogram<f64>,
}

impl Caller {
    pub(crate) fn new(telemetry: Arc<Telemetry>, directory: Arc<Directory>) -> Self {
        let duration = |name, description| {
            let histogram = telemetry.meter().f64_histogram(name).with_unit("s").with_description(description);
            histogram.with_boundaries(DURATION_BUCKETS.to_vec()).build()
        };
        let requests = duration("http.client.request.duration", "Duration of HTTP client requests.");
        let statements = duration("db.client.operation.duration", "Duration of database client operations.");
        Self {
            telemetry,
            directory,
            client: HyperClient::with_default_connector(CALL_TIMEOUT, None),
            requests,
            statements,
        }
    }

    /// Asks another service, within a client span that is a child of the current one.
    ///
    /// # Errors
    ///
    /// When there is no answer in time, or it is not a success.
    pub(crate) async fn call<T: DeserializeOwned>(&self, call: Call) -> Result<T, CallError> {
        let method = KeyValue::new("http.request.method", call.method.to_string());
        let span = self
            .telemetry
            .tracer()
            .span_builder(format!("{} {}", call.method, call.template))
            .with_attributes([method.clone(), KeyValue::new("url.template", call.template)]);
        self.ask(call, span, vec![method], &self.requests).await
    }

    /// Has the database run a statement, within a client span that tells of the statement rather than of HTTP.
    ///
    /// # Errors
    ///
    /// When there is no answer in time, or it is not a success.
    pub(crate) async fn query(&self, statement: Statement) -> Result<Rows, CallError> {
        let call = Call::post(Deployment::Database, "/query", &statement);
        let labels = vec![
            KeyValue::new("db.system.name", "postgresql"),
            KeyValue::new("db.namespace", "shop"),
            KeyValue::new("db.operation.name", statement.operation),
            KeyValue::new("db.collection.name", statement.table),
        ];
        let mut attributes = labels.clone();
        attributes.push(KeyValue::new("db.query.text", statement.text));
        let name = format!("{} {}", statement.operation, statement.table);
        let span = self.telemetry.tracer().span_builder(name).with_attributes(attributes);
        self.ask(call, span, labels, &self.statements).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        call: Call,
        span: SpanBuilder,
        mut labels: Vec<KeyValue>,
        durations: &Histogram<f64>,
    ) -> Result<T, CallError> {
        let started = Instant::now();
        let context = Context::current_with_span(span.with_kind(SpanKind::Client).start(self.telemetry.tracer()));
        let span = context.span();
        let outcome = match self.directory.pick(call.peer) {
            Some(address) => {
                let server = [
                    KeyValue::new("server.address", address.ip().to_string()),
                    KeyValue::new("server.port", i64::from(address.port())),
                ];
                labels.extend(server.clone());
                span.set_attributes(server);
                self.exchange(&call, address, &span).with_context(context.clone()).await
            }
            None => Err(CallError::NoPod { peer: call.peer }),
        };
        if let Err(error) = &outcome {
            let kind = KeyValue::new("error.type", error.error_type());
            labels.push(kind.clone());
            span.set_attribute(kind);
            span.set_status(Status::error(error.to_string()));
            // An answer is no exception here: it was thrown, and is recorded, where it comes from.
            if !matches!(error, CallError::Status { .. }) {
                span.add_event("exception", Exception::new(error.kind(), error.to_string()).attributes());
            }
        }
        durations.record(started.elapsed().as_secs_f64(), &labels);
        span.end();
        outcome
    }

    /// Sends the request and reads its answer, within the current context.
    async fn exchange<T: DeserializeOwned>(
        &self,
        call: &Call,
        address: SocketAddr,
        span: &SpanRef<'_>,
    ) -> Result<T, CallError> {
        let peer = call.peer;
        let broken = |cause: String| CallError::Broken { peer, cause };
        let url = format!("http://{address}{}", call.target);
        let mut request = Request::builder()
            .method(call.method.clone())
            .uri(&url)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, "shop/1.0")
            .body(call.body.clone())
            .map_err(|error| broken(error.to_string()))?;
        TraceContextPropagator::new().inject_context(&Context::current(), &mut HeaderInjector(request.headers_mut()));
        if peer != Deployment::Database {
            span.set_attribute(KeyValue::new("url.full", url));
        }
        let response = timeout(call.limit, self.client.send_bytes(request))
            .await
            .map_err(|_| CallError::Timeout { peer, limit: call.limit })?
            .map_err(|error| broken(root_cause(&*error)))?;
        let status = response.status();
        if peer != Deployment::Database {
            span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
        }
        if !status.is_success() {
            return Err(CallError::Status { peer, status, message: complaint(response.body()) });
        }
        serde_json::from_slice(response.body()).map_err(|error| broken(error.to_string()))
    }
}

/// The body of a request.
pub(crate) fn json(body: &impl Serialize) -> Bytes {
    Bytes::from(serde_json::to_vec(body).expect("structs of strings and numbers are always JSON"))
}

/// What the body of a failed answer says.
fn complaint(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Complaint {
        error: String,
    }
    serde_json::from_slice(body).map_or_else(|_| "no reason given".to_owned(), |Complaint { error }| error)
}
