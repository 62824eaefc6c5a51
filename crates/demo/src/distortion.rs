//! The two faults of telemetry itself: spans that never arrive, and a clock that is wrong.
//!
//! Both sit in front of the batch processors and decide when a span ends or a log record is written, so that a switch
//! acts on what happens after it, not on what waits in a queue. Metrics keep the true time: the SDK stamps their points
//! when it collects them, beyond the reach of a processor.

use std::time::{Duration, SystemTime};

use opentelemetry::logs::LogRecord as _;
use opentelemetry::trace::SpanKind;
use opentelemetry::{Context, InstrumentationScope};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord};
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};

use crate::fault::{Fault, Faults};
use crate::pod::Deployment;

/// How far the clock is behind: more than a request takes, so that a callee seems to end before it was asked.
const CLOCK_SKEW: Duration = Duration::from_millis(750);

/// The chance that a server span of inventory is lost while [`Fault::LostSpans`] is on.
const LOSS: f64 = 0.5;

/// Stands before a pod's span processor.
#[derive(Debug)]
pub(crate) struct SpanDistortion<P> {
    deployment: Deployment,
    faults: Faults,
    next: P,
}

impl<P> SpanDistortion<P> {
    pub(crate) const fn new(deployment: Deployment, faults: Faults, next: P) -> Self {
        Self { deployment, faults, next }
    }

    fn loses(&self, span: &SpanData) -> bool {
        self.deployment == Deployment::Inventory
            && span.span_kind == SpanKind::Server
            && self.faults.is_on(Fault::LostSpans)
            && rand::random_bool(LOSS)
    }
}

impl<P: SpanProcessor> SpanProcessor for SpanDistortion<P> {
    fn on_start(&self, span: &mut Span, cx: &Context) {
        self.next.on_start(span, cx);
    }

    fn on_end(&self, mut span: SpanData) {
        if self.loses(&span) {
            return;
        }
        if clock_is_skewed(self.deployment, &self.faults) {
            span.start_time = skewed(span.start_time);
            span.end_time = skewed(span.end_time);
            for event in &mut span.events.events {
                event.timestamp = skewed(event.timestamp);
            }
        }
        self.next.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.next.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.next.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.next.set_resource(resource);
    }
}

/// Registered before a pod's log processor: changes a record, and the next processor sees it changed.
#[derive(Debug)]
pub(crate) struct LogDistortion {
    deployment: Deployment,
    faults: Faults,
}

impl LogDistortion {
    pub(crate) const fn new(deployment: Deployment, faults: Faults) -> Self {
        Self { deployment, faults }
    }
}

impl LogProcessor for LogDistortion {
    fn emit(&self, record: &mut SdkLogRecord, _: &InstrumentationScope) {
        if !clock_is_skewed(self.deployment, &self.faults) {
            return;
        }
        if let Some(time) = record.timestamp() {
            record.set_timestamp(skewed(time));
        }
        if let Some(time) = record.observed_timestamp() {
            record.set_observed_timestamp(skewed(time));
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

fn clock_is_skewed(deployment: Deployment, faults: &Faults) -> bool {
    deployment == Deployment::Payment && faults.is_on(Fault::SkewedClock)
}

fn skewed(time: SystemTime) -> SystemTime {
    time.checked_sub(CLOCK_SKEW).unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use opentelemetry::logs::{Logger as _, LoggerProvider as _};
    use opentelemetry::trace::{Tracer as _, TracerProvider as _};
    use opentelemetry_sdk::logs::SdkLoggerProvider;
    use opentelemetry_sdk::trace::SdkTracerProvider;

    use super::*;
    use crate::fault::Switch;

    /// The last processor: remembers when things happened.
    #[derive(Clone, Debug, Default)]
    struct Times(Arc<Mutex<Vec<SystemTime>>>);

    impl SpanProcessor for Times {
        fn on_start(&self, _: &mut Span, _: &Context) {}

        fn on_end(&self, span: SpanData) {
            self.0.lock().unwrap().extend([span.start_time, span.end_time, span.events.events[0].timestamp]);
        }

        fn force_flush(&self) -> OTelSdkResult {
            Ok(())
        }

        fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
            Ok(())
        }
    }

    impl LogProcessor for Times {
        fn emit(&self, record: &mut SdkLogRecord, _: &InstrumentationScope) {
            self.0.lock().unwrap().extend([record.timestamp().unwrap(), record.observed_timestamp().unwrap()]);
        }

        fn force_flush(&self) -> OTelSdkResult {
            Ok(())
        }

        fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
            Ok(())
        }
    }

    /// Lets a pod of `deployment` tell of a span and a log record at `time`, and returns the times that get through.
    fn told(deployment: Deployment, faults: &Faults, time: SystemTime) -> Vec<SystemTime> {
        let times = Times::default();
        let spans = SpanDistortion::new(deployment, faults.clone(), times.clone());
        let tracer = SdkTracerProvider::builder().with_span_processor(spans).build().tracer("test");
        let mut span = tracer.span_builder("span").with_start_time(time).start(&tracer);
        opentelemetry::trace::Span::add_event_with_timestamp(&mut span, "event", time, Vec::new());
        opentelemetry::trace::Span::end_with_timestamp(&mut span, time);
        let logger = SdkLoggerProvider::builder()
            .with_log_processor(LogDistortion::new(deployment, faults.clone()))
            .with_log_processor(times.clone())
            .build()
            .logger("test");
        let mut record = logger.create_log_record();
        record.set_timestamp(time);
        record.set_observed_timestamp(time);
        logger.emit(record);
        let told = times.0.lock().unwrap();
        told.clone()
    }

    #[test]
    fn only_the_clock_of_payment_is_behind_and_only_while_its_fault_is_on() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let behind = time - CLOCK_SKEW;
        let faults = Faults::new();
        for (deployment, switch, expected) in [
            (Deployment::Payment, Switch::Off, time),
            (Deployment::Payment, Switch::On, behind),
            (Deployment::Checkout, Switch::On, time),
            (Deployment::Payment, Switch::Off, time),
        ] {
            faults.switch(Fault::SkewedClock, switch);
            assert_eq!(told(deployment, &faults, time), [expected; 5], "{deployment:?} {switch:?}");
        }
    }
}
