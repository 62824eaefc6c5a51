//! Which buckets a histogram has, and how those of two histograms are made alike.

use std::sync::Arc;

use super::bound::exponential_bound;
use super::count::Count;
use super::{Buckets, HistogramError, HistogramParts, IncompatibleBuckets, SCHEMA_MAX, SCHEMA_MIN};

/// The finest schema that the format of Prometheus has a place for, though nothing sends it.
const SCHEMA_RESERVED_MAX: i32 = 52;

/// The two kinds of buckets. They do not mix.
#[derive(Clone, Debug)]
pub(super) enum Layout<C> {
    Exponential(Exponential<C>),
    Custom(Custom<C>),
}

/// Buckets that grow by a factor, on both sides of a zero bucket.
#[derive(Clone, Debug, Default)]
pub(super) struct Exponential<C> {
    /// [`SCHEMA_MIN`] to [`SCHEMA_MAX`].
    pub(super) schema: i32,
    /// Not NaN, not negative.
    pub(super) zero_threshold: f64,
    pub(super) zero_count: C,
    pub(super) positive: Buckets<C>,
    pub(super) negative: Buckets<C>,
}

/// Buckets between bounds that someone chose.
#[derive(Clone, Debug)]
pub(super) struct Custom<C> {
    /// Ascending; the last bucket, of +Inf, is not among them.
    pub(super) bounds: Arc<[f64]>,
    /// Indexes are from 0 to the number of bounds, inclusive.
    pub(super) buckets: Buckets<C>,
}

impl<C: Count> Layout<C> {
    /// Adds what `lift` makes of the counts of another. Whether custom bounds had to be reconciled; on error nothing has
    /// changed.
    pub(super) fn absorb<D: Copy>(
        &mut self,
        other: &Layout<D>,
        lift: impl Fn(D) -> C + Copy,
    ) -> Result<bool, IncompatibleBuckets> {
        match (self, other) {
            (Self::Exponential(one), Layout::Exponential(other)) => {
                one.absorb(other, lift);
                Ok(false)
            }
            (Self::Custom(one), Layout::Custom(other)) => Ok(one.absorb(other, lift)),
            _ => Err(IncompatibleBuckets),
        }
    }

    /// Leaves out empty buckets.
    pub(super) fn compact(&mut self) {
        match self {
            Self::Exponential(exponential) => exponential.compact(),
            Self::Custom(custom) => custom.buckets.compact(),
        }
    }

    /// Leaves out all buckets but the zero bucket.
    pub(super) fn clear_buckets(&mut self) {
        match self {
            Self::Exponential(exponential) => {
                exponential.positive = Buckets::default();
                exponential.negative = Buckets::default();
            }
            Self::Custom(custom) => custom.buckets = Buckets::default(),
        }
    }

    /// Changes each count.
    pub(super) fn apply(&mut self, change: impl Fn(C) -> C) {
        match self {
            Self::Exponential(exponential) => {
                exponential.zero_count = change(exponential.zero_count);
                exponential.positive.apply(&change);
                exponential.negative.apply(&change);
            }
            Self::Custom(custom) => custom.buckets.apply(&change),
        }
    }
}

impl Layout<f64> {
    /// Gives all buckets other counts, in the order of indexes.
    pub(super) fn set_counts(
        &mut self,
        zero: Option<f64>,
        positive: impl Iterator<Item = f64>,
        negative: impl Iterator<Item = f64>,
    ) {
        match self {
            Self::Exponential(exponential) => {
                exponential.zero_count = zero.unwrap_or(exponential.zero_count);
                exponential.positive.set_counts(positive);
                exponential.negative.set_counts(negative);
            }
            Self::Custom(custom) => custom.buckets.set_counts(positive),
        }
    }
}

impl<C: Copy> Layout<C> {
    /// The same with other counts.
    pub(super) fn map<D>(&self, lift: impl Fn(C) -> D + Copy) -> Layout<D> {
        match self {
            Self::Exponential(exponential) => Layout::Exponential(exponential.map(lift)),
            Self::Custom(custom) => {
                Layout::Custom(Custom { bounds: Arc::clone(&custom.bounds), buckets: custom.buckets.map(lift) })
            }
        }
    }

