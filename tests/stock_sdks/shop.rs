//! The two services, and a server that both have sent everything to.

use std::env;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

use testkit::{Api, Process, TestServer, repository};

/// A server that knows of two requests: one that went well, and one that failed in the service behind.
#[derive(Debug)]
pub(super) struct Shop {
    pub(super) server: TestServer,
    /// The trace of `GET /quote?item=tea`.
    pub(super) tea: String,
    /// The trace of `GET /quote?item=unobtainium`, for which the Python service raises an exception.
    pub(super) unobtainium: String,
}

impl Shop {
    /// Starts everything, makes the two requests and ends both services, which send what they hold and fail if they
    /// cannot. What is acknowledged can be asked for, so nothing is waited for after that.
    pub(super) async fn with_two_quotes() -> Self {
        let server = TestServer::start(&[]).await;
        let mut pricing = Service::start("pricing", &mut pricing_command(server.otlp_http())).await;
        let mut storefront =
            Service::start("storefront", &mut storefront_command(server.otlp_grpc(), &pricing.address)).await;
        let front = Api::new(&storefront.address);
        for (item, status) in [("tea", 200), ("unobtainium", 502)] {
            let reply = front.get("/quote", &[("item", item)]).await;
            assert_eq!(reply.status, status, "{item}: {}", reply.text);
        }
        storefront.end().await;
        pricing.end().await;

        let api = server.api();
        let (tea, unobtainium) = (trace_about(&api, "tea").await, trace_about(&api, "unobtainium").await);
        Self { server, tea, unobtainium }
    }
}

/// The id of the only trace with a span about this item.
async fn trace_about(api: &Api, item: &str) -> String {
    let answer = api.ask("/api/v1/traces", &[("q", &format!("shop.item:{item}"))]).await;
    let traces = answer["traces"].as_array().expect("traces are a list");
    assert_eq!(traces.len(), 1, "one request is one trace: {answer}");
    traces[0]["trace_id"].as_str().expect("an id is text").to_owned()
}

/// One running service.
struct Service {
    process: Process,
    address: String,
}

impl Service {
    async fn start(name: &str, command: &mut Command) -> Self {
        let mut process = Process::start(name, command);
        let said = format!("{name} listens on http://");
        let address = process.says("where it listens", |line| line.strip_prefix(&said).map(str::to_owned)).await;
        Self { process, address }
    }

    async fn end(&mut self) {
        self.process.terminate();
        let status = self.process.ended().await;
        assert!(status.success(), "a service ended with {status}: {}", self.process.said());
    }
}

fn pricing_command(otlp_http: &str) -> Command {
    let python = env::var_os("TEST_PYTHON").map_or_else(|| repository().join(".venv/bin/python"), PathBuf::from);
    service_command(python, "python/pricing.py", otlp_http)
}

fn storefront_command(otlp_grpc: &str, pricing: &str) -> Command {
    let mut command = service_command("node", "node/storefront.js", otlp_grpc);
    command.env("PRICING_URL", format!("http://{pricing}"));
    command
}

/// The service knows where to send and nothing else: `OTEL_…` and proxies of the surroundings would change what it does.
fn service_command(program: impl AsRef<OsStr>, script: &str, otlp: &str) -> Command {
    let mut command = Command::new(program);
    command.arg(repository().join("tests/services").join(script));
    command.env_clear().env("PATH", env::var_os("PATH").unwrap_or_default());
    command.env("PORT", "0").env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{otlp}"));
    command
}
