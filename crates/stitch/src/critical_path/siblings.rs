//! Which of its children a span waited for: at its end, and before each of those that it waited for later.

use std::cmp::Reverse;
use std::ops::Range;

use model::{TimeRange, UnixNanos};

use super::windows::Windows;

/// A span is often ended a moment after its result was handed on, and two hosts' clocks differ a little, so works
/// that came one after the other may overlap. An overlap shorter than their parent's time divided by this counts as
/// none. CRISP's value: 1 %.
const OVERLAP_DIVISOR: u128 = 100;

/// The children of every row of a tree that can lie on its path, in flat arrays: a list for each of 100 000 rows
/// would cost more than the rows.
pub(super) struct Siblings<'w> {
    windows: &'w Windows,
    /// Rows by parent, and of one parent the last to end first; then the first to start, then the upper row.
    by_end: Vec<usize>,
    /// The starts of the same rows by parent, and of one parent ascending.
    starts: Vec<UnixNanos>,
    /// Where the children of each row begin in both; one entry more than there are rows.
    first: Vec<usize>,
}

impl<'w> Siblings<'w> {
    pub(super) fn new(windows: &'w Windows) -> Self {
        let mut pairs: Vec<(usize, usize)> = windows.children().collect();
        let mut first = vec![0; windows.len() + 1];
        for (parent, _) in &pairs {
            first[parent - windows.top() + 1] += 1;
        }
        for index in 1..first.len() {
            first[index] += first[index - 1];
        }
        let mut starts: Vec<(usize, UnixNanos)> =
            pairs.iter().map(|&(parent, child)| (parent, windows.of(child).from)).collect();
        starts.sort_unstable();
        pairs.sort_unstable_by_key(|&(parent, child)| {
            let TimeRange { from, to } = windows.of(child);
            (parent, Reverse(to), from, child)
        });
        let by_end = pairs.into_iter().map(|(_, child)| child).collect();
        Self { windows, by_end, starts: starts.into_iter().map(|(_, start)| start).collect(), first }
    }

    /// Where the children of `parent` lie: what [`Self::before`] is given first.
    pub(super) fn of(&self, parent: usize) -> Range<usize> {
        let index = parent - self.windows.top();
        self.first[index]..self.first[index + 1]
    }

    /// Takes from `left`, which is what is left of the children of `parent`, up to and including the one that
    /// `parent` waited for before `later`, or at `until` if there is no later one.
    pub(super) fn before(
        &self,
        parent: usize,
        left: &mut Range<usize>,
        later: Option<usize>,
        until: UnixNanos,
    ) -> Option<usize> {
        left.map(|place| self.by_end[place]).find(|&child| {
            let TimeRange { from, to } = self.windows.of(child);
            match later {
                _ if from >= until => false,
                None => true,
                Some(_) if to <= until => true,
                Some(later) => self.merely_overlaps(parent, child, later),
            }
        })
    }

    /// Whether two siblings overlap so little that the earlier one counts as before the later one. Not if another
    /// sibling starts or ends meanwhile: then they are works of equal standing, and not one after the other.
    fn merely_overlaps(&self, parent: usize, earlier: usize, later: usize) -> bool {
        let (earlier, later) = (self.windows.of(earlier), self.windows.of(later));
        let parents = self.windows.of(parent);
        let overlap = TimeRange { from: later.from, to: earlier.to };
        let is_little = u128::from(nanos(overlap)) * OVERLAP_DIVISOR < u128::from(nanos(parents));
        is_little && earlier.from < later.from && earlier.to < later.to && self.events(parent, overlap) == 2
    }

    /// How often a child of `parent` starts or ends in a range, both of its ends inclusive.
    fn events(&self, parent: usize, range: TimeRange) -> usize {
        let children = self.of(parent);
        let starts = &self.starts[children.clone()];
        let by_end = &self.by_end[children];
        let started = starts.partition_point(|&start| start <= range.to);
        let started_before = starts.partition_point(|&start| start < range.from);
        let ended_after = by_end.partition_point(|&child| self.windows.of(child).to > range.to);
        let ended_since = by_end.partition_point(|&child| self.windows.of(child).to >= range.from);
        (started - started_before) + (ended_since - ended_after)
    }
}

fn nanos(range: TimeRange) -> u64 {
    range.to.get().abs_diff(range.from.get())
}