    /// Whether any count is of this kind.
    pub(super) fn any(&self, is: impl Fn(C) -> bool) -> bool {
        match self {
            Self::Exponential(exponential) => {
                let sides = [&exponential.positive, &exponential.negative];
                is(exponential.zero_count) || sides.iter().any(|side| side.counts().iter().any(|count| is(*count)))
            }
            Self::Custom(custom) => custom.buckets.counts().iter().any(|count| is(*count)),
        }
    }
}

impl Exponential<f64> {
    /// Of parts whose schema is not that of custom bounds.
    pub(super) fn new(parts: HistogramParts) -> Result<Self, HistogramError> {
        let HistogramParts { schema, zero_threshold, zero_count, positive, negative, custom_bounds, .. } = parts;
        if !(SCHEMA_MIN..=SCHEMA_RESERVED_MAX).contains(&schema) {
            return Err(HistogramError::Schema(schema));
        }
        if !custom_bounds.is_empty() {
            return Err(HistogramError::BoundsNotCustom);
        }
        // Thresholds that do not compare could not be reconciled.
        if zero_threshold.is_nan() || zero_threshold < 0.0 {
            return Err(HistogramError::ZeroThreshold(zero_threshold));
        }
        let mut exponential = Self { schema, zero_threshold, zero_count, positive, negative };
        exponential.reduce(schema.min(SCHEMA_MAX));
        Ok(exponential)
    }
}

impl<C: Copy> Exponential<C> {
    fn map<D>(&self, lift: impl Fn(C) -> D + Copy) -> Exponential<D> {
        Exponential {
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_count: lift(self.zero_count),
            positive: self.positive.map(lift),
            negative: self.negative.map(lift),
        }
    }

    /// How many buckets of a side end within the zero bucket.
    pub(super) fn within_zero(&self, side: &Buckets<C>) -> usize {
        side.count_until(|index| exponential_bound(i64::from(index), self.schema) <= self.zero_threshold)
    }
}

impl<C: Count> Exponential<C> {
    fn absorb<D: Copy>(&mut self, other: &Exponential<D>, lift: impl Fn(D) -> C + Copy) {
        if self.schema == other.schema && self.zero_threshold == other.zero_threshold {
            self.absorb_alike(other, lift);
        } else {
            let mut other = other.map(lift);
            self.align(&mut other);
            self.absorb_alike(&other, |count| count);
        }
    }

    /// Adds another of the same schema and zero threshold. Its buckets within the zero bucket are passed over, as in
    /// Prometheus.
    fn absorb_alike<D: Copy>(&mut self, other: &Exponential<D>, lift: impl Fn(D) -> C + Copy) {
        self.zero_count.add(lift(other.zero_count));
        self.positive.absorb(&other.positive, other.within_zero(&other.positive), lift);
        self.negative.absorb(&other.negative, other.within_zero(&other.negative), lift);
    }

    /// Makes schema and zero threshold of two the same. Of the other's buckets within its wider zero bucket, those stay
    /// that are to be passed over.
    // An oddity of Prometheus, kept since its answers are the judge: the other's buckets are merged to the coarser schema
    // together with those that its zero bucket has taken. Where a merged bucket reaches beyond the zero bucket, it counts
    // them once more, so that buckets add up to more than the count, and it matters which of the two is the other. Only
    // where both schema and zero threshold differ can that be.
    fn align(&mut self, other: &mut Self) {
        let (zero_threshold, zero_count) = (other.zero_threshold, other.zero_count);
        // Each turn widens the narrower zero bucket to the other or to a bound of a populated bucket beyond, so this ends.
        while self.zero_threshold != other.zero_threshold {
            if self.zero_threshold < other.zero_threshold {
                self.widen_zero(other.zero_threshold);
            } else {
                let mut widened = Self { zero_threshold, zero_count, ..other.clone() };
                widened.widen_zero(self.zero_threshold);
                (other.zero_threshold, other.zero_count) = (widened.zero_threshold, widened.zero_count);
            }
        }
        let schema = self.schema.min(other.schema);
        self.reduce(schema);
        other.reduce(schema);
    }

