//! The time that retention goes by: the wall clock, unless it has leapt ahead.
//!
//! Deleting is the one thing that a wrong clock makes impossible to undo: a machine that starts a year ahead would find
//! everything too old. So a leap ahead is believed only after it has lasted. A clock that is set back is believed at once:
//! retention then deletes less.

use std::time::Duration;

use model::UnixNanos;
use tracing::{info, warn};

/// How far the clock may be ahead of what is known to have passed. Clocks are set by seconds, and where daylight saving
/// is done wrongly by hours.
const AHEAD_MAX: Duration = Duration::from_secs(24 * 3_600);

/// How long a leap must last to be believed. Longer than time servers take to set a clock right; short enough for a
/// machine that was off for a month, or whose disk is full.
const LEAP_LASTS: Duration = Duration::from_secs(3_600);

/// Doubts a wall clock that leaps ahead of the time that has passed.
#[derive(Debug, Default)]
pub struct RetentionClock {
    /// The time that was last believed, and the uptime at that moment.
    believed: Option<(UnixNanos, Duration)>,
    /// The time and the uptime at which a leap was first seen.
    leap: Option<(UnixNanos, Duration)>,
}

impl RetentionClock {
    /// The time to delete by. `wall` is what the wall clock says, `uptime` a time that only ever runs on, from any start.
    /// `newest` is the time of the newest thing stored: how far the clock is known to have got before this process.
    pub fn now(&mut self, wall: UnixNanos, uptime: Duration, newest: Option<UnixNanos>) -> UnixNanos {
        let passed = match self.believed {
            Some((believed, at)) => believed.plus(uptime.saturating_sub(at)),
            // Where nothing is stored there is nothing to lose.
            None => newest.unwrap_or(wall),
        };
        let now = if wall <= passed.plus(AHEAD_MAX) {
            if self.leap.take().is_some() {
                info!(%wall, "the clock is where it should be");
            }
            wall
        } else if self.leap_has_lasted(wall, uptime) {
            info!(%wall, %passed, "the clock has kept its leap and is believed");
            self.leap = None;
            wall
        } else {
            passed
        };
        self.believed = Some((now, uptime));
        now
    }

    /// Whether the clock has run on from where it leapt to for long enough. Another leap begins anew.
    fn leap_has_lasted(&mut self, wall: UnixNanos, uptime: Duration) -> bool {
        if let Some((to, at)) = self.leap {
            let since = uptime.saturating_sub(at);
            let expected = to.plus(since);
            if expected.minus(AHEAD_MAX) <= wall && wall <= expected.plus(AHEAD_MAX) {
                return since >= LEAP_LASTS;
            }
        }
        warn!(%wall, "the clock has leapt ahead: nothing is deleted for it until it has stayed there for an hour");
        self.leap = Some((wall, uptime));
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: UnixNanos = UnixNanos::new(1_795_500_000_000_000_000);
    const YEAR: i64 = 365 * 24;

    fn at(hours: i64) -> UnixNanos {
        UnixNanos::new(START.get() + hours * model::HOUR_NANOS)
    }

    /// Looks at the clock at these uptimes in minutes, when the wall clock is so many hours after the start; the believed
    /// time is compared in hours. `newest` is what is stored, in hours.
    #[track_caller]
    fn check(newest: Option<i64>, looks: &[(u64, i64, i64)]) {
        let mut clock = RetentionClock::default();
        for (minutes, wall, believed) in looks {
            let found = clock.now(at(*wall), Duration::from_secs(minutes * 60), newest.map(at));
            let hours = (found.get() - START.get()).div_euclid(model::HOUR_NANOS);
            assert_eq!(hours, *believed, "after {minutes} minutes at {wall} hours");
        }
    }

    #[test]
    fn an_ordinary_clock_is_believed() {
        check(None, &[(0, 0, 0), (60, 1, 1), (1_440, 24, 24)]);
        // Off for a day, then for a while asleep, then set by some hours.
        check(Some(-20), &[(0, 0, 0), (60, 20, 20), (120, 15, 15)]);
    }

    #[test]
    fn a_leap_ahead_is_not_believed_until_it_has_lasted() {
        check(None, &[(0, 0, 0), (1, YEAR, 0), (60, YEAR, 1), (61, YEAR + 1, YEAR + 1), (121, YEAR + 2, YEAR + 2)]);
        check(Some(0), &[(0, YEAR, 0), (30, YEAR, 0), (60, YEAR + 1, YEAR + 1)]);
        // It is set right in time: the leap never was.
        check(None, &[(0, 0, 0), (1, YEAR, 0), (30, 0, 0), (90, YEAR, 1), (120, YEAR, 1)]);
        // It leaps on, and back and forth.
        check(None, &[(0, 0, 0), (1, YEAR, 0), (59, 2 * YEAR, 0), (90, YEAR, 1), (140, YEAR, 2), (151, YEAR, YEAR)]);
    }

    #[test]
    fn a_clock_that_is_set_back_is_believed_at_once_and_may_return() {
        check(Some(0), &[(0, 0, 0), (1, -YEAR, -YEAR), (2, -YEAR, -YEAR), (3, 0, -YEAR), (63, 1, 1)]);
    }
}
