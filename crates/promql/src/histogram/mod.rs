//! Native histograms, and all that is computed from histograms of both kinds.
//!
//! ```text
//! parts ─┐
//! OTLP ──┤                     ┌─► quantile, fraction, variance     one number
//! notation ─► Histogram ───────┼─► add, subtract, scale, trim       another histogram
//!                │             └─► HistogramSum, HistogramMean      of many, compensated
//!                └ layout: which buckets there are ─ exponential (schema, zero bucket, two sides)
//!                                                  └ custom (bounds, one side)
//! classic buckets (bound, cumulative count) ─► bucket_quantile(s), bucket_fraction
//! ```
//!
//! | file | what |
//! |---|---|
//! | `buckets` | counts by index, only those that are there |
//! | `bound`, `bucket` | where a bucket begins and ends |
//! | `layout` | the two kinds of buckets, and how two of one kind are made alike |
//! | `count` | what a bucket counts with: a float, or one with its rounding error |
//! | `arithmetic`, `aggregate`, `trim` | histograms from histograms |
//! | `counter_reset` | whether a counter began anew |
//! | `quantile`, `fraction`, `variance` | numbers from a native histogram |
//! | `classic` | the same from classic buckets |
//! | `otlp` | from what OTLP sends |
//! | `notation`, `number` | histograms as tests write them |

mod aggregate;
mod arithmetic;
mod bound;
mod bound_table;
mod bucket;
mod buckets;
mod classic;
mod count;
mod counter_reset;
mod error;
mod fraction;
#[cfg(test)]
mod golden;
mod layout;
mod notation;
mod number;
mod otlp;
mod quantile;
#[cfg(test)]
mod tests;
mod trim;
mod variance;

use std::sync::Arc;

pub use aggregate::{Aggregated, HistogramMean, HistogramSum};
pub use arithmetic::Combined;
pub use bucket::Bucket;
pub use buckets::Buckets;
pub use classic::{
    BucketQuantile, ClassicBucket, ForcedMonotonicity, bucket_fraction, bucket_quantile, bucket_quantiles,
};
pub(crate) use count::Compensated;
pub use counter_reset::CounterReset;
pub use error::{HistogramError, IncompatibleBuckets, NotationError};
pub use fraction::Fraction;
pub(crate) use number::Shortest;
pub use otlp::{ExplicitPoint, ExponentialPoint};
pub use quantile::{Quantile, QuantileNote};

use layout::{Custom, Exponential, Layout};

use crate::{STALE, is_stale};

/// The schema of histograms with custom bounds. Exponential ones have [`SCHEMA_MIN`] to [`SCHEMA_MAX`].
pub(crate) const SCHEMA_CUSTOM: i32 = -53;
/// The coarsest exponential schema: each bound is 2^16 times the one before.
pub(crate) const SCHEMA_MIN: i32 = -4;
/// The finest exponential schema: 256 buckets from a power of two to the next.
pub(crate) const SCHEMA_MAX: i32 = 8;

/// A native histogram with float counts, as Prometheus computes with them.
///
/// Buckets are those of an exponential schema, or of custom bounds. Counts may be anything that a float can be, as
/// differences of histograms are histograms too; the layout (schema, indexes, bounds, zero threshold) is always valid.
///
/// Two are equal if they have the same buckets, empty ones among them, with bitwise the same counts; what is known of
/// counter resets is not compared.
#[derive(Clone, Debug)]
pub struct Histogram {
    counter_reset: CounterReset,
    count: f64,
    sum: f64,
    layout: Layout<f64>,
}

/// What a [`Histogram`] is made of, by Prometheus' names. The default is an empty one of schema 0.
#[derive(Clone, Debug, Default)]
pub struct HistogramParts {
    /// Whether its counter began anew.
    pub counter_reset: CounterReset,
    /// -4 to 8 (both inclusive) for exponential bounds: 2^schema buckets from a power of two to the next; -53 for custom
    /// bounds. Finer ones, to 52, are taken too, and become 8.
    pub schema: i32,
    /// The zero bucket reaches from minus this to this, both inclusive. 0 with custom bounds.
    pub zero_threshold: f64,
    /// Observations in the zero bucket. 0 with custom bounds.
    pub zero_count: f64,
    /// All observations, those of NaN among them.
    pub count: f64,
    /// Their sum; [`STALE`] in a marker that says "the series has ended".
    pub sum: f64,
    /// Buckets above zero; with custom bounds all buckets, the index being that of the upper bound.
    pub positive: Buckets,
    /// Buckets below zero. None with custom bounds.
    pub negative: Buckets,
    /// Upper bounds of custom buckets, ascending, finite; +Inf follows by itself. Not used with exponential ones.
    pub custom_bounds: Arc<[f64]>,
}

impl Histogram {
    /// Of its parts. Errors say what contradicts what; counts are taken as they are (see [`Histogram::validate`]).
    pub fn new(parts: HistogramParts) -> Result<Self, HistogramError> {
        let HistogramParts { counter_reset, count, sum, .. } = parts;
        let layout = if parts.schema == SCHEMA_CUSTOM {
            Layout::Custom(Custom::new(parts)?)
        } else {
            Layout::Exponential(Exponential::new(parts)?)
        };
        Ok(Self { counter_reset, count, sum, layout })
    }