    /// Puts into the zero bucket what is in buckets up to a threshold that is wider than it is; wider yet if that would
    /// cut a populated bucket.
    pub(super) fn widen_zero(&mut self, threshold: f64) {
        let schema = self.schema;
        let mut threshold = threshold;
        for side in [&self.positive, &self.negative] {
            let touched = side.count_until(|index| exponential_bound(i64::from(index) - 1, schema) < threshold);
            if let Some((index, count)) = touched.checked_sub(1).and_then(|last| side.at(last))
                && !count.is_zero()
            {
                threshold = threshold.max(exponential_bound(i64::from(index), schema));
            }
        }
        for side in [&mut self.positive, &mut self.negative] {
            let within = side.count_until(|index| exponential_bound(i64::from(index) - 1, schema) < threshold);
            side.take_first(within).for_each(|count| self.zero_count.add(count));
            side.compact();
        }
        self.zero_threshold = threshold;
    }

    /// Merges buckets to a coarser schema, or the same.
    pub(super) fn reduce(&mut self, schema: i32) {
        let by = self.schema - schema;
        if by > 0 {
            // A bucket of the coarser schema is 2^by of the finer, the last of which has the same upper bound.
            let target = |index: i32| (((i64::from(index) - 1) >> by) + 1) as i32;
            self.positive.merge(target);
            self.negative.merge(target);
            self.schema = schema;
        }
    }

    fn compact(&mut self) {
        self.positive.compact();
        self.negative.compact();
    }
}

impl Custom<f64> {
    /// Of parts whose schema is that of custom bounds.
    pub(super) fn new(parts: HistogramParts) -> Result<Self, HistogramError> {
        let bounds = parts.custom_bounds;
        if bounds.iter().any(|bound| bound.is_nan()) {
            return Err(HistogramError::BoundNan);
        }
        if bounds.windows(2).any(|pair| pair[0] >= pair[1]) {
            return Err(HistogramError::BoundsUnordered);
        }
        if bounds.last() == Some(&f64::INFINITY) {
            return Err(HistogramError::BoundInfinite);
        }
        let (first, last) = (parts.positive.first_index(), parts.positive.last_index());
        if let Some(offset) = first.filter(|index| *index < 0) {
            return Err(HistogramError::NegativeOffset { number: 1, offset });
        }
        if let Some(length) = last.map(|index| i64::from(index) + 1).filter(|length| *length > bounds.len() as i64 + 1)
        {
            return Err(HistogramError::BoundsTooFew { bounds: bounds.len(), length });
        }
        if parts.zero_count != 0.0 {
            return Err(HistogramError::CustomZeroCount);
        }
        if parts.zero_threshold != 0.0 {
            return Err(HistogramError::CustomZeroThreshold);
        }
        if !parts.negative.is_empty() {
            return Err(HistogramError::CustomNegative);
        }
        Ok(Self { bounds, buckets: parts.positive })
    }
}

impl<C: Count> Custom<C> {
    fn absorb<D: Copy>(&mut self, other: &Custom<D>, lift: impl Fn(D) -> C + Copy) -> bool {
        if Arc::ptr_eq(&self.bounds, &other.bounds) || self.bounds == other.bounds {
            self.buckets.absorb(&other.buckets, 0, lift);
            return false;
        }
        let bounds = bounds_of_both(&self.bounds, &other.bounds);
        self.coarsen(&bounds);
        let mut other = Custom { bounds: Arc::clone(&other.bounds), buckets: other.buckets.map(lift) };
        other.coarsen(&bounds);
        self.buckets.absorb(&other.buckets, 0, |count| count);
        self.buckets.compact();
        true
    }

    /// Merges buckets to fewer of the same bounds.
    pub(super) fn coarsen(&mut self, bounds: &Arc<[f64]>) {
        let targets: Vec<i32> =
            self.bounds.iter().map(|own| bounds.partition_point(|bound| bound < own) as i32).collect();
        let last = bounds.len() as i32;
        self.buckets.merge(|index| usize::try_from(index).ok().and_then(|at| targets.get(at)).copied().unwrap_or(last));
        self.bounds = Arc::clone(bounds);
    }
}

/// Those bounds that both have; both ascend.
pub(super) fn bounds_of_both(one: &[f64], other: &[f64]) -> Arc<[f64]> {
    let mut rest = other;
    let is_in_other = |bound: &f64| {
        rest = &rest[rest.partition_point(|known| known < bound)..];
        rest.first() == Some(bound)
    };
    one.iter().copied().filter(is_in_other).collect()
}
