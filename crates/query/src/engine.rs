//! The engine: one method per kind of question, each within the same limits.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use model::{TenantId, TimeRange};
use store::Store;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::config::Config;
use crate::coverage::Tally;
use crate::digested::Digested;
use crate::error::{QueryError, QueryErrorKind};
use crate::samples::Decoded;
use crate::series::SeriesIndexes;
use crate::session::{Sessions, View};

/// Answers questions from snapshots of one store.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) store: Arc<Store>,
    pub(crate) config: Arc<Config>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) digested: Arc<Digested>,
    pub(crate) series: Arc<SeriesIndexes>,
    pub(crate) decoded: Arc<Decoded>,
    permits: Arc<Semaphore>,
    runtime: Handle,
}

impl Engine {
    /// Over the store, on a runtime of its own: a heavy question then never keeps ingest waiting for a thread.
    pub fn new(store: Arc<Store>, config: Config, runtime: Handle) -> Result<Self, QueryError> {
        let sessions = Arc::new(Sessions::new(&config)?);
        let permits = Arc::new(Semaphore::new(config.concurrency));
        let config = Arc::new(config);
        let series = Arc::new(SeriesIndexes::new(&config));
        let decoded = Arc::new(Decoded::new(config.points_kept_bytes_max));
        Ok(Self { store, config, sessions, digested: Arc::default(), series, decoded, permits, runtime })
    }

    /// What a question of the tenant that starts now sees.
    pub(crate) fn view(&self, tenant: &TenantId, range: TimeRange) -> View {
        View { tenant: tenant.clone(), snapshot: self.store.snapshot(), range, tally: Arc::new(Tally::default()) }
    }

    /// Runs a question over the view. Where it fails because of a block, finds out which, and asks again without it:
    /// the answer is then partial and says so.
    pub(crate) async fn ask<T, Q, F>(&self, view: View, question: Q) -> Result<T, QueryError>
    where
        T: Send + 'static,
        Q: Fn(Self, View) -> F + Send + 'static,
        F: Future<Output = Result<T, QueryError>> + Send + 'static,
    {
        let engine = self.clone();
        self.run(async move {
            // The decoder of a damaged file may panic, which is caught here to be answered like its errors.
            let first = AssertUnwindSafe(question(engine.clone(), view.clone())).catch_unwind().await;
            match first.unwrap_or_else(|_| Err(QueryError::unreadable("reading a block panicked"))) {
                Err(error) if error.is_unreadable() && view.has_unreadable() => {
                    question(engine, view.with_own_tally()).await
                }
                answer => answer,
            }
        })
        .await
    }

    /// Runs one question: after a place is free, within the timeout, and cancelled when the asker goes.
    pub(crate) async fn run<T, F>(&self, question: F) -> Result<T, QueryError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, QueryError>> + Send + 'static,
    {
        let timeout = self.config.timeout;
        let permit = tokio::time::timeout(timeout, Arc::clone(&self.permits).acquire_owned())
            .await
            .map_err(|_| {
                QueryError::new(QueryErrorKind::Busy, "too many questions are running", "ask again in a moment")
            })?
            .map_err(|_| {
                QueryError::new(QueryErrorKind::Busy, "the server is stopping", "ask again after the restart")
            })?;
        // A JoinSet aborts its tasks when dropped, which is what happens when the asker leaves.
        let mut tasks = JoinSet::new();
        tasks.spawn_on(
            async move {
                let _permit = permit;
                question.await
            },
            &self.runtime,
        );
        match tokio::time::timeout(timeout, tasks.join_next()).await {
            Ok(Some(Ok(answer))) => answer,
            Ok(Some(Err(error))) => {
                Err(QueryError::new(QueryErrorKind::Internal, format!("the question failed: {error}"), ""))
            }
            Ok(None) => Err(QueryError::new(QueryErrorKind::Internal, "the question was not run", "")),
            Err(_) => Err(timed_out(timeout)),
        }
    }
}

pub(crate) fn timed_out(timeout: Duration) -> QueryError {
    QueryError::new(
        QueryErrorKind::Timeout,
        format!("the question took longer than {} s", timeout.as_secs()),
        "ask for a shorter time range, or raise query.timeout",
    )
}
