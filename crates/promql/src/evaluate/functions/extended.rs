//! `rate`, `increase` and `delta` of floats in `anchored` and `smoothed` windows: the values at the edges are those of
//! samples around them, so that nothing is extrapolated.

use super::rate::Change;
use super::start_time::{Stamp, is_reset, is_reset_since};
use crate::Extension;
use crate::evaluate::window::{Samples, Window};

/// A float at a time.
#[derive(Clone, Copy, Debug)]
struct Point {
    time: i64,
    value: f64,
}

/// The value at an edge, and since when it accumulates.
#[derive(Clone, Copy, Debug)]
struct Edge {
    value: f64,
    start: i64,
}

/// Samples that the edges of a window are found from.
#[derive(Clone, Copy, Debug)]
struct Extended<'s> {
    floats: Samples<'s, f64>,
    is_smoothed: bool,
    is_counter: bool,
    /// The window's beginning, exclusive.
    start: i64,
    /// Its end, inclusive.
    end: i64,
    /// Before this nothing is known.
    lookback_start: i64,
    /// The last sample at or before the beginning; the first of all where there is none.
    first: usize,
    /// The last sample that counts: smoothed, the first at or after the end.
    last: usize,
}

/// The change of floats in a window. `None` where nothing lies in it.
pub(in crate::evaluate) fn change(window: &Window<'_>, change: Change) -> Option<f64> {
    let extended = Extended::of(window, change.is_of_counter())?;
    if extended.is_smoothed && extended.stamp(extended.first).time > extended.end && !extended.begins_before_end() {
        return None;
    }
    let (left, right) = (extended.left(), extended.right());
    let mut difference = right.value - left.value;
    if change.is_of_counter() {
        difference += extended.lost(left, right);
    }
    Some(change.divisor(window.range).map_or(difference, |divisor| difference / divisor))
}

/// The floats of a window with those at its edges, as the window alone is asked for: times and values.
pub(in crate::evaluate) fn with_edges(window: &Window<'_>) -> (Vec<i64>, Vec<f64>) {
    let Some(extended) = Extended::of(window, false) else { return (Vec::new(), Vec::new()) };
    let within = extended.within();
    let times = [window.start].into_iter().chain(within.times.iter().copied()).chain([window.end]);
    let values =
        [extended.left().value].into_iter().chain(within.values.iter().copied()).chain([extended.right().value]);
    (times.collect(), values.collect())
}

impl<'s> Extended<'s> {
    fn of(window: &Window<'s>, is_counter: bool) -> Option<Self> {
        let Window { floats, start, end, .. } = *window;
        let is_smoothed = window.extension == Some(Extension::Smoothed);
        let end_of_all = floats.len().checked_sub(1)?;
        let but_last = &floats.times[..end_of_all];
        let first = but_last.partition_point(|time| *time <= start).saturating_sub(1);
        let last = if is_smoothed { but_last.partition_point(|time| *time < end) } else { end_of_all };
        if floats.times[last] <= start {
            return None;
        }
        let lookback_start = start.saturating_sub(window.lookback);
        Some(Self { floats, is_smoothed, is_counter, start, end, lookback_start, first, last })
    }

    fn point(&self, number: usize) -> Point {
        Point { time: self.floats.times[number], value: self.floats.values[number] }
    }

    fn stamp(&self, number: usize) -> Stamp {
        Stamp { start: self.floats.start(number), time: self.floats.times[number] }
    }

    /// Whether a counter of which the first sample lies behind the window began within what is seen, before its end.
    fn begins_before_end(&self) -> bool {
        let stamp = self.stamp(self.first);
        self.is_counter && is_reset_since(self.lookback_start, stamp) && !is_reset_since(self.end, stamp)
    }

    /// The value of a sample with nothing before it, at an edge before it.
    fn alone(&self, number: usize, edge: i64) -> f64 {
        let (point, stamp) = (self.point(number), self.stamp(number));
        if !self.is_counter || !is_reset_since(self.lookback_start, stamp) {
            return point.value;
        }
        if self.is_smoothed && !is_reset_since(edge, stamp) {
            return interpolate(Point { time: stamp.start, value: 0.0 }, point, edge, true);
        }
        0.0
    }

    fn left(&self) -> Edge {
        let (mut point, stamp) = (self.point(self.first), self.stamp(self.first));
        let mut start = if stamp.start > self.start { 0 } else { stamp.start };
        if stamp.time == self.start {
            return Edge { value: point.value, start: stamp.start };
        }
        if stamp.time > self.start {
            return Edge { value: self.alone(self.first, self.start), start };
        }
        let (mut next, next_stamp) = (self.point(self.first + 1), self.stamp(self.first + 1));
        if self.is_counter {
            let begun = Point { time: next_stamp.start, value: 0.0 };
            if is_reset_since(self.start, next_stamp) {
                next = begun;
            } else if is_reset(stamp, next_stamp) {
                point = begun;
                start = next_stamp.start;
            }
        }
        let value = if self.is_smoothed { interpolate(point, next, self.start, self.is_counter) } else { point.value };
        Edge { value, start }
    }

    fn right(&self) -> Edge {
        let (mut point, stamp) = (self.point(self.last), self.stamp(self.last));
        let mut start = if stamp.start > self.end { 0 } else { stamp.start };
        if stamp.time <= self.end {
            return Edge { value: point.value, start };
        }
        if self.last == 0 {
            return Edge { value: self.alone(self.last, self.end), start };
        }
        let (mut before, before_stamp) = (self.point(self.last - 1), self.stamp(self.last - 1));
        if self.is_counter {
            let begun = Point { time: stamp.start, value: 0.0 };
            if is_reset_since(self.end, stamp) {
                point = begun;
                start = before_stamp.start;
            } else if is_reset(before_stamp, stamp) {
                before = begun;
            }
        }
        let value = if self.is_smoothed { interpolate(before, point, self.end, self.is_counter) } else { before.value };
        Edge { value, start }
    }

    /// Samples between the edges, without those at them.
    fn within(&self) -> Samples<'s, f64> {
        let first = if self.floats.times[self.first] <= self.start { self.first + 1 } else { self.first };
        let end = if self.floats.times[self.last] >= self.end { self.last } else { self.last + 1 };
        self.floats.between(first, end)
    }

    /// What a counter had reached at each reset from one edge to the other.
    fn lost(&self, left: Edge, right: Edge) -> f64 {
        let within = self.within();
        let samples = (0..within.len())
            .map(|number| (within.values[number], Stamp { start: within.start(number), time: within.times[number] }));
        let end = (right.value, Stamp { start: right.start, time: self.end });
        let mut lost = 0.0;
        let (mut before, mut stamp) = (left.value, Stamp { start: left.start, time: self.start });
        for (value, next) in samples.chain([end]) {
            if value < before || is_reset(stamp, next) {
                lost += before;
            }
            (before, stamp) = (value, next);
        }
        lost
    }
}

/// The value between two, or, of a counter that fell, between zero and the later one.
fn interpolate(before: Point, after: Point, time: i64, is_counter: bool) -> f64 {
    let base = if is_counter && after.value < before.value { 0.0 } else { before.value };
    let share = time.saturating_sub(before.time) as f64;
    base + (after.value - base) * share / after.time.saturating_sub(before.time) as f64
}

/// The value at a time between two samples of a gauge.
pub(in crate::evaluate) fn between(before: (i64, f64), after: (i64, f64), time: i64) -> f64 {
    let [before, after] = [before, after].map(|(time, value)| Point { time, value });
    interpolate(before, after, time, false)
}