    /// Without observations: schema 0, no buckets.
    pub fn empty() -> Self {
        let layout = Layout::Exponential(Exponential::default());
        Self { counter_reset: CounterReset::Unknown, count: 0.0, sum: 0.0, layout }
    }

    /// The marker that says "the series has ended".
    pub fn stale() -> Self {
        Self { sum: STALE, ..Self::empty() }
    }

    /// Whether it is the marker that says "the series has ended".
    pub fn is_stale(&self) -> bool {
        is_stale(self.sum)
    }

    /// What is known of whether its counter began anew.
    pub fn counter_reset(&self) -> CounterReset {
        self.counter_reset
    }

    /// Says what is known of whether its counter began anew.
    pub fn set_counter_reset(&mut self, counter_reset: CounterReset) {
        self.counter_reset = counter_reset;
    }

    /// All observations, those of NaN among them.
    pub fn count(&self) -> f64 {
        self.count
    }

    /// The sum of all observations.
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// -4 to 8 for exponential bounds, -53 for custom ones.
    pub fn schema(&self) -> i32 {
        match &self.layout {
            Layout::Exponential(exponential) => exponential.schema,
            Layout::Custom(_) => SCHEMA_CUSTOM,
        }
    }

    /// Whether its buckets have custom bounds. Those with and those without cannot be combined.
    pub fn has_custom_bounds(&self) -> bool {
        matches!(self.layout, Layout::Custom(_))
    }

    /// Upper bounds of custom buckets without the last, which is +Inf; none for exponential ones.
    pub fn custom_bounds(&self) -> &[f64] {
        match &self.layout {
            Layout::Exponential(_) => &[],
            Layout::Custom(custom) => &custom.bounds,
        }
    }

    /// The zero bucket reaches from minus this to this; 0 with custom bounds.
    pub fn zero_threshold(&self) -> f64 {
        match &self.layout {
            Layout::Exponential(exponential) => exponential.zero_threshold,
            Layout::Custom(_) => 0.0,
        }
    }

    /// Observations in the zero bucket; 0 with custom bounds.
    pub fn zero_count(&self) -> f64 {
        match &self.layout {
            Layout::Exponential(exponential) => exponential.zero_count,
            Layout::Custom(_) => 0.0,
        }
    }

    /// Buckets above zero, or all with custom bounds.
    pub fn positive(&self) -> &Buckets {
        match &self.layout {
            Layout::Exponential(exponential) => &exponential.positive,
            Layout::Custom(custom) => &custom.buckets,
        }
    }

    /// Buckets below zero, from zero downwards.
    pub fn negative(&self) -> &Buckets {
        static NONE: Buckets = Buckets::new();
        match &self.layout {
            Layout::Exponential(exponential) => &exponential.negative,
            Layout::Custom(_) => &NONE,
        }
    }

    /// How many samples it counts as against a limit, at least 1: what it takes in Prometheus' memory over what a float
    /// sample takes.
    pub fn samples(&self) -> usize {
        const FIXED_BYTES: usize = 168;
        const SAMPLE_BYTES: usize = 16;
        let words = [self.positive(), self.negative()].map(|side| side.runs() + side.len());
        let bytes = FIXED_BYTES + 8 * (words[0] + words[1] + self.custom_bounds().len());
        (bytes + 8) / SAMPLE_BYTES
    }

    /// Whether counts are what observations add up to: none is negative.
    pub fn validate(&self) -> Result<(), HistogramError> {
        for (side, buckets) in [("negative", self.negative()), ("positive", self.positive())] {
            if let Some(at) = buckets.iter().position(|(_, count)| count < 0.0) {
                let count = buckets.counts()[at];
                return Err(HistogramError::NegativeBucketCount { side, number: at + 1, count });
            }
        }
        match (self.zero_count(), self.count) {
            (zero, _) if zero < 0.0 => Err(HistogramError::NegativeZeroCount(zero)),
            (_, count) if count < 0.0 => Err(HistogramError::NegativeCount(count)),
            _ => Ok(()),
        }
    }

    /// Leaves out empty buckets.
    pub fn compact(&mut self) {
        self.layout.compact();
    }

    /// Merges buckets until the schema is this one. An error where bounds are custom or the schema is finer than it is.
    pub fn reduce_resolution(&mut self, schema: i32) -> Result<(), HistogramError> {
        match &mut self.layout {
            Layout::Exponential(exponential) if (SCHEMA_MIN..=exponential.schema).contains(&schema) => {
                exponential.reduce(schema);
                Ok(())
            }
            _ => Err(HistogramError::Resolution { from: self.schema(), to: schema }),
        }
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self::empty()
    }
}

impl PartialEq for Histogram {
    fn eq(&self, other: &Self) -> bool {
        self.count.to_bits() == other.count.to_bits()
            && self.sum.to_bits() == other.sum.to_bits()
            && self.schema() == other.schema()
            && self.custom_bounds() == other.custom_bounds()
            && self.zero_threshold() == other.zero_threshold()
            && self.zero_count().to_bits() == other.zero_count().to_bits()
            && self.positive().is_same_as(other.positive())
            && self.negative().is_same_as(other.negative())
    }
}
