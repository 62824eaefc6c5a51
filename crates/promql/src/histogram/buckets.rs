//! Counts of buckets by their index: only those buckets that are there.

use super::HistogramError;
use super::count::Count;

/// Buckets of one side, by ascending index. An empty bucket may be there or not; it says the same, but is not equal.
///
/// The index of an exponential bucket says what its upper bound (away from zero) is: 2^(index · 2^-schema). That of a
/// custom bucket is the index of its upper bound.
// Two columns rather than pairs: samples of one series mostly have the same indexes, so that adding them is one
// comparison of two slices and one loop over floats.
#[derive(Clone, Debug, Default)]
pub struct Buckets<C = f64> {
    indexes: Vec<i32>,
    counts: Vec<C>,
}

impl Buckets {
    /// None.
    pub const fn new() -> Self {
        Self { indexes: Vec::new(), counts: Vec::new() }
    }

    /// Buckets with successive indexes, the first of which is given. An error where an index is beyond 32 bits.
    pub fn successive(first: i32, counts: Vec<f64>) -> Result<Self, HistogramError> {
        let length = u32::try_from(counts.len()).map_err(|_| HistogramError::IndexOutOfRange)?;
        Self::from_spans(&[(first, length)], counts)
    }

    /// Of indexes, which must ascend and be above that of the lowest 32 bits, and as many counts.
    pub(super) fn at_indexes(indexes: Vec<i32>, counts: Vec<f64>) -> Result<Self, HistogramError> {
        if indexes.len() != counts.len() {
            return Err(HistogramError::BucketsMismatch { needed: indexes.len() as u64, have: counts.len() });
        }
        if indexes.first() == Some(&i32::MIN) || indexes.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(HistogramError::IndexOutOfRange);
        }
        Ok(Self { indexes, counts })
    }

    /// As Prometheus sends them: each span has an offset to the end of the span before (the first its index) and a
    /// length; counts are those of all spans, one after the other, absolute.
    pub fn from_spans(spans: &[(i32, u32)], counts: Vec<f64>) -> Result<Self, HistogramError> {
        let needed = spans.iter().map(|(_, length)| u64::from(*length)).sum();
        if needed != counts.len() as u64 {
            return Err(HistogramError::BucketsMismatch { needed, have: counts.len() });
        }
        let mut indexes = Vec::with_capacity(counts.len());
        let mut end = 0i64;
        for (at, (offset, length)) in spans.iter().enumerate() {
            if at > 0 && *offset < 0 {
                return Err(HistogramError::NegativeOffset { number: at + 1, offset: *offset });
            }
            let start = end.saturating_add(i64::from(*offset));
            end = start.saturating_add(i64::from(*length));
            // The bucket below must have an index too, as its upper bound is the lower bound of this one.
            if start <= i64::from(i32::MIN) || end > i64::from(i32::MAX) {
                return Err(HistogramError::IndexOutOfRange);
            }
            indexes.extend(start as i32..end as i32);
        }
        Ok(Self { indexes, counts })
    }

    /// Index and count of each, by ascending index.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (i32, f64)> + ExactSizeIterator + Clone {
        self.indexes.iter().copied().zip(self.counts.iter().copied())
    }

    /// Whether they are the same, empty ones among them, with bitwise the same counts.
    pub(super) fn is_same_as(&self, other: &Self) -> bool {
        self.indexes == other.indexes
            && self.counts.iter().zip(&other.counts).all(|(one, other)| one.to_bits() == other.to_bits())
    }
}

impl<C> Buckets<C> {
    /// The counts, by ascending index.
    pub fn counts(&self) -> &[C] {
        &self.counts
    }

    /// How many buckets there are, empty ones among them.
    pub fn len(&self) -> usize {
        self.indexes.len()
    }

    /// Whether there are none, not even empty ones.
    pub fn is_empty(&self) -> bool {
        self.indexes.is_empty()
    }

    /// How many runs of successive indexes there are: spans, in Prometheus' words.
    pub fn runs(&self) -> usize {
        let gaps = self.indexes.windows(2).filter(|pair| i64::from(pair[1]) - i64::from(pair[0]) > 1).count();
        gaps + usize::from(!self.is_empty())
    }

    pub(super) fn first_index(&self) -> Option<i32> {
        self.indexes.first().copied()
    }

