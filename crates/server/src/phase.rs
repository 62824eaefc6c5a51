//! Where the server is between start and stop, and what it can do there.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use query::Engine;
use store::Store;

use crate::receive::Refusal;

/// Starting (nothing open yet) → ready → draining.
#[derive(Debug, Default)]
pub(crate) struct Phase {
    opened: OnceLock<Opened>,
    draining: AtomicBool,
}

/// What is there once replay is done.
#[derive(Debug)]
struct Opened {
    store: Arc<Store>,
    engine: Engine,
}

impl Phase {
    /// Replay is done.
    pub(crate) fn ready(&self, store: Arc<Store>, engine: Engine) {
        // A server opens one store once; a second call changes nothing.
        let _ = self.opened.set(Opened { store, engine });
    }

    /// No new work is taken from here on.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    /// `starting`, `ready` or `draining`.
    pub(crate) fn word(&self) -> &'static str {
        match (self.draining.load(Ordering::Relaxed), self.opened.get()) {
            (true, _) => "draining",
            (false, None) => "starting",
            (false, Some(_)) => "ready",
        }
    }

    /// The store, once it is open.
    pub(crate) fn store(&self) -> Option<&Arc<Store>> {
        self.opened.get().map(|opened| &opened.store)
    }

    /// The query engine, once the store is open.
    pub(crate) fn engine(&self) -> Option<&Engine> {
        self.opened.get().map(|opened| &opened.engine)
    }

    /// The store, if requests are taken now.
    pub(crate) fn store_for_ingest(&self) -> Result<&Arc<Store>, Refusal> {
        if self.draining.load(Ordering::Relaxed) {
            return Err(Refusal::not_now("the server is stopping"));
        }
        self.store().ok_or_else(|| Refusal::not_now("the server is starting and reads its log"))
    }
}
