//! A place: one block or batch of `series`, and what it describes.

use std::collections::BTreeMap;

use model::{HOUR_NANOS, TimeRange, UnixNanos};
use roaring::RoaringBitmap;

/// Hours of one place that are told apart. A flush has one or two, a backlog a day; what comes beyond counts for all of time.
const HOURS_MAX: usize = 128;

/// The ordinals that a place describes, by the hour in which they have points.
#[derive(Debug, Default)]
pub(in crate::series) struct Place {
    hours: BTreeMap<i64, RoaringBitmap>,
    beyond: RoaringBitmap,
    times: Option<(i64, i64)>,
}

impl Place {
    /// Notes when a description is of.
    pub(in crate::series) fn see(&mut self, time: UnixNanos) {
        let (first, last) = self.times.unwrap_or((time.get(), time.get()));
        self.times = Some((first.min(time.get()), last.max(time.get())));
    }

    /// Notes that series have points in the hour.
    pub(in crate::series) fn note(&mut self, hour: UnixNanos, ordinals: impl IntoIterator<Item = u32>) {
        let hour = hour.get();
        let has_room = self.hours.len() < HOURS_MAX || self.hours.contains_key(&hour);
        let set = if has_room { self.hours.entry(hour).or_default() } else { &mut self.beyond };
        set.extend(ordinals);
    }

    /// What it describes of the hours that the range touches.
    pub(in crate::series) fn described(&self, range: TimeRange) -> impl Iterator<Item = &RoaringBitmap> {
        // An hour that began before the range may have points inside.
        let from = range.from.get().saturating_sub(HOUR_NANOS).saturating_add(1);
        let hours = self.hours.range(from..).map_while(move |(hour, described)| {
            range.overlaps(UnixNanos::new(*hour), UnixNanos::new(*hour).plus(HOUR)).then_some(described)
        });
        hours.chain([&self.beyond]).filter(|described| !described.is_empty())
    }

    /// The times of its earliest and latest description, inclusive.
    pub(in crate::series) fn times(&self) -> Option<(UnixNanos, UnixNanos)> {
        self.times.map(|(first, last)| (UnixNanos::new(first), UnixNanos::new(last)))
    }

    /// All that it describes.
    pub(in crate::series) fn all(&self) -> impl Iterator<Item = &RoaringBitmap> {
        self.hours.values().chain([&self.beyond])
    }

    /// Bytes of memory, about.
    pub(in crate::series) fn bytes(&self) -> usize {
        self.all().map(RoaringBitmap::serialized_size).sum::<usize>() + size_of::<Self>()
    }
}

/// To the last instant of an hour.
const HOUR: std::time::Duration = std::time::Duration::from_nanos(HOUR_NANOS as u64 - 1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_counts_whose_points_may_lie_in_the_range() {
        let at = |minutes: i64| UnixNanos::new(minutes * 60_000_000_000);
        let mut place = Place::default();
        for (time, ordinal) in [(30, 1), (90, 2), (-30, 3)] {
            place.see(at(time));
            place.note(at(time).hour(), [ordinal]);
        }
        let check = |from, to, expected: &[u32]| {
            let found: RoaringBitmap = place.described(TimeRange { from, to }).flatten().collect();
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{from} to {to}");
        };
        check(at(59), at(60), &[1]);
        check(at(59), UnixNanos::new(at(60).get() + 1), &[1, 2]);
        check(at(0), at(1), &[1]);
        check(at(-1), at(1), &[1, 3]);
        check(at(120), at(500), &[]);
        check(UnixNanos::MIN, UnixNanos::MAX, &[1, 2, 3]);
        assert_eq!(place.times(), Some((at(-30), at(90))));
    }

    #[test]
    fn of_too_many_hours_the_rest_counts_for_all_of_time() {
        let mut place = Place::default();
        for hour in 0..1_000 {
            place.note(UnixNanos::new(hour * HOUR_NANOS), [u32::try_from(hour).unwrap()]);
        }
        let range = TimeRange { from: UnixNanos::new(0), to: UnixNanos::new(1) };
        let found: RoaringBitmap = place.described(range).flatten().collect();
        assert_eq!(found.len(), 1 + 1_000 - HOURS_MAX as u64);
        assert!(found.contains(0) && found.contains(999));
    }
}
