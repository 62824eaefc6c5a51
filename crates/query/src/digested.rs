//! Digests of what is in memory, worked out when somebody asks, so that an answer is as fresh as the rows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use model::{Batch, TenantId, TimeRange, UnixNanos};
use store::{Fresh, Snapshot};
use tokio::time::Instant;

use crate::digest::digest;
use crate::engine::Engine;
use crate::error::{QueryError, QueryErrorKind};
use crate::knowledge::Knowledge;
use crate::session::View;

/// What is known about clocks and callers may be this old: it changes slowly, and whoever asks for one trace must not wait
/// until everything in memory has been stitched.
const KNOWLEDGE_AGE_MAX: Duration = Duration::from_secs(10);

/// Knowledge is kept by times so long, which is little beside the hour for which it holds.
const KNOWLEDGE_SLOT_NANOS: i64 = 600_000_000_000;

/// Slots of knowledge that are kept, of some megabytes each, and some fifty at most.
const KNOWLEDGE_SLOTS_MAX: usize = 6;

/// What was worked out and is still good.
#[derive(Debug, Default)]
pub(crate) struct Digested {
    /// Of one snapshot at a time: memory is no place for more.
    digests: Mutex<HashMap<TenantId, OfSnapshot>>,
    knowledge: Mutex<HashMap<Slot, Known>>,
    /// Held by whoever works something out, also when the asker has gone: others wait for it, so that one thread at most is
    /// taken up however many ask.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// The digests of a snapshot's memory, which is not kept for it.
#[derive(Debug)]
struct OfSnapshot {
    snapshot: Weak<Snapshot>,
    digests: Arc<Vec<Batch>>,
}

/// A tenant, and the number of a slot of time.
type Slot = (TenantId, i64);

#[derive(Debug)]
struct Known {
    since: Instant,
    knowledge: Arc<Knowledge>,
}

impl Engine {
    /// The same view, with digests of what is in memory. It must have none yet.
    pub(crate) async fn digested(&self, view: View) -> Result<View, QueryError> {
        self.digested
            .in_turn(move |digested| {
                let digests = digested.digests_of(&view.snapshot, &view.tenant);
                View { snapshot: Arc::new(view.snapshot.with_live(&view.tenant, digests.iter().cloned())), ..view }
            })
            .await
    }

    /// What is known about traces that were received at about `at`.
    pub(crate) async fn knowledge(&self, view: &View, at: UnixNanos) -> Result<Arc<Knowledge>, QueryError> {
        let slot = at.get().div_euclid(KNOWLEDGE_SLOT_NANOS);
        let key = (view.tenant.clone(), slot);
        if let Some(known) = self.digested.known(&key) {
            return Ok(known);
        }
        let view = self.digested(view.clone()).await?;
        self.digested
            .in_turn(move |digested| {
                // Whoever waited may find that another has worked it out.
                if let Some(known) = digested.known(&key) {
                    return known;
                }
                let from = UnixNanos::new(slot.saturating_mul(KNOWLEDGE_SLOT_NANOS));
                let about = TimeRange { from, to: UnixNanos::new(from.get().saturating_add(KNOWLEDGE_SLOT_NANOS)) };
                let knowledge = Arc::new(Knowledge::of_all(&view.snapshot, &view.tenant, about));
                digested.keep(key, &knowledge);
                knowledge
            })
            .await
    }
}

impl Digested {
    /// Does the work on a thread that may block, after whoever works already.
    async fn in_turn<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T, QueryError> {
        let turn = Arc::clone(&self.turn).lock_owned().await;
        let digested = Arc::clone(self);
        let work = move || {
            let _turn = turn;
            work(&digested)
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| QueryError::new(QueryErrorKind::Internal, format!("the digest failed: {error}"), ""))
    }

    fn digests_of(&self, snapshot: &Arc<Snapshot>, tenant: &TenantId) -> Arc<Vec<Batch>> {
        if let Some(known) = lock(&self.digests).get(tenant)
            && std::ptr::eq(known.snapshot.as_ptr(), Arc::as_ptr(snapshot))
        {
            return Arc::clone(&known.digests);
        }
        let digests = Arc::new(digest(&Fresh::of_snapshot(snapshot, tenant), snapshot));
        let mut kept = lock(&self.digests);
        // A snapshot that is gone is nobody's; what is left are as many as tenants ask at once.
        kept.retain(|_, known| known.snapshot.strong_count() > 0);
        let known = OfSnapshot { snapshot: Arc::downgrade(snapshot), digests: Arc::clone(&digests) };
        kept.insert(tenant.clone(), known);
        digests
    }

    fn known(&self, slot: &Slot) -> Option<Arc<Knowledge>> {
        let mut known = lock(&self.knowledge);
        known.retain(|_, known| known.since.elapsed() < KNOWLEDGE_AGE_MAX);
        known.get(slot).map(|known| Arc::clone(&known.knowledge))
    }

    fn keep(&self, slot: Slot, knowledge: &Arc<Knowledge>) {
        let mut known = lock(&self.knowledge);
        if known.len() >= KNOWLEDGE_SLOTS_MAX
            && let Some(oldest) = known.iter().min_by_key(|(_, known)| known.since).map(|(slot, _)| slot.clone())
        {
            known.remove(&oldest);
        }
        known.insert(slot, Known { since: Instant::now(), knowledge: Arc::clone(knowledge) });
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
