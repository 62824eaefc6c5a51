//! Start order and stop order, nothing else.
//!
//! Start: ports (answering "not yet") → store and replay → ready → loops.
//! Stop: refuse new work (still answering, "not now") → make the log durable → flush → close ports → exit.

use std::sync::Arc;

use anyhow::Context;
use model::UnixNanos;
use query::Engine;
use store::{Store, Telemetry};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::auth::Auth;
use crate::background::{compaction_loop, flush_loop, kept_memory_loop, retention_loop};
use crate::config::{Listen, ServicesFile, Settings};
use crate::listen::Port;
use crate::log;
use crate::phase::Phase;
use crate::receive::{
    Budget, Receiver, SeriesGate, TenantRates, decode_frame, otlp_grpc_routes, otlp_http_routes,
    prometheus_receiver_routes,
};
use crate::routes::{Api, api_routes};
use crate::self_metrics::SelfMetrics;

/// Runs the server until `stop` is cancelled; returns once everything acknowledged is in blocks.
///
/// `on_bound` is told the addresses once the ports are bound. `let_go` has the allocator give back what is free; it may
/// take a while.
pub async fn run(
    settings: Settings,
    stop: CancellationToken,
    on_bound: impl FnOnce(Listen),
    let_go: fn(),
) -> anyhow::Result<()> {
    log::start(&settings.log).map_err(anyhow::Error::msg)?;
    let phase = Arc::new(Phase::default());
    let metrics = Arc::new(SelfMetrics::new(wall_clock()));
    let auth = Arc::new(Auth::new(settings.token.clone()));
    let series = Arc::new(SeriesGate::new(settings.series_max));
    let receiver = Arc::new(Receiver {
        phase: Arc::clone(&phase),
        budget: Budget::new(settings.in_flight_bytes_max),
        rates: TenantRates::new(settings.tenant_bytes_per_second),
        series: Arc::clone(&series),
        metrics: Arc::clone(&metrics),
        now: wall_clock,
    });
    let services_file = Arc::new(ServicesFile::open(settings.services_file.clone()).map_err(anyhow::Error::msg)?);
    let api =
        Api { phase: Arc::clone(&phase), metrics, series, services_file, auth: Arc::clone(&auth), now: wall_clock };

    let grpc = Port::bind("OTLP over gRPC", settings.listen.otlp_grpc, settings.connections_max).await?;
    let http = Port::bind("OTLP over HTTP", settings.listen.otlp_http, settings.connections_max).await?;
    let api_port = Port::bind("the page and the API", settings.listen.api, settings.connections_max).await?;
    let bound = Listen { otlp_grpc: grpc.address()?, otlp_http: http.address()?, api: api_port.address()? };
    let ports_stop = CancellationToken::new();
    let mut ports = JoinSet::new();
    ports.spawn(grpc.serve(otlp_grpc_routes(Arc::clone(&receiver), Arc::clone(&auth)), ports_stop.clone()));
    ports.spawn(http.serve(otlp_http_routes(Arc::clone(&receiver), Arc::clone(&auth)), ports_stop.clone()));
    let api = api_routes(api).merge(prometheus_receiver_routes(receiver, auth));
    ports.spawn(api_port.serve(api, ports_stop.clone()));
    tokio::spawn(kept_memory_loop(settings.memory_max, let_go, ports_stop.clone()));
    on_bound(bound);
    info!(otlp_grpc = %bound.otlp_grpc, otlp_http = %bound.otlp_http, api = %bound.api, "listening");

    let telemetry = Telemetry { decode: Arc::new(decode_frame), digest: Arc::new(query::digest) };
    let opening = Store::open(&settings.data_dir, settings.store.clone(), telemetry);
    let store = tokio::select! {
        opened = opening => Arc::new(opened.with_context(|| format!("cannot open the store in {}", settings.data_dir.display()))?),
        // Nothing was taken yet, so there is nothing to save.
        () = stop.cancelled() => return Ok(()),
    };
    let questions = QuestionRuntime::start()?;
    let engine = Engine::new(Arc::clone(&store), settings.query.clone(), questions.handle())?;
    phase.ready(Arc::clone(&store), engine);
    info!("ready");

    let loops_stop = CancellationToken::new();
    let mut loops = JoinSet::new();
    loops.spawn(flush_loop(Arc::clone(&store), wall_clock, loops_stop.clone()));
    loops.spawn(compaction_loop(Arc::clone(&store), wall_clock, loops_stop.clone()));
    loops.spawn(retention_loop(Arc::clone(&store), wall_clock, loops_stop.clone()));

    stop.cancelled().await;
    phase.drain();
    info!("draining");
    loops_stop.cancel();
    while loops.join_next().await.is_some() {}
    let closing = Arc::clone(&store);
    tokio::task::spawn_blocking(move || closing.close()).await?;
    if let Err(error) = store.flush().await {
        // Nothing is lost: the next start replays the log.
        error!(error = &error as &dyn std::error::Error, "cannot flush at the end");
    }
    ports_stop.cancel();
    while ports.join_next().await.is_some() {}
    info!("stopped");
    Ok(())
}

/// Threads of their own for questions, so that a heavy one never keeps ingest waiting.
struct QuestionRuntime {
    runtime: Option<tokio::runtime::Runtime>,
}

impl QuestionRuntime {
    fn start() -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().thread_name("question").enable_all().build()?;
        Ok(Self { runtime: Some(runtime) })
    }

    fn handle(&self) -> tokio::runtime::Handle {
        self.runtime.as_ref().expect("it is there until dropped").handle().clone()
    }
}

impl Drop for QuestionRuntime {
    fn drop(&mut self) {
        // A runtime that is dropped inside another one panics; its questions are of no use any more.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place of the server that reads the wall clock")]
fn wall_clock() -> UnixNanos {
    let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    UnixNanos::new(i64::try_from(since_epoch.as_nanos()).unwrap_or(i64::MAX))
}
