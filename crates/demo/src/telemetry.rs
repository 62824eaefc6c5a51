//! What one pod says about itself: its own tracer, logger and meter, with its own resource and its own exporters.

use std::sync::Arc;
use std::time::{Duration, Instant};

use opentelemetry::logs::{AnyValue, LogRecord as _, Logger as _, LoggerProvider as _, Severity};
use opentelemetry::metrics::{Meter, MeterProvider as _};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{InstrumentationScope, KeyValue, Value};
use opentelemetry_http::HttpClient;
use opentelemetry_otlp::{LogExporter, MetricExporter, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{self, BatchLogProcessor, SdkLogger, SdkLoggerProvider};
use opentelemetry_sdk::metrics::{Aggregation, Instrument, PeriodicReader, SdkMeterProvider, Stream};
use opentelemetry_sdk::trace::{self, BatchSpanProcessor, SdkTracer, SdkTracerProvider};

use crate::delivery::{Delivery, EXPORT_TIMEOUT};
use crate::distortion::{LogDistortion, SpanDistortion};
use crate::fault::Faults;
use crate::pod::{Deployment, Pod};

/// How long a span or log record may wait for others before it is sent. Short: whoever runs a demo is watching.
const BATCH_DELAY: Duration = Duration::from_secs(1);

/// How often metrics are collected and sent.
const METRICS_INTERVAL: Duration = Duration::from_secs(5);

/// Spans or log records that wait for the server, per pod. About a minute of the default load; then new ones are
/// dropped, as in every service with the stock SDK.
const QUEUE_MAX: usize = 2048;

/// How long the last flush may take: as long as one export, so that a server that went away does not hold up the end.
const FLUSH_TIMEOUT: Duration = EXPORT_TIMEOUT;

/// The histogram that is kept with exponential buckets, because nobody knows the amounts of a shop beforehand.
pub(crate) const PAYMENT_AMOUNT: &str = "payment.amount";

/// Buckets for that histogram; the SDK's and the specification's default.
const EXPONENTIAL_BUCKETS: Aggregation =
    Aggregation::Base2ExponentialHistogram { max_size: 160, max_scale: 20, record_min_max: true };

/// The providers of one pod, and the instruments' makers that its code uses.
#[derive(Debug)]
pub(crate) struct Telemetry {
    tracer: SdkTracer,
    logger: SdkLogger,
    meter: Meter,
    traces: SdkTracerProvider,
    logs: SdkLoggerProvider,
    metrics: SdkMeterProvider,
}

impl Telemetry {
    /// Opens the providers of `pod`; from now on its metrics are sent.
    ///
    /// # Errors
    ///
    /// When the SDK does not accept the endpoint.
    pub(crate) fn open(pod: &Pod, delivery: &Arc<Delivery>, faults: &Faults) -> anyhow::Result<Self> {
        let resource = pod.resource();
        let traces = traces(pod.deployment, resource.clone(), delivery, faults)?;
        let logs = logs(pod.deployment, resource.clone(), delivery, faults)?;
        let metrics = metrics(resource, delivery)?;
        let scope = InstrumentationScope::builder(pod.deployment.scope()).with_version(pod.version).build();
        let telemetry = Self {
            tracer: traces.tracer_with_scope(scope.clone()),
            logger: logs.logger_with_scope(scope.clone()),
            meter: metrics.meter_with_scope(scope),
            traces,
            logs,
            metrics,
        };
        telemetry.observe_uptime();
        Ok(telemetry)
    }

    pub(crate) const fn tracer(&self) -> &SdkTracer {
        &self.tracer
    }

    pub(crate) const fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Writes a log record. It carries the trace and span id of the current context, if there is a span in it.
    pub(crate) fn log(
        &self,
        severity: Severity,
        body: impl Into<String>,
        attributes: impl IntoIterator<Item = KeyValue>,
    ) {
        let mut record = self.logger.create_log_record();
        record.set_timestamp(opentelemetry::time::now());
        record.set_severity_number(severity);
        record.set_severity_text(severity.name());
        record.set_body(AnyValue::from(body.into()));
        record.add_attributes(attributes.into_iter().map(|attribute| (attribute.key, any_value(attribute.value))));
        self.logger.emit(record);
    }

    /// Sends what is left and ends all three providers. Takes a few seconds at most, even when nobody answers.
    pub(crate) async fn close(&self) {
        let (traces, logs, metrics) = (self.traces.clone(), self.logs.clone(), self.metrics.clone());
        // The SDK blocks its caller. What could not be sent by now is lost, and the delivery has said so.
        let flushes = [
            tokio::task::spawn_blocking(move || traces.shutdown_with_timeout(FLUSH_TIMEOUT).is_ok()),
            tokio::task::spawn_blocking(move || logs.shutdown_with_timeout(FLUSH_TIMEOUT).is_ok()),
            tokio::task::spawn_blocking(move || metrics.shutdown_with_timeout(FLUSH_TIMEOUT).is_ok()),
        ];
        for flush in flushes {
            let _ = flush.await;
        }
    }

    fn observe_uptime(&self) {
        let started = Instant::now();
        self.meter
            .f64_observable_gauge("process.uptime")
            .with_unit("s")
            .with_description("The time the process has been running.")
            .with_callback(move |gauge| gauge.observe(started.elapsed().as_secs_f64(), &[]))
            .build();
    }
}

fn traces(
    deployment: Deployment,
    resource: Resource,
    delivery: &Arc<Delivery>,
    faults: &Faults,
) -> anyhow::Result<SdkTracerProvider> {
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(delivery.signal_endpoint("traces"))
        .with_timeout(EXPORT_TIMEOUT)
        .with_shared_http_client(shared(delivery))
        .build()?;
    let config =
        trace::BatchConfigBuilder::default().with_max_queue_size(QUEUE_MAX).with_scheduled_delay(BATCH_DELAY).build();
    let batches = BatchSpanProcessor::builder(exporter).with_batch_config(config).build();
    let processor = SpanDistortion::new(deployment, faults.clone(), batches);
    Ok(SdkTracerProvider::builder().with_resource(resource).with_span_processor(processor).build())
}

fn logs(
    deployment: Deployment,
    resource: Resource,
    delivery: &Arc<Delivery>,
    faults: &Faults,
) -> anyhow::Result<SdkLoggerProvider> {
    let exporter = LogExporter::builder()
        .with_http()
        .with_endpoint(delivery.signal_endpoint("logs"))
        .with_timeout(EXPORT_TIMEOUT)
        .with_shared_http_client(shared(delivery))
        .build()?;
    let config =
        logs::BatchConfigBuilder::default().with_max_queue_size(QUEUE_MAX).with_scheduled_delay(BATCH_DELAY).build();
    Ok(SdkLoggerProvider::builder()
        .with_resource(resource)
        .with_log_processor(LogDistortion::new(deployment, faults.clone()))
        .with_log_processor(BatchLogProcessor::builder(exporter).with_batch_config(config).build())
        .build())
}

fn metrics(resource: Resource, delivery: &Arc<Delivery>) -> anyhow::Result<SdkMeterProvider> {
    let exporter = MetricExporter::builder()
        .with_http()
        .with_endpoint(delivery.signal_endpoint("metrics"))
        .with_timeout(EXPORT_TIMEOUT)
        .with_shared_http_client(shared(delivery))
        .build()?;
    let exponential = |instrument: &Instrument| {
        let matches = instrument.name() == PAYMENT_AMOUNT;
        matches.then(|| Stream::builder().with_aggregation(EXPONENTIAL_BUCKETS).build().ok()).flatten()
    };
    Ok(SdkMeterProvider::builder()
        .with_resource(resource)
        .with_reader(PeriodicReader::builder(exporter).with_interval(METRICS_INTERVAL).build())
        .with_view(exponential)
        .build())
}

fn shared(delivery: &Arc<Delivery>) -> Arc<dyn HttpClient> {
    let delivery: Arc<Delivery> = Arc::clone(delivery);
    delivery
}

fn any_value(value: Value) -> AnyValue {
    match value {
        Value::Bool(value) => value.into(),
        Value::I64(value) => value.into(),
        Value::F64(value) => value.into(),
        Value::String(value) => value.into(),
        other => other.to_string().into(),
    }
}
