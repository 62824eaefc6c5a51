//! How many series a tenant may have at once.
//!
//! A series is live while points of it came in this hour or the one before. Its id stands in one of two sets, by the hour
//! of its newest point; when the hour turns, what is left in the older set is forgotten. A set takes at most 19 bytes for
//! each id that it may hold (eight of the id and one of the table, which is full to seven sixteenths after it has grown),
//! so a tenant takes at most 38 bytes for each series that it may have: 38 MB for a million.
//!
//! The gate starts empty. What is live comes again within its interval and is let in again; reading which series the
//! blocks of two hours describe would delay each start by more than it tells.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{HOUR_NANOS, TenantId, UnixNanos};

/// The gate of all tenants.
#[derive(Debug)]
pub(crate) struct SeriesGate {
    series_max: usize,
    /// Tenants come from credentials, so that no sender can make up more of them.
    tenants: Mutex<BTreeMap<TenantId, Arc<TenantSeries>>>,
}

/// The series of one tenant.
#[derive(Debug)]
pub(crate) struct TenantSeries {
    series_max: usize,
    live: Mutex<Live>,
    points_refused: AtomicU64,
}

#[derive(Debug)]
struct Live {
    /// Start of the present hour.
    hour: UnixNanos,
    /// With points in it.
    present: HashSet<u64>,
    /// With points in the hour before and none in this one.
    previous: HashSet<u64>,
}

/// How many series a tenant has, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeriesUse {
    pub(crate) tenant: TenantId,
    pub(crate) live: u64,
    pub(crate) series_max: u64,
    pub(crate) points_refused: u64,
}

impl SeriesGate {
    /// So many series for each tenant.
    pub(crate) fn new(series_max: usize) -> Self {
        Self { series_max, tenants: Mutex::default() }
    }

    /// The series of the tenant.
    pub(crate) fn of(&self, tenant: &TenantId) -> Arc<TenantSeries> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(TenantSeries::new(self.series_max));
        Arc::clone(tenants.entry(tenant.clone()).or_insert_with(new))
    }

    /// How many series each tenant has.
    pub(crate) fn uses(&self) -> Vec<SeriesUse> {
        let tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |(tenant, series): (&TenantId, &Arc<TenantSeries>)| SeriesUse {
            tenant: tenant.clone(),
            live: series.lock().count() as u64,
            series_max: series.series_max as u64,
            points_refused: series.points_refused.load(Ordering::Relaxed),
        };
        tenants.iter().map(of).collect()
    }
}

impl TenantSeries {
    fn new(series_max: usize) -> Self {
        let live = Live { hour: UnixNanos::MIN, present: HashSet::new(), previous: HashSet::new() };
        Self { series_max, live: Mutex::new(live), points_refused: AtomicU64::new(0) }
    }

    /// Whether points of the series may come in now: it is live already, or becomes so.
    pub(crate) fn admit(&self, series_id: u64, now: UnixNanos) -> bool {
        self.lock().admit(series_id, now, self.series_max)
    }

    /// Counts points that were refused.
    pub(crate) fn refused(&self, points: u64) {
        self.points_refused.fetch_add(points, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    fn count(&self) -> usize {
        self.present.len() + self.previous.len()
    }

    fn admit(&mut self, series_id: u64, now: UnixNanos, series_max: usize) -> bool {
        self.turn_to(now.hour());
        if self.present.contains(&series_id) {
            return true;
        }
        if !self.previous.remove(&series_id) && self.count() >= series_max {
            return false;
        }
        self.present.insert(series_id)
    }

    /// Requests of the hour before may come a little late, and count for this one. A clock that was set back further
    /// begins anew with what is live.
    fn turn_to(&mut self, hour: UnixNanos) {
        let hours = hour.get().saturating_sub(self.hour.get()) / HOUR_NANOS;
        match hours {
            -1 | 0 => return,
            1 => self.previous = std::mem::take(&mut self.present),
            2.. => (self.present, self.previous) = Default::default(),
            _ => {}
        }
        self.hour = hour;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX: usize = 3;

    fn at(hour: i64) -> UnixNanos {
        UnixNanos::new(1_795_500_000_000_000_000 + hour * HOUR_NANOS)
    }

    /// Series that come one after the other, each with its hour, whether it must be let in, and how many are live then.
    #[track_caller]
    fn check(comings: &[(u64, i64, bool, u64)]) {
        let (gate, tenant) = (SeriesGate::new(MAX), TenantId::default_tenant());
        for (series_id, hour, is_admitted, live) in comings {
            assert_eq!(gate.of(&tenant).admit(*series_id, at(*hour)), *is_admitted, "series {series_id} at {hour}");
            assert_eq!(gate.uses()[0].live, *live, "after series {series_id} at {hour}");
        }
    }

    #[test]
    fn what_is_live_goes_on_and_what_is_new_needs_a_place() {
        check(&[(1, 0, true, 1), (2, 0, true, 2), (1, 0, true, 2), (3, 0, true, 3), (4, 0, false, 3), (2, 0, true, 3)]);
    }

    #[test]
    fn a_series_without_points_for_an_hour_makes_place() {
        let full = [(1, 0, true, 1), (2, 0, true, 2), (3, 0, true, 3)];
        check(
            &[&full[..], &[(4, 1, false, 3), (1, 1, true, 3), (4, 2, true, 2), (5, 2, true, 3), (6, 2, false, 3)]]
                .concat(),
        );
        check(&[&full[..], &[(4, 2, true, 1)]].concat());
    }

    #[test]
    fn a_clock_that_goes_back_forgets_nothing() {
        let full = [(1, 9, true, 1), (2, 9, true, 2), (3, 9, true, 3)];
        check(&[&full[..], &[(4, 8, false, 3), (4, 2, false, 3), (1, 2, true, 3), (4, 3, false, 3)]].concat());
    }

    #[test]
    fn one_tenant_takes_no_place_of_another() {
        let gate = SeriesGate::new(1);
        let (a, b) = ("a".parse().unwrap(), "b".parse().unwrap());
        assert!(gate.of(&a).admit(1, at(0)) && gate.of(&b).admit(2, at(0)));
        assert!(!gate.of(&a).admit(2, at(0)));
        gate.of(&a).refused(7);
        let refused: Vec<u64> = gate.uses().iter().map(|of| of.points_refused).collect();
        assert_eq!(refused, [7, 0]);
    }
}
