//! The offsets of all pairs of hosts, over time and within limits.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::UnixNanos;

use super::estimate::estimate;
use super::exchange::{Exchange, exchanges};
use super::offset::Offset;
use super::window::{OFFSET_WINDOW_NANOS, OffsetWindow, window_of};
use crate::SpanInput;

/// Windows of all pairs together: 20 MiB, if all of them are full. A thousand pairs of hosts that call each other all the
/// time have that many in an hour and a quarter.
pub const OFFSET_WINDOWS_MAX: usize = 16_384;

/// A host's name may have so many bytes, as in DNS. The clocks of hosts with longer names are not compared.
pub const HOST_BYTES_MAX: usize = 253;

/// What calls said about the clocks of pairs of hosts. Summaries of different times or senders can be merged.
///
/// Where it would hold more than [`OFFSET_WINDOWS_MAX`] windows, those are forgotten to which nothing was added for the
/// longest time.
#[derive(Clone, Debug, Default)]
pub struct Offsets {
    pairs: BTreeMap<HostPair, BTreeMap<i64, Held>>,
    neighbours: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
    windows: usize,
    /// Counts additions, to tell which window has waited longest.
    additions: u64,
}

/// Two hosts, the smaller name first. Offsets are kept as the second's clock less the first's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct HostPair(Arc<str>, Arc<str>);

#[derive(Clone, Debug)]
struct Held {
    window: OffsetWindow,
    last_addition: u64,
}

impl Offsets {
    /// Nothing known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one call. One between clocks that are the same, or whose hosts have no name or one above
    /// [`HOST_BYTES_MAX`], is passed over.
    pub fn add(&mut self, call: &Exchange<'_>) {
        let bounds = call.bounds();
        let number = window_of(call.at);
        if call.client_host < call.server_host {
            self.change(call.client_host, call.server_host, number, |window| window.add(bounds));
        } else {
            let bounds = bounds.map(super::bounds::Bounds::reversed);
            self.change(call.server_host, call.client_host, number, |window| window.add(bounds));
        }
    }

    /// Adds the calls of one trace, all copies of all of its spans given, that was received at `at`.
    pub fn learn(&mut self, spans: &[SpanInput<'_>], at: UnixNanos) {
        self.learn_beside(spans, 0, at);
    }

    /// The same, where the first `known` spans have been learnt from before: a call between two of these says nothing new.
    pub fn learn_beside(&mut self, spans: &[SpanInput<'_>], known: usize, at: UnixNanos) {
        for exchange in exchanges(spans, known, at) {
            self.add(&exchange);
        }
    }

    /// Adds what another summary knows.
    pub fn merge(&mut self, other: &Self) {
        for (low, high, start, window) in other.windows() {
            self.add_window((low, high), start, window);
        }
    }

    /// Adds one window, as [`Offsets::windows`] gives them: the smaller of the two hosts first.
    pub fn add_window(&mut self, (low, high): (&str, &str), start: UnixNanos, window: &OffsetWindow) {
        if low < high {
            self.change(low, high, window_of(start), |held| held.merge(window));
        }
    }

    /// Everything that is known: two hosts, the smaller first, the start of the window, and what it holds of the
    /// second's clock less the first's.
    pub fn windows(&self) -> impl Iterator<Item = (&str, &str, UnixNanos, &OffsetWindow)> {
        self.pairs.iter().flat_map(|(HostPair(low, high), windows)| {
            windows.iter().map(move |(&number, held)| {
                let start = UnixNanos::new(number.saturating_mul(OFFSET_WINDOW_NANOS));
                (&**low, &**high, start, &held.window)
            })
        })
    }

    /// The clock of `to` less the clock of `from` at an instant, from the calls between the two within an hour of it.
    /// `None` where these are too few or contradict each other. [`Offsets::from_host`] looks further.
    pub fn between(&self, from: &str, to: &str, at: UnixNanos) -> Option<Offset> {
        let (from, to) = (self.known(from)?, self.known(to)?);
        self.direct(&from, &to, at)
    }

    pub(super) fn direct(&self, from: &Arc<str>, to: &Arc<str>, at: UnixNanos) -> Option<Offset> {
        let is_forward = from < to;
        let (low, high) = if is_forward { (from, to) } else { (to, from) };
        let windows = self.pairs.get(&HostPair(Arc::clone(low), Arc::clone(high)))?;
        let found = estimate(at, |number| windows.get(&number).map(|held| &held.window))?;
        let offset = Offset {
            estimate_ns: found.estimate_ns,
            error_ns: found.error_ns,
            pairs: found.pairs,
            agreeing_percent: found.agreeing_percent,
            sampled: found.sampled,
            from: Arc::clone(low),
            to: Arc::clone(high),
            via: Vec::new(),
        };
        Some(if is_forward { offset } else { offset.reversed() })
    }

    /// The host as it is kept, if any of its calls is.
    pub(super) fn known(&self, host: &str) -> Option<Arc<str>> {
        self.neighbours.get_key_value(host).map(|(host, _)| Arc::clone(host))
    }

    /// The hosts with which it exchanged calls, at any time.
    pub(super) fn neighbours(&self, host: &str) -> impl Iterator<Item = &Arc<str>> {
        self.neighbours.get(host).into_iter().flatten()
    }

    fn change(&mut self, low: &str, high: &str, number: i64, change: impl FnOnce(&mut OffsetWindow)) {
        if low.is_empty() || low == high || low.len() > HOST_BYTES_MAX || high.len() > HOST_BYTES_MAX {
            return;
        }
        let (low, high) = (self.kept_name(low), self.kept_name(high));
        self.neighbours.entry(Arc::clone(&low)).or_default().insert(Arc::clone(&high));
        self.neighbours.entry(Arc::clone(&high)).or_default().insert(Arc::clone(&low));
        let windows = self.pairs.entry(HostPair(low, high)).or_default();
        let held = windows.entry(number).or_insert_with(|| {
            self.windows += 1;
            Held { window: OffsetWindow::default(), last_addition: 0 }
        });
        self.additions = self.additions.saturating_add(1);
        held.last_addition = self.additions;
        change(&mut held.window);
        if self.windows > OFFSET_WINDOWS_MAX {
            self.forget();
        }
    }

    fn kept_name(&self, host: &str) -> Arc<str> {
        self.known(host).unwrap_or_else(|| Arc::from(host))
    }

    /// Drops the eighth of all windows that has waited longest, so that this is rarely done.
    fn forget(&mut self) {
        let mut waiting: Vec<u64> =
            self.pairs.values().flat_map(|windows| windows.values().map(|held| held.last_addition)).collect();
        waiting.sort_unstable();
        let Some(&oldest_kept) = waiting.get(waiting.len() / 8) else { return };
        for windows in self.pairs.values_mut() {
            windows.retain(|_, held| held.last_addition >= oldest_kept);
        }
        self.pairs.retain(|_, windows| !windows.is_empty());
        self.windows = self.pairs.values().map(BTreeMap::len).sum();
        self.neighbours.clear();
        for HostPair(low, high) in self.pairs.keys() {
            self.neighbours.entry(Arc::clone(low)).or_default().insert(Arc::clone(high));
            self.neighbours.entry(Arc::clone(high)).or_default().insert(Arc::clone(low));
        }
    }
}
