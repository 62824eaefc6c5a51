//! The rows that come first, while they are searched for.

use model::UnixNanos;

use super::search::LogOrder;

/// Where a row is: in which source, and there at which place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) time: UnixNanos,
    pub(super) source: u32,
    pub(super) row: u32,
}

/// Keeps the rows whose times come first, and all that tie with the last of them: which of those come first is not
/// for their times to say.
#[derive(Debug)]
pub(super) struct Leading {
    order: LogOrder,
    wanted: usize,
    places: Vec<Place>,
    bound: Option<UnixNanos>,
}

impl Leading {
    /// So many rows are wanted; at least one.
    pub(super) fn new(order: LogOrder, wanted: usize) -> Self {
        Self { order, wanted, places: Vec::new(), bound: None }
    }

    /// The time that a row must not come after to be of interest; `None` while any row is.
    pub(super) fn bound(&self) -> Option<UnixNanos> {
        self.bound
    }

    /// Takes rows in, and lets go of those that can no longer be among the first.
    pub(super) fn add(&mut self, places: impl IntoIterator<Item = Place>) {
        self.places.extend(places);
        if self.places.len() < self.wanted {
            return;
        }
        let order = self.order;
        let key = |place: &Place| order.key(place.time);
        let (_, last, _) = self.places.select_nth_unstable_by_key(self.wanted - 1, key);
        self.bound = Some(last.time);
        let bound = last.time;
        self.places.retain(|place| order.leads_or_ties(place.time, bound));
    }

    /// Rows that tie for the last places, where they are more than `most`: the caller says with
    /// [`Self::settle`] which of them stay.
    pub(super) fn tied_beyond(&self, most: usize) -> Option<Tie> {
        let bound = self.bound?;
        if self.places.len() <= self.wanted + most {
            return None;
        }
        let tied: Vec<Place> = self.places.iter().filter(|place| place.time == bound).copied().collect();
        Some(Tie { places_left: self.wanted - (self.places.len() - tied.len()), tied })
    }

    /// Keeps these of the rows that tie for the last places.
    pub(super) fn settle(&mut self, tied: Vec<Place>) {
        let Some(bound) = self.bound else { return };
        self.places.retain(|place| place.time != bound);
        self.places.extend(tied);
    }

    /// The rows, in no order: as many as wanted, or all there are, and those that tie with the last.
    pub(super) fn into_places(self) -> Vec<Place> {
        self.places
    }
}

/// Rows of one time, and how many of them are among the first.
#[derive(Debug)]
pub(super) struct Tie {
    pub(super) tied: Vec<Place>,
    pub(super) places_left: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(order: LogOrder, wanted: usize, times: &[i64], bound: Option<i64>, kept: &[i64]) {
        let mut leading = Leading::new(order, wanted);
        for (row, time) in times.iter().enumerate() {
            let place = Place { time: UnixNanos::new(*time), source: 0, row: row as u32 };
            leading.add([place]);
        }
        assert_eq!(leading.bound().map(UnixNanos::get), bound);
        let mut left: Vec<i64> = leading.into_places().iter().map(|place| place.time.get()).collect();
        left.sort_unstable();
        assert_eq!(left, kept, "{order:?}");
    }

    #[test]
    fn the_first_rows_are_kept_with_all_that_tie_with_the_last() {
        check(LogOrder::NewestFirst, 2, &[], None, &[]);
        check(LogOrder::NewestFirst, 2, &[5], None, &[5]);
        check(LogOrder::NewestFirst, 2, &[5, 1, 9, 5, 3, 5], Some(5), &[5, 5, 5, 9]);
        check(LogOrder::NewestFirst, 2, &[5, 5, 9, 9], Some(9), &[9, 9]);
        check(LogOrder::OldestFirst, 2, &[5, 1, 9, 5, 3, 5, i64::MIN], Some(1), &[i64::MIN, 1]);
        check(LogOrder::OldestFirst, 1, &[i64::MAX, i64::MAX], Some(i64::MAX), &[i64::MAX, i64::MAX]);
        check(LogOrder::NewestFirst, 1, &[i64::MIN, i64::MIN], Some(i64::MIN), &[i64::MIN, i64::MIN]);
    }

    #[test]
    fn a_tie_is_settled_by_who_asks() {
        let mut leading = Leading::new(LogOrder::NewestFirst, 3);
        leading.add((0..10).map(|row| Place { time: UnixNanos::new(i64::from(row < 2)), source: 0, row }));
        assert!(leading.tied_beyond(7).is_none());
        let tie = leading.tied_beyond(6).unwrap();
        assert_eq!((tie.tied.len(), tie.places_left), (8, 1));
        leading.settle(vec![tie.tied[3]]);
        assert_eq!(leading.into_places().len(), 3);
    }
}
