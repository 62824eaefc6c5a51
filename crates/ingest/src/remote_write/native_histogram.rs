//! Spans and deltas → buckets.

use super::points::{Bounds, Course};
use crate::error::DecodeError;
use crate::limits::EXP_BUCKETS_MAX;
use crate::rejection::Rejection;
use crate::wire::{Field, Reader};

/// A message `Histogram` of either version, as sent.
#[derive(Debug, Default)]
pub(super) struct NativeHistogram {
    count: Count,
    sum: f64,
    schema: i32,
    zero_threshold: f64,
    zero_count: Count,
    positive: Side,
    negative: Side,
    bounds: Vec<f64>,
    reset_hint: i32,
    time: i64,
    start: i64,
    /// It has more of something than any sender has, and was not read whole.
    is_too_long: bool,
}

/// A histogram that can be kept.
#[derive(Debug)]
pub(super) struct CheckedHistogram {
    pub(super) count: u64,
    pub(super) sum: f64,
    pub(super) schema: i32,
    pub(super) zero_threshold: f64,
    pub(super) zero_count: u64,
    pub(super) positive: Buckets,
    pub(super) negative: Buckets,
    pub(super) bounds: Vec<f64>,
    /// Unix milliseconds, as sent.
    pub(super) time: i64,
    /// Unix milliseconds, as sent; 0 where not.
    pub(super) start: i64,
}

/// Counts of buckets without gaps, from the bucket with the number `first` on.
#[derive(Debug, Default)]
pub(super) struct Buckets {
    pub(super) first: i64,
    pub(super) counts: Vec<u64>,
}

/// A count as a whole number or not.
#[derive(Clone, Copy, Debug)]
enum Count {
    Whole(u64),
    Float(f64),
}

impl Default for Count {
    fn default() -> Self {
        Self::Whole(0)
    }
}

impl Count {
    fn whole(self) -> Result<u64, Rejection> {
        match self {
            Self::Whole(count) => Ok(count),
            Self::Float(count) => whole(count),
        }
    }
}

/// Columns of counts hold whole numbers only, and a float has these up to 2^53.
fn whole(count: f64) -> Result<u64, Rejection> {
    const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;
    let is_whole = (0.0..=WHOLE_MAX).contains(&count) && count.fract() == 0.0;
    if is_whole { Ok(count as u64) } else { Err(Rejection::FloatCounts) }
}

/// The buckets of one sign: where they are, and how much is in each.
#[derive(Debug, Default)]
struct Side {
    /// How far after the span before, and how many buckets.
    spans: Vec<(i32, u32)>,
    /// Of whole counts: each less the one before.
    deltas: Vec<i64>,
    /// Of float counts.
    counts: Vec<f64>,
}

/// The schema of custom bounds.
const CUSTOM_SCHEMA: i32 = -53;

/// The hint of histograms that are no counters. The other hints tell what counts tell, too.
const GAUGE_HINT: i32 = 3;

/// Schemas of exponential bounds.
const EXPONENTIAL_SCHEMAS: std::ops::RangeInclusive<i32> = -4..=8;

impl NativeHistogram {
    pub(super) fn read(mut fields: Reader<'_>) -> Result<Self, DecodeError> {
        let mut histogram = Self::default();
        while let Some(field) = fields.next_field()? {
            match field.number {
                1 => histogram.count = Count::Whole(field.varint()?),
                2 => histogram.count = Count::Float(field.double()?),
                3 => histogram.sum = field.double()?,
                4 => histogram.schema = field.sint32()?,
                5 => histogram.zero_threshold = field.double()?,
                6 => histogram.zero_count = Count::Whole(field.varint()?),
                7 => histogram.zero_count = Count::Float(field.double()?),
                8 => histogram.is_too_long |= histogram.negative.read_span(&field)?,
                9 => histogram.is_too_long |= histogram.negative.read_deltas(&field)?,
                10 => histogram.is_too_long |= read_doubles(&mut histogram.negative.counts, &field)?,
                11 => histogram.is_too_long |= histogram.positive.read_span(&field)?,
                12 => histogram.is_too_long |= histogram.positive.read_deltas(&field)?,
                13 => histogram.is_too_long |= read_doubles(&mut histogram.positive.counts, &field)?,
                14 => histogram.reset_hint = field.int32()?,
                15 => histogram.time = field.varint()? as i64,
                16 => histogram.is_too_long |= read_doubles(&mut histogram.bounds, &field)?,
                17 => histogram.start = field.varint()? as i64,
                _ => {}
            }
        }
        Ok(histogram)
    }

