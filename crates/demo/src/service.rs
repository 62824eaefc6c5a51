//! What every pod does: listen, put a server span around each request, count it, and stop without dropping any.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use opentelemetry::logs::Severity;
use opentelemetry::metrics::{Histogram, UpDownCounter};
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{FutureExt as _, SpanKind, Status, TraceContextExt as _, Tracer as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::call::Caller;
use crate::cluster::Cluster;
use crate::directory::Directory;
use crate::failure::{Exception, Failure};
use crate::fault::Faults;
use crate::pod::Pod;
use crate::services;
use crate::telemetry::Telemetry;

/// Requests that one pod serves at a time; more are refused with 503, so that a slow callee cannot fill its callers.
const REQUESTS_MAX: u32 = 256;

/// How long a stopping pod waits for the requests that it is serving. Longer than the slowest one.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// The buckets that the semantic conventions advise for durations of HTTP requests, in seconds.
pub(crate) const DURATION_BUCKETS: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// One pod as its handlers see it.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) pod: Pod,
    pub(crate) telemetry: Arc<Telemetry>,
    pub(crate) faults: Faults,
    pub(crate) caller: Caller,
    address: SocketAddr,
    places: Arc<Semaphore>,
    durations: Histogram<f64>,
    active: UpDownCounter<i64>,
}

impl Service {
    fn new(pod: Pod, address: SocketAddr, cluster: &Cluster) -> anyhow::Result<Self> {
        let telemetry = Arc::new(Telemetry::open(&pod, &cluster.delivery, &cluster.faults)?);
        let meter = telemetry.meter();
        let durations = meter
            .f64_histogram("http.server.request.duration")
            .with_unit("s")
            .with_description("Duration of HTTP server requests.")
            .with_boundaries(DURATION_BUCKETS.to_vec())
            .build();
        let active = meter
            .i64_up_down_counter("http.server.active_requests")
            .with_unit("{request}")
            .with_description("Number of active HTTP server requests.")
            .build();
        Ok(Self {
            pod,
            faults: cluster.faults.clone(),
            caller: Caller::new(Arc::clone(&telemetry), Arc::clone(&cluster.directory)),
            telemetry,
            address,
            places: Arc::new(Semaphore::new(REQUESTS_MAX as usize)),
            durations,
            active,
        })
    }

    /// Serves one request within a server span.
    async fn answer(self: Arc<Self>, request: Request, next: Next) -> Response {
        let exchange = Exchange::of(&request);
        let context = self.server_span(&exchange, request.headers());
        let method = [KeyValue::new("http.request.method", exchange.method.clone())];
        let started = Instant::now();
        self.active.add(1, &method);
        let response = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(_place) => next.run(request).with_context(context.clone()).await,
            Err(_) => Failure::overloaded(Exception::new("Overloaded", "too many requests at once")).into_response(),
        };
        self.active.add(-1, &method);
        self.record(&exchange, &context, &response, started.elapsed());
        response
    }

    fn server_span(&self, exchange: &Exchange, headers: &HeaderMap) -> Context {
        let parent = TraceContextPropagator::new().extract_with_context(&Context::new(), &HeaderExtractor(headers));
        let tracer = self.telemetry.tracer();
        let mut attributes = exchange.attributes();
        attributes.extend([
            KeyValue::new("url.path", exchange.path.clone()),
            KeyValue::new("server.address", self.address.ip().to_string()),
            KeyValue::new("server.port", i64::from(self.address.port())),
            KeyValue::new("network.protocol.version", "1.1"),
        ]);
        let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        attributes.extend(agent.map(|agent| KeyValue::new("user_agent.original", agent.to_owned())));
        let span = tracer
            .span_builder(exchange.name())
            .with_kind(SpanKind::Server)
            .with_attributes(attributes)
            .start_with_context(tracer, &parent);
        parent.with_span(span)
    }

    /// Says how the request went, in all three signals, and ends its span.
    fn record(&self, exchange: &Exchange, context: &Context, response: &Response, took: Duration) {
        // The log records below carry this request's ids.
        let _inside = context.clone().attach();
        let status = response.status();
        let span = context.span();
        let code = KeyValue::new("http.response.status_code", i64::from(status.as_u16()));
        span.set_attribute(code.clone());
        let mut attributes = exchange.attributes();
        attributes.push(code);
        let exception = response.extensions().get::<Exception>();
        let summary = format!("{} answered {} after {} ms", exchange.name(), status.as_u16(), took.as_millis());
        if status.is_server_error() {
            let error = KeyValue::new("error.type", status.as_u16().to_string());
            span.set_attribute(error.clone());
            attributes.push(error);
            let unknown = Exception::new("Unknown", "the handler failed without saying why");
            let exception = exception.unwrap_or(&unknown);
            span.add_event("exception", exception.attributes());
            span.set_status(Status::error(exception.message.clone()));
            let details = attributes.iter().cloned().chain(exception.attributes());
            self.telemetry.log(Severity::Error, format!("{summary}: {}", exception.message), details);
        } else if let Some(refusal) = exception {
            let details = attributes.iter().cloned();
            self.telemetry.log(Severity::Warn, format!("{summary}: {}", refusal.message), details);
        } else {
            self.telemetry.log(Severity::Debug, summary, attributes.iter().cloned());
        }
        self.durations.record(took.as_secs_f64(), &attributes);
        span.end();
    }
}

