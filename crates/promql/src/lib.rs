//! PromQL over any source of series: text in, an [`Outcome`] out.
//!
//! [`parse`](crate::Expr::parse) reads an expression; [`evaluate`] answers a [`Question`] about it from a
//! [`SeriesSource`]; nothing here does I/O or reads a clock. Semantics are those of Prometheus 3: its own tests are the
//! judge (`tests/promqltest`).
//!
//! # How
//!
//! ```text
//! text ─► parse ─► Expr ─► evaluate ─► Outcome
//!                            │
//!                            ├ selectors   series stream from the source, one by one
//!                            ├ functions   samples of a window → one value per step
//!                            ├ operators   columns of two sides, matched by labels
//!                            └ aggregates  a column per group: memory is groups × steps
//! ```
//!
//! A value at every step of one series is a [`StepSeries`]: a column of floats, in which [`ABSENT`] says that there is
//! none, and a column of histograms for those series that have any.

mod annotations;
mod error;
mod evaluate;
mod expr;
mod histogram;
mod labels;
mod limits;
mod matcher;
mod operators;
mod outcome;
mod pattern;
mod points;
mod question;
mod source;
mod step_series;
mod steps;

pub use annotations::Annotations;
pub use error::{EvaluateError, SourceError};
pub use evaluate::evaluate;
pub use expr::{
    Aggregate, AggregateOperator, At, Binary, BinaryOperator, Call, Cardinality, DurationExpr, DurationOperator, Expr,
    Extension, Fill, Function, Group, Length, Matching, Number, Paren, ParseError, RangeSelector, Selector, Span,
    Subquery, Text, Unary, ValueType, format, parse_labels,
};
pub use histogram::{
    Aggregated, Bucket, BucketQuantile, Buckets, ClassicBucket, Combined, CounterReset, ExplicitPoint,
    ExponentialPoint, ForcedMonotonicity, Fraction, Histogram, HistogramError, HistogramMean, HistogramParts,
    HistogramSum, IncompatibleBuckets, NotationError, Quantile, QuantileNote, bucket_fraction, bucket_quantile,
    bucket_quantiles,
};
pub use labels::{Labels, LabelsBuilder, METRIC_NAME};
pub use limits::Limits;
pub use matcher::{MatchOperator, Matcher, MatcherError};
pub use outcome::{Outcome, Value};
pub use points::{Points, STALE, Series, is_stale};
pub use question::Question;
pub use source::{Selection, SeriesSource, SeriesStream};
pub use step_series::{ABSENT, StepSeries, is_absent};
pub use steps::Steps;
