//! What is kept of all calls between two hosts in five minutes: enough to find their offset, whatever their number.

use std::collections::HashMap;

use model::UnixNanos;

use super::bounds::Bounds;

/// How long a window is. Clocks that nobody disciplines drift by some 20 µs in a second: 6 ms in a window, which is
/// little beside the offsets that it leads to.
pub const OFFSET_WINDOW_NANOS: i64 = 300_000_000_000;

/// How many of the calls with the tightest bound are kept, on either side. More than one, as some of them lie.
const TIGHTEST_KEPT: usize = 8;

/// A sample is drawn from each slot of a window, so that it is spread over time: a clock may be set within a window.
const SLOT_NANOS: i64 = 20_000_000_000;

/// How many calls of a slot are in the sample.
const SLOT_KEPT: usize = 2;

/// How many calls of a window are in the sample at least, where there are so many: they may all be of one slot.
const SAMPLE_MIN: usize = 10;

/// How many calls are held before those that need not be kept are dropped: about twice what may be kept.
const HELD_MAX: usize = 96;

const _: () = assert!(
    HELD_MAX > 2 * TIGHTEST_KEPT + SAMPLE_MIN + SLOT_KEPT * (OFFSET_WINDOW_NANOS / SLOT_NANOS) as usize,
    "dropping must make room"
);

/// What the calls of one pair of hosts in one window say. Windows of the same pair and time can be merged, in any order
/// and also when they share calls, except that these count twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffsetWindow {
    calls: u64,
    refused: u64,
    held: Vec<Bounds>,
}

impl OffsetWindow {
    /// As it was kept before: see the methods of the same names.
    pub fn new(calls: u64, refused: u64, kept: Vec<Bounds>) -> Self {
        let held = kept.into_iter().filter(|bounds| bounds.lower_ns <= bounds.upper_ns).collect();
        let mut window = Self { calls, refused, held };
        window.prune();
        window
    }

    /// How many calls said something.
    pub fn calls(&self) -> u64 {
        self.calls
    }

    /// How many calls said nothing: [`Exchange::bounds`](crate::Exchange::bounds) says why.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// The calls that are kept: those with the tightest bounds, and a sample.
    pub fn kept(&self) -> Vec<Bounds> {
        let mut pruned = self.clone();
        pruned.prune();
        pruned.held
    }

    pub(crate) fn add(&mut self, bounds: Option<Bounds>) {
        let Some(bounds) = bounds else {
            self.refused = self.refused.saturating_add(1);
            return;
        };
        self.calls = self.calls.saturating_add(1);
        self.held.push(bounds);
        if self.held.len() > HELD_MAX {
            self.prune();
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.calls = self.calls.saturating_add(other.calls);
        self.refused = self.refused.saturating_add(other.refused);
        self.held.extend_from_slice(&other.held);
        self.prune();
    }

    /// A few calls of each slot, which nothing that they say chose: how many of them agree is how many of all do.
    pub(crate) fn sample(&self) -> Vec<Bounds> {
        let mut drawn = self.held.clone();
        drawn.sort_unstable();
        drawn.dedup();
        drawn.sort_by_key(|bounds| bounds.lot());
        let mut of_slots: HashMap<i64, usize> = HashMap::new();
        let mut seen = 0;
        drawn.retain(|bounds| {
            let of_slot = of_slots.entry(bounds.at.get().div_euclid(SLOT_NANOS)).or_default();
            *of_slot += 1;
            seen += 1;
            *of_slot <= SLOT_KEPT || seen <= SAMPLE_MIN
        });
        drawn
    }

    /// Drops what others make superfluous. What is dropped once would be dropped from any larger set, too, so that
    /// what is kept in the end does not depend on when this is done.
    fn prune(&mut self) {
        let mut kept = self.sample();
        self.held.sort_unstable_by_key(|bounds| (bounds.upper_ns, *bounds));
        self.held.dedup();
        kept.extend(self.held.iter().take(TIGHTEST_KEPT));
        self.held.sort_unstable_by_key(|bounds| (std::cmp::Reverse(bounds.lower_ns), *bounds));
        kept.extend(self.held.iter().take(TIGHTEST_KEPT));
        kept.sort_unstable();
        kept.dedup();
        self.held = kept;
    }
}

/// The number of the window that an instant is in.
pub(crate) fn window_of(at: UnixNanos) -> i64 {
    at.get().div_euclid(OFFSET_WINDOW_NANOS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(number: i64) -> Bounds {
        let at = UnixNanos::new(number * 7_919_000_000 % OFFSET_WINDOW_NANOS);
        Bounds { at, lower_ns: -1_000 - number * 31 % 977, upper_ns: 1_000 + number * 37 % 983 }
    }

    fn window(numbers: impl Iterator<Item = i64>) -> OffsetWindow {
        let mut window = OffsetWindow::default();
        numbers.for_each(|number| window.add(Some(call(number))));
        window
    }

    #[test]
    fn what_is_kept_does_not_depend_on_how_calls_came_together() {
        let forward = window(0..5_000);
        let mut merged = window((0..5_000).step_by(2));
        merged.merge(&window((1..5_000).step_by(2)));
        assert_eq!(forward.kept(), window((0..5_000).rev()).kept());
        assert_eq!(forward.kept(), merged.kept());
        assert!(forward.kept().len() < HELD_MAX, "{}", forward.kept().len());
        assert!(forward.kept().contains(&(0..5_000).map(call).min_by_key(|call| call.upper_ns).expect("calls")));
    }

    #[test]
    fn a_window_is_the_same_after_it_was_written_and_read() {
        let mut window = window(0..300);
        window.add(None);
        let again = OffsetWindow::new(window.calls(), window.refused(), window.kept());
        assert_eq!((again.calls(), again.refused(), again.kept()), (300, 1, window.kept()));
    }
}
