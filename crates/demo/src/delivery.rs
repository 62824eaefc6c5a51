//! Carries what the SDK exports to the server, and tells the person at the terminal once when nobody takes it.
//!
//! The SDK's batch processors export from threads of their own, outside of any runtime. One delivery, shared by all
//! pods and signals, carries their requests out on the runtime that the shop runs in.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, bail};
use async_trait::async_trait;
use axum::http::Uri;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use tokio::runtime::Handle;

use crate::failure::root_cause;
use crate::say::say;

/// How long one export may take. A local server answers in milliseconds; the processors' queues, which are bounded,
/// wait for as long.
pub(crate) const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);

/// How many notices are written in one run: a server that comes and goes every second must not flood the terminal.
const NOTICES_MAX: u32 = 10;

/// The way to one OTLP/HTTP endpoint.
#[derive(Debug)]
pub(crate) struct Delivery {
    client: HyperClient,
    runtime: Handle,
    endpoint: String,
    unreachable: AtomicBool,
    refused: Mutex<BTreeSet<String>>,
    notices: AtomicU32,
}

impl Delivery {
    /// A delivery to `endpoint`, such as `http://127.0.0.1:4318`; must be called within a runtime.
    ///
    /// # Errors
    ///
    /// When the endpoint is not an absolute `http://` address. There is no TLS: the demo is for a server nearby.
    pub(crate) fn new(endpoint: &str) -> anyhow::Result<Self> {
        let address: Uri = endpoint.parse().with_context(|| format!("{endpoint} is not an address"))?;
        if address.scheme_str() != Some("http") || address.host().is_none_or(str::is_empty) {
            bail!("{endpoint} is not an address such as http://127.0.0.1:4318 (the demo has no TLS)");
        }
        Ok(Self {
            client: HyperClient::with_default_connector(EXPORT_TIMEOUT, None),
            runtime: Handle::current(),
            endpoint: endpoint.trim_end_matches('/').to_owned(),
            unreachable: AtomicBool::new(false),
            refused: Mutex::default(),
            notices: AtomicU32::new(0),
        })
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The address for one signal: `traces`, `logs` or `metrics`.
    pub(crate) fn signal_endpoint(&self, signal: &str) -> String {
        format!("{}/v1/{signal}", self.endpoint)
    }

    /// Says what changed, if anything did: the first failure and the first success after one, not each.
    fn notice(&self, path: &str, sent: &Result<Response<Bytes>, HttpError>) {
        match sent {
            Err(error) => {
                if !self.unreachable.swap(true, Ordering::Relaxed) {
                    self.say_bounded(format_args!(
                        "no answer from {} ({}); the shop goes on, and drops telemetry when its queues are full",
                        self.endpoint,
                        root_cause(&**error)
                    ));
                }
            }
            Ok(response) => {
                if self.unreachable.swap(false, Ordering::Relaxed) {
                    self.say_bounded(format_args!("{} answers", self.endpoint));
                }
                let status = response.status();
                if !status.is_success() {
                    let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
                    if refused.insert(path.to_owned()) {
                        self.say_bounded(format_args!("{}: {path} refused with {status}", self.endpoint));
                    }
                }
            }
        }
    }

    fn say_bounded(&self, line: std::fmt::Arguments<'_>) {
        if self.notices.fetch_add(1, Ordering::Relaxed) < NOTICES_MAX {
            say(line);
        }
    }
}

#[async_trait]
impl HttpClient for Delivery {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let path = request.uri().path().to_owned();
        let client = self.client.clone();
        let sending = self.runtime.spawn(async move { client.send_bytes(request).await });
        // The task ends early only when the runtime stops, and then nobody waits for a notice.
        let sent = sending.await?;
        self.notice(&path, &sent);
        sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_endpoint_is_an_absolute_http_address() {
        for (endpoint, traces) in [
            ("http://127.0.0.1:4318", Some("http://127.0.0.1:4318/v1/traces")),
            ("http://nunchi.example/", Some("http://nunchi.example/v1/traces")),
            ("http://nunchi.example/otlp", Some("http://nunchi.example/otlp/v1/traces")),
            ("https://127.0.0.1:4318", None),
            ("127.0.0.1:4318", None),
            ("/v1/traces", None),
            ("", None),
        ] {
            let delivery = Delivery::new(endpoint).ok().map(|delivery| delivery.signal_endpoint("traces"));
            assert_eq!(delivery.as_deref(), traces, "{endpoint}");
        }
    }

    #[tokio::test]
    async fn an_outage_is_said_once_and_so_is_its_end() {
        let delivery = Delivery::new("http://127.0.0.1:4318").unwrap();
        let failure = || Err("connection refused".into());
        let answer = |status| Ok(Response::builder().status(status).body(Bytes::new()).unwrap());
        for (sent, notices) in
            [(failure(), 1), (failure(), 1), (answer(200), 2), (answer(200), 2), (answer(503), 3), (answer(503), 3)]
        {
            delivery.notice("/v1/logs", &sent);
            assert_eq!(delivery.notices.load(Ordering::Relaxed), notices);
        }
    }
}