    /// What the bounds of its buckets are.
    pub(super) fn bounds(&self) -> Bounds {
        if self.schema == CUSTOM_SCHEMA { Bounds::Custom } else { Bounds::Exponential }
    }

    /// How its counts go on: by its own word, as each histogram of a series may say another.
    pub(super) fn course(&self) -> Course {
        if self.reset_hint == GAUGE_HINT { Course::Gauge } else { Course::Counter }
    }

    /// The same as counts of buckets without gaps.
    pub(super) fn checked(self) -> Result<CheckedHistogram, Rejection> {
        let is_custom = self.schema == CUSTOM_SCHEMA;
        if self.is_too_long || !(is_custom || EXPONENTIAL_SCHEMAS.contains(&self.schema)) {
            return Err(Rejection::NativeHistogram);
        }
        let (positive, negative) = (self.positive.buckets()?, self.negative.buckets()?);
        if is_custom {
            let end = positive.first.saturating_add(positive.counts.len() as i64);
            let is_within = positive.first >= 0 && end <= self.bounds.len() as i64 + 1;
            if !(positive.counts.is_empty() || is_within) || !negative.counts.is_empty() {
                return Err(Rejection::NativeHistogram);
            }
        }
        Ok(CheckedHistogram {
            count: self.count.whole()?,
            sum: self.sum,
            schema: self.schema,
            zero_threshold: self.zero_threshold,
            zero_count: self.zero_count.whole()?,
            positive,
            negative,
            bounds: self.bounds,
            time: self.time,
            start: self.start,
        })
    }
}

impl Side {
    /// Whether there are too many.
    fn read_span(&mut self, field: &Field<'_>) -> Result<bool, DecodeError> {
        let (mut offset, mut length) = (0, 0);
        let mut fields = field.message("BucketSpan")?;
        while let Some(field) = fields.next_field()? {
            match field.number {
                1 => offset = field.sint32()?,
                2 => length = field.uint32()?,
                _ => {}
            }
        }
        if self.spans.len() >= EXP_BUCKETS_MAX {
            return Ok(true);
        }
        self.spans.push((offset, length));
        Ok(false)
    }

    /// Whether there are too many.
    fn read_deltas(&mut self, field: &Field<'_>) -> Result<bool, DecodeError> {
        let mut is_too_long = false;
        field.each_varint(|zigzag| {
            is_too_long |= self.deltas.len() >= EXP_BUCKETS_MAX;
            if !is_too_long {
                self.deltas.push((zigzag >> 1).cast_signed() ^ -((zigzag & 1).cast_signed()));
            }
        })?;
        Ok(is_too_long)
    }

    fn buckets(&self) -> Result<Buckets, Rejection> {
        let counts = self.whole_counts()?;
        let mut counts = counts.into_iter();
        let mut buckets = Buckets::default();
        let mut next = 0i64;
        for (number, &(offset, length)) in self.spans.iter().enumerate() {
            next += i64::from(offset);
            if number == 0 {
                buckets.first = next;
            }
            let before = usize::try_from(next - buckets.first).map_err(|_| Rejection::NativeHistogram)?;
            if before < buckets.counts.len() || before.saturating_add(length as usize) > EXP_BUCKETS_MAX {
                return Err(Rejection::NativeHistogram);
            }
            buckets.counts.resize(before, 0);
            for _ in 0..length {
                buckets.counts.push(counts.next().ok_or(Rejection::NativeHistogram)?);
            }
            next += i64::from(length);
        }
        if counts.next().is_some() { Err(Rejection::NativeHistogram) } else { Ok(buckets) }
    }

    fn whole_counts(&self) -> Result<Vec<u64>, Rejection> {
        if !self.counts.is_empty() {
            return self.counts.iter().map(|count| whole(*count)).collect();
        }
        let mut count = 0i64;
        let absolute = |delta: &i64| {
            count = count.checked_add(*delta).filter(|count| *count >= 0).ok_or(Rejection::NativeHistogram)?;
            Ok(count.unsigned_abs())
        };
        self.deltas.iter().map(absolute).collect()
    }
}

/// Whether there are too many.
fn read_doubles(list: &mut Vec<f64>, field: &Field<'_>) -> Result<bool, DecodeError> {
    let mut is_too_long = false;
    field.each_fixed64(|bits| {
        is_too_long |= list.len() >= EXP_BUCKETS_MAX;
        if !is_too_long {
            list.push(f64::from_bits(bits));
        }
    })?;
    Ok(is_too_long)
}
