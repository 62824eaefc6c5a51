//! Work that is tried again after it failed: when, and what is said about it.

use std::error::Error;
use std::time::{Duration, Instant};

use tracing::{debug, error, info};

/// How long work is left alone after its first failure; twice as long after each further one.
const WAIT_FIRST: Duration = Duration::from_millis(200);

/// At most so long: a disk that has room again is used again within this.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// The tries of one kind of work. Times are monotonic, so a clock that is set does not matter.
#[derive(Debug)]
pub(crate) struct Tries {
    /// What is done, as in "cannot …".
    work: &'static str,
    /// Since the last success.
    failures: u32,
    not_before: Option<Instant>,
}

impl Tries {
    pub(crate) fn new(work: &'static str) -> Self {
        Self { work, failures: 0, not_before: None }
    }

    /// Whether it may be tried at `now`.
    pub(crate) fn may_begin(&self, now: Instant) -> bool {
        self.not_before.is_none_or(|moment| moment <= now)
    }

    /// A try ended well. Says so if the one before did not.
    pub(crate) fn succeeded(&mut self) {
        if self.failures > 0 {
            info!(work = self.work, failures = self.failures, "works again");
        }
        *self = Self::new(self.work);
    }

    /// A try failed at `now`. The first failure in a row is an error in the log; the others are the same story.
    pub(crate) fn failed(&mut self, error: &(dyn Error + 'static), now: Instant) {
        if self.failures == 0 {
            error!(work = self.work, error, "failed, and is tried again");
        } else {
            debug!(work = self.work, error, failures = self.failures, "failed again");
        }
        let wait = WAIT_FIRST.saturating_mul(2_u32.saturating_pow(self.failures)).min(WAIT_MAX);
        self.failures = self.failures.saturating_add(1);
        self.not_before = now.checked_add(wait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_limit_and_end_with_a_success() {
        let mut tries = Tries::new("write blocks");
        let mut now = Instant::now();
        assert!(tries.may_begin(now));
        for millis in [200, 400, 800, 1_600, 3_200, 5_000, 5_000] {
            tries.failed(&std::io::Error::other("no room"), now);
            assert!(!tries.may_begin(now + Duration::from_millis(millis - 1)), "{millis}");
            now += Duration::from_millis(millis);
            assert!(tries.may_begin(now), "{millis}");
        }
        tries.failed(&std::io::Error::other("no room"), now);
        tries.succeeded();
        assert!(tries.may_begin(now));
    }
}
