//! Why something is not a histogram, or two cannot be combined.

/// Parts that are not those of a histogram; the words are Prometheus' where it has them.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum HistogramError {
    /// Neither exponential (-4 to 8) nor custom (-53).
    #[error(
        "histogram has an invalid schema, which must be between -4 and 8 for exponential buckets, or -53 for custom \
         buckets, got schema {0}"
    )]
    Schema(i32),
    /// Spans of buckets and counts are not as many.
    #[error(
        "spans need {needed} buckets, have {have} buckets: histogram spans specify different number of buckets than provided"
    )]
    BucketsMismatch {
        /// Buckets that the spans have, as far as they can be counted.
        needed: u64,
        /// Counts that came with them.
        have: usize,
    },
    /// A span that is not the first begins before the one before it ends.
    #[error("span number {number} with offset {offset}: histogram has a span whose offset is negative")]
    NegativeOffset {
        /// From 1.
        number: usize,
        /// As it is.
        offset: i32,
    },
    /// An index that 32 bits do not hold.
    #[error("histogram has a span whose bucket index is out of range")]
    IndexOutOfRange,
    /// A bucket that is beyond the last bound.
    #[error(
        "custom buckets: only {bounds} custom bounds defined which is insufficient to cover total span length of {length}: histogram custom bounds are too few"
    )]
    BoundsTooFew {
        /// How many bounds there are.
        bounds: usize,
        /// What they would have to cover.
        length: i64,
    },
    /// Bounds that do not ascend.
    #[error("custom buckets: histogram custom bounds must be in strictly increasing order")]
    BoundsUnordered,
    /// A bound that is infinite at the end, where +Inf follows by itself.
    #[error("custom buckets: last +Inf bound must not be explicitly defined: histogram custom bounds must be finite")]
    BoundInfinite,
    /// A bound that is not a number.
    #[error("custom buckets: histogram custom bounds must not be NaN")]
    BoundNan,
    /// Exponential buckets with custom bounds.
    #[error("histogram with exponential schema must not have custom bounds")]
    BoundsNotCustom,
    /// Custom buckets with observations in a zero bucket.
    #[error("custom buckets: must have zero count of 0")]
    CustomZeroCount,
    /// Custom buckets with a zero bucket.
    #[error("custom buckets: must have zero threshold of 0")]
    CustomZeroThreshold,
    /// Custom buckets on a negative side.
    #[error("custom buckets: must not have negative buckets")]
    CustomNegative,
    /// A zero threshold that is negative or not a number.
    #[error("histogram has a zero threshold of {0}, which must be zero or positive")]
    ZeroThreshold(f64),
    /// Fewer than none in a bucket.
    #[error(
        "{side} side: bucket number {number} has observation count of {count}: histogram has a bucket whose observation count is negative"
    )]
    NegativeBucketCount {
        /// "positive" or "negative".
        side: &'static str,
        /// From 1.
        number: usize,
        /// As it is.
        count: f64,
    },
    /// Fewer than none in the zero bucket.
    #[error("zero bucket has observation count of {0}: histogram has a bucket whose observation count is negative")]
    NegativeZeroCount(f64),
    /// Fewer than none in all.
    #[error("observation count is {0}: histogram's observation count is negative")]
    NegativeCount(f64),
    /// The resolution cannot be raised, and that of custom bounds not changed.
    #[error("cannot reduce resolution from schema {from} to {to}")]
    Resolution {
        /// The schema that it has.
        from: i32,
        /// The schema that was asked for.
        to: i32,
    },
    /// An OTLP histogram that is coarser than any schema.
    #[error("cannot convert exponential to native histogram. Scale must be >= -4, was {0}")]
    Scale(i32),
}

/// One has exponential and the other custom bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot apply this operation on histograms with a mix of exponential and custom bucket schemas")]
pub struct IncompatibleBuckets;

/// A text that is not a histogram's notation.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NotationError {
    /// A word that is none of the keys.
    #[error("bad histogram descriptor found: {0:?}")]
    UnknownKey(String),
    /// A key twice.
    #[error("duplicate key {0:?} in histogram")]
    DuplicateKey(String),
    /// A key without what it names.
    #[error("missing `:` for histogram descriptor")]
    MissingColon,
    /// A value that is not one of this key's.
    #[error("error parsing {key}: {value:?}")]
    Value {
        /// The key.
        key: &'static str,
        /// What was found.
        value: String,
    },
    /// It says contradicting things.
    #[error(transparent)]
    Histogram(#[from] HistogramError),
}
