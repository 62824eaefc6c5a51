//! Bytes of requests in work at once, and bytes per tenant and second.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use model::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::outcome::{Refusal, jittered};

/// Bytes are counted in these, since a semaphore counts to 2^32 in one go at most.
const UNIT_BYTES: usize = 1024;

/// The memory that all requests in work may take together. What does not fit is refused at once:
/// a queue would only make every sender wait for memory that is not there. What would not fit alone is refused for good.
#[derive(Clone, Debug)]
pub(crate) struct Budget {
    units: Arc<Semaphore>,
    /// Of those, all.
    units_max: usize,
}

/// A share of the budget, given back when dropped.
#[derive(Debug, Default)]
pub(crate) struct Share {
    permit: Option<OwnedSemaphorePermit>,
    bytes: usize,
}

impl Budget {
    /// A budget of so many bytes.
    pub(crate) fn new(bytes: u64) -> Self {
        let units = usize::try_from(bytes).unwrap_or(usize::MAX) / UNIT_BYTES;
        let units_max = units.min(Semaphore::MAX_PERMITS);
        Self { units: Arc::new(Semaphore::new(units_max)), units_max }
    }

    /// Whether a request of so many bytes may have room now. A promise of nothing: it only tells early what cannot be.
    pub(crate) fn check_room(&self, bytes: usize) -> Result<(), Refusal> {
        match bytes.div_ceil(UNIT_BYTES) {
            units if units > self.units_max => Err(Refusal::never_room()),
            units if units > self.units.available_permits() => Err(Refusal::no_room()),
            _ => Ok(()),
        }
    }

    /// Makes the share cover so many bytes more.
    pub(crate) fn grow(&self, share: &mut Share, bytes: usize) -> Result<(), Refusal> {
        self.cover(share, share.bytes.saturating_add(bytes))
    }

    /// Makes the share cover so many bytes; it never shrinks.
    pub(crate) fn cover(&self, share: &mut Share, bytes: usize) -> Result<(), Refusal> {
        let units = bytes.div_ceil(UNIT_BYTES);
        if units > self.units_max {
            return Err(Refusal::never_room());
        }
        let units = units.saturating_sub(share.bytes.div_ceil(UNIT_BYTES));
        let units = u32::try_from(units).map_err(|_| Refusal::never_room())?;
        let more = Arc::clone(&self.units).try_acquire_many_owned(units).map_err(|_| Refusal::no_room())?;
        match &mut share.permit {
            Some(permit) => permit.merge(more),
            None => share.permit = Some(more),
        }
        share.bytes = share.bytes.max(bytes);
        Ok(())
    }
}

/// How fast each tenant may send.
#[derive(Debug)]
pub(crate) struct TenantRates {
    limiter: Option<DefaultKeyedRateLimiter<TenantId>>,
}

impl TenantRates {
    /// So many bytes per second, with a burst of as many; `None` for no limit.
    pub(crate) fn new(bytes_per_second: Option<u32>) -> Self {
        let limiter =
            bytes_per_second.and_then(NonZeroU32::new).map(|rate| RateLimiter::keyed(Quota::per_second(rate)));
        Self { limiter }
    }

    /// Whether the tenant may send so many bytes now.
    pub(crate) fn check(&self, tenant: &TenantId, bytes: usize) -> Result<(), Refusal> {
        let (Some(limiter), Some(bytes)) = (&self.limiter, u32::try_from(bytes).ok().and_then(NonZeroU32::new)) else {
            return Ok(());
        };
        match limiter.check_key_n(tenant, bytes) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => Err(Refusal::OverRate(jittered(until.wait_time_from(DefaultClock::default().now())))),
            // More than a whole second's worth in one request: it can only pass when the limit is raised,
            // and the sender must not lose it until then.
            Err(_) => Err(Refusal::OverRate(jittered(Duration::from_secs(30)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_refused_until_room_is_given_back() {
        let budget = Budget::new(10 * 1024);
        let mut first = Share::default();
        budget.cover(&mut first, 3_000).unwrap();
        budget.cover(&mut first, 6_000).unwrap();
        budget.cover(&mut first, 1_000).unwrap();
        let mut second = Share::default();
        assert!(matches!(budget.cover(&mut second, 6_000), Err(Refusal::Unavailable(..))));
        drop(first);
        budget.cover(&mut second, 10 * 1024).unwrap();
        assert!(matches!(budget.check_room(1), Err(Refusal::Unavailable(..))));
    }

    #[test]
    fn what_would_not_fit_alone_is_refused_for_good() {
        let budget = Budget::new(10 * 1024);
        let never = |outcome: Result<(), Refusal>| {
            let refusal = outcome.unwrap_err();
            assert_eq!((refusal.word(), refusal.retry_after()), ("too_large", None));
            assert!(refusal.message().contains("receive.in_flight_bytes_max"), "{}", refusal.message());
        };
        let mut share = Share::default();
        never(budget.check_room(10 * 1024 + 1));
        never(budget.cover(&mut share, 10 * 1024 + 1));
        budget.cover(&mut share, 6_000).unwrap();
        never(budget.grow(&mut share, 6_000));
        never(budget.grow(&mut share, usize::MAX));
        budget.check_room(3_000).unwrap();
    }

    #[test]
    fn a_tenant_over_its_rate_is_told_to_come_back_and_others_are_not() {
        let rates = TenantRates::new(Some(1_000));
        let (a, b): (TenantId, TenantId) = ("a".parse().unwrap(), "b".parse().unwrap());
        assert_eq!(rates.check(&a, 900), Ok(()));
        assert!(matches!(rates.check(&a, 900), Err(Refusal::OverRate(_))));
        assert!(matches!(rates.check(&a, 5_000), Err(Refusal::OverRate(_))));
        assert_eq!(rates.check(&b, 900), Ok(()));
        assert_eq!(TenantRates::new(None).check(&a, usize::MAX), Ok(()));
    }
}