    pub(super) fn last_index(&self) -> Option<i32> {
        self.indexes.last().copied()
    }

    /// How many buckets from the first on have an index that is below something.
    pub(super) fn count_until(&self, is_below: impl Fn(i32) -> bool) -> usize {
        self.indexes.partition_point(|index| is_below(*index))
    }

    /// Takes the first buckets away.
    pub(super) fn take_first(&mut self, count: usize) -> std::vec::Drain<'_, C> {
        self.indexes.drain(..count);
        self.counts.drain(..count)
    }

    /// Gives buckets other counts, in the order of indexes.
    pub(super) fn set_counts(&mut self, counts: impl Iterator<Item = C>) {
        self.counts.iter_mut().zip(counts).for_each(|(count, other)| *count = other);
    }
}

impl<C: Copy> Buckets<C> {
    /// Index and count of the bucket at a position.
    pub(super) fn at(&self, position: usize) -> Option<(i32, C)> {
        Some((*self.indexes.get(position)?, *self.counts.get(position)?))
    }

    /// The same with other counts.
    pub(super) fn map<D>(&self, lift: impl Fn(C) -> D) -> Buckets<D> {
        Buckets { indexes: self.indexes.clone(), counts: self.counts.iter().map(|count| lift(*count)).collect() }
    }
}

impl<C: Count> Buckets<C> {
    /// Adds what `lift` makes of the counts of another, without its first `skipped` buckets. Buckets that were not there
    /// are now.
    pub(super) fn absorb<D: Copy>(&mut self, other: &Buckets<D>, skipped: usize, lift: impl Fn(D) -> C) {
        let (indexes, counts) = (&other.indexes[skipped..], &other.counts[skipped..]);
        if self.indexes == indexes {
            self.counts.iter_mut().zip(counts).for_each(|(count, more)| count.add(lift(*more)));
            return;
        }
        // From the end, so that buckets move up only once, and only as far as buckets below are missing.
        let mut own = self.len();
        let mut to = own + self.missing(indexes);
        self.indexes.resize(to, 0);
        self.counts.resize(to, C::default());
        for (index, more) in indexes.iter().zip(counts).rev() {
            while own > 0 && self.indexes[own - 1] > *index {
                (own, to) = (own - 1, to - 1);
                (self.indexes[to], self.counts[to]) = (self.indexes[own], self.counts[own]);
            }
            to -= 1;
            let mut sum = lift(*more);
            if own > 0 && self.indexes[own - 1] == *index {
                own -= 1;
                // In this order, as a compensated sum tells what was there from what is added.
                sum = self.counts[own];
                sum.add(lift(*more));
            }
            (self.indexes[to], self.counts[to]) = (*index, sum);
        }
    }

    /// How many of these indexes, which ascend, are of no bucket.
    fn missing(&self, indexes: &[i32]) -> usize {
        let mut own = self.indexes.iter().copied().peekable();
        let is_missing = |index: &&i32| {
            while own.next_if(|known| known < *index).is_some() {}
            own.peek() != Some(*index)
        };
        indexes.iter().filter(is_missing).count()
    }

    /// Gives buckets other indexes, which must not descend, and merges those of the same.
    pub(super) fn merge(&mut self, target: impl Fn(i32) -> i32) {
        let mut kept = 0;
        for at in 0..self.len() {
            let (index, count) = (target(self.indexes[at]), self.counts[at]);
            if kept > 0 && self.indexes[kept - 1] == index {
                self.counts[kept - 1].add(count);
            } else {
                (self.indexes[kept], self.counts[kept]) = (index, count);
                kept += 1;
            }
        }
        self.indexes.truncate(kept);
        self.counts.truncate(kept);
    }

    /// Changes each count.
    pub(super) fn apply(&mut self, change: impl Fn(C) -> C) {
        self.counts.iter_mut().for_each(|count| *count = change(*count));
    }

    /// Leaves out empty buckets.
    pub(super) fn compact(&mut self) {
        if !self.counts.iter().any(|count| count.is_zero()) {
            return;
        }
        let mut empty = self.counts.iter().map(|count| count.is_zero());
        self.indexes.retain(|_| !empty.next().unwrap_or(false));
        self.counts.retain(|count| !count.is_zero());
    }
}
