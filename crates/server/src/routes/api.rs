//! What every handler has at hand.

use std::sync::Arc;

use model::{Signal, UnixNanos};
use protocol::Coverage;
use query::Engine;

use crate::answer::{ApiError, coverage_of};
use crate::auth::Auth;
use crate::config::{ServicesFile, StatedServices};
use crate::phase::Phase;
use crate::receive::SeriesGate;
use crate::self_metrics::SelfMetrics;

/// Shared by all handlers; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Api {
    pub(crate) phase: Arc<Phase>,
    pub(crate) metrics: Arc<SelfMetrics>,
    pub(crate) series: Arc<SeriesGate>,
    pub(crate) auth: Arc<Auth>,
    pub(crate) services_file: Arc<ServicesFile>,
    pub(crate) now: fn() -> UnixNanos,
}

impl Api {
    /// The engine, or "not yet".
    pub(super) fn engine(&self) -> Result<&Engine, ApiError> {
        self.phase.engine().ok_or_else(ApiError::starting)
    }

    /// What the services file says now.
    pub(super) async fn stated_services(&self) -> Arc<StatedServices> {
        let file = Arc::clone(&self.services_file);
        // A disk may be slow. Where reading panics nothing is stated.
        tokio::task::spawn_blocking(move || file.current()).await.unwrap_or_default()
    }

    /// The coverage of an answer about the signals.
    pub(super) fn coverage(&self, found: &query::Coverage, signals: &[Signal]) -> Coverage {
        coverage_of(found, &self.metrics, signals)
    }
}
