//! One port: accepts connections, bounds them, and lets those in work finish at the end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

/// A client that has not sent its headers by then holds a connection for nothing.
const HEADERS_TIME_MAX: Duration = Duration::from_secs(10);

/// Requests of one HTTP/2 connection at once.
const STREAMS_MAX: u32 = 128;

/// Header bytes of a request.
const HEADER_BYTES_MAX: u32 = 32 * 1024;

/// Requests in work get so long to finish when the server stops.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(10);

/// After a failure to accept, such as too many open files, waiting a little beats spinning.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// One listening port.
#[derive(Debug)]
pub(crate) struct Port {
    listener: TcpListener,
    connections: Arc<Semaphore>,
}

impl Port {
    /// Binds the address. The error names it.
    pub(crate) async fn bind(name: &str, address: SocketAddr, connections_max: usize) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| anyhow::anyhow!("cannot listen on {address} for {name}: {error}"))?;
        Ok(Self { listener, connections: Arc::new(Semaphore::new(connections_max)) })
    }

    /// The address bound; tells the port where 0 was asked for.
    pub(crate) fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until cancelled, then lets requests in work finish.
    pub(crate) async fn serve(self, router: Router, stop: CancellationToken) {
        let graceful = GracefulShutdown::new();
        while let Some((stream, permit)) = self.accept(&stop).await {
            let router = router.clone();
            let watcher = graceful.watcher();
            tokio::spawn(async move {
                let mut builder = Builder::new(TokioExecutor::new());
                builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS_TIME_MAX);
                builder
                    .http2()
                    .timer(TokioTimer::new())
                    .max_concurrent_streams(STREAMS_MAX)
                    .max_header_list_size(HEADER_BYTES_MAX)
                    .adaptive_window(true)
                    .keep_alive_interval(Some(Duration::from_secs(60)));
                let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
                if let Err(error) = watcher.watch(connection.into_owned()).await {
                    debug!(error, "a connection ended early");
                }
                drop(permit);
            });
        }
        drop(self.listener);
        if tokio::time::timeout(DRAIN_TIME_MAX, graceful.shutdown()).await.is_err() {
            warn!("requests were still in work when the time to drain was over");
        }
    }

    /// The next connection and its place; `None` once cancelled.
    async fn accept(&self, stop: &CancellationToken) -> Option<(TcpStream, OwnedSemaphorePermit)> {
        loop {
            // A place first: what cannot be served stays in the kernel's queue.
            let permit = tokio::select! {
                () = stop.cancelled() => return None,
                permit = Arc::clone(&self.connections).acquire_owned() => permit.ok()?,
            };
            let accepted = tokio::select! {
                () = stop.cancelled() => return None,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    // Answers are small; waiting to fill a packet only delays them.
                    let _ = stream.set_nodelay(true);
                    return Some((stream, permit));
                }
                Err(error) => {
                    warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }
}