/// A request, in as much as its span and metrics tell of it.
struct Exchange {
    method: String,
    route: Option<String>,
    path: String,
}

impl Exchange {
    fn of(request: &Request) -> Self {
        Self {
            method: request.method().to_string(),
            route: request.extensions().get::<MatchedPath>().map(|route| route.as_str().to_owned()),
            path: request.uri().path().to_owned(),
        }
    }

    /// The span's name: without a route only the method, since a path may be anything.
    fn name(&self) -> String {
        match &self.route {
            Some(route) => format!("{} {route}", self.method),
            None => self.method.clone(),
        }
    }

    /// The attributes that span and metrics share; all of few values.
    fn attributes(&self) -> Vec<KeyValue> {
        let mut attributes =
            vec![KeyValue::new("http.request.method", self.method.clone()), KeyValue::new("url.scheme", "http")];
        attributes.extend(self.route.clone().map(|route| KeyValue::new("http.route", route)));
        attributes
    }
}

/// The layer around all handlers of a pod.
async fn observe(State(service): State<Arc<Service>>, request: Request, next: Next) -> Response {
    // In a task of its own: a caller that gives up must not cut the work short. It is not cut short in most services
    // either, and the span that ends long after its parent is a sight worth getting used to.
    let answer = tokio::spawn(service.answer(request, next)).await;
    answer.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// A pod that listens.
#[derive(Debug)]
pub(crate) struct Running {
    service: Arc<Service>,
    directory: Arc<Directory>,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Starts `pod` on `listener`, and tells the others about it.
    ///
    /// # Errors
    ///
    /// When the listener has no address or the pod's telemetry cannot be set up.
    pub(crate) fn start(pod: Pod, listener: TcpListener, cluster: &Cluster) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        let service = Arc::new(Service::new(pod, address, cluster)?);
        let router = services::router(&service, cluster)
            .layer(middleware::from_fn_with_state(Arc::clone(&service), observe))
            .merge(Router::new().route("/healthz", get(async || "ok")));
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move {
            // Serving ends without an error: axum retries what accepting a connection can fail with.
            let _ = axum::serve(listener, router).with_graceful_shutdown(stopped).await;
        });
        cluster.directory.join(service.pod.deployment, address);
        Ok(Self { service, directory: Arc::clone(&cluster.directory), stop, tasks: vec![serving] })
    }

    /// Adds a task of the pod besides serving; it must end soon after the token that it is given is cancelled.
    pub(crate) fn employ<F>(&mut self, work: impl FnOnce(Arc<Service>, CancellationToken) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tasks.push(tokio::spawn(work(Arc::clone(&self.service), self.stop.clone())));
    }

    pub(crate) fn pod(&self) -> &Pod {
        &self.service.pod
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.service.address
    }

    /// Takes no new request and finishes those that it has, within [`DRAIN_TIMEOUT`] each for connections, handlers and
    /// tasks.
    pub(crate) async fn drain(&mut self) {
        self.directory.leave(self.service.pod.deployment, self.service.address);
        self.stop.cancel();
        for mut task in self.tasks.drain(..) {
            if timeout(DRAIN_TIMEOUT, &mut task).await.is_err() {
                task.abort();
            }
        }
        // All places are free when no handler runs any more, also none whose caller has given up.
        let _ = timeout(DRAIN_TIMEOUT, self.service.places.acquire_many(REQUESTS_MAX)).await;
    }

    /// Sends the telemetry that is left; nothing is sent after it.
    pub(crate) async fn close(self) {
        self.service.telemetry.close().await;
    }
}
